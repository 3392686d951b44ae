/* SPDX-License-Identifier: GPL-3.0-or-later
 * item.h - an item that is calibrated or verified: whose it is, and what its specification allows: config/items/NAME.yaml.
 *
 * The maximum permissible error (VIM 4.26) at a value is
 *
 *     +-( of_reading * |value| + of_range * full_scale + floor )
 *
 * and more beyond the temperatures for which that holds; or, by an accuracy class (VIM 4.25), that many per cent of the
 * full scale.  Loaded once, constant then. */
#ifndef ITEM_H
#define ITEM_H

#include "conformity.h"
#include "day.h"
#include "quantity.h"

struct item_temperature {
	struct value from, to;                  /* between these nothing is added */
	struct value of_reading, of_range;      /* per degC beyond */
};

struct item_specification {              /* of one quantity in one range */
	char *quantity;                  /* QUANTITY or QUANTITY@INPUT */
	struct { struct value from, to; } range;
	struct value full_scale, of_reading, of_range, floor;   /* unit NULL: not stated */
	double accuracy_class;
	bool has_class;
	struct item_temperature temperature;
	bool has_temperature;
	struct place place;

	/* found when the file is loaded; in the quantity's unit, degC, and as shares of 1 */
	const struct quantity *known;
	double low, high, scale, reading_share, range_share, least;
	double temperature_low, temperature_high, reading_share_per_degree, range_share_per_degree;
};

struct item {
	char *name;                      /* equals the file's name */
	struct texts title;
	char *owner, *identification;    /* identification: the owner's */
	char *manufacturer, *number, *serial_number;
	char *condition;                 /* on receipt */
	struct strings accessories;
	int64_t calibrated;              /* the day of its last calibration; 0: not known */
	int64_t interval_months;         /* between calibrations; 0: not agreed */
	struct list specification;       /* of struct item_specification */
	struct source source;
};

int  item_load(struct item **i, const char *path, const struct quantities *q, struct problems *ps);
int  item_parse(struct item **i, const char *path, const void *text, size_t n, const struct quantities *q,
		struct problems *ps);
void item_free(struct item **i);
extern const struct schema item_schema;

/* The day by which it is to be calibrated again; 0: nothing is known of that. */
int64_t item_due(const struct item *i);

/* What is specified at a value of the quantity's unit; NULL: nothing is. */
const struct item_specification *item_specification(const struct item *i, const char *quantity, double value);

/* Between which an indication conforms where the value is `value`; NAN: at a temperature where nothing is added. */
struct interval item_limits(const struct item_specification *s, double value, double temperature);

#endif
