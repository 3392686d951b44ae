/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record.h"

#include <inttypes.h>

#include "json_scan.h"

static const char *const kinds[RECORD_KINDS] = {
	[RECORD_FILE] = "file",         [RECORD_START] = "start",
	[RECORD_CHANNEL] = "channel",   [RECORD_READING] = "reading",
	[RECORD_EXCHANGE] = "exchange", [RECORD_EVENT] = "event",
	[RECORD_RESULT] = "result",     [RECORD_STOP] = "stop",
};

static const char *const statuses[READING_STATUSES] = {
	[READING_OK] = "ok",
	[READING_OVERLOAD] = "overload",
	[READING_UNDERLOAD] = "underload",
	[READING_NOT_A_NUMBER] = "not_a_number",
	[READING_UNSTABLE] = "unstable",
	[READING_OUT_OF_RANGE] = "out_of_range",
};

static int find(const char *const *names, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == name.n && !memcmp(names[i], name.p, name.n))
			return (int)i;
	return -1;
}

const char *record_kind_name(enum record_kind k)
{
	return (unsigned)k < RECORD_KINDS ? kinds[k] : "unknown";
}

int record_kind_parse(struct span name, enum record_kind *k)
{
	int i = find(kinds, RECORD_KINDS, name);

	if (i < 0)
		return -1;
	*k = (enum record_kind)i;
	return 0;
}

bool reading_has_value(enum reading_status s)
{
	return s == READING_OK || s == READING_OUT_OF_RANGE;
}

const char *reading_status_name(enum reading_status s)
{
	return (unsigned)s < READING_STATUSES ? statuses[s] : "unknown";
}

int reading_status_parse(struct span name, enum reading_status *s)
{
	int i = find(statuses, READING_STATUSES, name);

	if (i < 0)
		return -1;
	*s = (enum reading_status)i;
	return 0;
}

/* A name can stand in a topic and, unescaped, in JSON. */
static bool is_name(const char *p, size_t n)
{
	bool ascii = true;

	if (plain_length(p, n) == n)
		return !memchr(p, '/', n);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)p[i] < 0x20 || p[i] == '"' || p[i] == '\\' || p[i] == '/')
			return false;
		ascii &= (unsigned char)p[i] < 0x80;
	}
	return ascii || json_is_utf8(p, n);
}

static int check_draft(const char *run, const struct draft *d, struct err *e)
{
	size_t run_len = strlen(run), channel_len = strlen(d->channel);

	if (run_len == 0 || run_len >= RUN_NAME || !is_name(run, run_len))
		return err_set(e, ERR_CONFIG, "'%.80s' cannot be the name of a run", run);
	if (channel_len >= CHANNEL_NAME || !is_name(d->channel, channel_len))
		return err_set(e, ERR_CONFIG, "'%.120s' cannot be the name of a channel", d->channel);
	if ((unsigned)d->kind >= RECORD_KINDS)
		return err_set(e, ERR_CONFIG, "%d is no kind of record", (int)d->kind);
	if (d->body_len > RECORD_BODY_MAX)
		return err_set(e, ERR_CONFIG, "a body of %zu bytes is above the %d a record may have",
			       d->body_len, RECORD_BODY_MAX);
	return 0;
}

/* The common members are written by the million: straight into room that was made for them. */
#define COMMON_ROOM 512

static char *put(char *p, const char *s, size_t n)
{
	memcpy(p, s, n);
	return p + n;
}

#define PUT(p, literal) put(p, literal, sizeof(literal) - 1)

static char *put_int(char *p, int64_t v)
{
	return p + json_int_text(v, p);
}

static char *put_common(char *p, const char *run, uint64_t seq, uint64_t nth,
			const uint8_t prev[HASH_SIZE], const struct draft *d)
{
	p = PUT(p, "{\"v\":1,\"run\":\"");
	p = put(p, run, strlen(run));
	p = PUT(p, "\",\"seq\":");
	p = put_int(p, (int64_t)seq);
	p = PUT(p, ",\"kind\":\"");
	p = put(p, kinds[d->kind], strlen(kinds[d->kind]));
	p = PUT(p, "\",\"channel\":\"");
	p = put(p, d->channel, strlen(d->channel));
	p = PUT(p, "\",\"nth\":");
	p = put_int(p, (int64_t)nth);
	p = PUT(p, ",\"utc_ns\":");
	p = put_int(p, d->utc_ns);
	p = PUT(p, ",\"mono_ns\":");
	p = put_int(p, d->mono_ns);
	p = PUT(p, ",\"boot\":\"");
	p = put(p, instant_boot(), 36);
	p = PUT(p, "\",\"prev\":\"");
	hash_text(prev, p);
	return PUT(p + HASH_TEXT - 1, "\"");
}

int record_encode(struct buf *out, const char *run, uint64_t seq, uint64_t nth,
		  const uint8_t prev[HASH_SIZE], const struct draft *d, struct err *e)
{
	size_t start = out->len, n;

	if (check_draft(run, d, e) < 0)
		return -1;
	buf_reserve(out, COMMON_ROOM + d->keys_len);
	out->len = (size_t)(put_common(out->data + start, run, seq, nth, prev, d) - out->data);
	buf_add(out, d->keys, d->keys_len);
	buf_putc(out, '}');
	n = out->len - start;
	/* What could not be read again must never get into a journal. */
	if (n <= RECORD_HEADER_MAX && !json_check_members((struct span){ d->keys, d->keys_len }))
		return 0;
	out->len = start;
	out->data[start] = '\0';
	if (n > RECORD_HEADER_MAX)
		return err_set(e, ERR_CONFIG, "a header of %zu bytes is above the %d a record may have",
			       n, RECORD_HEADER_MAX);
	return err_set(e, ERR_CONFIG, "the keys of a %s record are not JSON: %.80s",
		       kinds[d->kind], d->keys_len ? d->keys : "");
}

/* Reading a header: the common members, first and in this order. */

static int get_count(struct span value, uint64_t *out)
{
	int64_t v;

	if (json_get_int(value, &v) < 0 || v < 0)
		return -1;
	*out = (uint64_t)v;
	return 0;
}

static int get_name(struct span value, char *out, size_t size)
{
	if (value.n < 2 || value.n - 2 >= size || *value.p != '"' || !is_name(value.p + 1, value.n - 2))
		return -1;
	memcpy(out, value.p + 1, value.n - 2);
	out[value.n - 2] = '\0';
	return 0;
}

static int get_version(struct record *r, struct span value)
{
	int64_t v;

	(void)r;
	return json_get_int(value, &v) < 0 || v != RECORD_VERSION ? -1 : 0;
}

static int get_run(struct record *r, struct span value)
{
	return get_name(value, r->run, sizeof r->run) < 0 || !r->run[0] ? -1 : 0;
}

static int get_seq(struct record *r, struct span value)
{
	return get_count(value, &r->seq);
}

static int get_kind(struct record *r, struct span value)
{
	if (value.n < 2)
		return -1;
	return record_kind_parse((struct span){ value.p + 1, value.n - 2 }, &r->kind);
}

static int get_channel(struct record *r, struct span value)
{
	return get_name(value, r->channel, sizeof r->channel);
}

static int get_nth(struct record *r, struct span value)
{
	return get_count(value, &r->nth);
}

static int get_utc(struct record *r, struct span value)
{
	return json_get_int(value, &r->utc_ns);
}

static int get_mono(struct record *r, struct span value)
{
	return json_get_int(value, &r->mono_ns);
}

static int get_boot(struct record *r, struct span value)
{
	return get_name(value, r->boot, sizeof r->boot);
}

static int get_prev(struct record *r, struct span value)
{
	if (value.n < 2 || *value.p != '"')
		return -1;
	return hash_parse(value.p + 1, value.n - 2, r->prev);
}

static const struct {
	const char *key;
	size_t length;
	int (*get)(struct record *r, struct span value);
} members[] = {
	{ "v", 1, get_version }, { "run", 3, get_run }, { "seq", 3, get_seq }, { "kind", 4, get_kind },
	{ "channel", 7, get_channel }, { "nth", 3, get_nth }, { "utc_ns", 6, get_utc },
	{ "mono_ns", 7, get_mono }, { "boot", 4, get_boot }, { "prev", 4, get_prev },
};

#define MEMBERS (sizeof members / sizeof *members)

static bool is_member(struct span key, bool escaped, size_t i)
{
	if (key.n == members[i].length + 2 && !memcmp(key.p + 1, members[i].key, members[i].length))
		return true;
	return escaped && json_equals(key, members[i].key);
}

/* The text of the value of the i-th common member at p, written without a blank; n is 0 if
 * there is none.  What ends it too early is refused with the value. */
static struct span plain_value(const char *p, const char *end, size_t i)
{
	const char open = i ? ',' : '{';
	size_t n = members[i].length;
	struct span value = { p + n + 4, 0 };
	const char *close;

	if (end - p < (ptrdiff_t)n + 6 || p[0] != open || p[1] != '"' ||
	    memcmp(p + 2, members[i].key, n) || p[n + 2] != '"' || p[n + 3] != ':')
		return value;
	if (*value.p == '"') {
		close = memchr(value.p + 1, '"', (size_t)(end - value.p - 1));
		value.n = close ? (size_t)(close + 1 - value.p) : 0;
	} else {
		close = memchr(value.p, ',', (size_t)(end - value.p));
		value.n = close ? (size_t)(close - value.p) : 0;
	}
	return value;
}

/* The common members of a header as record_encode writes them, which is nearly every one: the
 * offset behind them, or 0: look closer. */
static size_t take_plain(struct record *r, struct span header)
{
	const char *p = header.p, *end = p + header.n;

	for (size_t i = 0; i < MEMBERS; i++) {
		struct span value = plain_value(p, end, i);

		if (value.n == 0 || members[i].get(r, value) < 0)
			return 0;
		p = value.p + value.n;
	}
	return (size_t)(p - header.p);
}

/* The same for any JSON: -1 says what is wrong. */
static int take_common(struct record *r, struct span header, size_t *at, struct err *e)
{
	struct span key, value;

	for (size_t i = 0; i < MEMBERS; i++) {
		int more = json_next(header, at, &key, &value);

		if (more < 0)
			return err_set(e, ERR_CORRUPT, "the header of a record is not JSON after %zu bytes", *at);
		if (more == 0)
			return err_set(e, ERR_CORRUPT, "the header of a record lacks \"%s\"", members[i].key);
		if (!is_member(key, memchr(key.p, '\\', key.n) != NULL, i))
			return err_set(e, ERR_CORRUPT, "the header of a record has %.*s where \"%s\" belongs",
				       key.n > 40 ? 40 : (int)key.n, key.p, members[i].key);
		if (members[i].get(r, value) < 0)
			return err_set(e, ERR_CORRUPT, "the header of a record has a bad value of \"%s\": %.*s",
				       members[i].key, value.n > 80 ? 80 : (int)value.n, value.p);
	}
	return 0;
}

/* The kind's own members must not take a common one's name. */
static int check_own(struct span key, struct err *e)
{
	bool escaped = memchr(key.p, '\\', key.n) != NULL;

	for (size_t k = 0; k < MEMBERS; k++)
		if (is_member(key, escaped, k))
			return err_set(e, ERR_CORRUPT, "the header of a record has \"%s\" twice", members[k].key);
	return 0;
}

int record_decode(struct record *r, struct span header, const void *body, size_t body_len,
		  struct err *e)
{
	struct span key, value;
	size_t at;
	int more;

	if (header.n > RECORD_HEADER_MAX || body_len > RECORD_BODY_MAX)
		return err_set(e, ERR_CORRUPT, "a record of %zu bytes of header and %zu of body is too long",
			       header.n, body_len);
	if (header.n == 0 || *header.p != '{')
		return err_set(e, ERR_CORRUPT, "the header of a record is not a JSON object");
	at = take_plain(r, header);
	if (at == 0 && take_common(r, header, &at, e) < 0)
		return -1;
	r->own = at;
	while ((more = json_next(header, &at, &key, &value)) > 0)
		if (check_own(key, e) < 0)
			return -1;
	if (more < 0)
		return err_set(e, ERR_CORRUPT, "the header of a record is not JSON after %zu bytes", at);
	r->header = header;
	r->body = body;
	r->body_len = body_len;
	return 0;
}

int record_get(const struct record *r, const char *key, struct span *value)
{
	return json_member(r->header, key, value) == 1;
}

int record_get_int(const struct record *r, const char *key, int64_t *out)
{
	struct span value;

	return record_get(r, key, &value) && json_get_int(value, out) == 0;
}

int record_get_number(const struct record *r, const char *key, double *out)
{
	struct span value;

	return record_get(r, key, &value) && json_get_number(value, out) == 0;
}

int record_get_string(const struct record *r, const char *key, char *out, size_t size)
{
	struct buf text = { 0 };
	struct span value;
	int fits = 0;

	if (!record_get(r, key, &value) || json_get_string(value, &text) < 0)
		goto done;
	fits = text.len < size && !memchr(text.data ? text.data : "", '\0', text.len);
	if (fits && text.len)
		memcpy(out, text.data, text.len);
	if (fits)
		out[text.len] = '\0';
done:
	buf_release(&text);
	return fits;
}

void record_chain(struct hash *h, uint8_t next[HASH_SIZE], const uint8_t prev[HASH_SIZE],
		  struct span header, const void *body, size_t body_len)
{
	uint8_t length[4], both[2 * HASH_SIZE];

	for (int i = 0; i < 4; i++)
		length[i] = (uint8_t)(header.n >> 8 * i);
	hash_add(h, length, sizeof length);
	hash_add(h, header.p, header.n);
	hash_add(h, body, body_len);
	hash_end(h, both + HASH_SIZE);
	memcpy(both, prev, HASH_SIZE);
	hash_add(h, both, sizeof both);
	hash_end(h, next);
}

size_t record_topic(char *out, size_t size, const char *run, enum record_kind kind,
		    const char *channel)
{
	const char *parts[] = { run, record_kind_name(kind), channel };
	size_t at = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(parts[i]);

		if (n == 0)
			continue;
		if (at + n + 2 > size)
			break;
		memcpy(out + at, parts[i], n);
		at += n;
		out[at++] = '/';
	}
	out[at] = '\0';
	return at;
}
