/* SPDX-License-Identifier: GPL-3.0-or-later
 * control_own.h - what the files of the control socket share: control.c (the socket, the table,
 * commands about runs), questions.c (commands about questions to people),
 * instruments.c (what people say of instruments) and models.c (which of them the laboratory has validated). */
#ifndef CONTROL_OWN_H
#define CONTROL_OWN_H

#include <jansson.h>

#include "control.h"
#include "envelope.h"

struct reply {
	json_t *result;
	struct buf text;                 /* a longer error text than struct err holds */
	struct replay replay;
	uint64_t ticket;                 /* not 0: the answer comes later, or never once the run has ended */
	uint32_t run;
};

const char *string_arg(const json_t *args, const char *name, const char *otherwise);
int64_t int_arg(const json_t *args, const char *name, int64_t otherwise);
/* Into an array of bytes; ERR_CONFIG: it is longer. */
int copy_arg(char *to, size_t size, const json_t *args, const char *name, struct err *e);
int no_run(const char *name, struct err *e);

int question_list(struct house *h, const json_t *args, struct reply *r, struct err *e);
int question_answer(struct house *h, const json_t *args, struct reply *r, struct err *e);
int question_confirm(struct house *h, const json_t *args, struct reply *r, struct err *e);
int question_file(struct house *h, const json_t *args, struct reply *r, struct err *e);
int question_reject(struct house *h, const json_t *args, struct reply *r, struct err *e);

int instrument_since_(struct house *h, const json_t *args, struct reply *r, struct err *e);

int model_validate(struct house *h, const json_t *args, struct reply *r, struct err *e);
int model_withdraw(struct house *h, const json_t *args, struct reply *r, struct err *e);
int model_validations(struct house *h, const json_t *args, struct reply *r, struct err *e);

#endif
