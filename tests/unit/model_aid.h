/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_aid.h - for tests of what model files may say: the vocabulary, and a reader for spoil.h. */
#ifndef MODEL_AID_H
#define MODEL_AID_H

#include "quantity.h"

extern struct quantities quantities;             /* config/quantities.yaml, between start and stop */

int  model_aid_start(void **state);
int  model_aid_stop(void **state);
/* A model file is either read or complained of. */
void model_aid_read(const char *path, const char *text, size_t n, struct problems *ps);

#endif
