/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json.h"

#include "json_scan.h"
#include "number.h"

#define DEPTH_MAX 64

size_t utf8_length(const unsigned char *p, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		length = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		length = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (n < length || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* Every skip_ function takes the place where something should begin and returns the place after
 * it, or NULL if it is not there whole and well-formed. */

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

/* The four digits after \u, or -1. */
static long hex4(const char *p, const char *end)
{
	long v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v << 4 | ((c | 32) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* Decodes the escape at p (which points at the backslash). */
static const char *skip_escape(const char *p, const char *end, uint32_t *code)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known;
	long high, low;

	if (end - p < 2)
		return NULL;
	if (p[1] != 'u') {
		known = p[1] ? strchr(from, p[1]) : NULL;
		if (!known)
			return NULL;
		*code = (unsigned char)to[known - from];
		return p + 2;
	}
	high = hex4(p + 2, end);
	if (high < 0 || (high >= 0xdc00 && high <= 0xdfff))
		return NULL;
	*code = (uint32_t)high;
	if (high < 0xd800 || high > 0xdbff)
		return p + 6;
	if (end - p < 12 || p[6] != '\\' || p[7] != 'u')
		return NULL;
	low = hex4(p + 8, end);
	if (low < 0xdc00 || low > 0xdfff)
		return NULL;
	*code = 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
	return p + 12;
}

static const char *skip_string(const char *p, const char *end)
{
	uint32_t code;
	size_t n;

	if (p == end || *p != '"')
		return NULL;
	for (p++; ; ) {
		unsigned char c;

		p += plain_length(p, (size_t)(end - p));
		if (p == end)
			return NULL;
		c = (unsigned char)*p;
		if (c == '"') {
			return p + 1;
		} else if (c == '\\') {
			p = skip_escape(p, end, &code);
			if (!p)
				return NULL;
		} else {
			n = c < 0x80 ? 0 : utf8_length((const unsigned char *)p, (size_t)(end - p));
			if (n == 0)
				return NULL;
			p += n;
		}
	}
}

static const char *skip_digits(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p > start ? p : NULL;
}

static const char *skip_whole(const char *p, const char *end)
{
	if (p < end && *p == '-')
		p++;
	if (p < end && *p == '0')
		return p + 1;
	return skip_digits(p, end);
}

static const char *skip_number(const char *p, const char *end)
{
	p = skip_whole(p, end);
	if (p && p < end && *p == '.')
		p = skip_digits(p + 1, end);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = skip_digits(p, end);
	}
	return p;
}

static const char *skip_word(const char *p, const char *end, const char *word, size_t n)
{
	return (size_t)(end - p) >= n && !memcmp(p, word, n) ? p + n : NULL;
}

static const char *skip_value(const char *p, const char *end, int depth);

/* "key" : value, with the spans of both. */
static const char *skip_member(const char *p, const char *end, int depth, struct span *key,
			       struct span *value)
{
	const char *start = p;

	p = skip_string(p, end);
	if (!p)
		return NULL;
	*key = (struct span){ start, (size_t)(p - start) };
	p = skip_space(p, end);
	if (p == end || *p != ':')
		return NULL;
	start = skip_space(p + 1, end);
	p = skip_value(start, end, depth);
	if (p)
		*value = (struct span){ start, (size_t)(p - start) };
	return p;
}

/* An object or an array, whose bracket is at p. */
static const char *skip_container(const char *p, const char *end, int depth)
{
	bool object = *p == '{';
	char close = object ? '}' : ']';
	struct span key, value;

	if (depth == 0)
		return NULL;
	p = skip_space(p + 1, end);
	if (p < end && *p == close)
		return p + 1;
	for (;;) {
		p = object ? skip_member(p, end, depth - 1, &key, &value) : skip_value(p, end, depth - 1);
		if (!p)
			return NULL;
		p = skip_space(p, end);
		if (p == end)
			return NULL;
		if (*p == close)
			return p + 1;
		if (*p != ',')
			return NULL;
		p = skip_space(p + 1, end);
	}
}

static const char *skip_value(const char *p, const char *end, int depth)
{
	if (p == end)
		return NULL;
	switch (*p) {
	case '{':
	case '[':
		return skip_container(p, end, depth);
	case '"':
		return skip_string(p, end);
	case 't':
		return skip_word(p, end, "true", 4);
	case 'f':
		return skip_word(p, end, "false", 5);
	case 'n':
		return skip_word(p, end, "null", 4);
	default:
		return skip_number(p, end);
	}
}

int json_check(struct span text)
{
	const char *end = text.p + text.n;
	const char *p = skip_value(skip_space(text.p, end), end, DEPTH_MAX);

	return p && skip_space(p, end) == end ? 0 : -1;
}

int json_check_members(struct span text)
{
	const char *p = text.n ? text.p : "", *end = p + text.n;
	struct span key, value;

	while ((p = skip_space(p, end)) < end) {
		if (*p != ',')
			return -1;
		p = skip_member(skip_space(p + 1, end), end, DEPTH_MAX - 1, &key, &value);
		if (!p)
			return -1;
	}
	return 0;
}

bool json_is_utf8(const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t length = (unsigned char)s[i] < 0x80 ? 1 :
				utf8_length((const unsigned char *)s + i, n - i);

		if (length == 0)
			return false;
		i += length;
	}
	return true;
}

/* The end of a container: nothing but space may follow its bracket. */
static int at_close(const char *p, const char *end)
{
	return skip_space(p + 1, end) == end ? 0 : -1;
}

int json_next(struct span container, size_t *at, struct span *key, struct span *value)
{
	const char *end = container.p + container.n;
	const char *open = skip_space(container.p, end);
	const char *p = *at ? container.p + *at : open;
	bool object;
	char close;

	if (open == end || (*open != '{' && *open != '['))
		return -1;
	object = *open == '{';
	close = object ? '}' : ']';
	if (*at == 0) {
		p = skip_space(p + 1, end);
		if (p < end && *p == close) {
			*at = (size_t)(p - container.p);
			return at_close(p, end);
		}
	} else {
		p = skip_space(p, end);
		if (p < end && *p == close)
			return at_close(p, end);
		if (p == end || *p != ',')
			return -1;
		p = skip_space(p + 1, end);
	}
	if (object) {
		p = skip_member(p, end, DEPTH_MAX - 1, key, value);
	} else {
		*value = (struct span){ p, 0 };
		p = skip_value(p, end, DEPTH_MAX - 1);
		if (p)
			value->n = (size_t)(p - value->p);
	}
	if (!p)
		return -1;
	*at = (size_t)(p - container.p);
	p = skip_space(p, end);      /* 01 is not the value 0 */
	return p < end && (*p == ',' || *p == close) ? 1 : -1;
}

int json_member(struct span object, const char *key, struct span *value)
{
	const char *p = skip_space(object.p, object.p + object.n);
	struct span name, found;
	size_t at = 0;
	int more;

	if (p == object.p + object.n || *p != '{')
		return -1;
	while ((more = json_next(object, &at, &name, &found)) > 0) {
		if (json_equals(name, key)) {
			*value = found;
			return 1;
		}
	}
	return more;
}

/* Values. */

static bool whole(const char *p, struct span value)
{
	return p && p == value.p + value.n;
}

int json_get_int(struct span value, int64_t *out)
{
	const char *end = value.p + value.n;
	bool minus = value.n && *value.p == '-';
	uint64_t v = 0, limit = (uint64_t)INT64_MAX + minus;

	if (!whole(skip_whole(value.p, end), value))
		return -1;
	for (const char *p = value.p + minus; p < end; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (v > (limit - digit) / 10)
			return -1;
		v = v * 10 + digit;
	}
	*out = (int64_t)(minus ? -v : v);
	return 0;
}

int json_get_number(struct span value, double *out)
{
	struct err e;

	if (!whole(skip_number(value.p, value.p + value.n), value))
		return -1;
	return number_parse(value.p, value.n, out, &e);
}

int json_get_bool(struct span value, bool *out)
{
	*out = value.n == 4 && !memcmp(value.p, "true", 4);
	return *out || (value.n == 5 && !memcmp(value.p, "false", 5)) ? 0 : -1;
}

static size_t utf8_encode(uint32_t c, char text[4])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		text[i] = (char)(0x80 | (c & 0x3f));
	text[0] = (char)(n == 1 ? c : n == 2 ? 0xc0 | c : n == 3 ? 0xe0 | c : 0xf0 | c);
	return n;
}

int json_get_string(struct span value, struct buf *out)
{
	const char *p = value.p + 1, *end = value.p + value.n - 1;
	char text[4];
	uint32_t code;

	if (!whole(skip_string(value.p, value.p + value.n), value))
		return -1;
	while (p < end) {
		const char *escape = memchr(p, '\\', (size_t)(end - p));
		const char *stop = escape ? escape : end;

		buf_add(out, p, (size_t)(stop - p));
		p = stop;
		if (escape) {
			p = skip_escape(p, end, &code);
			buf_add(out, text, utf8_encode(code, text));
		}
	}
	return 0;
}

char *json_member_text(struct span object, const char *key)
{
	struct span value;
	struct buf text = { 0 };

	buf_puts(&text, "");
	if (json_member(object, key, &value) == 1 && json_get_string(value, &text) == 0)
		return text.data;
	buf_release(&text);
	return NULL;
}

/* The next character of a string known to be well-formed. */
static const char *next_code(const char *p, const char *end, uint32_t *code)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (c == '\\')
		return skip_escape(p, end, code);
	*code = n == 1 ? c : n == 2 ? c & 0x1f : n == 3 ? c & 0x0f : c & 0x07;
	for (size_t i = 1; i < n; i++)
		*code = *code << 6 | ((unsigned char)p[i] & 0x3f);
	return p + n;
}

int json_get_bytes(struct span value, struct buf *out)
{
	const char *p = value.p + 1, *end = value.p + value.n - 1;
	size_t before = out->len;
	uint32_t code;

	if (!whole(skip_string(value.p, value.p + value.n), value))
		return -1;
	buf_reserve(out, value.n);
	while (p < end) {
		p = next_code(p, end, &code);
		if (code > 0xff) {
			out->len = before;
			return -1;
		}
		buf_putc(out, (char)code);
	}
	return 0;
}

bool json_isnull(struct span value)
{
	return value.n == 4 && !memcmp(value.p, "null", 4);
}

/* Nothing here trusts the value to be well-formed: a malformed one equals nothing. */
bool json_equals(struct span value, const char *string)
{
	size_t n = strlen(string), length;
	const char *p = value.p + 1, *end = value.p + value.n - 1;
	char text[4];
	uint32_t code;

	if (value.n < 2 || *value.p != '"' || *end != '"')
		return false;
	if (!memchr(p, '\\', value.n - 2))
		return value.n - 2 == n && !memcmp(p, string, n);
	while (p < end) {
		text[0] = *p;
		length = 1;
		if (*p == '\\') {
			p = skip_escape(p, end, &code);
			if (!p)
				return false;
			length = utf8_encode(code, text);
		} else {
			p++;
		}
		if (length > n || memcmp(text, string, length))
			return false;
		string += length;
		n -= length;
	}
	return n == 0;
}
