/* SPDX-License-Identifier: GPL-3.0-or-later
 * image_parts.h - how an image is laid out: for image*.c alone. */
#ifndef IMAGE_PARTS_H
#define IMAGE_PARTS_H

#include "image.h"

enum cell_kind {
	CELL_MEASURED,       /* a point's reading */
	CELL_STATUS,         /* what its reading is worth: put when it is measured */
	CELL_TARGET,         /* what it is set to; written */
	CELL_READBACK,       /* the same elsewhere, read alone */
	CELL_TRIGGER,        /* written to begin a measurement */
	CELL_READY, CELL_DONE,       /* whether that, or a set, has ended */
	CELL_IDENTITY, CELL_SERIAL, CELL_FIRMWARE,
	CELL_KEPT,           /* holds what is written into it */
};

/* A number or text that stands in registers. */
struct cell {
	enum cell_kind kind;
	const struct registers *registers;
	size_t point;                        /* index; not of an identity or what is kept */
	const void *what;                    /* struct register_status, register_poll, register_proof */
};

struct image_point {
	instant ready_at, done_at;
};

struct image {
	struct device *device;
	struct cell *cells;
	size_t n;
	struct image_point *points;          /* by index of the device's points */
	unsigned powered;                    /* of the device when the registers were last made anew */
	pthread_mutex_t lock;                /* over the map and the points */
	modbus_mapping_t *map;
};

int  image_words(const struct registers *r);

/* image_put.c: values into the map.  The lock is held. */
void image_put_kept(struct image *im, const struct cell *c, const struct fault *f);
void image_put_measured(struct image *im, const struct cell *c, const struct sensed *s, const struct fault *f);
void image_take(const struct image *im, const struct registers *r, uint8_t *bytes);
/* Everything that has a value at power-on. */
void image_power_on(struct image *im);

#endif
