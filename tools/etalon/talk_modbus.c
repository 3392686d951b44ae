/* SPDX-License-Identifier: GPL-3.0-or-later
 * talk_modbus.c - registers by hand: read and shown as each type they may hold, and written. */
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "modbus_bus.h"
#include "nearest.h"
#include "number.h"
#include "reply.h"
#include "talk.h"

#define REGISTERS_MOST 125               /* of one request (Modbus Application Protocol V1.1b3, 6.3) */
#define BITS_MOST      2000

static const char *const tables[] = { "holding", "input", "coil", "discrete" };
static const uint8_t read_function[] = { 3, 4, 1, 2 };
enum { WRITE_COIL = 5, WRITE_REGISTER = 6, WRITE_REGISTERS = 16 };

static int parse_table(const char *word, int *table)
{
	for (int i = 0; i < 4; i++) {
		if (!strcmp(word, tables[i])) {
			*table = i;
			return 0;
		}
	}
	return -1;
}

static int parse_number(const char *word, int64_t low, int64_t high, const char *what, int64_t *out, struct err *e)
{
	struct err why;

	if (number_parse_int(word, strlen(word), out, &why) == 0 && *out >= low && *out <= high)
		return 0;
	return err_set(e, ERR_CONFIG, "%s: expected %s from %lld to %lld", word, what, (long long)low, (long long)high);
}

static void put16(uint8_t *p, int64_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static double as(int type, int order, const uint8_t *bytes)
{
	const struct registers r = { .type = type, .order = order, .scale = 1 };

	return registers_number(&r, bytes);
}

/* One register, and two together in both orders of words. */
static void show_register(int64_t address, const uint8_t *bytes, bool two)
{
	printf("%6lld  %02X%02X  %5.0f  %6.0f", (long long)address, bytes[0], bytes[1],
	       as(TYPE_UINT16, ORDER_ABCD, bytes), as(TYPE_INT16, ORDER_ABCD, bytes));
	if (two)
		printf("  %11.0f  %11.0f  %13.7g  %13.7g", as(TYPE_INT32, ORDER_ABCD, bytes), as(TYPE_INT32, ORDER_CDAB, bytes),
		       as(TYPE_FLOAT32, ORDER_ABCD, bytes), as(TYPE_FLOAT32, ORDER_CDAB, bytes));
	putchar('\n');
}

static void show_registers(int64_t from, const uint8_t *data, size_t n)
{
	printf("register  hex uint16   int16   int32 ABCD   int32 CDAB   float32 ABCD   float32 CDAB\n");
	for (size_t i = 0; i < n; i++)
		show_register(from + (int64_t)i, data + 2 * i, i + 1 < n);
}

static void show_bits(int64_t from, const uint8_t *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%6lld  %d\n", (long long)from + (long long)i, data[i / 8] >> i % 8 & 1);
}

static void show_pdu_answer(const struct talk *t, const uint8_t *pdu, size_t n, int64_t took_ns)
{
	if (t->hex)
		show_hex(pdu, n);
	if (t->person)
		printf("[%.1f ms]\n", (double)took_ns / 1e6);
}

static int read_table(struct talk *t, int table, int64_t from, int64_t count, struct err *e)
{
	bool bits = table >= 2;
	size_t bytes = bits ? ((size_t)count + 7) / 8 : 2 * (size_t)count;
	uint8_t request[5] = { read_function[table] }, reply[PDU_MAX];
	int64_t took_ns;
	ssize_t n;

	put16(request + 1, from);
	put16(request + 3, count);
	n = session_transact(t->s, request, sizeof request, reply, &took_ns, e);
	if (n < 0)
		return -1;
	if ((size_t)n != 2 + bytes || reply[1] != bytes)
		return err_set(e, ERR_PROTOCOL, "%zd bytes answer a request for %lld", n, (long long)count);
	(bits ? show_bits : show_registers)(from, reply + 2, (size_t)count);
	show_pdu_answer(t, reply, (size_t)n, took_ns);
	return 0;
}

/* read [TABLE] FROM [COUNT] */
int talk_read_registers(struct talk *t, char *const *words, size_t n, struct err *e)
{
	int table = TABLE_HOLDING;
	int64_t from, count = 1;
	size_t at = n > 1 && parse_table(words[1], &table) == 0 ? 2 : 1;

	if (n <= at || n > at + 2)
		return err_set(e, ERR_CONFIG, "read [holding|input|coil|discrete] ADDRESS [COUNT]");
	if (parse_number(words[at], 0, 65535, "an address", &from, e) < 0 ||
	    (n > at + 1 && parse_number(words[at + 1], 1, table >= 2 ? BITS_MOST : REGISTERS_MOST, "a count", &count, e) < 0))
		return -1;
	if (from + count > 65536)
		return err_set(e, ERR_CONFIG, "%lld from %lld end beyond the last, 65535", (long long)count, (long long)from);
	return read_table(t, table, from, count, e);
}

static int write_coil(uint8_t *request, int64_t address, char *const *values, size_t n, struct err *e)
{
	int64_t v;

	if (n != 1 || parse_number(values[0], 0, 1, "0 or 1", &v, e) < 0)
		return n != 1 ? err_set(e, ERR_CONFIG, "one coil is written at a time") : -1;
	request[0] = WRITE_COIL;
	put16(request + 1, address);
	put16(request + 3, v ? 0xFF00 : 0);
	return 5;
}

static int write_holding(uint8_t *request, int64_t address, char *const *values, size_t n, struct err *e)
{
	size_t head = n == 1 ? 3 : 6;
	int64_t v;

	if (n > 100)
		return err_set(e, ERR_CONFIG, "at most 100 registers are written at a time");
	request[0] = n == 1 ? WRITE_REGISTER : WRITE_REGISTERS;
	put16(request + 1, address);
	if (n > 1) {
		put16(request + 3, (int64_t)n);
		request[5] = (uint8_t)(2 * n);
	}
	for (size_t i = 0; i < n; i++) {
		if (parse_number(values[i], -32768, 65535, "a number", &v, e) < 0)
			return -1;
		put16(request + head + 2 * i, v);
	}
	return (int)(head + 2 * n);
}

/* write [holding|coil] ADDRESS VALUE... */
int talk_write_registers(struct talk *t, char *const *words, size_t n, struct err *e)
{
	uint8_t request[PDU_MAX], reply[PDU_MAX];
	int table = TABLE_HOLDING, length;
	size_t at = n > 1 && parse_table(words[1], &table) == 0 ? 2 : 1;
	int64_t address, took_ns;
	ssize_t got;

	if (n < at + 2 || (table != TABLE_HOLDING && table != TABLE_COIL))
		return err_set(e, ERR_CONFIG, "write [holding|coil] ADDRESS VALUE...");
	if (parse_number(words[at], 0, 65535, "an address", &address, e) < 0)
		return -1;
	length = (table == TABLE_COIL ? write_coil : write_holding)(request, address, words + at + 1, n - at - 1, e);
	if (length < 0)
		return -1;
	got = session_transact(t->s, request, (size_t)length, reply, &took_ns, e);
	if (got < 0)
		return -1;
	if (got != 5 || memcmp(reply, request, 5))
		return err_set(e, ERR_PROTOCOL, "the answer does not repeat what was written");
	printf("written\n");
	show_pdu_answer(t, reply, (size_t)got, took_ns);
	return 0;
}

/* pdu 03 00 64 00 01: function and data as they are. */
int talk_pdu(struct talk *t, char *const *words, size_t n, struct err *e)
{
	uint8_t reply[PDU_MAX];
	struct buf request = { 0 };
	int64_t took_ns;
	ssize_t got = 0;

	for (size_t i = 1; i < n && got == 0; i++)
		got = escape_parse_hex(&request, words[i], strlen(words[i]), e);
	if (got == 0 && (!request.len || request.len > PDU_MAX))
		got = err_set(e, ERR_CONFIG, "pdu FUNCTION DATA... in hexadecimal, at most %d bytes", PDU_MAX);
	if (got == 0)
		got = session_transact(t->s, (const uint8_t *)request.data, request.len, reply, &took_ns, e);
	buf_release(&request);
	if (got < 0)
		return -1;
	show_hex(reply, (size_t)got);
	show_pdu_answer(&(struct talk){ .person = t->person }, reply, (size_t)got, took_ns);
	return 0;
}
