/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "functions.h"

#include <string.h>

#include "air.h"
#include "its90.h"
#include "nearest.h"
#include "platinum.h"
#include "vapour.h"
#include "weight.h"

static const struct function_argument
	of_air[] = { { "pressure", "Pa" }, { "temperature", "degC" }, { "humidity", "1" }, { "carbon_dioxide", "1" } },
	of_buoyancy[] = { { "air", "kg m-3" }, { "reference", "kg m-3" }, { "item", "kg m-3" } },
	of_mass[] = { { "mass", "kg" }, { "density", "kg m-3" } },
	of_head[] = { { "fluid", "kg m-3" }, { "air", "kg m-3" }, { "gravity", "m s-2" }, { "height", "m" } },
	of_currents[] = { { "resistance_1", "Ohm" }, { "resistance_2", "Ohm" }, { "current_1", "A" }, { "current_2", "A" } },
	of_resistance[] = { { "temperature", "degC" }, { "R0", "Ohm" }, { "A", "K-1" }, { "B", "K-2" }, { "C", "K-4" } },
	of_platinum[] = { { "resistance", "Ohm" }, { "R0", "Ohm" }, { "A", "K-1" }, { "B", "K-2" }, { "C", "K-4" } },
	of_temperature[] = { { "temperature", "degC" } },
	of_pressure[] = { { "pressure", "Pa" } },
	of_ratio[] = { { "W", "1" }, { "a", "1" }, { "b", "1" }, { "c", "1" }, { "d", "1" }, { "W_aluminium", "1" } },
	of_cold_ratio[] = { { "W", "1" }, { "a", "1" }, { "b", "1" }, { "c1", "1" }, { "c2", "1" }, { "c3", "1" },
			    { "c4", "1" }, { "c5", "1" } };

#define AIR_RANGE      "600 hPa to 1100 hPa, 15 degC to 27 degC, humidity 0 to 1"
#define AIR_SOURCE     "CIPM-2007: Picard et al., Metrologia 45 (2008) 149-155"
#define OIML_SOURCE    "OIML D 28:2004"
#define DENSITY_RANGE  "densities that are above that of the air"
#define CVD_SOURCE     "Callendar-Van Dusen: IEC 60751:2022"
#define CVD_RANGE      "-200 degC to 850 degC"
#define ITS90_SOURCE   "ITS-90: Preston-Thomas, Metrologia 27 (1990) 3-10 and 107"
#define ITS90_RANGE    "-259.3467 degC to 961.78 degC"
#define ZERO_SOURCE    "Guide to the Realization of the ITS-90, Platinum Resistance Thermometry (CCT)"
#define WATER_SOURCE   "IAPWS R7-97(2012), 8.1 and 8.2"
#define SUPERCOOLED_SOURCE "Murphy and Koop, Q. J. R. Meteorol. Soc. 131 (2005) 1539-1565, (10)"
#define ICE_SOURCE     "IAPWS R14-08(2011), (6)"

/* A sub-range of ITS-90, by the fixed point at its far end. */
#define SUB_RANGE(point, named, n, reach)                                                                      \
	{ .name = "its90_deviation_" #point, .arity = (n), .arguments = (named), .unit = "1", .of = its90_deviation,  \
	  .self = &its90_##point, .range = "W above 0", .source = ITS90_SOURCE,                                  \
	  .help = "W - Wr of a thermometer calibrated from " reach },                                                 \
	{ .name = "its90_temperature_" #point, .arity = (n), .arguments = (named), .unit = "degC",                     \
	  .of = its90_range_temperature, .self = &its90_##point, .range = reach, .source = ITS90_SOURCE,          \
	  .help = "temperature of a thermometer calibrated from " reach }

static const struct function table[] = {
	{ .name = "air_density", .arity = 3, .arguments = of_air, .unit = "kg m-3", .of = air_density,
	  .range = AIR_RANGE, .source = AIR_SOURCE, .help = "density of moist air with 400 umol/mol of carbon dioxide" },
	{ .name = "air_density_co2", .arity = 4, .arguments = of_air, .unit = "kg m-3", .of = air_density_co2,
	  .range = AIR_RANGE ", carbon dioxide 0 to 0.01", .source = AIR_SOURCE,
	  .help = "density of moist air with this mole fraction of carbon dioxide" },
	{ .name = "buoyancy", .arity = 3, .arguments = of_buoyancy, .unit = "1", .of = buoyancy,
	  .range = DENSITY_RANGE, .source = OIML_SOURCE,
	  .help = "mass of an item over that of the reference it balances in air" },
	{ .name = "conventional_mass", .arity = 2, .arguments = of_mass, .unit = "kg", .of = conventional_mass,
	  .range = DENSITY_RANGE, .source = OIML_SOURCE, .help = "conventional mass of a body of this mass and density" },
	{ .name = "true_mass", .arity = 2, .arguments = of_mass, .unit = "kg", .of = true_mass,
	  .range = DENSITY_RANGE, .source = OIML_SOURCE, .help = "mass of a body of this conventional mass and density" },
	{ .name = "hydrostatic_head", .arity = 4, .arguments = of_head, .unit = "Pa", .of = hydrostatic_head,
	  .range = "everywhere", .source = "EURAMET cg-17, version 4.1",
	  .help = "pressure that a column of fluid adds, surrounded by air" },
	{ .name = "zero_current", .arity = 4, .arguments = of_currents, .unit = "Ohm", .of = zero_current,
	  .range = "two different currents", .source = ZERO_SOURCE,
	  .help = "resistance without self-heating, from those at two currents" },
	{ .name = "platinum_resistance", .arity = 5, .arguments = of_resistance, .unit = "Ohm", .of = platinum_resistance,
	  .range = CVD_RANGE, .source = CVD_SOURCE, .help = "resistance of a platinum thermometer" },
	{ .name = "platinum_temperature", .arity = 5, .arguments = of_platinum, .unit = "degC", .of = platinum_temperature,
	  .range = CVD_RANGE, .source = CVD_SOURCE, .help = "temperature of a platinum thermometer" },
	{ .name = "its90_ratio", .arity = 1, .arguments = of_temperature, .unit = "1", .of = its90_ratio,
	  .range = ITS90_RANGE, .source = ITS90_SOURCE, .help = "reference function Wr(T90)" },
	{ .name = "its90_temperature", .arity = 1, .arguments = of_ratio, .unit = "degC", .of = its90_temperature,
	  .range = ITS90_RANGE, .source = ITS90_SOURCE, .help = "temperature at which the reference function is this" },
	SUB_RANGE(hydrogen, of_cold_ratio, 8, "-259.3467 degC to 0.01 degC"),
	SUB_RANGE(neon, of_cold_ratio, 6, "-248.5939 degC to 0.01 degC"),
	SUB_RANGE(oxygen, of_cold_ratio, 4, "-218.7916 degC to 0.01 degC"),
	SUB_RANGE(argon, of_ratio, 3, "-189.3442 degC to 0.01 degC"),
	SUB_RANGE(mercury, of_ratio, 3, "-38.8344 degC to 29.7646 degC"),
	SUB_RANGE(silver, of_ratio, 6, "0 degC to 961.78 degC"),
	SUB_RANGE(aluminium, of_ratio, 4, "0 degC to 660.323 degC"),
	SUB_RANGE(zinc, of_ratio, 3, "0 degC to 419.527 degC"),
	SUB_RANGE(tin, of_ratio, 3, "0 degC to 231.928 degC"),
	SUB_RANGE(indium, of_ratio, 2, "0 degC to 156.5985 degC"),
	SUB_RANGE(gallium, of_ratio, 2, "0 degC to 29.7646 degC"),
	{ .name = "water_vapour_pressure", .arity = 1, .arguments = of_temperature, .unit = "Pa", .of = water_vapour_pressure,
	  .range = "0 degC to 373.946 degC", .source = WATER_SOURCE, .help = "pressure of saturated vapour over water" },
	{ .name = "dew_point", .arity = 1, .arguments = of_pressure, .unit = "degC", .of = dew_point,
	  .range = "611.213 Pa to 22.064 MPa", .source = WATER_SOURCE,
	  .help = "temperature at which vapour of this pressure is saturated over water" },
	{ .name = "ice_vapour_pressure", .arity = 1, .arguments = of_temperature, .unit = "Pa", .of = ice_vapour_pressure,
	  .range = "-223.15 degC to 0.01 degC", .source = ICE_SOURCE, .help = "pressure of saturated vapour over ice" },
	{ .name = "frost_point", .arity = 1, .arguments = of_pressure, .unit = "degC", .of = frost_point,
	  .range = "that of ice from -223.15 degC to 0.01 degC", .source = ICE_SOURCE,
	  .help = "temperature at which vapour of this pressure is saturated over ice" },
	{ .name = "supercooled_vapour_pressure", .arity = 1, .arguments = of_temperature, .unit = "Pa",
	  .of = supercooled_vapour_pressure, .range = "-150.15 degC to 0.01 degC", .source = SUPERCOOLED_SOURCE,
	  .help = "pressure of saturated vapour over water below its freezing point" },
	{ .name = "supercooled_dew_point", .arity = 1, .arguments = of_pressure, .unit = "degC", .of = supercooled_dew_point,
	  .range = "that of water from -150.15 degC to 0.01 degC", .source = SUPERCOOLED_SOURCE,
	  .help = "temperature below 0 degC at which vapour of this pressure is saturated over water" },
};
#undef SUB_RANGE
#define FUNCTIONS (sizeof table / sizeof *table)

const struct function *functions(size_t *n)
{
	*n = FUNCTIONS;
	return table;
}

const struct function *function_find(const char *name)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

const char *function_nearest(const char *name)
{
	struct nearest n = { 0 };

	for (size_t i = 0; i < FUNCTIONS; i++)
		nearest_offer(&n, name, table[i].name);
	return n.word;
}

/* The formula at x, with variable a along the one direction and b along the other. */
static struct hyper at(const struct function *f, const double *x, size_t a, size_t b)
{
	struct hyper h[FUNCTION_ARGUMENTS];

	for (size_t i = 0; i < f->arity; i++)
		h[i] = (struct hyper){ x[i], i == a, i == b, 0 };
	return f->of(f->self, h);
}

double function_value(const struct function *f, const double *x)
{
	return at(f, x, f->arity, f->arity).v;
}

static void first_only(const struct function *f, const double *x, double *y, double *first)
{
	for (size_t a = 0; a < f->arity; a++) {
		struct hyper h = at(f, x, a, f->arity);

		*y = h.v;
		first[a] = h.i;
	}
}

void function_derivatives(const struct function *f, const double *x, double *y, double *first, double *second)
{
	if (!second) {
		first_only(f, x, y, first);
		return;
	}
	for (size_t a = 0; a < f->arity; a++)
		for (size_t b = a; b < f->arity; b++) {
			struct hyper h = at(f, x, a, b);

			*y = h.v;
			first[a] = h.i;
			second[a * f->arity + b] = second[b * f->arity + a] = h.ij;
		}
}
