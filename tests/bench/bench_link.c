/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_link - questions a second through link and driver, not recorded, beside bare loops on
 * the same server: SCPI over TCP, VXI-11, HiSLIP and a GPIB controller, lines over a pseudo-terminal, Modbus TCP beside libmodbus. */
#include <modbus/modbus.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aid.h"
#include "ours.h"

static void network(const char *row, struct server server, double (*bare)(void *with, unsigned n), double target)
{
	struct ours o;
	int fd = bare_connect(server.ports[0]);

	ours_connect(&o, aid_meter, server.addresses[0]);
	aid_compare(row, (struct side){ ours_measure, &o }, (struct side){ bare, &fd }, at_least(target));
	ours_release(&o);
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

static void gpib(const char *row, int core, double target)
{
	if (aid_wanted(row))
		network(row, server_gpib(core), bare_controller, target);
}

static void pty(const char *row, int core, double target)
{
	struct server server;
	struct ours o;

	if (!aid_wanted(row))
		return;
	server = server_lines(core);
	ours_connect(&o, aid_meter, server.addresses[0]);
	aid_compare(row, (struct side){ ours_measure, &o }, (struct side){ bare_loop, &server.ports[1] }, at_least(target));
	ours_release(&o);
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
	ours_connect(&o, model, server.addresses[0]);
	aid_compare(row, (struct side){ ours_measure, &o }, (struct side){ libmodbus, &plain }, at_least(target));
	ours_release(&o);
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
	gpib("gpib_one_core", 0, 0.70);
	pty("pty_one_core", 0, 0.90);
	modbus("modbus_tcp_1_one_core", 0, aid_register, 1, 0.90);
	modbus("modbus_tcp_100_one_core", 0, aid_registers, 100, 0.90);
	if (two) {
		scpi("scpi_tcp_two_cores", 1, 0.95);
		vxi11("vxi11_two_cores", 1, 0.85);
		hislip("hislip_two_cores", 1, 0.85);
		gpib("gpib_two_cores", 1, 0.70);
		pty("pty_two_cores", 1, 0.90);
		modbus("modbus_tcp_1_two_cores", 1, aid_register, 1, 0.90);
		modbus("modbus_tcp_100_two_cores", 1, aid_registers, 100, 0.90);
	}
	aid_folder_remove();
	return 0;
}
