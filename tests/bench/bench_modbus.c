/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_modbus - Modbus beyond one request: forty registers scattered over a map, beside libmodbus that makes the
 * fewest legal requests by hand; RTU and ASCII over TCP beside bare loops; how busy a paced line is kept; and how
 * long a unit waits when its neighbour has not answered. */
#include <modbus/modbus.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "modbus_lines.h"
#include "modbus_plan.h"
#include "ours.h"

#define GROUPS   4               /* of ten registers, every third one, too far apart to be read over */
#define IN_GROUP 10
#define APART    200
#define LENGTH   (3 * (IN_GROUP - 1) + 1)
#define PACED    150             /* exchanges: some four seconds */
#define FAILURES 20

static char *scattered_model(void)
{
	struct buf b = { 0 };

	buf_puts(&b, "model: bench\ntitle: {en: registers here and there}\nmanufacturer: etalon\nnumber: B3\n"
		 "driver: modbus\nseen: manual\ntimeout: 2 s\nlatency: 1 ms\nmodbus: {gap: 4}\npoints:\n");
	for (int i = 0; i < GROUPS * IN_GROUP; i++)      /* not in the order of their addresses */
		buf_printf(&b, "  r%02d: {registers: {table: input, address: %d, type: uint16}}\n", i,
			   i % GROUPS * APART + 3 * (i / GROUPS));
	return b.data;
}

static double by_hand(void *with, unsigned n)
{
	instant start = instant_now();
	uint16_t got[LENGTH];

	for (unsigned i = 0; i < n; i++)
		for (int g = 0; g < GROUPS; g++)
			must(modbus_read_input_registers(with, g * APART, LENGTH, got) == LENGTH, "libmodbus");
	return aid_seconds(start);
}

static void scattered(const char *row, int core)
{
	struct server server;
	char *model;
	struct ours o;
	modbus_t *m;

	if (!aid_wanted(row))
		return;
	server = server_modbus(core);
	model = scattered_model();
	m = modbus_new_tcp("127.0.0.1", server.ports[0]);
	must(m && modbus_connect(m) == 0, "modbus_connect");
	ours_connect(&o, model, server.addresses[0]);
	ours_measure(&o, 1);
	must(o.instrument->plan->n_requests == GROUPS, "the fewest requests");
	aid_compare(row, (struct side){ ours_measure, &o }, (struct side){ by_hand, m }, at_least(0.90));
	ours_release(&o);
	modbus_close(m);
	modbus_free(m);
	free(model);
	server_end(&server);
}

static void over_tcp(const char *row, enum modbus how, int core, double target)
{
	struct server server;
	struct bare_line bare;
	struct ours o;

	if (!aid_wanted(row))
		return;
	server = server_line_over_tcp(how, core);
	bare = bare_line_of(how, bare_connect(server.ports[0]));
	ours_connect(&o, aid_register, server.addresses[0]);
	aid_compare(row, (struct side){ ours_measure, &o }, (struct side){ bare_exchanges, &bare }, at_least(target));
	ours_release(&o);
	close(bare.fd);
	server_end(&server);
}

/* Beside what its characters and silences allow: the ratio is how busy the line is kept. */
static void paced(const char *row, enum modbus how, int core)
{
	struct server server;
	struct ours o;

	if (!aid_wanted(row))
		return;
	server = server_paced(how, core);
	ours_connect(&o, aid_register, server.addresses[0]);
	aid_row(row, PACED / ours_measure(&o, PACED), paced_most(how), at_least(0.95), "1/s");
	ours_release(&o);
	close(server.ports[0]);
	server_end(&server);
}

static char *unit_model(const char *latency)
{
	return mem_format("model: bench\ntitle: {en: a unit on a line}\nmanufacturer: etalon\nnumber: B4\n"
			  "driver: modbus\nseen: manual\ntimeout: 50 ms\nlatency: %s\npoints:\n"
			  "  temperature: {registers: {table: input, address: 0, type: int16, scale: 0.1}}\n", latency);
}

static void join(struct ours *o, const struct server *s, int unit, const char *latency, struct ours *sibling)
{
	char *model = unit_model(latency);
	char *address = mem_format("modbus+rtu://127.0.0.1:%d/%d?baud=115200", s->ports[0], unit);

	ours_join(o, model, address, sibling);
	free(model);
	free(address);
}

/* In ms from the failure of the one to the reading of the other. */
static double wait_of_neighbour(struct ours *silent, struct ours *other)
{
	instant failed;

	must(instrument_measure(silent->instrument, silent->points, 1, silent->readings, instant_after_ms(2000),
				&aid_err) < 0, "silence");
	failed = instant_now();
	ours_measure(other, 1);
	must(instrument_attach(silent->instrument, instant_after_ms(5000), &aid_err) == 0, "attach");
	return 1e3 * aid_seconds(failed);
}

/* The silence is that of the unit that failed; that of the slowest on the line is a hundred times longer. */
static void neighbour(const char *row)
{
	struct ours silent, quick, slow;
	double waits[FAILURES];
	struct server server;

	if (!aid_wanted(row))
		return;
	server = server_line_over_tcp(MODBUS_RTU, 1);
	join(&quick, &server, 1, "1 ms", NULL);
	join(&silent, &server, SILENT_UNIT, "20 ms", &quick);
	join(&slow, &server, 3, "2 s", &quick);
	for (int i = 0; i < FAILURES; i++)
		waits[i] = wait_of_neighbour(&silent, &quick);
	aid_row(row, aid_median(waits, FAILURES), 20, ratio_at_most(1.1), "ms");
	ours_release(&slow);
	ours_release(&silent);
	ours_release(&quick);
	server_end(&server);
}

int main(void)
{
	bool two = aid_cores() > 1;

	aid_folder_make();
	aid_pin(0);
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);            /* as port threads have it */
	scattered("modbus_scattered_40_one_core", 0);
	over_tcp("modbus_rtu_over_tcp_one_core", MODBUS_RTU, 0, 0.85);
	over_tcp("modbus_ascii_over_tcp_one_core", MODBUS_ASCII, 0, 0.85);
	if (two) {
		scattered("modbus_scattered_40_two_cores", 1);
		over_tcp("modbus_rtu_over_tcp_two_cores", MODBUS_RTU, 1, 0.90);
		over_tcp("modbus_ascii_over_tcp_two_cores", MODBUS_ASCII, 1, 0.90);
	}
	paced("modbus_rtu_line_9600", MODBUS_RTU, two);
	paced("modbus_ascii_line_9600", MODBUS_ASCII, two);
	neighbour("modbus_neighbour_of_a_silent_unit");
	aid_folder_remove();
	return 0;
}
