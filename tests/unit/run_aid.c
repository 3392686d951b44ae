/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_aid.h"

#include <stdarg.h>

#define START_NS INT64_C(1795491562000000000)

const char run_aid_quantities[] =
	"quantities:\n"
	"  voltage.dc: {unit: V, meaning: direct voltage}\n"
	"  temperature: {unit: degC, meaning: temperature}\n";

const char run_aid_model[] =
	"model: aid8\n"
	"manufacturer: Aid\n"
	"number: '8'\n"
	"title: A meter that never was\n"
	"driver: scpi\n"
	"seen: never\n"
	"identity: {ask: '*IDN?', expect: 'AID'}\n"
	"points:\n"
	"  voltage.dc: {unit: mV, ask: 'READ?'}\n"
	"  temperature: {ask: 'TEMP?'}\n"
	"sentinels:\n"
	"  - {value: 9.9E37, status: overload}\n";

static void must(int ok, const struct err *e)
{
	if (ok >= 0)
		return;
	fprintf(stderr, "%s\n", e->text);
	abort();
}

void run_aid_add(struct journal *j, enum record_kind kind, const char *channel, const char *keys,
		 const void *body, size_t n)
{
	int64_t t = (int64_t)journal_next_seq(j) * NS_PER_MS;
	struct draft d = {
		.kind = kind, .channel = channel, .utc_ns = START_NS + t, .mono_ns = t,
		.keys = keys, .keys_len = strlen(keys), .body = body, .body_len = n,
	};
	struct err e;

	must(journal_append(j, &d, JOURNAL_ORDINARY, NULL, &e), &e);
}

static void add(struct journal *j, enum record_kind kind, const char *channel, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void add(struct journal *j, enum record_kind kind, const char *channel, const char *fmt, ...)
{
	char keys[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(keys, sizeof keys, fmt, ap);
	va_end(ap);
	run_aid_add(j, kind, channel, keys, NULL, 0);
}

static void add_text(struct journal *j, const char *what, const char *name, const void *text,
		     size_t n, size_t part)
{
	size_t parts = n ? (n + part - 1) / part : 1, i;
	char digits[HASH_TEXT], keys[512];
	uint8_t hash[HASH_SIZE];

	hash_of(hash, text, n);
	hash_text(hash, digits);
	for (i = 0; i < parts; i++) {
		snprintf(keys, sizeof keys,
			 ",\"what\":\"%s\",\"name\":\"%s\",\"sha256\":\"%s\",\"bytes\":%zu,\"part\":%zu,"
			 "\"parts\":%zu,\"media_type\":\"application/yaml\"", what, name, digits, n, i + 1, parts);
		run_aid_add(j, RECORD_FILE, "", keys, (const char *)text + i * part,
			    n - i * part < part ? n - i * part : part);
	}
}

/* Its header has only the first bytes of the reply. */
static void add_long_exchange(struct journal *j)
{
	char reply[5000];

	for (size_t i = 0; i < sizeof reply; i++)
		reply[i] = (char)(i * i >> 4);
	run_aid_add(j, RECORD_EXCHANGE, "",
		    ",\"role\":\"meter\",\"why\":\"measure\",\"id\":\"meter-2\",\"sent\":\"DATA?\\n\","
		    "\"received\":\"\\u0000\\u0000\",\"span_ns\":9000000,\"received_bytes\":5000", reply, sizeof reply);
}

static void add_start(struct journal *j)
{
	add(j, RECORD_START, "",
	    ",\"laboratory\":\"LAB\",\"laboratory_name\":\"Лаборатория\",\"operator\":\"Ada\","
	    "\"procedure\":\"dcv\",\"title\":\"DC volts\",\"bench\":\"b\",\"simulated\":true,"
	    "\"points\":[{\"name\":\"+10 V\",\"values\":{\"meter.voltage.dc\":10}},{\"name\":\"0 V\",\"values\":{}},"
	    "{\"name\":\"-10 V\",\"values\":{\"meter.voltage.dc\":-10}}],\"resumable\":true,"
	    "\"software\":{\"name\":\"etalond\",\"version\":\"0.1\",\"build\":\"x\"},\"host\":\"h\","
	    "\"clock\":{\"synchronised\":true,\"error_ns\":1000,\"tai_offset_s\":37},"
	    "\"roles\":{\"meter\":{\"model\":\"aid8\",\"manufacturer\":\"Aid\",\"number\":\"8\",\"serial_number\":null,"
	    "\"address\":\"tcp://h:1\",\"access\":\"exclusive\",\"simulated\":true},"
	    "\"room\":{\"model\":\"aid8\",\"manufacturer\":\"Aid\",\"number\":\"8\",\"serial_number\":\"R1\","
	    "\"address\":\"tcp://h:2\",\"access\":\"shared\",\"simulated\":true}},"
	    "\"results\":[{\"name\":\"error\",\"indication\":\"meter.voltage.dc\",\"reference\":\"reference.voltage.dc\"}]");
	add(j, RECORD_CHANNEL, "meter.voltage.dc",
	    ",\"role\":\"meter\",\"quantity\":\"voltage.dc\",\"unit\":\"V\","
	    "\"instrument\":\"aid8\",\"datatype\":\"float64\",\"ask\":\"READ?\",\"environment\":false,\"aperture_ns\":20000000,"
	    "\"simulated\":true");
	add(j, RECORD_CHANNEL, "room.temperature",
	    ",\"role\":\"room\",\"quantity\":\"temperature\",\"unit\":\"degC\","
	    "\"instrument\":\"aid8\",\"datatype\":\"float64\",\"ask\":\"TEMP?\",\"environment\":true,"
	    "\"interval_ns\":1000000000,\"simulated\":true");
	add(j, RECORD_EVENT, "",
	    ",\"event\":\"attached\",\"text\":\"meter attached\",\"role\":\"meter\","
	    "\"serial_number\":\"S17\",\"firmware_version\":\"1.0\",\"identity\":\"AID,8,S17,1.0\"");
	add(j, RECORD_EXCHANGE, "",
	    ",\"role\":\"meter\",\"why\":\"attach\",\"id\":\"meter-0\",\"sent\":\"*IDN?\\n\","
	    "\"received\":\"AID,8,S17,1.0\\u0000\\u00ff\\n\",\"span_ns\":1500000");
	add(j, RECORD_EXCHANGE, "",
	    ",\"role\":\"meter\",\"why\":\"measure\",\"id\":\"meter-1\",\"sent\":\"READ?\\n\","
	    "\"received\":\"\",\"span_ns\":2000000000,\"failed\":\"after 0 bytes of the reply: timed out\",\"code\":\"timeout\"");
	add_long_exchange(j);
}

/* The instrument speaks in millivolts: the value is the number over 1000. */
static void add_readings(struct journal *j, int point, int attempt)
{
	int k;

	add(j, RECORD_EVENT, "",
	    ",\"event\":\"point.begin\",\"text\":\"point begins\",\"point\":%d,\"attempt\":%d",
	    point, attempt);
	add(j, RECORD_READING, "room.temperature",
	    ",\"value\":23.25,\"unit\":\"degC\",\"status\":\"ok\","
	    "\"raw\":\"+2.325E+01\",\"span_ns\":400000");
	for (k = 0; k < 4; k++) {
		char raw[32];
		double value = (1000 * (point + 1) + k) / 1000.0;

		snprintf(raw, sizeof raw, "%d", 1000 * (point + 1) + k);
		add(j, RECORD_READING, "meter.voltage.dc",
		    ",\"value\":%.17g,\"unit\":\"V\",\"status\":\"ok\",\"raw\":\"%s\","
		    "\"span_ns\":300000,\"at_ns\":%lld,\"point\":%d,\"attempt\":%d,\"step\":2,\"k\":%d,\"use\":\"%s\"",
		    value, raw, (long long)START_NS + k, point, attempt, k, k ? "measure" : "settle");
	}
	add(j, RECORD_READING, "meter.voltage.dc",
	    ",\"value\":null,\"unit\":\"V\",\"status\":\"overload\","
	    "\"raw\":\"+9.9E37\",\"span_ns\":300000,\"point\":%d,\"attempt\":%d,\"step\":2,\"k\":4,\"use\":\"measure\"",
	    point, attempt);
}

static void add_wrong(struct journal *j)
{
	static const char *const readings[] = { "1.0009999999999999,\"raw\":\"1002\"",
					       "9.9e34,\"raw\":\"9.9E37\"",
						"1.002,\"raw\":\"1002 V\"" };
	int i;

	for (i = 0; i < 3; i++)
		add(j, RECORD_READING, "meter.voltage.dc",
		    ",\"unit\":\"V\",\"status\":\"ok\",\"value\":%s", readings[i]);
}

static void add_results(struct journal *j)
{
	int point;

	for (point = 0; point < 3; point++) {
		add(j, RECORD_RESULT, "meter.voltage.dc",
		    ",\"result\":\"mean\",\"point\":%d,\"attempt\":1,\"n\":3,"
		    "\"excluded\":1,\"value\":%.17g,\"unit\":\"V\",\"experimental_standard_deviation\":0.001,"
		    "\"experimental_standard_deviation_of_the_mean\":%s", point, point + 1.002, point ? "0.0005" : "null");
		add(j, RECORD_RESULT, "meter.voltage.dc",
		    ",\"result\":\"error_of_indication\",\"name\":\"error\","
		    "\"reference\":\"reference.voltage.dc\",\"point\":%d,\"attempt\":1,\"nominal\":%d,\"n\":3,\"value\":%.17g,"
		    "\"unit\":\"V\",\"standard_uncertainty_type_a\":0.0005,\"degrees_of_freedom\":2,"
		    "\"method\":\"paired_differences\"", point, 10 - 10 * point, -0.0 * point);
	}
}

static void add_stop(struct journal *j, const char *status)
{
	struct buf keys = { 0 };

	buf_printf(&keys, ",\"status\":\"%s\",\"reason\":\"\",\"simulated\":true,\"counts\":", status);
	record_counts_put(&keys, journal_counts(j));
	run_aid_add(j, RECORD_STOP, "", keys.data, NULL, 0);
	buf_release(&keys);
}

static void add_texts(struct journal *j)
{
	static const char procedure[] = "procedure: dcv\n# 1 Ω\n";
	static const char odd[] = "\xff\x00 not text";

	add_text(j, "procedure", "dcv.yaml", procedure, strlen(procedure), 1000);
	add_text(j, "bench", "a/b.yaml", "", 0, 10);
	add_text(j, "quantities", "quantities.yaml", run_aid_quantities, strlen(run_aid_quantities),
		 1000);
	add_text(j, "model", "aid8", run_aid_model, strlen(run_aid_model), 100);
	add_text(j, "other", "odd/name", odd, sizeof odd, 4);
}

void run_aid(const char *folder, enum run_aid what)
{
	static const struct journal_options small = { .segment_bytes = 20000,
						     .reserve_bytes = 16384, .ahead_bytes = 8192 };
	struct journal *j;
	struct err e;

	must(journal_create(&j, folder, RUN_AID_NAME, &small, &e), &e);
	if (what == RUN_AID_CUT)
		run_aid_add(j, RECORD_FILE, "",
			    ",\"what\":\"procedure\",\"name\":\"dcv\",\"sha256\":\"00\",\"bytes\":100,"
			    "\"part\":1,\"parts\":2,\"media_type\":\"application/yaml\"", "procedure", 9);
	if (what != RUN_AID_CUT)
		add_texts(j);
	if (what != RUN_AID_CUT)
		add_start(j);
	if (what == RUN_AID_WHOLE || what == RUN_AID_NO_RESULTS || what == RUN_AID_OPEN) {
		add_readings(j, 0, 1);
		add_readings(j, 1, 1);
		add_readings(j, 1, 2);
		add_readings(j, 2, 1);
	}
	if (what == RUN_AID_WHOLE)
		add_results(j);
	if (what == RUN_AID_WRONG)
		add_wrong(j);
	if (what != RUN_AID_OPEN)
		add_stop(j, what == RUN_AID_CUT ||
			 what == RUN_AID_NO_RESULTS ? "interrupted" : "complete");
	must(journal_commit(j, &e), &e);
	journal_close(&j);
}
