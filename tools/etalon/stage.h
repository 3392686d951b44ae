/* SPDX-License-Identifier: GPL-3.0-or-later
 * stage.h - etalon-sim as a child that plays one model, in a folder of its own that goes with it. */
#ifndef STAGE_H
#define STAGE_H

#include "bench.h"

struct stage;

/* model_path: NAME.yaml in the folder of models.  quantities: of the vocabulary, by path.  Ready when it
 * returns; ERR_CONFIG: the model does not say how it is simulated. */
int  stage_open(struct stage **s, const struct model *m, const char *model_path, const char *quantities,
		struct err *e);
const char *stage_address(const struct stage *s);
/* One command of etalon-sim's: "fault unit silence".  The instrument's role is "unit". */
int  stage_command(struct stage *s, struct err *e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void stage_close(struct stage **s);

#endif
