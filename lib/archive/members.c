/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "members.h"

#include <math.h>

static int read_from(struct members *m, struct span object, size_t at)
{
	struct member one;
	int more;

	m->n = 0;
	while ((more = json_next(object, &at, &one.key, &one.value)) > 0) {
		m->list = mem_grow(m->list, m->n, sizeof *m->list);
		m->list[m->n++] = one;
	}
	return more;
}

int members_read(struct members *m, struct span object)
{
	m->n = 0;
	return object.n && *object.p == '{' ? read_from(m, object, 0) : -1;
}

int members_read_own(struct members *m, const struct record *r)
{
	return read_from(m, r->header, r->own);
}

void members_release(struct members *m)
{
	free(m->list);
	buf_release(&m->text);
	*m = (struct members){ 0 };
}

bool member_find(const struct members *m, const char *key, struct span *value)
{
	size_t n = strlen(key), i;

	for (i = 0; i < m->n; i++) {
		if (m->list[i].key.n == n + 2 && !memcmp(m->list[i].key.p + 1, key, n)) {
			*value = m->list[i].value;
			return true;
		}
	}
	return false;
}

int64_t member_int(const struct members *m, const char *key, int64_t fallback)
{
	struct span value;
	int64_t v;

	return member_find(m, key, &value) && json_get_int(value, &v) == 0 ? v : fallback;
}

double member_number(const struct members *m, const char *key)
{
	struct span value;
	double v;

	return member_find(m, key, &value) && json_get_number(value, &v) == 0 ? v : NAN;
}

bool member_flag(const struct members *m, const char *key)
{
	struct span value;
	bool v;

	return member_find(m, key, &value) && json_get_bool(value, &v) == 0 && v;
}

const char *member_text(struct members *m, const char *key)
{
	struct span value;

	buf_clear(&m->text);
	if (member_find(m, key, &value) && json_get_string(value, &m->text) < 0)
		buf_clear(&m->text);
	return m->text.len ? m->text.data : "";
}

struct span member_bytes(struct members *m, const char *key)
{
	struct span value;

	buf_clear(&m->text);
	if (member_find(m, key, &value) && json_get_bytes(value, &m->text) < 0)
		buf_clear(&m->text);
	return (struct span){ m->text.data ? m->text.data : "", m->text.len };
}

int member_status(struct members *m)
{
	const char *word = member_text(m, "status");
	enum reading_status s;

	return reading_status_parse((struct span){ word, strlen(word) }, &s) == 0 ? (int)s : -1;
}
