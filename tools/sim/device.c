/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "device.h"

#include <math.h>

#include "address.h"
#include "hand.h"

#define OVERRANGE   0.05         /* of the range's span: measured all the same */
#define TOGETHER_NS 20000        /* two clocks read within this were read at one moment */

static int refuse(const struct device *d, const char *point, const char *why, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%s: model %s: %s%s%s", d->role->name, d->model->name, point,
		       *point ? ": " : "", why);
}

static int add_point(struct device *d, const struct point *p, uint64_t seed, struct err *e)
{
	struct device_point *dp = &d->points[d->n_points++];
	enum world_node node = (enum world_node)p->simulate.node;

	if (!p->simulated)
		return refuse(d, p->quantity, "has no simulate block", e);
	dp->point = p;
	if (unit_convert(&dp->to_node, p->unit ? p->unit : p->known->unit, world_node_unit(node), e))
		return err_wrap(e, "%s: model %s: %s: node %s", d->role->name, d->model->name,
				p->quantity, world_node_name(node));
	dp->low = p->set_low - OVERRANGE * (p->set_high - p->set_low);
	dp->high = p->set_high + OVERRANGE * (p->set_high - p->set_low);
	if (p->set || p->has_target || p->manual.set.n)
		dp->source = world_source_new(d->world, &p->simulate, dp->to_node, seed);
	return 0;
}

static char *with_serial(const char *template, const char *serial)
{
	const char *hole = strstr(template, "{serial}");

	if (!hole)
		return mem_string(template);
	return mem_format("%.*s%s%s", (int)(hole - template), template, serial ? serial : "0",
			  hole + strlen("{serial}"));
}

static int name_it(struct device *d, struct err *e)
{
	const char *template = d->model->simulate.identity;

	if (d->model->identity.ask && !template)
		return refuse(d, "", "simulate has no identity", e);
	if (!template)
		return 0;
	d->identity = with_serial(template, d->role->serial_number);
	d->other_identity = strstr(template, "{serial}") ? with_serial(template, DEVICE_OTHER_SERIAL)
		: mem_string("SOMEBODY ELSE,1,0,0");
	return 0;
}

/* The answer of an empty error queue: as the model's answers say, or as SCPI has it, with or
 * without the sign. */
static int find_no_error(struct device *d, struct err *e)
{
	static const char *const usual[] = { "0,\"No error\"", "+0,\"No error\"" };
	const struct model *m = d->model;
	const struct answer *a = m->simulate.answers.items;

	if (!m->errors.ask)
		return 0;
	for (size_t i = 0; i < m->simulate.answers.n; i++)
		if (!strcmp(a[i].ask, m->errors.ask))
			d->no_error = a[i].say;
	for (size_t i = 0; i < 2 && !d->no_error; i++)
		if (!m->errors.ok.text || !regexec(&m->errors.ok.compiled, usual[i], 0, NULL, 0))
			d->no_error = usual[i];
	if (!d->no_error)
		return refuse(d, "", "simulate.answers must say what an empty error queue answers", e);
	return 0;
}

static int fill(struct device *d, uint64_t seed, struct err *e)
{
	const struct model *m = d->model;
	const struct point *p = m->points.items;
	const struct answer *a = m->simulate.answers.items;

	if (name_it(d, e) || find_no_error(d, e))
		return -1;
	random_seed(&d->noise, seed, d->role->name);
	random_seed(&d->junk, random_next(&d->noise), "junk");
	d->points = mem_array(m->points.n, sizeof *d->points);
	for (size_t i = 0; i < m->points.n; i++)
		if (add_point(d, &p[i], random_next(&d->noise), e))
			return -1;
	d->settings = mem_array(m->simulate.answers.n, sizeof *d->settings);
	for (size_t i = 0; i < m->simulate.answers.n; i++)
		d->settings[d->n_settings++].answer = &a[i];
	device_power_on(d);
	return device_warm(d, e);
}

int device_new(struct device **out, const struct bench_role *role, struct world *w,
	       struct truth *t, uint64_t seed, struct err *e)
{
	struct device *d = mem_new(sizeof *d);

	d->role = role;
	d->model = role->model;
	d->world = w;
	d->truth = t;
	faults_init(&d->faults);
	status_init(&d->status);
	pthread_mutex_init(&d->lock, NULL);
	*out = d;
	if (fill(d, seed, e)) {
		device_free(out);
		return -1;
	}
	return 0;
}

void device_free(struct device **d)
{
	if (!*d)
		return;
	free((*d)->points);
	free((*d)->settings);
	free((*d)->identity);
	free((*d)->other_identity);
	free((*d)->faults.list);
	free(*d);
	*d = NULL;
}

static bool over_hislip(const struct device *d)
{
	struct address a;
	struct err e;

	return address_parse(&a, d->role->address, NULL, &e) == 0 && !strcmp(a.scheme, "hislip");
}

static bool can_be_unstable(const struct model *m)
{
	const struct point *p = m->points.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (p[i].simulate.unstable)
			return true;
	return false;
}

int device_add_fault(struct device *d, const struct fault *f, struct err *e)
{
	const struct model *m = d->model;
	bool modbus = m->manner == MANNER_MODBUS, manual = m->manner == MANNER_MANUAL;

	if (manual ? !hand_knows(f->kind) : f->kind == FAULT_COMMA || f->kind == FAULT_REJECT)
		return err_set(e, ERR_CONFIG, "fault %s: %s is %sread by a person", fault_name(f->kind), d->role->name,
			       manual ? "" : "not ");

	if (!modbus && (f->kind == FAULT_EXCEPTION || (f->kind == FAULT_CRC && !over_hislip(d) && !m->frame.sum.given)))
		return err_set(e, ERR_CONFIG, "fault %s is for Modbus%s, %s does not speak it", fault_name(f->kind),
			       f->kind == FAULT_CRC ? " and HiSLIP" : "", d->role->name);
	if ((f->kind == FAULT_NAK && !m->acknowledge.nak) || (f->kind == FAULT_UNSTABLE && !can_be_unstable(m)) ||
	    (f->kind == FAULT_NOISE && modbus))
		return err_set(e, ERR_CONFIG, "fault %s: the messages of %s cannot show it", fault_name(f->kind),
			       d->role->name);
	faults_add(&d->faults, f);
	return 0;
}

/* A setting marked `output` is the switch of all sources; without one they are on. */
static bool output_on(const struct device *d)
{
	for (size_t i = 0; i < d->n_settings; i++) {
		const char *now = d->settings[i].now;

		if (d->settings[i].answer->output)
			return !strcmp(now, "1") || !strcasecmp(now, "ON");
	}
	return true;
}

static void connect_sources(struct device *d)
{
	bool on = output_on(d);

	for (size_t i = 0; i < d->n_points; i++)
		if (d->points[i].source)
			world_source_connect(d->world, d->points[i].source, on && d->points[i].driving);
}

static void keep(struct device_setting *s, const char *text, size_t n)
{
	if (n >= sizeof s->now)
		n = sizeof s->now - 1;
	memcpy(s->now, text, n);
	s->now[n] = '\0';
}

void device_power_on(struct device *d)
{
	device_clear_errors(d);
	status_power_on(&d->status);
	d->configured = false;
	device_let_speak(d, d->model->talk_on.n == 0);
	device_reset(d);
}

void device_reset(struct device *d)
{
	pthread_mutex_lock(&d->lock);
	d->powered++;
	for (size_t i = 0; i < d->n_settings; i++) {
		const struct answer *a = d->settings[i].answer;
		char *say = with_serial(a->start ? a->start : a->say, d->role->serial_number);

		keep(&d->settings[i], say, strlen(say));
		free(say);
	}
	for (size_t i = 0; i < d->n_points; i++) {
		d->points[i].commanded = d->points[i].point->safe_value;
		d->points[i].driving = false;
		d->points[i].range = NULL;
		d->points[i].armed = 0;
	}
	connect_sources(d);
	pthread_mutex_unlock(&d->lock);
}

void device_make_safe(struct device *d)
{
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < d->n_settings; i++)
		if (d->settings[i].answer->output)
			keep(&d->settings[i], "0", 1);
	for (size_t i = 0; i < d->n_points; i++) {
		struct device_point *dp = &d->points[i];

		dp->commanded = dp->point->safe_value;
		if (dp->source)
			world_source_set(d->world, dp->source, dp->commanded, instant_now());
	}
	connect_sources(d);
	pthread_mutex_unlock(&d->lock);
}

/* ON and OFF are said back as 1 and 0, as SCPI-99, 7.3, has it for booleans. */
void device_setting(struct device *d, struct device_setting *s, struct span to)
{
	const char *start = s->answer->start ? s->answer->start : s->answer->say;
	bool boolean = !strcmp(start, "0") || !strcmp(start, "1");

	if (boolean && to.n == 2 && !strncasecmp(to.p, "ON", 2))
		to = (struct span){ "1", 1 };
	else if (boolean && to.n == 3 && !strncasecmp(to.p, "OFF", 3))
		to = (struct span){ "0", 1 };
	pthread_mutex_lock(&d->lock);
	keep(s, to.p, to.n);
	connect_sources(d);
	pthread_mutex_unlock(&d->lock);
}

static double in_steps(double v, double step)
{
	return step > 0 ? step * round(v / step) : v;
}

/* Both clocks at one moment, though we may be interrupted between them. */
static void read_clocks(instant *at, int64_t *utc)
{
	int tries = 0;

	do {
		*at = instant_now();
		*utc = utc_now();
	} while (instant_now() - *at > TOGETHER_NS && ++tries < 10);
}

static const char *fault_word(const struct fault *f)
{
	return f->kind == FAULT_NONE ? NULL : fault_name(f->kind);
}

/* Points that are read back by one question share one output: what is set last has it alone. */
static void take_output(struct device *d, const struct device_point *dp)
{
	const char *output = dp->point->readback;

	for (size_t i = 0; i < d->n_points; i++) {
		const char *other = d->points[i].point->readback;

		if (output && other && !strcmp(output, other))
			d->points[i].driving = &d->points[i] == dp;
	}
}

/* Some set a value and switch the output on by one command: "OUT {} V; OPER". */
static void switch_on(struct device *d, const char *set)
{
	for (size_t i = 0; i < d->n_settings; i++) {
		const struct answer *a = d->settings[i].answer;

		if (a->on && set && strstr(set, a->on))
			keep(&d->settings[i], "1", 1);
	}
}

/* Where ranges are selected, nothing is set without one. */
static bool range_holds(const struct device_point *dp, double value)
{
	const struct range *first = dp->point->ranges.items;

	if (!dp->point->ranges.n || !first->select)
		return true;
	return dp->range && value >= dp->range->from && value <= dp->range->to;
}

void device_select(struct device *d, struct device_point *dp, const struct range *r)
{
	pthread_mutex_lock(&d->lock);
	dp->range = r;
	pthread_mutex_unlock(&d->lock);
}

int device_set(struct device *d, struct device_point *dp, double value, const struct fault *f,
	       struct err *e)
{
	const struct point *p = dp->point;
	int64_t utc;
	instant now;

	if (f->kind == FAULT_REFUSE)
		return err_set(e, ERR_INSTRUMENT, "refused");
	if (value < p->set_low || value > p->set_high || !range_holds(dp, value))
		return err_set(e, ERR_INSTRUMENT, "out of range");
	if (f->kind == FAULT_CLIP)
		value /= 2;
	value = in_steps(value, p->simulate.resolution);
	read_clocks(&now, &utc);
	pthread_mutex_lock(&d->lock);
	dp->commanded = value;
	dp->driving = true;
	take_output(d, dp);
	switch_on(d, p->set);
	world_source_set(d->world, dp->source, value, now);
	connect_sources(d);
	pthread_mutex_unlock(&d->lock);
	status_begin(&d->status, p->simulate.delay_ns);
	truth_write(d->truth, &(struct truth_entry){
		.utc_ns = utc, .role = d->role->name, .quantity = p->quantity,
		.node = world_node_name((enum world_node)p->simulate.node),
		.unit = p->unit ? p->unit : p->known->unit, .value = value, .fault = fault_word(f) });
	return 0;
}

void device_let_speak(struct device *d, bool on)
{
	pthread_mutex_lock(&d->lock);
	d->silent = !on;
	pthread_mutex_unlock(&d->lock);
}

bool device_speaks(struct device *d)
{
	bool silent;

	pthread_mutex_lock(&d->lock);
	silent = d->silent;
	pthread_mutex_unlock(&d->lock);
	return !silent;
}

double device_commanded(struct device *d, const struct device_point *p)
{
	double v;

	pthread_mutex_lock(&d->lock);
	v = p->commanded;
	pthread_mutex_unlock(&d->lock);
	return v;
}

bool device_drives(struct device *d, const struct device_point *p)
{
	bool drives;

	pthread_mutex_lock(&d->lock);
	drives = p->driving;
	pthread_mutex_unlock(&d->lock);
	return drives;
}

/* From the question to the middle of the measurement: of the aperture where the model file
 * says when that is, else of the time until the answer. */
static int64_t centre(const struct point *p)
{
	int64_t delay = p->simulate.delay_ns;
	int64_t middle = p->aperture_ns > 0 ? p->aperture_delay_ns + p->aperture_ns / 2 : delay / 2;

	return middle < delay ? middle : delay;
}

static void sense(struct device *d, struct sensed *s, instant at, int64_t utc)
{
	const struct simulated_point *e = &s->of->point->simulate;

	s->utc_ns = utc;
	s->truth = world_value(d->world, (enum world_node)e->node, at);
	s->ideal = (s->truth - s->of->to_node.offset) / s->of->to_node.factor;
	s->value = s->ideal * (1 + e->gain_error) + e->offset
		+ e->drift_per_hour * world_hours(d->world, at);
	if (e->noise > 0)
		s->value += e->noise * random_normal(&d->noise);
	if (!d->configured)
		s->value *= 1 + d->model->simulate.default_error;
	s->value = in_steps(s->value, e->resolution);
}

/* When the measurement that is asked for now began. */
static instant began(struct device *d, instant asked)
{
	instant at;

	pthread_mutex_lock(&d->lock);
	at = d->triggered ? d->triggered : asked;
	d->triggered = 0;
	pthread_mutex_unlock(&d->lock);
	return at;
}

void device_sense(struct device *d, struct sensed *points, size_t n, instant asked)
{
	int64_t middle = 0, delay = 0, utc;
	instant begin = began(d, asked), at;

	for (size_t i = 0; i < n; i++) {
		const struct point *p = points[i].of->point;

		if (p->simulate.delay_ns > delay)
			delay = p->simulate.delay_ns;
		if (centre(p) > middle)
			middle = centre(p);
	}
	if (middle > 0)
		instant_sleep_until(begin + middle);
	read_clocks(&at, &utc);
	if (begin != asked) {                   /* triggered: it is over by now */
		utc -= at - (begin + middle);
		at = begin + middle;
	}
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < n; i++)
		sense(d, &points[i], at, utc);
	pthread_mutex_unlock(&d->lock);
	if (delay > 0)
		instant_sleep_until(begin + delay);
}

bool device_overloaded(const struct sensed *s)
{
	return s->value < s->of->low || s->value > s->of->high;
}

double device_overload(const struct model *m)
{
	const struct sentinel *s = m->sentinels.items;

	for (size_t i = 0; i < m->sentinels.n; i++)
		if (s[i].status == READING_OVERLOAD)
			return s[i].value;
	return 9.9e37;
}

void device_tell(struct device *d, const struct sensed *points, size_t n, struct span said,
		 const struct fault *f)
{
	if (!d->truth)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct point *p = points[i].of->point;

		truth_write(d->truth, &(struct truth_entry){
			.utc_ns = points[i].utc_ns, .role = d->role->name,
			.quantity = p->quantity,
			.node = world_node_name((enum world_node)p->simulate.node),
			.unit = p->unit ? p->unit : p->known->unit,
			.truth = points[i].truth, .ideal = points[i].ideal,
			.value = points[i].value, .said = said, .fault = fault_word(f) });
	}
}

void device_triggered(struct device *d, const struct point *p)
{
	status_begin(&d->status, p->simulate.delay_ns);
	pthread_mutex_lock(&d->lock);
	d->triggered = instant_now();
	pthread_mutex_unlock(&d->lock);
}
