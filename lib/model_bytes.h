/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_bytes.h - texts of a model file that go over the wire, as the bytes they are.
 *
 * A model file is UTF-8, and many an instrument is not: it is sent, and says, bytes above 7F hexadecimal.  As in records
 * and transcripts a character U+0080 to U+00FF is that byte, so "\xFE" in double quotes is one byte FE.  Texts for people
 * (title, manual, text, unit and the like) stay what they are. */
#ifndef MODEL_BYTES_H
#define MODEL_BYTES_H

#include "problem.h"
#include "yaml.h"

/* Turns every text of the tree that is not for people.  A character beyond U+00FF is a problem; U+0000 no
 * file may have (yaml.h). */
void model_bytes_fill(struct yaml *root, const struct source *s, struct problems *ps);

#endif
