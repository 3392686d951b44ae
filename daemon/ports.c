/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ports.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"

struct entered { struct port *port; char *name; struct port_line line; struct port_view view; };

struct taken {
	char *run, *role;
	char *address;
	uint32_t port, station;
	bool shared;
};

struct ports {
	struct entered *ports;       /* number = index + 1 */
	size_t n_ports;
	struct taken *taken;
	size_t n_taken;
	uint32_t stations;           /* last number given */
};

void ports_start(struct ports **p)
{
	*p = mem_new(sizeof **p);
}

static void entered_stop(struct entered *en)
{
	port_line_close(&en->line);
	port_stop(&en->port);
	free(en->name);
}

void ports_stop(struct ports **out)
{
	struct ports *p = *out;

	if (!p)
		return;
	for (size_t i = 0; i < p->n_ports; i++)
		entered_stop(&p->ports[i]);
	free(p->ports);
	free(p->taken);
	free(p);
	*out = NULL;
}

static uint32_t port_number(struct ports *p, const char *address)
{
	char *name = address_port(address);
	struct entered *en;

	for (size_t i = 0; i < p->n_ports; i++) {
		if (!strcmp(p->ports[i].name, name)) {
			free(name);
			return (uint32_t)i + 1;
		}
	}
	p->ports = mem_grow(p->ports, p->n_ports, sizeof *p->ports);
	en = &p->ports[p->n_ports++];
	*en = (struct entered){ .name = name };
	port_start(&en->port, (uint32_t)p->n_ports, name);
	port_line_open(&en->line, (uint32_t)p->n_ports, port_cancel(en->port));
	return (uint32_t)p->n_ports;
}

static const struct taken *find(const struct ports *p, const char *address)
{
	for (size_t i = 0; i < p->n_taken; i++)
		if (address_same(p->taken[i].address, address))
			return &p->taken[i];
	return NULL;
}

static void enter(struct ports *p, const char *run, const struct bench_role *role, struct seat *seat)
{
	const struct taken *other = find(p, role->address);

	seat->port = other ? other->port : port_number(p, role->address);
	seat->station = other ? other->station : ++p->stations;
	seat->cancel = port_cancel(p->ports[seat->port - 1].port);
	seat->shared = role->access == ACCESS_SHARED;
	p->taken = mem_grow(p->taken, p->n_taken, sizeof *p->taken);
	p->taken[p->n_taken++] = (struct taken){
		.run = mem_string(run), .role = mem_string(role->name), .address = mem_string(role->address),
		.port = seat->port, .station = seat->station, .shared = seat->shared,
	};
	p->ports[seat->port - 1].view.stations++;
}

int ports_take(struct ports *p, const char *run, const struct setup *s, struct seat *seats, struct err *e)
{
	const struct bench_role *roles = s->bench->roles.items;

	for (size_t i = 0; i < s->procedure->roles.n; i++) {
		const struct bench_role *role = bench_role(s->bench, s->procedure->roles.list[i]);
		const struct taken *other = find(p, role->address);

		seats[i].role = (uint32_t)(role - roles);
		if (other && !(other->shared && role->access == ACCESS_SHARED))
			return err_set(e, ERR_STATE, "role %s: the instrument at %s is in use by run %s",
				       role->name, role->address, other->run);
	}
	for (size_t i = 0; i < s->procedure->roles.n; i++)
		enter(p, run, &roles[seats[i].role], &seats[i]);
	return 0;
}

void ports_rename(struct ports *p, const char *run, const char *name)
{
	for (size_t i = 0; i < p->n_taken; i++) {
		if (strcmp(p->taken[i].run, run))
			continue;
		free(p->taken[i].run);
		p->taken[i].run = mem_string(name);
	}
}

void ports_release(struct ports *p, const char *run)
{
	for (size_t i = p->n_taken; i-- > 0; ) {
		struct taken *t = &p->taken[i];

		if (strcmp(t->run, run))
			continue;
		p->ports[t->port - 1].view.stations--;
		free(t->run);
		free(t->role);
		free(t->address);
		*t = p->taken[--p->n_taken];
	}
}

void ports_answer(struct ports *p, uint32_t port, const struct port_answer *a, const char *more)
{
	port_send_answer(&p->ports[port - 1].line, a, more);
}

void ports_since(struct ports *p, uint32_t port, const struct port_since *s)
{
	port_send_since(&p->ports[port - 1].line, s);
}

int ports_find(const struct ports *p, const char *run, const char *role, struct place_taken *at, struct err *e)
{
	const struct taken *found = NULL;

	for (size_t i = 0; i < p->n_taken; i++) {
		const struct taken *t = &p->taken[i];

		if (strcmp(t->role, role) || (run[0] && strcmp(t->run, run)))
			continue;
		if (found)
			return err_set(e, ERR_STATE, "%s and %s both have a role %s: name the run", found->run, t->run, role);
		found = t;
	}
	if (!found)
		return err_set(e, ERR_STATE, "no run at work has a role %s; once one waits for an instrument, it can be "
			       "said of it", role);
	*at = (struct place_taken){ found->run, found->port, found->station };
	return 0;
}

void ports_trouble(struct ports *p, uint32_t port, bool trouble, const char *text)
{
	struct port_view *v = &p->ports[port - 1].view;

	v->trouble = trouble;
	snprintf(v->text, sizeof v->text, "%s", text);
}

size_t ports_count(const struct ports *p)
{
	return p->n_ports;
}

const struct port_view *ports_view(const struct ports *p, size_t i)
{
	p->ports[i].view.name = p->ports[i].name;
	return &p->ports[i].view;
}
