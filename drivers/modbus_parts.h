/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_parts.h - the pieces of the manner of Modbus that lie in several files: one exchange with a unit, and
 * what is made of exchanges.  For modbus*.c alone. */
#ifndef MODBUS_PARTS_H
#define MODBUS_PARTS_H

#include "driver.h"
#include "modbus_bus.h"

struct ask {                             /* one request and its reply */
	const char *why;
	uint8_t sent[1 + PDU_MAX], got[1 + PDU_MAX];     /* the unit first */
	size_t n_sent, n_got;
	struct timing timing;
};

#define ASK_DATA 3                       /* where in `got` the registers or bits of a read begin */

void modbus_report(struct instrument *in, const struct ask *a, const struct err *failed);
/* The reply was whole and was not what was asked for: reports it, distrusts the bus; returns -1. */
int  modbus_refuse(struct instrument *in, const struct ask *a, struct err *e);
/* Reads `count` registers or bits; the caller reports what came. */
int  modbus_read_table(struct instrument *in, struct ask *a, int table, int64_t from, int64_t count,
		       instant by, struct err *e);
/* The line bytes of some registers out of a read that began at `from`. */
void modbus_cut(const struct ask *a, int64_t from, const struct registers *r, uint8_t *bytes);

/* A number, a text, after scale and offset. */
int  modbus_read_number(struct instrument *in, const char *why, const struct registers *r, double *value,
			instant by, struct err *e);
int  modbus_read_text(struct instrument *in, const char *why, const struct registers *r,
		      char out[REGISTERS_TEXT], instant by, struct err *e);
/* The device repeats what it has taken.  function 0: as is usual for these registers. */
int  modbus_write_number(struct instrument *in, const char *why, const struct registers *r, int64_t function,
			 double value, instant by, struct err *e);

/* Lists of struct register_write, struct register_proof.  otherwise: what it is if they hold another value. */
int  modbus_write_all(struct instrument *in, const char *why, const struct list *writes, instant by, struct err *e);
int  modbus_prove_all(struct instrument *in, const char *why, const struct list *proofs, enum err_code otherwise,
		      instant by, struct err *e);
int  modbus_differs(const struct registers *r, double said, double is, enum err_code code, struct err *e);
/* Reads until the registers hold the value; a busy device has not got there yet.  ERR_INSTRUMENT: not within the
 * time the model file gives. */
int  modbus_await(struct instrument *in, const char *why, const struct register_poll *p, instant by, struct err *e);

int  modbus_ready(struct instrument *in, instant by, struct err *e);             /* bus_ready for this unit */
/* What another unit's failure means for this one: if the bus was opened anew, nothing is proven of it; else it
 * only has to wait for silence, which is not taken from its own time. */
int  modbus_join(struct instrument *in, instant *by, struct err *e);
int  modbus_look(const struct instrument *in, struct err *e);

ssize_t modbus_measure(struct instrument *in, const struct point *const *points, size_t n, struct reading *out,
		       instant by, struct err *e);                                   /* modbus_measure.c */
int  modbus_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e);
int  modbus_still_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e);
int  modbus_safe(struct instrument *in, instant by, struct err *e);
int  modbus_prove_identity(struct instrument *in, const char *why, instant by, struct err *e);

#endif
