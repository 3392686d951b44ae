/* SPDX-License-Identifier: GPL-3.0-or-later
 * model.c - etalon model: everything about model files that is more than finding what is wrong with one. */
#include "etalon.h"
#include "model_commands.h"

static const struct command subcommands[] = {
	{ "new", model_new, "draft a model file from a session of `etalon talk`" },
	{ "test", model_test, "replay its transcripts, and play the simulator against it" },
	{ "keys", model_keys, "every key a model file may have, from the tables that read it" },
	{ "list", model_list, "models, whether they were seen and whether they are validated" },
	{ "validate", model_validate, "record that the laboratory has tried this model file" },
	{ "withdraw", model_withdraw, "record that it no longer stands by it" },
	{ NULL, NULL, NULL },
};

int cmd_model(int argc, char **argv)
{
	return dispatch(subcommands, argc, argv);
}
