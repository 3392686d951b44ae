/* SPDX-License-Identifier: GPL-3.0-or-later
 * models.c - commands about model files: which the laboratory has validated on its instruments. */
#include <string.h>

#include "control_own.h"
#include "log.h"

#define TEXT_MOST 2000           /* bytes of a note and of any other argument */

static int check_texts(const json_t *args, struct err *e)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)args, key, value) {
		size_t n = json_string_length(value);

		if (n == 0 || n > TEXT_MOST)
			return err_set(e, ERR_CONFIG, "%s: expected 1 to %d bytes", key, TEXT_MOST);
	}
	return 0;
}

static int check_hash(const json_t *args, const char *name, struct err *e)
{
	const char *text = string_arg(args, name, NULL);
	uint8_t hash[HASH_SIZE];

	if (text && hash_parse(text, strlen(text), hash) < 0)
		return err_set(e, ERR_CONFIG, "%s: expected 64 hexadecimal digits", name);
	return 0;
}

int model_validate(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	struct validating v = {
		.model = string_arg(args, "model", ""), .sha256 = string_arg(args, "sha256", ""),
		.serial = string_arg(args, "serial_number", ""), .by = string_arg(args, "by", ""),
		.note = string_arg(args, "note", ""), .evidence = string_arg(args, "evidence", NULL),
		.evidence_sha256 = string_arg(args, "evidence_sha256", NULL),
	};

	if (check_texts(args, e) < 0 || check_hash(args, "sha256", e) < 0 || check_hash(args, "evidence_sha256", e) < 0)
		return -1;
	if (!v.evidence != !v.evidence_sha256)
		return err_set(e, ERR_CONFIG, "evidence and its evidence_sha256 come together");
	if (lab_validated(h->lab, &v, e) < 0)
		return -1;
	log_line(LOG_INFO, "model %s validated by %s", v.model, v.by);
	r->result = json_pack("{s:s,s:s}", "model", v.model, "sha256", v.sha256);
	return 0;
}

int model_withdraw(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	const char *model = string_arg(args, "model", ""), *by = string_arg(args, "by", "");

	if (check_texts(args, e) < 0 || lab_withdrawn(h->lab, model, by, string_arg(args, "note", ""), e) < 0)
		return -1;
	log_line(LOG_INFO, "validation of model %s withdrawn by %s", model, by);
	r->result = json_pack("{s:s}", "model", model);
	return 0;
}

static json_t *view(const struct validation *v)
{
	json_t *o = json_pack("{s:s?,s:s,s:s?,s:s?,s:s?,s:I}", "model", v->model, "sha256", v->sha256, "serial_number",
			      v->serial, "by", v->by, "note", v->note, "utc_ns", (json_int_t)v->utc_ns);

	if (v->evidence)
		json_object_update_new(o, json_pack("{s:s,s:s}", "evidence", v->evidence, "evidence_sha256",
						    v->evidence_sha256));
	if (v->withdrawn_ns)
		json_object_update_new(o, json_pack("{s:I,s:s?,s:s?}", "withdrawn_ns", (json_int_t)v->withdrawn_ns,
						    "withdrawn_by", v->withdrawn_by, "withdrawn_note",
						    v->withdrawn_note));
	return o;
}

int model_validations(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	const struct validations *all = lab_validations(h->lab);
	json_t *list = json_array();

	(void)args, (void)e;
	for (size_t i = 0; i < all->n; i++)
		json_array_append_new(list, view(&all->list[i]));
	r->result = json_pack("{s:o}", "validations", list);
	return 0;
}
