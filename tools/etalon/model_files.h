/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_files.h - where model files are, and the transcripts that belong to them.
 *
 * A model may be named by its file or, from config/instruments below the working folder or the folder of an
 * installation, by its name.  Transcripts are NAME.txt and NAME-*.txt, beside the model file or in
 * ../../tests/instruments seen from it. */
#ifndef MODEL_FILES_H
#define MODEL_FILES_H

#include "model.h"
#include "transcript.h"

/* NULL if there is none; the caller frees it. */
char *model_path(const char *name);
/* The file of the model that a transcript names: beside it, or where model_path looks. */
char *model_path_of(const char *transcript, const char *name);

/* Paths in order of name.  The caller releases them with paths_release. */
void model_transcripts(const char *model_path, const char *name, struct strings *paths);
/* All model files of a folder. */
void model_paths(const char *folder, struct strings *paths);
void paths_release(struct strings *paths);

/* A model with the vocabulary it needs; problems go to stderr.  NULL: there were some. */
struct loaded_model { struct model *m; struct quantities q; };
int  loaded_model_open(struct loaded_model *l, const char *path, const char *quantities, struct problems *ps);
void loaded_model_close(struct loaded_model *l);

#endif
