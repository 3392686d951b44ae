/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "world.h"

#include <math.h>
#include <pthread.h>

#include "mem.h"
#include "random.h"

#define NODES       (WORLD_DEW_POINT + 1)
#define SINES       3
#define NOISE_CELL  (100 * NS_PER_MS)

struct world_source {
	const struct simulated_point *errors;
	struct conversion to_node;
	uint64_t seed;
	bool connected;
	double from, to;             /* before its errors, in the point's unit */
	instant since;
	struct world_source *next;
};

struct world {
	pthread_mutex_t lock;
	instant began;
	double base[NODES];
	double wander;               /* degC per hour */
	double phase[SINES];
	struct world_source *sources;
};

static const double sine_period[SINES] = { 3600, 1020, 300 };         /* seconds */

/* What a node is before anybody drives or sets it. */
static const struct { const char *name, *unit; double base; } nodes[NODES] = {
	[WORLD_VOLTAGE] = { "voltage", "V", 0 },
	[WORLD_VOLTAGE_AC] = { "voltage_ac", "V", 0 },
	[WORLD_CURRENT] = { "current", "A", 0 },
	[WORLD_CURRENT_AC] = { "current_ac", "A", 0 },
	[WORLD_RESISTANCE] = { "resistance", "Ohm", 100 },
	[WORLD_RATIO] = { "ratio", "1", 1 },
	[WORLD_FREQUENCY] = { "frequency", "Hz", 10e6 },
	[WORLD_TIME_INTERVAL] = { "time_interval", "s", 100e-9 },
	[WORLD_TEMPERATURE] = { "temperature", "degC", 23 },
	[WORLD_HUMIDITY] = { "humidity", "%", 45 },
	[WORLD_PRESSURE] = { "pressure", "Pa", 101325 },
	[WORLD_GAUGE_PRESSURE] = { "gauge_pressure", "Pa", 0 },
	[WORLD_MASS] = { "mass", "g", 100 },
	[WORLD_LENGTH] = { "length", "mm", 0 },
	[WORLD_FORCE] = { "force", "N", 0 },
	[WORLD_TORQUE] = { "torque", "N m", 0 },
	[WORLD_FLOW] = { "flow", "L/min", 0 },
	[WORLD_DEW_POINT] = { "dew_point", "degC", 0 },
};

/* Sources of it are in series, or in parallel, and add; of any other the last one holds. */
static bool adds_up(enum world_node node)
{
	return node == WORLD_VOLTAGE || node == WORLD_CURRENT;
}

struct world *world_new(uint64_t seed, double temperature, double humidity, double wander)
{
	struct world *w = mem_new(sizeof *w);
	struct random r;

	pthread_mutex_init(&w->lock, NULL);
	w->began = instant_now();
	for (size_t i = 0; i < NODES; i++)
		w->base[i] = nodes[i].base;
	w->base[WORLD_TEMPERATURE] = temperature;
	w->base[WORLD_HUMIDITY] = humidity;
	w->wander = wander;
	random_seed(&r, seed, ".room");                 /* no role has such a name */
	for (int i = 0; i < SINES; i++)
		w->phase[i] = 2 * M_PI * random_uniform(&r);
	return w;
}

void world_free(struct world **w)
{
	if (!*w)
		return;
	for (struct world_source *s = (*w)->sources, *next; s; s = next) {
		next = s->next;
		free(s);
	}
	pthread_mutex_destroy(&(*w)->lock);
	free(*w);
	*w = NULL;
}

double world_hours(const struct world *w, instant at)
{
	return (double)(at - w->began) / (3600.0 * NS_PER_S);
}

/* Each sine has the amplitude at which its steepest slope is a third of `wander`. */
static double walk(const struct world *w, instant at)
{
	double t = (double)(at - w->began) / NS_PER_S, sum = 0;

	for (int i = 0; i < SINES; i++) {
		double omega = 2 * M_PI / sine_period[i];

		sum += w->wander / 3600 / SINES / omega * sin(omega * t + w->phase[i]);
	}
	return sum;
}

/* Of water vapour, in hPa. */
static double saturation_pressure(double celsius)
{
	return 6.112 * exp(17.62 * celsius / (243.12 + celsius));
}

static double dew_point(double celsius, double humidity)
{
	double g = log(humidity / 100 * saturation_pressure(celsius) / 6.112);

	return 243.12 * g / (17.62 - g);
}

static double value(const struct world *w, enum world_node node, instant at);

static double undisturbed(const struct world *w, enum world_node node, instant at)
{
	double mean = w->base[WORLD_TEMPERATURE], v;

	switch (node) {
	case WORLD_TEMPERATURE:
		return mean + walk(w, at);
	case WORLD_HUMIDITY:
		v = w->base[node] * saturation_pressure(mean)
			/ saturation_pressure(mean + walk(w, at));
		return v > 100 ? 100 : v;
	case WORLD_DEW_POINT:
		return dew_point(value(w, WORLD_TEMPERATURE, at), value(w, WORLD_HUMIDITY, at));
	default:
		return w->base[node];
	}
}

/* Noise with a memory of about a tenth of a second, as two meters side by side see the same
 * wiggle of their source: deviates hashed from time, joined so that the variance is 1
 * everywhere. */
static double slow_noise(uint64_t seed, int64_t elapsed)
{
	int64_t cell = elapsed / NOISE_CELL;
	double f = (double)(elapsed % NOISE_CELL) / NOISE_CELL, a, b;
	struct random r;

	random_seed(&r, random_derive(seed, (uint64_t)cell), "");
	a = random_normal(&r);
	random_seed(&r, random_derive(seed, (uint64_t)cell + 1), "");
	b = random_normal(&r);
	return ((1 - f) * a + f * b) / sqrt((1 - f) * (1 - f) + f * f);
}

static double settled(const struct world_source *s, instant at)
{
	double tau = (double)s->errors->settling_ns;

	if (at < s->since)
		return s->from;
	if (tau <= 0)
		return s->to;
	return s->to + (s->from - s->to) * exp(-(double)(at - s->since) / tau);
}

static double driven(const struct world *w, const struct world_source *s, instant at)
{
	const struct simulated_point *e = s->errors;
	double v = settled(s, at) * (1 + e->gain_error) + e->offset
		+ e->drift_per_hour * world_hours(w, at);

	if (e->noise > 0)
		v += e->noise * slow_noise(s->seed, at - w->began);
	return s->to_node.factor * v + s->to_node.offset;
}

static double value(const struct world *w, enum world_node node, instant at)
{
	double sum = undisturbed(w, node, at);

	for (const struct world_source *s = w->sources; s; s = s->next) {
		if (!s->connected || s->errors->node != (int)node)
			continue;
		sum = driven(w, s, at) + (adds_up(node) ? sum : 0);
	}
	return sum;
}

double world_value(struct world *w, enum world_node node, instant at)
{
	double v;

	pthread_mutex_lock(&w->lock);
	v = value(w, node, at);
	pthread_mutex_unlock(&w->lock);
	return v;
}

void world_set(struct world *w, enum world_node node, double v)
{
	pthread_mutex_lock(&w->lock);
	w->base[node] = v;
	pthread_mutex_unlock(&w->lock);
}

const char *world_node_name(enum world_node node)
{
	return nodes[node].name;
}

const char *world_node_unit(enum world_node node)
{
	return nodes[node].unit;
}

int world_node_parse(const char *name, enum world_node *node)
{
	for (size_t i = 0; i < WORLD_DEW_POINT; i++) {        /* which follows from others */
		if (!strcmp(name, nodes[i].name)) {
			*node = (enum world_node)i;
			return 0;
		}
	}
	return -1;
}

struct world_source *world_source_new(struct world *w, const struct simulated_point *errors,
				      struct conversion to_node, uint64_t seed)
{
	struct world_source *s = mem_new(sizeof *s);

	s->errors = errors;
	s->to_node = to_node;
	s->seed = seed;
	s->since = w->began;
	pthread_mutex_lock(&w->lock);
	s->next = w->sources;
	w->sources = s;
	pthread_mutex_unlock(&w->lock);
	return s;
}

static double where_it_is(const struct world *w, const struct world_source *s, instant now)
{
	enum world_node node = (enum world_node)s->errors->node;

	if (s->connected)
		return settled(s, now);
	return adds_up(node) ? 0
		: (value(w, node, now) - s->to_node.offset) / s->to_node.factor;
}

void world_source_set(struct world *w, struct world_source *s, double v, instant now)
{
	pthread_mutex_lock(&w->lock);
	s->from = where_it_is(w, s, now);
	s->to = v;
	s->since = now;
	pthread_mutex_unlock(&w->lock);
}

void world_source_connect(struct world *w, struct world_source *s, bool on)
{
	pthread_mutex_lock(&w->lock);
	s->connected = on;
	pthread_mutex_unlock(&w->lock);
}
