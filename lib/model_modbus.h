/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_modbus.h - what a model file says of Modbus devices alone: registers that are written, proven, waited
 * for, and how many may be read at once. */
#ifndef MODEL_MODBUS_H
#define MODEL_MODBUS_H

#include "registers.h"
#include "schema.h"

struct register_write {                  /* registers that are given a value */
	struct registers registers;
	double value;
	int64_t function;                /* 5, 6, 15, 16 or 22; 0: as is usual */
	struct place place;
};

struct register_proof {                  /* registers that must hold a value */
	struct registers registers;
	double is;
	bool watch;                      /* of a state: also beside every reading */
	struct place place;
};

struct register_poll {                   /* registers that are read until they hold a value */
	struct registers registers;
	double is;
	int64_t every_ns, within_ns;
};

struct register_status {                 /* registers beside a reading that say what it is worth */
	struct registers registers;
	bool has_is;                     /* else anything but 0 */
	double is;
	int status;                      /* enum reading_status */
	struct place place;
};

struct readable {                        /* registers that may be read together, asked for or not */
	int table;
	int64_t from, count;
	struct place place;
};

/* Of a point. */
struct modbus_point {
	struct register_write trigger;   /* begins a measurement */
	struct register_poll ready;      /* ends it: only then the reading's registers are read */
	struct list status;              /* of struct register_status: the first that applies */
	int64_t function;                /* that writes the target */
	struct register_poll done;       /* after a set */
	struct { struct registers registers; bool given, none; } readback;       /* else the target itself */
	bool has_trigger, has_ready, has_done;
};

/* Of a model. */
struct modbus_model {
	int64_t span, bit_span;          /* most registers, coils or inputs in one request */
	int64_t gap;                     /* unused ones that may be read over, outside of `readable` */
	int64_t turnaround_ns;           /* silence it needs before a request, where 3.5 characters are not enough */
	struct list readable;            /* of struct readable: of a table that has any, nothing else is read */
	struct registers serial, firmware;
	bool has_serial, has_firmware;
	struct list init, safe;          /* of struct register_write */
	struct list state, safe_check;   /* of struct register_proof */
	struct register_proof power_on;  /* what they hold after a power-on, until init changes it */
	bool has_power_on;
};

#endif
