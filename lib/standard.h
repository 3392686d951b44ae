/* SPDX-License-Identifier: GPL-3.0-or-later
 * standard.h - a standard of the laboratory and what its calibration certificates say: config/standards/NAME.yaml.
 *
 * A file is written beside the paper: each number stands in it as the certificate prints it, in the certificate's unit
 * and with the certificate's sign, and its key says which sign that is:
 *
 *     indication   what the standard showed (VIM 4.1)   nominal      what a material measure is called (VIM 4.6)
 *     value        the quantity value that the certificate gives for it (VIM 2.10)
 *     error        indication minus value (VIM 2.16)    correction   value minus indication (VIM 2.53)
 *     deviation    value minus nominal
 *
 * Where a row has two of the last four they must agree to the digits printed, which finds a sign that was turned.  In
 * memory there is one sense alone: what is to be added to the indication, or the nominal value.
 *
 * Certificates stay in the file over time; one is in force from the day of its calibration until the next.  What it
 * states of one quantity in one range is a statement, made of inputs: each row or coefficient is one input quantity with
 * an identity, the same at every point and in every run, so that results that rest on it correlate as they do.
 *
 * Loaded once, constant then.  Nothing here refuses by itself: who asks for a correction past the due day or outside
 * the range has been told so by standard_check_* and has his reasons on record. */
#ifndef STANDARD_H
#define STANDARD_H

#include "day.h"
#include "quantity.h"
#include "unit.h"

/* An uncertainty as printed: U and k, or u; unit NULL: not stated; k 0: as of the statement. */
struct stated_uncertainty {
	struct value expanded, standard;
	double k, degrees_of_freedom;
};

struct standard_row {                    /* what is not stated has unit NULL */
	struct value indication, nominal, value, error, correction, deviation;
	struct stated_uncertainty stated;
	struct place place;
};

struct standard_coefficient {            /* numerical values, in the units of its statement */
	char *name;                      /* first: the key of a mapping; NULL: known by its place */
	double value, expanded, standard, k, degrees_of_freedom;
	bool has_expanded, has_standard;
	struct place place;
};

/* What an input quantity is known to be.  k without degrees of freedom: whoever evaluates finds them through t. */
struct standard_input {
	char *id;                        /* "standard/NAME/CERTIFICATE/voltage.dc/10 V" */
	const char *name;                /* its end: "10 V", "c1", "R0", "drift" */
	const char *unit;                /* of the estimate */
	double at;                       /* of a row: the indication or nominal value, in the quantity's unit */
	double estimate;
	double uncertainty;              /* standard */
	double k, probability;           /* as printed; k 0: a standard uncertainty was */
	double degrees_of_freedom;       /* 0: not stated */
	bool rectangular;                /* a half-width was stated */
	bool relative;                   /* to the indication or nominal value */
};

enum statement_form { STATEMENT_TABLE, STATEMENT_POLYNOMIAL, STATEMENT_CALLENDAR_VAN_DUSEN, STATEMENT_ITS90 };
enum statement_gives { GIVES_ERROR = 1, GIVES_CORRECTION, GIVES_DEVIATION, GIVES_VALUE };
enum interpolation { INTERPOLATION_LINEAR = 1, INTERPOLATION_NONE };

struct standard_polynomial {             /* y / unit = sum of c[i] (x / argument_unit)^i */
	int gives;                       /* enum statement_gives */
	char *unit, *argument_unit;
	struct list coefficients;        /* of struct standard_coefficient */
	struct stated_uncertainty stated;   /* of the curve as a whole */
};

struct standard_thermometer {            /* Callendar-Van Dusen: R0 A B C; ITS-90: Rtpw and those of the sub-range */
	int64_t subrange;                /* of the ITS-90: 1 to 11 */
	struct standard_coefficient r0, a, b, c;
	bool has_c;
	struct list coefficients;        /* of struct standard_coefficient */
	struct stated_uncertainty stated;   /* in temperature, of the curve as a whole */
};

struct standard_drift {                  /* since the calibration */
	struct value per_year, u_per_year, half_width_per_year;
};

struct standard_influence {              /* VIM 2.52 */
	char *quantity;
	struct value reference, coefficient, u, half_width;
	struct place place;
	const char *unit;                /* found at load: of the influence quantity */
	double at, slope;                /* the reference, and the coefficient in the sense of a correction */
	bool relative;
	size_t input;
};

struct standard_correlation { struct strings between; double coefficient; struct place place; };

struct standard_statement {              /* of one quantity in one range */
	char *quantity;                  /* QUANTITY or QUANTITY@INPUT */
	struct { struct value from, to; } range;
	double k, degrees_of_freedom, probability;
	int interpolation;
	double row_correlation;
	struct list table;               /* of struct standard_row */
	struct standard_polynomial polynomial;
	struct standard_thermometer callendar_van_dusen, its90;
	bool has_table, has_polynomial, has_callendar_van_dusen, has_its90;
	struct list correlations;        /* of struct standard_correlation */
	struct standard_drift drift;
	bool has_drift;
	struct list influences;          /* of struct standard_influence */
	struct place place;

	/* found when the file is loaded; in the quantity's unit */
	enum statement_form form;
	const struct quantity *known;
	double low, high;
	struct standard_input *inputs;   /* rows by `at`, or coefficients; then curve, drift, influences */
	size_t n, n_main;                /* in all; rows or coefficients */
	double *coefficient_correlations;/* n_main x n_main; NULL: none stated */
	double drift_per_year;           /* known, in the sense of a correction */
	bool drift_relative;
	struct conversion from_argument_unit, from_unit;    /* of a polynomial, to the quantity's */
	int64_t calibrated;
};

struct certificate {
	char *number, *laboratory, *accreditation, *traceability, *conditions;
	int64_t calibrated, issued, due;
	struct { char *file, *sha256; } dcc;     /* the digital certificate it was copied from, seen from this file; NULL: none */
	struct list results;             /* of struct standard_statement */
	struct place place;
};

struct standard {
	char *name;                      /* equals the file's name */
	struct texts title;
	char *manufacturer, *number, *serial_number, *identification;
	struct list certificates;        /* of struct certificate, oldest calibration first */
	struct source source;
};

int  standard_load(struct standard **s, const char *path, const struct quantities *q, struct problems *ps);
int  standard_parse(struct standard **s, const char *path, const void *text, size_t n, const struct quantities *q,
		    struct problems *ps);
void standard_free(struct standard **s);
extern const struct schema standard_schema;

/* Are the digital certificates that it names there, and unchanged? */
void standard_check_documents(const struct standard *s, struct problems *ps);

/* The one in force on a day: calibrated then or before, and last; NULL: none yet. */
const struct certificate *standard_certificate(const struct standard *s, int64_t day);
/* ERR_STATE: past due on that day, or not calibrated yet; file, line and what to do. */
int standard_check_due(const struct standard *s, int64_t day, struct err *e);

/* What is stated of a quantity at a value, or nearest to it; NULL: nothing is.  The value is in the quantity's unit. */
const struct standard_statement *certificate_statement(const struct certificate *c, const char *quantity, double value);
bool statement_covers(const struct standard_statement *t, double value);
/* ERR_STATE: the certificate in force does not cover the value; likewise. */
int standard_check_value(const struct standard *s, int64_t day, const char *quantity, double value, struct err *e);

#endif
