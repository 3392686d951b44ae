/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_link - questions a second through link and driver, not recorded, beside bare loops on
 * the same server: SCPI over TCP, VXI-11 and HiSLIP, lines over a pseudo-terminal, Modbus TCP beside libmodbus. */
#include <modbus/modbus.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "aid.h"
#include "instrument.h"

struct ours {
	struct setup *setup;
	struct instrument *instrument;
	const struct point *points[32];
	size_t n;
	struct reading readings[32];
	int cancel;
};

static void connect_ours(struct ours *o, const char *model, char *address)
{
	const struct bench_role *role;

	o->setup = aid_setup(model, &address, 1);
	role = bench_role(o->setup->bench, "r0");
	o->cancel = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	o->n = role->model->points.n;
	for (size_t i = 0; i < o->n; i++)
		o->points[i] = (const struct point *)role->model->points.items + i;
	must(instrument_new(&o->instrument, role->model, role->name, role->address, NULL, NULL, o->cancel,
			    &aid_err) == 0, address);
	must(instrument_attach(o->instrument, instant_after_ms(5000), &aid_err) == 0, address);
}

static void release_ours(struct ours *o)
{
	instrument_free(&o->instrument);
	setup_leave(&o->setup);
	close(o->cancel);
}

static double ours(void *with, unsigned n)
{
	struct ours *o = with;
	instant start = instant_now();

	for (unsigned i = 0; i < n; i++)
		must(instrument_measure(o->instrument, o->points, o->n, o->readings, instant_after_ms(2000),
					&aid_err) == (ssize_t)o->n, "measure");
	return aid_seconds(start);
}

static void network(const char *row, struct server server, double (*bare)(void *with, unsigned n), double target)
{
	struct ours o;
	int fd = bare_connect(server.ports[0]);

	connect_ours(&o, aid_meter, server.addresses[0]);
	aid_compare(row, (struct side){ ours, &o }, (struct side){ bare, &fd }, at_least(target));
	release_ours(&o);
	close(fd);
	server_end(&server);
}

static void scpi(const char *row, int core, double target)
{
	if (aid_wanted(row))
		network(row, server_scpi(1, core), bare_loop, target);
}

static void vxi11(const char *row, int core, double target)
{
	if (aid_wanted(row))
		network(row, server_vxi11(core), bare_calls, target);
}

static void hislip(const char *row, int core, double target)
{
	if (aid_wanted(row))
		network(row, server_hislip(core), bare_messages, target);
}

static void pty(const char *row, int core, double target)
{
	struct server server;
	struct ours o;

	if (!aid_wanted(row))
		return;
	server = server_lines(core);
	connect_ours(&o, aid_meter, server.addresses[0]);
	aid_compare(row, (struct side){ ours, &o }, (struct side){ bare_loop, &server.ports[1] }, at_least(target));
	release_ours(&o);
	close(server.ports[0]);
	close(server.ports[1]);
	server_end(&server);
}

struct plain_modbus { modbus_t *m; int registers; };

static double libmodbus(void *with, unsigned n)
{
	struct plain_modbus *p = with;
	instant start = instant_now();
	uint16_t got[125];

	for (unsigned i = 0; i < n; i++)
		must(modbus_read_input_registers(p->m, 0, p->registers, got) == p->registers, "libmodbus");
	return aid_seconds(start);
}

static void modbus(const char *row, int core, const char *model, int registers, double target)
{
	struct plain_modbus plain = { .registers = registers };
	struct server server;
	struct ours o;

	if (!aid_wanted(row))
		return;
	server = server_modbus(core);
	plain.m = modbus_new_tcp("127.0.0.1", server.ports[0]);
	must(plain.m && modbus_connect(plain.m) == 0, "modbus_connect");
	connect_ours(&o, model, server.addresses[0]);
	aid_compare(row, (struct side){ ours, &o }, (struct side){ libmodbus, &plain }, at_least(target));
	release_ours(&o);
	modbus_close(plain.m);
	modbus_free(plain.m);
	server_end(&server);
}

int main(void)
{
	bool two = aid_cores() > 1;

	aid_folder_make();
	aid_pin(0);
	scpi("scpi_tcp_one_core", 0, 0.85);
	vxi11("vxi11_one_core", 0, 0.85);
	hislip("hislip_one_core", 0, 0.85);
	pty("pty_one_core", 0, 0.90);
	modbus("modbus_tcp_1_one_core", 0, aid_register, 1, 0.90);
	modbus("modbus_tcp_100_one_core", 0, aid_registers, 100, 0.90);
	if (two) {
		scpi("scpi_tcp_two_cores", 1, 0.95);
		vxi11("vxi11_two_cores", 1, 0.85);
		hislip("hislip_two_cores", 1, 0.85);
		pty("pty_two_cores", 1, 0.90);
		modbus("modbus_tcp_1_two_cores", 1, aid_register, 1, 0.90);
		modbus("modbus_tcp_100_two_cores", 1, aid_registers, 100, 0.90);
	}
	aid_folder_remove();
	return 0;
}
