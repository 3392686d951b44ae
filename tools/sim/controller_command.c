/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller_own.h"

static const struct setting { const char *name; size_t offset; } settings[] = {
	{ "mode", offsetof(struct controller, mode) },
	{ "auto", offsetof(struct controller, automatic) },
	{ "eoi", offsetof(struct controller, eoi) },
	{ "eos", offsetof(struct controller, eos) },
	{ "eot_enable", offsetof(struct controller, eot_enable) },
	{ "eot_char", offsetof(struct controller, eot_char) },
	{ "read_tmo_ms", offsetof(struct controller, read_tmo) },
	{ "savecfg", offsetof(struct controller, savecfg) },
};

static int say_number(struct controller *c, int v)
{
	char text[16];

	snprintf(text, sizeof text, "%d", v);
	return controller_say(c, text);
}

static int *find_setting(struct controller *c, const char *name)
{
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (!strcmp(settings[i].name, name))
			return (int *)(void *)((char *)c + settings[i].offset);
	return NULL;
}

static int address(struct controller *c, const char *value)
{
	char text[32];
	int primary, secondary = GPIB_SECONDARY_BASE - 1;

	if (*value) {
		if (sscanf(value, "%d %d", &primary, &secondary) < 1)
			return 0;
		c->primary = primary;
		c->secondary = secondary - GPIB_SECONDARY_BASE;
		return 0;
	}
	snprintf(text, sizeof text, c->secondary < 0 ? "%d" : "%d %d", c->primary, c->secondary + GPIB_SECONDARY_BASE);
	return controller_say(c, text);
}

static int service_line(struct controller *c)
{
	bool any = false;

	for (size_t i = 0; i < c->n; i++)
		any |= controller_requests(&c->instruments[i]);
	return say_number(c, any);
}

/* Of the instrument in hand.  1: it is none of these. */
static int act(struct controller *c, const char *name)
{
	struct bus_instrument *i = controller_addressed(c);

	if (!strcmp(name, "spoll"))
		return say_number(c, i ? controller_poll(i) : 0);
	if (!strcmp(name, "trg"))
		return i ? controller_hear(c, "*TRG", 4) : 0;
	if (!strcmp(name, "clr") && i)
		controller_clear(i);
	return strcmp(name, "clr") && strcmp(name, "loc") && strcmp(name, "llo") && strcmp(name, "ifc");
}

int controller_command(struct controller *c, char *text)
{
	char *value = strchr(text, ' ');
	int *setting, done;

	if (value)
		*value++ = '\0';
	else
		value = text + strlen(text);
	if (!strcmp(text, "addr"))
		return address(c, value);
	if (!strcmp(text, "read"))
		return controller_read(c);
	if (!strcmp(text, "ver"))
		return controller_say(c, "Prologix GPIB-ETHERNET Controller version 01.06.06.00 (simulated)");
	if (!strcmp(text, "srq"))
		return service_line(c);
	done = act(c, text);
	if (done <= 0)
		return done;
	setting = find_setting(c, text);
	if (!setting)
		return controller_say(c, "Unrecognized command");
	if (!*value)
		return say_number(c, *setting);
	*setting = (int)strtol(value, NULL, 10);
	return 0;
}
