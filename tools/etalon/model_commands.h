/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_commands.h - what `etalon model` can do, one file each. */
#ifndef MODEL_COMMANDS_H
#define MODEL_COMMANDS_H

int model_test(int argc, char **argv);
int model_new(int argc, char **argv);
int model_keys(int argc, char **argv);
int model_list(int argc, char **argv);
int model_validate(int argc, char **argv);
int model_withdraw(int argc, char **argv);

#endif
