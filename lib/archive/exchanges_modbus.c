/* SPDX-License-Identifier: GPL-3.0-or-later
 * exchanges_modbus.c - a reading of Modbus registers and its exchange: unit, function, first register and how many were
 * sent; unit, function, how many bytes and those bytes were received. */
#include <string.h>

#include "exchanges_own.h"

enum { REQUEST = 6, ANSWER = 3 };      /* bytes of the one; of the other before its registers */

struct registers_read {                        /* to a read */
	int function;
	int64_t from, count;           /* registers, or bits */
	const uint8_t *bytes;
};

static bool take(const struct kept *k, struct registers_read *a)
{
	const uint8_t *sent = (const uint8_t *)k->sent.data, *got = (const uint8_t *)k->received.data;
	size_t bytes;

	if (k->sent.len != REQUEST || k->received.len < ANSWER)
		return false;
	*a = (struct registers_read){ sent[1], sent[2] << 8 | sent[3], sent[4] << 8 | sent[5], got + ANSWER };
	bytes = a->function <= table_read_function(TABLE_DISCRETE) ? ((size_t)a->count + 7) / 8 : 2 * (size_t)a->count;
	return got[0] == sent[0] && got[1] == sent[1] && got[2] == bytes && k->received.len == ANSWER + bytes;
}

static bool holds(const struct registers_read *a, const struct registers *r)
{
	return a->function == table_read_function(r->table) && r->address >= a->from &&
	       r->address + (int64_t)registers_words(r) <= a->from + a->count;
}

static bool held(const struct registers_read *a, const struct registers *r, const char *raw)
{
	uint8_t bytes[REGISTERS_TEXT];

	registers_cut(r, a->from, a->bytes, bytes);
	return !memcmp(bytes, raw, registers_bytes(r));
}

/* The registers of its `status` behind its own, as far as they came with them. */
static bool held_status(const struct claim *c, const struct registers_read *a, const char *raw)
{
	const struct register_status *s = c->p->modbus.status.items;

	for (size_t i = 0; i < c->p->modbus.status.n; raw += registers_bytes(&s[i++].registers))
		if (holds(a, &s[i].registers) && !held(a, &s[i].registers, raw))
			return false;
	return true;
}

/* How long the raw reply must be is not asked here: it has been parsed. */
void claim_check_registers(const struct claim *c, struct span raw)
{
	const struct registers *own = &c->p->registers;
	struct registers_read a;

	if (!take(c->k, &a))
		claim_say(c, "its exchange %s is not registers read and answered", c->k->id);
	else if (!holds(&a, own))
		claim_say(c, "its exchange %s read %lld from %lld on by function %d, the model file says %zu from %s %lld on",
			  c->k->id, (long long)a.count, (long long)a.from, a.function, registers_words(own),
			  table_name(own->table), (long long)own->address);
	else if (!held(&a, own, raw.p) || !held_status(c, &a, raw.p + registers_bytes(own)))
		claim_say(c, "its raw reply is not what its exchange %s read", c->k->id);
}
