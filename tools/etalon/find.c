/* SPDX-License-Identifier: GPL-3.0-or-later
 * find.c - etalon find: what is plugged in and what is on the network, and which model file fits. */
#include "find.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "etalon.h"
#include "grid.h"
#include "json.h"
#include "number.h"

static struct {
	struct find_lan lan;
	struct find_modbus modbus;
	const char *sysfs, *models, *quantities;
	double patience_s;
	bool identify, json, no_lan, no_usb;
} opt = {
	.lan = { .portmap_port = 111, .mdns_port = 5353 }, .modbus = { .first = 1, .last = 247 }, .sysfs = "/sys",
	.models = "config/instruments",
};

enum { OPT_MODBUS = 256, OPT_UNITS, OPT_REGISTER, OPT_SYSFS, OPT_PORTMAP, OPT_MDNS, OPT_NO_LAN, OPT_NO_USB, OPT_MODELS };

static const struct argp_option options[] = {
	{ "identify", 'i', NULL, 0, "ask each instrument who it is (*IDN?, or the register a model file names)", 0 },
	{ "interface", 'I', "NAME", 0, "look on this network interface alone (default: all but lo)", 0 },
	{ "modbus", OPT_MODBUS, "ADDRESS", 0, "look for units on this Modbus line as well", 0 },
	{ "units", OPT_UNITS, "FIRST-LAST", 0, "with --modbus: only these (1-247)", 0 },
	{ "register", OPT_REGISTER, "N", 0, "with --modbus: the holding register that is read of each (0)", 0 },
	{ "timeout", 't', "SECONDS", 0, "how long to listen, and to wait for each unit a tenth of it (2)", 0 },
	{ "no-lan", OPT_NO_LAN, NULL, 0, "send nothing to the network", 0 },
	{ "no-usb", OPT_NO_USB, NULL, 0, "do not list serial ports and USB devices", 0 },
	{ "models", OPT_MODELS, "DIR", 0, "folder of model files (config/instruments, else those installed)", 0 },
	{ "quantities", 'q', "FILE", 0, "vocabulary (default: the nearest quantities.yaml)", 0 },
	{ "json", 'j', NULL, 0, "one JSON object per line", 0 },
	{ "sysfs", OPT_SYSFS, "DIR", 0, "where the tree of devices is mounted (/sys)", 1 },
	{ "portmap-port", OPT_PORTMAP, "N", 0, "where portmappers listen (111)", 1 },
	{ "mdns-port", OPT_MDNS, "N", 0, "where mDNS listens (5353)", 1 },
	{ 0 },
};

static void number_option(struct argp_state *s, const char *arg, int64_t most, int64_t *to)
{
	struct err e;

	if (number_parse_int(arg, strlen(arg), to, &e) < 0 || *to < 0 || *to > most)
		argp_error(s, "'%s': expected a whole number up to %lld", arg, (long long)most);
}

static void units_option(struct argp_state *s, const char *arg)
{
	char rest;

	if (sscanf(arg, "%3d-%3d%c", &opt.modbus.first, &opt.modbus.last, &rest) != 2 || opt.modbus.first < 0 ||
	    opt.modbus.last > 255 || opt.modbus.first > opt.modbus.last)
		argp_error(s, "--units: expected FIRST-LAST, such as 1-32");
}

static void port_option(struct argp_state *s, const char *arg, uint16_t *to)
{
	int64_t n = 0;

	number_option(s, arg, 65535, &n);
	*to = (uint16_t)n;
}

static error_t parse(int key, char *arg, struct argp_state *s)
{
	struct err e;

	switch (key) {
	case 'i':
		opt.identify = true;
		return 0;
	case 'I':
		opt.lan.interface = arg;
		return 0;
	case 'j':
		opt.json = true;
		return 0;
	case 'q':
		opt.quantities = arg;
		return 0;
	case 't':
		if (number_parse(arg, strlen(arg), &opt.patience_s, &e) < 0 || opt.patience_s <= 0 || opt.patience_s > 3600)
			argp_error(s, "--timeout: expected seconds, at most 3600");
		return 0;
	case OPT_MODBUS:
		opt.modbus.address = arg;
		return 0;
	case OPT_UNITS:
		units_option(s, arg);
		return 0;
	case OPT_REGISTER:
		number_option(s, arg, 65535, &opt.modbus.reg);
		return 0;
	case OPT_NO_LAN:
		opt.no_lan = true;
		return 0;
	case OPT_NO_USB:
		opt.no_usb = true;
		return 0;
	case OPT_MODELS:
		opt.models = arg;
		return 0;
	case OPT_SYSFS:
		opt.sysfs = arg;
		return 0;
	case OPT_PORTMAP:
		port_option(s, arg, &opt.lan.portmap_port);
		return 0;
	case OPT_MDNS:
		port_option(s, arg, &opt.lan.mdns_port);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options, .parser = parse,
	.doc = "Find instruments: serial ports with the USB device behind them, USBTMC devices, LXI instruments (VXI-11 broadcast "
	       "and mDNS), units on a Modbus line; and say which model file fits."
	       "\vNothing is asked of an instrument itself unless --identify or --modbus says so; a serial port is never "
	       "asked, for nobody knows its speed (etalon talk).",
};

/* ---- what was found ---- */

struct found *finds_at(struct finds *f, const char *address, const char *how)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->list[i].address, address))
			return &f->list[i];
	if (f->n == FOUND_MOST)
		return NULL;
	f->list = mem_grow(f->list, f->n, sizeof *f->list);
	f->list[f->n] = (struct found){ .address = mem_string(address), .how = mem_string(how) };
	return &f->list[f->n++];
}

void finds_release(struct finds *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->list[i].address);
		free(f->list[i].how);
		free(f->list[i].identity);
		free(f->list[i].trouble);
		free(f->list[i].model);
	}
	free(f->list);
	*f = (struct finds){ 0 };
}

/* ---- printing ---- */

static void who(struct buf *out, const struct found *x)
{
	if (x->identity) {
		buf_puts(out, x->identity);
		return;
	}
	buf_printf(out, "%s%s%s%s%s", x->maker, x->maker[0] && x->number[0] ? " " : "", x->number,
		   x->serial[0] ? ", serial number " : "", x->serial);
	if (x->trouble)
		buf_printf(out, "%s(%s)", out->len ? " " : "", x->trouble);
	if (!out->len)
		buf_puts(out, "-");
}

static void print_table(const struct finds *f)
{
	struct grid *t = grid_new("llll");

	grid_cell(t, "address");
	grid_cell(t, "found by");
	grid_cell(t, "who it is");
	grid_cell(t, "model file");
	for (size_t i = 0; i < f->n; i++) {
		struct buf b = { 0 };

		buf_puts(&b, "");
		who(&b, &f->list[i]);
		grid_cell(t, "%s", f->list[i].address);
		grid_cell(t, "%s", f->list[i].how);
		grid_cell(t, "%s", b.data);
		grid_cell(t, "%s", f->list[i].model ? f->list[i].model : "-");
		buf_release(&b);
	}
	grid_print(t, "", stdout);
	grid_free(&t);
}

static void member(struct buf *b, const char *key, const char *value)
{
	json_key(b, key);
	json_text(b, value && value[0] ? value : NULL);
}

static void print_json(const struct finds *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct found *x = &f->list[i];
		struct buf b = { 0 };

		buf_putc(&b, '{');
		member(&b, "address", x->address);
		member(&b, "found_by", x->how);
		member(&b, "manufacturer", x->maker);
		member(&b, "number", x->number);
		member(&b, "serial_number", x->serial);
		member(&b, "firmware", x->firmware);
		member(&b, "identity", x->identity);
		member(&b, "trouble", x->trouble);
		member(&b, "model", x->model);
		buf_putc(&b, '}');
		puts(b.data);
		buf_release(&b);
	}
}

/* ---- the search ---- */

/* Those that cannot be read are no help here; `etalon check` is for them. */
static struct known_models load_models(void)
{
	char *share = program_beside("../share/etalon/instruments");
	struct known_models m = { 0 };
	struct strings paths;

	model_paths(access(opt.models, X_OK) ? share : opt.models, &paths);
	for (size_t i = 0; i < paths.n; i++) {
		struct problems ps = { 0 };

		m.list = mem_grow(m.list, m.n, sizeof *m.list);
		m.n += loaded_model_open(&m.list[m.n], paths.list[i], opt.quantities, &ps) == 0;
		problems_release(&ps);
	}
	paths_release(&paths);
	free(share);
	return m;
}

static int search(struct finds *f, const struct known_models *m, struct err *e)
{
	int64_t patience_ns = (int64_t)((opt.patience_s > 0 ? opt.patience_s : 2) * 1e9);

	opt.lan.patience_ns = patience_ns;
	opt.modbus.patience_ns = patience_ns / 10;
	if (!opt.no_usb)
		find_usb(f, opt.sysfs);
	if (!opt.no_lan && find_lan(f, &opt.lan, e) < 0)
		return -1;
	if (opt.modbus.address && find_modbus(f, &opt.modbus, e) < 0)
		return -1;
	if (opt.identify)
		find_identify(f, m, patience_ns, opt.modbus.cancel);
	find_models(f, m);
	return 0;
}

int cmd_find(int argc, char **argv)
{
	struct finds f = { 0 };
	struct known_models m;
	struct err e;
	int status = DONE;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	signal(SIGPIPE, SIG_IGN);
	opt.modbus.cancel = -1;
	m = load_models();
	if (search(&f, &m, &e) < 0)
		status = cannot(&e);
	if (f.n || status == DONE)
		(opt.json ? print_json : print_table)(&f);
	finds_release(&f);
	for (size_t i = 0; i < m.n; i++)
		loaded_model_close(&m.list[i]);
	free(m.list);
	return status;
}
