/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "controller_own.h"

#include <unistd.h>

#include "log.h"
#include "message.h"

#define LINE_MOST (1024 * 1024)

void controller_defaults(struct controller *c)
{
	c->mode = c->eoi = c->savecfg = 1;
	c->automatic = c->eos = c->eot_enable = c->eot_char = 0;
	c->read_tmo = 500;
	c->primary = 0;
	c->secondary = -1;
	buf_clear(&c->line);
	c->escaped = c->is_data = false;
}

int controller_say(struct controller *c, const char *text)
{
	return wire_write(c->fd, text, strlen(text)) || wire_write(c->fd, "\r\n", 2) ? -1 : 0;
}

/* ---- the bus ---- */

struct bus_instrument *controller_addressed(struct controller *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->instruments[i].at.primary == c->primary && c->instruments[i].at.secondary == c->secondary)
			return &c->instruments[i];
	return NULL;
}

void controller_clear(struct bus_instrument *i)
{
	buf_clear(&i->heard);
	i->has_answer = i->again = false;
}

static void forget_what_was_lost(struct bus_instrument *i)
{
	if (atomic_exchange(&i->forget, false))
		controller_clear(i);
}

static instant later(instant a, instant b)
{
	return a > b ? a : b;
}

/* The answer is put away until it may be said. */
static void keep_answer(struct bus_instrument *i)
{
	struct device *d = talk_device(i->talk);

	if (!i->said.answered || i->said.fault.kind == FAULT_SILENCE)
		return;
	if (i->has_answer)
		device_error(d, "-410,\"Query INTERRUPTED\"");
	message_end(d, &i->said);
	i->has_answer = true;
	i->again = i->said.fault.kind == FAULT_TWICE;
	i->ready = i->said.ready;
	if (i->said.fault.kind == FAULT_LATE)
		i->ready = later(i->ready, instant_after(wire_lateness(d, &i->said.fault)));
}

/* Whole commands of a message.  -1: the connection drops. */
static int carry_out(struct bus_instrument *i)
{
	struct span command;
	size_t taken;

	for (;;) {
		enum heard h = message_next(talk_device(i->talk)->model, (struct span){ i->heard.data, i->heard.len },
					    &command, &taken);

		if (h == HEARD_PART)
			break;
		if (h == HEARD_COMMAND && command.n) {
			i->said.ready = 0;
			talk_line(i->talk, command.p, command.n, &i->said);
			if (i->said.fault.kind == FAULT_CLOSE)
				return -1;
			keep_answer(i);
		}
		buf_consume(&i->heard, taken);
	}
	return 0;
}

/* EOI ends a message where the model's terminator does not. */
int controller_hear(struct controller *c, const char *data, size_t n)
{
	struct bus_instrument *i = controller_addressed(c);
	const char *end;

	if (!i)
		return 0;
	forget_what_was_lost(i);
	end = talk_device(i->talk)->model->command_end;
	buf_add(&i->heard, data, n);
	if (n && data[n - 1] != end[strlen(end) - 1])
		buf_puts(&i->heard, end);
	return carry_out(i);
}

static int talk_to_host(struct controller *c, struct bus_instrument *i)
{
	const struct fault *f = &i->said.fault;
	bool whole = f->kind != FAULT_TRUNCATED;
	struct fault on_wire = { .kind = f->kind == FAULT_PIECES ? FAULT_PIECES : FAULT_NONE, .delay_ns = f->delay_ns };
	char mark = (char)c->eot_char;

	i->has_answer = i->again;
	i->again = false;
	if (wire_deliver(talk_device(i->talk), &on_wire, c->fd, i->said.text.data, i->said.text.len))
		return -1;
	if (whole)
		return c->eot_enable ? wire_write(c->fd, &mark, 1) : 0;
	instant_sleep_until(instant_after_ms(c->read_tmo));
	return 0;
}

int controller_read(struct controller *c)
{
	struct bus_instrument *i = controller_addressed(c);
	instant by = instant_after_ms(c->read_tmo);

	if (i)
		forget_what_was_lost(i);
	if (!i || !i->has_answer || i->ready > by) {
		instant_sleep_until(by);
		return 0;
	}
	instant_sleep_until(i->ready);
	return talk_to_host(c, i);
}

/* Of a serial poll, where the model has status registers; else whether it has something to say. */
static uint8_t status_now(struct bus_instrument *i)
{
	struct device *d = talk_device(i->talk);

	return device_status(d, i->has_answer && instant_passed(i->ready));
}

uint8_t controller_poll(struct bus_instrument *i)
{
	return service_poll(&i->service, &talk_device(i->talk)->status, status_now(i));
}

bool controller_requests(struct bus_instrument *i)
{
	service_begins(&i->service, &talk_device(i->talk)->status, status_now(i));
	return i->service.requested;
}

/* ---- lines from the host ---- */

/* What ++eos adds; then all of it goes to the bus. */
static int pass_on(struct controller *c)
{
	if (c->eos == 0 || c->eos == 1)
		buf_putc(&c->line, '\r');
	if (c->eos == 0 || c->eos == 2)
		buf_putc(&c->line, '\n');
	if (controller_hear(c, c->line.data, c->line.len))
		return -1;
	return c->automatic ? controller_read(c) : 0;
}

static int end_of_line(struct controller *c)
{
	int bad = 0;

	buf_putc(&c->line, '\0');
	c->line.len--;
	if (!c->is_data && c->line.len >= 2 && !memcmp(c->line.data, "++", 2))
		bad = controller_command(c, c->line.data + 2);
	else if (c->line.len && c->mode == 1)
		bad = pass_on(c);
	buf_clear(&c->line);
	c->is_data = false;
	return bad;
}

static int take(struct controller *c, char byte)
{
	if (!c->escaped && byte == '\x1b') {
		c->escaped = true;
		return 0;
	}
	if (!c->escaped && (byte == '\n' || byte == '\r'))
		return end_of_line(c);
	c->is_data |= c->escaped && c->line.len < 2;
	buf_putc(&c->line, byte);
	c->escaped = false;
	return c->line.len > LINE_MOST ? -1 : 0;
}

static int hear(struct controller *c)
{
	char in[4096];
	ssize_t n = read(c->fd, in, sizeof in);
	int bad = n <= 0 ? -1 : 0;

	for (ssize_t i = 0; i < n && !bad; i++)
		bad = take(c, in[i]);
	return bad;
}

/* Power is not lost with a connection: settings stay. */
static void serve_client(void *who, int fd)
{
	struct controller *c = who;

	pthread_mutex_lock(&c->lock);
	wires_add(&c->wires, fd);
	c->fd = fd;
	buf_clear(&c->line);
	while (!hear(c))
		;
	wires_close(&c->wires, fd);
	pthread_mutex_unlock(&c->lock);
}

static void *listen_thread(void *arg)
{
	struct controller *c = arg;

	wire_accept(c->outlet->fd, serve_client, c);
	return NULL;
}

static void *terminal_thread(void *arg)
{
	struct controller *c = arg;
	struct err e;

	do {
		c->fd = c->outlet->fd;
		buf_clear(&c->line);
		while (!hear(c))
			;
	} while (!outlet_reopen(c->outlet, &e));
	log_line(LOG_ERROR, "%s", e.text);
	return NULL;
}

/* An instrument's power says nothing to the controller. */
static void lose_answer(void *line)
{
	struct bus_instrument *i = line;

	i->forget = true;
}

struct controller *controller_new(struct outlet *o)
{
	struct controller *c = mem_new(sizeof *c);

	c->outlet = o;
	pthread_mutex_init(&c->lock, NULL);
	wires_init(&c->wires);
	controller_defaults(c);
	return c;
}

int controller_add(struct controller *c, struct talk *t, const struct gpib *at, struct err *e)
{
	for (size_t i = 0; i < c->n; i++)
		if (gpib_same(&c->instruments[i].at, at))
			return err_set(e, ERR_CONFIG, "two instruments have address %d of this bus", at->primary);
	c->instruments = mem_grow(c->instruments, c->n, sizeof *c->instruments);
	talk_waits_apart(t);
	c->instruments[c->n++] = (struct bus_instrument){ .at = *at, .talk = t };
	return 0;
}

/* The instruments have stopped moving in memory. */
int controller_start(struct controller *c, struct err *e)
{
	pthread_t thread;

	for (size_t i = 0; i < c->n; i++) {
		talk_device(c->instruments[i].talk)->hang_up = lose_answer;
		talk_device(c->instruments[i].talk)->line = &c->instruments[i];
	}
	if (pthread_create(&thread, NULL, c->outlet->tcp ? listen_thread : terminal_thread, c))
		return err_set(e, ERR_IO, "%s: cannot start a thread", c->outlet->address);
	pthread_detach(thread);
	return 0;
}
