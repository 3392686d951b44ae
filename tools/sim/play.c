/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "play.h"

#include "address.h"
#include "controller.h"
#include "hand.h"
#include "hislip.h"
#include "lan.h"
#include "slave.h"
#include "stream.h"

static struct seat *find_seat(const struct play *p, const char *address)
{
	for (size_t i = 0; i < p->n_seats; i++)
		if (outlet_is(p->seats[i].outlet, address))
			return &p->seats[i];
	return NULL;
}

static struct seat *open_seat(struct play *p, const struct bench_role *r, const char *address,
			      const struct outlet_options *options, struct err *e)
{
	struct seat *s;

	p->seats = mem_grow(p->seats, p->n_seats, sizeof *p->seats);
	s = &p->seats[p->n_seats];
	*s = (struct seat){ 0 };
	if (outlet_open(&s->outlet, address, r->name, options, e))
		return NULL;
	p->n_seats++;
	return s;
}

/* address: in its plain form. */
static int seat_lines(struct seat *s, struct device *d, const char *address, struct err *e)
{
	bool vxi11 = !strcmp(s->outlet->scheme, "vxi11"), hislip = !strcmp(s->outlet->scheme, "hislip");
	struct address a;
	struct host h;
	struct talk *t;

	if (talk_new(&t, d, e))
		return -1;
	if (!vxi11 && !hislip) {
		s->stream = s->stream ? s->stream : stream_new(s->outlet);
		stream_add(s->stream, t);
		return 0;
	}
	if (address_parse(&a, address, NULL, e) || address_host(a.place, &h, e))
		return -1;
	return vxi11 ? lan_start(t, s->outlet, h.path, e) : hislip_start(t, s->outlet, h.path, e);
}

static int seat_on_bus(struct seat *s, struct device *d, const char *address, struct err *e)
{
	struct address a;
	struct talk *t;

	if (address_parse(&a, address, NULL, e) || talk_new(&t, d, e))
		return -1;
	if (!s->controller)
		s->controller = controller_new(s->outlet);
	return controller_add(s->controller, t, &a.gpib, e);
}

static int seat_unit(struct seat *s, struct device *d, struct err *e)
{
	int unit;

	if (outlet_unit(d->role->address, &unit, e))
		return -1;
	if (!s->slaves)
		s->slaves = slaves_new(s->outlet);
	return slaves_add(s->slaves, d, unit, e);
}

static int seat_device(struct seat *s, struct device *d, const char *address, struct err *e)
{
	if (d->model->manner == MANNER_MODBUS)
		return seat_unit(s, d, e);
	return strcmp(s->outlet->scheme, "prologix") ? seat_lines(s, d, address, e) : seat_on_bus(s, d, address, e);
}

/* address: in its plain form. */
static int seat_at(struct play *p, size_t i, const char *address, const struct outlet_options *options,
		   struct err *e)
{
	const struct bench_role *r = (const struct bench_role *)p->bench->roles.items + i;
	bool modbus = r->model->manner == MANNER_MODBUS;
	struct seat *s = find_seat(p, address);

	if (s && !(modbus && s->slaves) && !(!modbus && s->stream) && !s->controller)
		return err_set(e, ERR_CONFIG, "%s: %s is taken by another role", r->name, r->address);
	if (!s)
		s = open_seat(p, r, address, options, e);
	if (!s || seat_device(s, p->devices[i], address, e))
		return err_wrap(e, "%s", r->name);
	p->addresses[i] = mem_format("%s%s", s->outlet->address, outlet_options_of(address));
	return 0;
}

/* Its place is for people: nothing listens there. */
static int seat_person(struct play *p, size_t i, struct err *e)
{
	const struct bench_role *r = (const struct bench_role *)p->bench->roles.items + i;

	p->addresses[i] = mem_string(r->address);
	p->people++;
	return p->control ? hand_start(p->devices[i], p->control, e) : 0;
}

static int seat(struct play *p, size_t i, uint64_t seed, const struct outlet_options *options,
		struct err *e)
{
	const struct bench_role *r = (const struct bench_role *)p->bench->roles.items + i;
	char *address = address_plain(r->address);
	int bad = device_new(&p->devices[i], r, p->world, p->truth, seed, e);

	if (!bad && r->model->manner == MANNER_MANUAL)
		bad = seat_person(p, i, e);
	else if (!bad)
		bad = seat_at(p, i, address, options, e);
	free(address);
	return bad;
}

int play_start(struct play *p, const struct bench *b, struct truth *t, uint64_t seed,
	       const struct outlet_options *options, const char *control, struct err *e)
{
	const struct bench_role *r = b->roles.items;

	*p = (struct play){ .bench = b, .truth = t, .control = control };
	p->world = world_new(seed, b->simulate.temperature, b->simulate.humidity, b->simulate.wander);
	p->devices = mem_array(b->roles.n, sizeof *p->devices);
	p->addresses = mem_array(b->roles.n, sizeof *p->addresses);
	for (size_t i = 0; i < b->roles.n; i++)
		if (r[i].simulated && seat(p, i, seed, options, e))
			return -1;
	for (size_t i = 0; i < p->n_seats; i++)
		if ((p->seats[i].stream && stream_start(p->seats[i].stream, e)) ||
		    (p->seats[i].slaves && slaves_start(p->seats[i].slaves, e)) ||
		    (p->seats[i].controller && controller_start(p->seats[i].controller, e)))
			return -1;
	return p->n_seats || p->people ? 0 : err_set(e, ERR_CONFIG, "%s: no role is 'simulated: yes'", b->name);
}

struct device *play_find(const struct play *p, const char *role, struct err *e)
{
	const struct bench_role *r = p->bench->roles.items;

	for (size_t i = 0; i < p->bench->roles.n; i++)
		if (p->devices[i] && !strcmp(r[i].name, role))
			return p->devices[i];
	err_set(e, ERR_CONFIG, "no role '%s' is simulated", role);
	return NULL;
}

void play_stop(struct play *p)
{
	for (size_t i = 0; i < p->n_seats; i++)
		outlet_unlink(p->seats[i].outlet);
}
