/* SPDX-License-Identifier: GPL-3.0-or-later
 * model.h - a model file: how one model of instrument is spoken to, and how it is simulated.
 *
 * A new model is data (docs/new-instrument.md).  The manners of talking share identity,
 * state, safety and simulation; what differs is how a quantity is asked for.  A loaded model
 * is constant and may be shared by threads. */
#ifndef MODEL_H
#define MODEL_H

#include "block.h"
#include "framing.h"
#include "line.h"
#include "model_command.h"
#include "model_modbus.h"
#include "model_power.h"
#include "model_wait.h"
#include "pattern.h"
#include "quantity.h"
#include "record.h"
#include "schema.h"
#include "unit.h"

enum manner { MANNER_SCPI, MANNER_TEXT, MANNER_MODBUS, MANNER_MANUAL };

struct sentinel {                        /* a number that means something else */
	double value;
	int status;                      /* enum reading_status */
};

/* Of a message, from 1; from 0: not stated.  of: how long the whole is; 0: not stated. */
struct columns { int64_t from, to, of; };

struct status_mark {                     /* a message that matches says this and no value */
	struct pattern match;
	int is;                          /* enum reading_status */
};

struct unit_word {                       /* a unit as the instrument writes it */
	char *word, *unit;
	struct conversion to_quantity;
	struct place place;
};

/* What a talker says of a point without being asked. */
struct point_heard {
	struct pattern match;            /* a message of this point; its first group is the number; text NULL: it is asked */
	int64_t every_ns;                /* at least so often */
	bool newest;                     /* each reading waits for a message that begins after it was wanted */
	int64_t delay_ns;                /* from the centre of the measurement to the first byte */
	bool has_delay;
};

/* A question and what its answer must look like. */
struct expectation {
	char *ask;
	struct pattern expect;
	struct place place;
};

/* What an error report is worth: the first pattern that matches says it. */
enum severity { SEVERITY_IGNORE, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_FATAL };
struct grade {
	struct pattern match;
	int is;                          /* enum severity */
};

/* When the error queue is asked: bits. */
enum occasion { OCCASION_ATTACH = 1, OCCASION_SET = 2, OCCASION_MEASURE = 4, OCCASION_SAFE = 8 };

/* One range of a point, the finest first. */
struct range {
	struct value low, high;
	double resolution;               /* in the point's unit */
	char *select;                    /* the command that chooses it; NULL: it chooses by itself */
	struct place place;
	double from, to;                 /* low, high in the point's unit; found when the file is loaded */
};

/* How a source of the bench's world or a sensor of it is played (etalon-sim). */
struct simulated_point {
	int node;                        /* enum world_node */
	double gain_error;               /* relative */
	double offset;                   /* unit of the point */
	double drift_per_hour;           /* unit of the point */
	double noise;                    /* standard deviation, unit of the point */
	double resolution;               /* least step of the indication; 0: none */
	int64_t delay_ns;                /* between the question and its answer */
	int64_t settling_ns;             /* time constant of a source */
	char *unstable;                  /* likewise: how it says that a value is not stable; NULL: never */
	char *overload;                  /* what it says in place of a number; NULL: a sentinel */
	char *format;                    /* the answer as printf writes it, one of e f g: "%+.8E",
	                                    "S S %10.4f g"; NULL: shortest number and suffix */
	int64_t samples, pieces;         /* of a block: numbers in all; blocks in the answer, 0: an indefinite one */
	char *readback;                  /* likewise the answer to the read-back; NULL: as format */
};
enum world_node {
	WORLD_VOLTAGE, WORLD_VOLTAGE_AC, WORLD_CURRENT, WORLD_CURRENT_AC, WORLD_RESISTANCE, WORLD_RATIO,
	WORLD_FREQUENCY, WORLD_TIME_INTERVAL,
	WORLD_TEMPERATURE, WORLD_HUMIDITY, WORLD_PRESSURE, WORLD_GAUGE_PRESSURE, WORLD_MASS, WORLD_LENGTH,
	WORLD_FORCE, WORLD_TORQUE, WORLD_FLOW,
	WORLD_DEW_POINT,                 /* last: it follows from others */
};

/* Read or set by a person (driver manual). */
enum confirm { CONFIRM_NONE, CONFIRM_SECOND_PERSON };

struct point_manual {
	struct texts read;               /* how it is read; none: it cannot be measured */
	struct texts set;                /* how it is set, {} for the value; none: it cannot be */
	char *picture;                   /* a file beside the model; NULL: none */
	struct value plausible;          /* a greater change within a point is to be keyed twice */
	int confirm;                     /* enum confirm */
	double leap;                     /* plausible in the point's unit; 0: not stated */
};

struct model_manual {
	struct texts safe;               /* what a person does to make it safe */
	int64_t safe_within_ns;          /* how long they may take before that is an alarm */
	int64_t remind_ns;               /* until the first reminder; then at growing intervals */
};

struct point {
	char *quantity;                  /* first: the key of the mapping, QUANTITY or QUANTITY@INPUT */
	const char *input;               /* behind the @; NULL: it has none */
	char *unit;                      /* the instrument's; the quantity's where the file states none */
	struct value low, high;          /* range, in any unit that converts; unit NULL: not stated */
	double overrange;                /* part of high less low by which readings may lie beyond either */
	double resolution;               /* in unit */
	struct list ranges;              /* of struct range */

	/* measuring, scpi and text */
	char *ask;                       /* "READ?"; NULL: it cannot be measured.  Points that ask the
	                                    same are asked once; {inputs} are those asked for together */
	struct pattern reply;            /* the number is group 1; NULL: the whole reply is the number */
	int64_t field;                   /* else the n-th comma-separated field, from 1; 0: not used */
	int64_t reply_lines;             /* the answer has so many; 0: as the model's reply_end has it */
	int64_t reply_line;              /* all that is said of the answer is said of this line, from 1; 0: of the whole */
	struct pattern unstable;         /* a reply that matches is marked READING_UNSTABLE */
	char *suffix;                    /* unit text that must follow the number ("g") */
	struct columns columns;          /* where the number stands, in place of reply and field */
	struct columns unit_columns;     /* where the unit stands, if not behind the number */
	struct list units;               /* of struct unit_word: those taken and converted, in place of suffix */
	struct list status_marks;        /* of struct status_mark */
	struct point_heard heard;              /* in place of ask */
	int64_t timeout_ns;              /* of this question; 0: the model's */
	int64_t aperture_ns;             /* integration time; at_ns is its centre; 0: not known */
	int64_t aperture_delay_ns;       /* from the question, or the trigger, to the start of integration */
	struct block_form block;         /* the answer is IEEE 488.2 blocks of this */
	struct strings arm;              /* sent before the instant of the measurement */
	char *trigger;                   /* sent at that instant; NULL: the question is the trigger */
	struct model_wait ready;         /* after it, before the question */

	/* sourcing, scpi and text; {} in the command is the value in unit */
	char *set;                       /* "SOUR:VOLT {}"; NULL: it cannot be set */
	char *readback;                  /* "SOUR:VOLT?" */
	struct pattern readback_reply;   /* as reply and field, of that answer */
	int64_t readback_field;
	struct value tolerance;          /* of the read-back, stated wherever there is one */
	struct model_wait done;          /* after a set */
	struct value safe;               /* what detach sets it to; unit NULL: the safe commands do */
	char *output;                    /* of the points that drive it only the one set last stands; NULL: its own */

	/* modbus */
	struct registers registers;      /* measured */
	struct registers target;         /* written by set and read back; holding registers or coils */
	bool has_registers, has_target;
	struct modbus_point modbus;

	struct point_manual manual;

	struct simulated_point simulate;
	bool simulated;                  /* the simulate block names it */
	struct place place;

	/* found when the file is loaded */
	const struct quantity *known;
	struct conversion to_quantity;   /* from unit to the quantity's unit */
	double set_low, set_high;        /* low, high in unit; -inf, inf if not stated */
	double set_tolerance;            /* in unit */
	double safe_value;               /* in unit */
};

struct model {
	char *name;                      /* "model:", equals the file's name */
	char *manufacturer, *number;     /* "3458A" */
	struct texts title;
	int manner;                      /* "driver:", enum manner */
	char *seen;                      /* "manual": written from the manual; else when and by whom seen */

	struct {
		char *ask;               /* "*IDN?"; NULL: it cannot say who it is (noted in the run) */
		struct pattern expect;   /* must match */
		int64_t serial, firmware;/* groups that hold them; 0: none */
		bool heard;              /* not asked: looked for in the messages of a talker */
		char *serial_ask, *firmware_ask;             /* a question of its own; NULL: none */
		struct pattern serial_reply, firmware_reply; /* group 1 is what was asked for */
		bool has_registers;      /* modbus: a number that must be `value`, or a text to match */
		struct registers registers;
		int64_t reply_lines;     /* of the answer to ask; 0: as reply_end has it */
		double value;
	} identity;

	char *reply_end, *command_end;   /* "\n", "\r\n"; escapes already resolved */
	int64_t reply_pause_ns;          /* in place of reply_end: an answer ends when nothing has come for so long; 0: no */
	struct strings talk_on, talk_off;/* commands that make a talker speak and be silent */
	struct framing frame;
	struct acknowledge acknowledge;
	struct pattern answered;         /* what every command is answered with; text NULL: nothing */
	int64_t timeout_ns;              /* of one exchange */
	int64_t latency_ns;              /* longest it may ever take to answer: silence after a failure */
	int64_t pause_ns;                /* between two commands */

	struct strings init;             /* commands that make a known state; of Modbus see `modbus` */
	struct list state;               /* of struct expectation: checked after init and re-attach */
	struct strings safe;             /* commands that make it safe, sent blindly first */
	struct list safe_check;          /* of struct expectation: proves that it is safe */
	struct {
		char *ask;               /* "SYST:ERR?"; NULL: it has no error queue */
		struct pattern ok;
		int64_t drain;           /* most answers to read */
		unsigned when;           /* bits of enum occasion */
		struct list severity;    /* of struct grade */
		bool has_status_bit;     /* it is only asked while this bit of the status byte is set */
		int64_t status_bit;
	} errors;
	char *status_ask;                /* "*STB?", where the transport has no way of its own; NULL: none */
	struct list sentinels;           /* of struct sentinel */
	struct list commands;            /* of struct model_command */
	struct power_on power_on;
	struct after_power_on after_power_on;
	struct self_calibration self_calibration;
	struct list requires;            /* of struct requirement */

	struct line line;                /* of its serial interface, unless the address says otherwise */
	struct modbus_model modbus;
	struct model_manual manual;
	struct {
		char *identity;
		char *accepts, *refuses; /* what it answers to commands; NULL: nothing */
		double default_error;    /* relative, of readings between a power-on and the last of init */
		struct list answers;     /* of struct answer */
		bool warm;               /* it begins long switched on, and as init leaves it */
		int64_t period_ns;       /* between two messages of a talker */
		struct strings says;     /* its messages in turn, {QUANTITY} for a value; none: one for each point */
	} simulate;

	struct list points;              /* of struct point */
	struct source source;            /* the file, verbatim */
};

/* simulate: what a question answers; with `set` a setting, which starts as `say`, or where a part of the
 * answer is the setting, {} in it, as `start`. */
struct answer {
	char *ask, *say, *start;
	char *set;                       /* "OUTP {}"; NULL: the answer is fixed */
	bool output;                     /* sources reach their nodes while this says 1 or ON */
	char *on;                        /* "OPER": a set command with it switches the output on */
};

int  model_load(struct model **m, const char *path, const struct quantities *q, struct problems *ps);
/* From text: an archive's own copy.  path only names it in messages. */
int  model_parse(struct model **m, const char *path, const void *text, size_t n,
		 const struct quantities *q, struct problems *ps);
/* The same for an instrument that shares its line with others: unit takes the place of {unit} (model_unit.h), which is
 * MODEL_UNIT_USUAL above. */
int  model_load_unit(struct model **m, const char *path, int unit, const struct quantities *q, struct problems *ps);
int  model_parse_unit(struct model **m, const char *path, const void *text, size_t n, int unit,
		      const struct quantities *q, struct problems *ps);
bool model_seen(const struct model *m);          /* somebody has tried it on an instrument */
/* How long a command may take. */
int64_t model_command_patience(const struct model *m, const struct model_command *k);
/* How long proving its state may take. */
int64_t model_check_patience(const struct model *m);
/* How long attaching may take beside its questions: what is done again after a power-on. */
int64_t model_attach_patience(const struct model *m);
bool point_measures(const struct point *p);      /* it gives readings */
bool point_sets(const struct point *p);          /* it takes values */
/* Once p is set the other no longer stands: they drive the same output. */
bool point_ends(const struct point *p, const struct point *other);
/* The longest time in which a talker must have said something; 0: the model speaks only when asked. */
int64_t model_talks_every(const struct model *m);
bool model_waits(const struct model *m, bool gpib);      /* some of what it is asked is waited for, poll by poll */
/* How long one measurement, or a set, may take before it has failed. */
int64_t point_patience(const struct model *m, const struct point *p, bool set);
/* How long before the instant of a triggered measurement it is begun, so that it is armed then; 0: it has
 * no trigger. */
int64_t point_arming(const struct model *m, const struct point *p);
bool point_listed(const struct point *p);        /* its question names the inputs it is asked of: {inputs} */
/* The range, the first of the list, that holds a value of the point's unit; NULL: none does. */
const struct range *point_range(const struct point *p, double value);
const struct point *model_point(const struct model *m, const char *quantity);
void model_free(struct model **m);
extern const struct schema model_schema;

#endif
