/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench_gpib.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"

const char gpib_boards_form[] = "a mapping of boards to controllers such as {GPIB0: \"prologix://192.0.2.5\"}";

/* "GPIB0" is what a resource string begins with. */
static int board_number(const char *name)
{
	char plain[64];

	if (strncasecmp(name, "GPIB", 4))
		return -1;
	snprintf(plain, sizeof plain, "gpib:%.40s", name + 4);
	return gpib_board(plain);
}

/* Any instrument behind it must have an address that can be dialled. */
static int check_controller(const char *controller, struct err *e)
{
	char *whole = gpib_behind(controller, "gpib:0/1", e);
	int bad = whole ? address_check(whole, e) : -1;

	free(whole);
	return bad;
}

static const struct gpib_controller *find(const struct gpib_boards *b, int board)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->list[i].board == board)
			return &b->list[i];
	return NULL;
}

static void read_board(struct schema_context *c, const struct yaml *entry, struct gpib_boards *b)
{
	const char *address = schema_scalar(c, entry, "the address of a controller such as prologix://192.0.2.5");
	int board = board_number(entry->key);
	struct err e;

	if (!address)
		return;
	if (board < 0) {
		schema_problem(c, entry, "'%s' is no board: expected GPIB0, GPIB1 ...", entry->key);
	} else if (find(b, board)) {
		schema_problem(c, entry, "board %d stands there twice", board);
	} else if (check_controller(address, &e) < 0) {
		schema_problem(c, entry, "%s: %s", entry->key, e.text);
	} else {
		b->list = mem_grow(b->list, b->n, sizeof *b->list);
		b->list[b->n++] = (struct gpib_controller){ board, mem_string(address) };
	}
}

void gpib_boards_read(struct schema_context *c, const struct yaml *node, void *boards)
{
	if (node->kind != YAML_MAP)
		schema_problem(c, node, "gpib: expected %s", gpib_boards_form);
	else
		for (const struct yaml *y = node->first; y; y = y->next)
			read_board(c, y, boards);
}

void gpib_boards_release(void *boards)
{
	struct gpib_boards *b = boards;

	for (size_t i = 0; i < b->n; i++)
		free(b->list[i].address);
	free(b->list);
	*b = (struct gpib_boards){ 0 };
}

char *gpib_boards_place(const struct gpib_boards *b, const char *address, struct err *e)
{
	char *plain = address_plain(address), *whole;
	int board = gpib_board(plain);
	const struct gpib_controller *at = board < 0 ? NULL : find(b, board);

	if (board < 0) {
		free(plain);
		return mem_string(address);
	}
	if (!at)
		err_set(e, ERR_CONFIG, "'%.80s': no controller is named for board GPIB%d: add gpib: {GPIB%d: "
			"\"prologix://HOST\"} to this file", address, board, board);
	whole = at ? gpib_behind(at->address, plain, e) : NULL;
	free(plain);
	return whole;
}
