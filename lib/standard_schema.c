/* SPDX-License-Identifier: GPL-3.0-or-later
 * standard_schema.c - the keys of a standard's file. */
#include "standard_parts.h"

static const char *const gives_words[] = { "error", "correction", "deviation", "value", NULL };
static const char *const interpolation_words[] = { "linear", "none", NULL };

#define HIGHEST_K   100
#define MOST_DOF    1e6
#define STATED(holder) \
	{ .key = "U", .type = S_VALUE, .offset = offsetof(holder, stated.expanded), .help = "expanded uncertainty; k belongs to it" }, \
	{ .key = "u", .type = S_VALUE, .offset = offsetof(holder, stated.standard), .help = "standard uncertainty, in place of U" }, \
	{ .key = "k", .type = S_NUMBER, .offset = offsetof(holder, stated.k), .low = 1, .high = HIGHEST_K, \
	  .help = "coverage factor of U; without it that of the result" }, \
	{ .key = "degrees_of_freedom", .type = S_NUMBER, .offset = offsetof(holder, stated.degrees_of_freedom), .low = 1, \
	  .high = MOST_DOF, .help = "effective degrees of freedom, where they are stated" }

#define AT(field) .offset = offsetof(struct standard_row, field)
static const struct schema_row row_rows[] = {
	{ .key = "indication", .type = S_VALUE, AT(indication), .help = "what the standard showed (VIM 4.1)" },
	{ .key = "nominal", .type = S_VALUE, AT(nominal),
	  .help = "of a material measure, in place of the indication: its nominal value (VIM 4.6)" },
	{ .key = "value", .type = S_VALUE, AT(value), .help = "the value that the certificate gives for it" },
	{ .key = "error", .type = S_VALUE, AT(error), .help = "error of indication: indication minus value (VIM 2.16)" },
	{ .key = "correction", .type = S_VALUE, AT(correction), .help = "value minus indication, or minus nominal (VIM 2.53)" },
	{ .key = "deviation", .type = S_VALUE, AT(deviation), .help = "of a material measure: value minus nominal" },
	STATED(struct standard_row),
	{ 0 }
};
#undef AT

static const struct schema row_schema = {
	.what = "a row", .size = sizeof(struct standard_row), .rows = row_rows,
	.place = offsetof(struct standard_row, place), .check = standard_check_row,
};

#define AT(field) .offset = offsetof(struct standard_coefficient, field)
static const struct schema_row coefficient_rows[] = {
	{ .key = "value", .type = S_NUMBER, AT(value), .required = true, .help = "its numerical value" },
	{ .key = "U", .type = S_NUMBER, AT(expanded), .given = offsetof(struct standard_coefficient, has_expanded),
	  .low = 0, .high = 1e300, .help = "its expanded uncertainty; k belongs to it" },
	{ .key = "u", .type = S_NUMBER, AT(standard), .given = offsetof(struct standard_coefficient, has_standard),
	  .low = 0, .high = 1e300, .help = "its standard uncertainty, in place of U" },
	{ .key = "k", .type = S_NUMBER, AT(k), .low = 1, .high = HIGHEST_K,
	  .help = "coverage factor of U; without it that of the result" },
	{ .key = "degrees_of_freedom", .type = S_NUMBER, AT(degrees_of_freedom), .low = 1, .high = MOST_DOF,
	  .help = "effective degrees of freedom, where they are stated" },
	{ 0 }
};
#undef AT

static const struct schema coefficient_schema = {
	.what = "a coefficient", .size = sizeof(struct standard_coefficient), .rows = coefficient_rows,
	.place = offsetof(struct standard_coefficient, place), .check = standard_check_coefficient,
};

#define AT(field) .offset = offsetof(struct standard_polynomial, field)
static const struct schema_row polynomial_rows[] = {
	{ .key = "gives", .type = S_ENUM, AT(gives), .words = gives_words, .low = 1, .required = true,
	  .help = "what the sum is, with the sign that the word has in a table" },
	{ .key = "unit", .type = S_STRING, AT(unit), .required = true, .help = "the unit of the sum" },
	{ .key = "argument_unit", .type = S_STRING, AT(argument_unit), .required = true,
	  .help = "the unit of the indication, or nominal value, that is put in" },
	{ .key = "coefficients", .type = S_LIST, AT(coefficients), .sub = &coefficient_schema, .required = true,
	  .help = "c0, c1, ...: of the powers 0, 1, ...; two of them are a line" },
	STATED(struct standard_polynomial),
	{ 0 }
};
#undef AT

static const struct schema polynomial_schema = {
	.what = "a polynomial", .rows = polynomial_rows, .check = standard_check_polynomial,
};

#define AT(field) .offset = offsetof(struct standard_thermometer, field)
static const struct schema_row cvd_rows[] = {
	{ .key = "R0", .type = S_MAP, AT(r0), .sub = &coefficient_schema, .required = true, .help = "resistance at 0 degC, in Ohm" },
	{ .key = "A", .type = S_MAP, AT(a), .sub = &coefficient_schema, .required = true, .help = "in 1/degC" },
	{ .key = "B", .type = S_MAP, AT(b), .sub = &coefficient_schema, .required = true, .help = "in 1/degC2" },
	{ .key = "C", .type = S_MAP, AT(c), .given = offsetof(struct standard_thermometer, has_c), .sub = &coefficient_schema,
	  .help = "in 1/degC4; below 0 degC" },
	STATED(struct standard_thermometer),
	{ 0 }
};

static const struct schema_row its90_rows[] = {
	{ .key = "subrange", .type = S_INT, AT(subrange), .low = 1, .high = 11, .required = true,
	  .help = "sub-range of the ITS-90, as its deviation functions are numbered: 4 from the triple point of argon, 7 to the "
		  "freezing point of aluminium" },
	{ .key = "Rtpw", .type = S_MAP, AT(r0), .sub = &coefficient_schema, .required = true,
	  .help = "resistance at the triple point of water, in Ohm" },
	{ .key = "coefficients", .type = S_DICT, AT(coefficients), .sub = &coefficient_schema, .required = true,
	  .help = "of the deviation function: a, b, c, d, c1 to c5, as the sub-range has them" },
	STATED(struct standard_thermometer),
	{ 0 }
};
#undef AT

static const struct schema cvd_schema = { .what = "callendar_van_dusen", .rows = cvd_rows };
static const struct schema its90_schema = { .what = "its90", .rows = its90_rows, .check = standard_check_its90 };

#define AT(field) .offset = offsetof(struct standard_drift, field)
static const struct schema_row drift_rows[] = {
	{ .key = "per_year", .type = S_VALUE, AT(per_year),
	  .help = "how what the certificate states changes in a year of 365.25 days, as far as that is known" },
	{ .key = "u_per_year", .type = S_VALUE, AT(u_per_year), .help = "standard uncertainty of that" },
	{ .key = "half_width_per_year", .type = S_VALUE, AT(half_width_per_year),
	  .help = "in place of u_per_year: it lies anywhere within this" },
	{ 0 }
};
#undef AT

static const struct schema drift_schema = { .what = "drift", .rows = drift_rows, .check = standard_check_drift };

#define AT(field) .offset = offsetof(struct standard_influence, field)
static const struct schema_row influence_rows[] = {
	{ .key = "quantity", .type = S_STRING, AT(quantity), .required = true, .help = "the influence quantity, such as temperature" },
	{ .key = "reference", .type = S_VALUE, AT(reference), .required = true, .help = "its value for which the certificate holds" },
	{ .key = "coefficient", .type = S_VALUE, AT(coefficient), .required = true,
	  .help = "how what the certificate states changes with it, such as 2 uV/degC or 5 ppm/degC" },
	{ .key = "u", .type = S_VALUE, AT(u), .help = "standard uncertainty of the coefficient" },
	{ .key = "half_width", .type = S_VALUE, AT(half_width), .help = "in place of u: it lies anywhere within this" },
	{ 0 }
};
#undef AT

static const struct schema influence_schema = {
	.what = "an influence", .size = sizeof(struct standard_influence), .rows = influence_rows,
	.place = offsetof(struct standard_influence, place), .check = standard_check_influence,
};

#define AT(field) .offset = offsetof(struct standard_correlation, field)
static const struct schema_row correlation_rows[] = {
	{ .key = "between", .type = S_STRINGS, AT(between), .required = true, .help = "two coefficients, such as [c0, c1]" },
	{ .key = "coefficient", .type = S_NUMBER, AT(coefficient), .low = -1, .high = 1, .required = true,
	  .help = "their correlation coefficient" },
	{ 0 }
};
#undef AT

static const struct schema correlation_schema = {
	.what = "a correlation", .size = sizeof(struct standard_correlation), .rows = correlation_rows,
	.place = offsetof(struct standard_correlation, place),
};

#define AT(field) .offset = offsetof(struct standard_statement, field)
#define GIVEN(field) .given = offsetof(struct standard_statement, field)
static const struct schema_row range_rows[] = {
	{ .key = "from", .type = S_VALUE, AT(range.from) , .required = true, .help = "the least value it holds for" },
	{ .key = "to", .type = S_VALUE, AT(range.to), .required = true, .help = "the greatest" },
	{ 0 }
};
/* Its rows are at the offsets of the statement. */
static const struct schema range_schema = { .what = "a range", .rows = range_rows };

static const struct schema_row statement_rows[] = {
	{ .key = "quantity", .type = S_STRING, AT(quantity), .required = true,
	  .help = "what is stated: a quantity, with @ and the input where the standard has several" },
	{ .key = "range", .type = S_MAP, .sub = &range_schema,
	  .help = "where it holds; nothing outside is corrected, or measured, without an override" },
	{ .key = "k", .type = S_NUMBER, AT(k), .low = 1, .high = HIGHEST_K, .help = "coverage factor of every U that has none beside it" },
	{ .key = "probability", .type = S_NUMBER, AT(probability), .low = 50, .high = 99.99, .fallback = "95.45",
	  .help = "coverage probability of U, in %; with k it gives degrees of freedom that are not stated" },
	{ .key = "degrees_of_freedom", .type = S_NUMBER, AT(degrees_of_freedom), .low = 1, .high = MOST_DOF,
	  .help = "effective degrees of freedom of every uncertainty that has none beside it" },
	{ .key = "interpolation", .type = S_ENUM, AT(interpolation), .words = interpolation_words, .low = 1,
	  .help = "of a table: linear between rows and that of the outer row beyond; none: only what a row names" },
	{ .key = "row_correlation", .type = S_NUMBER, AT(row_correlation), .low = 0, .high = 1, .fallback = "1",
	  .help = "correlation coefficient of any two rows: 1 is on the safe side for a value, 0 for a difference of two" },
	{ .key = "table", .type = S_LIST, AT(table), GIVEN(has_table), .sub = &row_schema, .help = "rows, as the certificate has them" },
	{ .key = "polynomial", .type = S_MAP, AT(polynomial), GIVEN(has_polynomial), .sub = &polynomial_schema,
	  .help = "a polynomial in the indication, or in the nominal value" },
	{ .key = "callendar_van_dusen", .type = S_MAP, AT(callendar_van_dusen), GIVEN(has_callendar_van_dusen), .sub = &cvd_schema,
	  .help = "R = R0 (1 + A t + B t2 + C (t - 100 degC) t3)" },
	{ .key = "its90", .type = S_MAP, AT(its90), GIVEN(has_its90), .sub = &its90_schema,
	  .help = "a deviation function of the ITS-90" },
	{ .key = "correlations", .type = S_LIST, AT(correlations), .sub = &correlation_schema,
	  .help = "between coefficients; what is not named is 0" },
	{ .key = "drift", .type = S_MAP, AT(drift), GIVEN(has_drift), .sub = &drift_schema, .help = "since the calibration" },
	{ .key = "influences", .type = S_LIST, AT(influences), .sub = &influence_schema, .help = "influence quantities (VIM 2.52)" },
	{ 0 }
};
#undef AT
#undef GIVEN

static const struct schema statement_schema = {
	.what = "a result", .size = sizeof(struct standard_statement), .rows = statement_rows,
	.place = offsetof(struct standard_statement, place), .check = standard_check_statement,
};

#define AT(field) .offset = offsetof(struct certificate, field)
static const struct schema_row dcc_rows[] = {
	{ .key = "file", .type = S_STRING, AT(dcc.file), .required = true, .help = "the file, seen from this one" },
	{ .key = "sha256", .type = S_STRING, AT(dcc.sha256), .required = true, .help = "the SHA-256 of its bytes" },
	{ 0 }
};
/* Its rows are at the offsets of the certificate. */
static const struct schema dcc_schema = { .what = "dcc", .rows = dcc_rows };

#define DAY .type = S_CUSTOM, .custom = day_read, .form = day_form
static const struct schema_row certificate_rows[] = {
	{ .key = "certificate", .type = S_STRING, AT(number), .required = true, .help = "its number" },
	{ .key = "laboratory", .type = S_STRING, AT(laboratory), .required = true, .help = "who calibrated" },
	{ .key = "accreditation", .type = S_STRING, AT(accreditation), .help = "the number of that laboratory's accreditation" },
	{ .key = "traceability", .type = S_STRING, AT(traceability), .help = "to what the certificate says it is traceable" },
	{ .key = "conditions", .type = S_STRING, AT(conditions), .help = "the conditions of the calibration, as printed" },
	{ .key = "calibrated", DAY, AT(calibrated), .required = true, .help = "the (last) day of the calibration" },
	{ .key = "issued", DAY, AT(issued), .help = "the day of issue" },
	{ .key = "due", DAY, AT(due), .required = true, .help = "the last day on which the standard may be used before it is calibrated again" },
	{ .key = "dcc", .type = S_MAP, .sub = &dcc_schema, .help = "the digital calibration certificate that it was copied from" },
	{ .key = "results", .type = S_LIST, AT(results), .sub = &statement_schema, .required = true,
	  .help = "what it states, one for each quantity and range" },
	{ 0 }
};
#undef AT

static const struct schema certificate_schema = {
	.what = "a certificate", .size = sizeof(struct certificate), .rows = certificate_rows,
	.place = offsetof(struct certificate, place), .check = standard_check_certificate,
};

#define AT(field) .offset = offsetof(struct standard, field)
static const struct schema_row standard_rows[] = {
	{ .key = "standard", .type = S_NAME, AT(name), .required = true, .help = "the name benches use; this is NAME.yaml" },
	{ .key = "title", .type = S_TEXTS, AT(title), .required = true, .help = "what it is, for people" },
	{ .key = "manufacturer", .type = S_STRING, AT(manufacturer), .help = "who made it" },
	{ .key = "number", .type = S_STRING, AT(number), .help = "the maker's type" },
	{ .key = "serial_number", .type = S_STRING, AT(serial_number), .required = true,
	  .help = "as the certificate has it; the instrument in its role must say the same" },
	{ .key = "identification", .type = S_STRING, AT(identification), .help = "the laboratory's own number of it" },
	{ .key = "certificates", .type = S_LIST, AT(certificates), .sub = &certificate_schema, .required = true,
	  .help = "its certificates over time; none is taken away" },
	{ 0 }
};
#undef AT

const struct schema standard_schema = {
	.what = "a standard", .size = sizeof(struct standard), .rows = standard_rows, .check = standard_check,
};
