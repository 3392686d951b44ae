/* SPDX-License-Identifier: GPL-3.0-or-later
 * image.h - the registers of one Modbus instrument, between the world and libmodbus.
 *
 * Registers stand where the model file says.  Reading those of a point measures, and sets its `status`; those of a
 * `target`, or of its `readback`, hold what was set.  After a set `done` waits the point's simulated delay, after a
 * `trigger` its `ready` does.  Registers that init, state, safe and safe_check name keep what is written into them;
 * what nobody writes holds what is to be proven. */
#ifndef IMAGE_H
#define IMAGE_H

#include <modbus/modbus.h>

#include "device.h"

struct image;

/* A request as far as it concerns registers. */
struct request {
	int function;
	int table;                   /* enum register_table */
	int address, count;
	const uint8_t *values;       /* of a write; as on the line */
};

int  image_new(struct image **im, struct device *d, struct err *e);
void image_free(struct image **im);
struct device *image_device(const struct image *im);

/* Reads function, address and count of a PDU; false if it is none that reads or writes plainly. */
bool image_request(const uint8_t *pdu, size_t n, struct request *r);
enum topic image_topic(const struct image *im, const struct request *r);

/* Measures what the request asks for, taking as long as the instrument takes, and puts it into
 * the registers. */
void image_read(struct image *im, const struct request *r, const struct fault *f);
/* Sets what the request writes: 0, or the Modbus exception it must be answered with. */
int  image_write(struct image *im, const struct request *r, const struct fault *f);

/* libmodbus's view of it; hold the lock while it is used. */
modbus_mapping_t *image_lock(struct image *im);
void image_unlock(struct image *im);

#endif
