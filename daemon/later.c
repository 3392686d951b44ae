/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "later.h"

#include <stdlib.h>

#include "mem.h"

char *later_text(const json_t *id, json_t *result, const struct err *failed, const char *longer)
{
	json_t *out = json_object();
	char *dump;

	json_object_set_new(out, "id", id ? json_deep_copy(id) : json_null());
	json_object_set_new(out, "ok", json_boolean(!failed));
	if (failed)
		json_object_set_new(out, "error", json_pack("{s:s,s:s}", "code", err_word(failed->code),
					    "text", longer ? longer : failed->text));
	else
		json_object_set(out, "result", result);
	dump = json_dumps(out, JSON_COMPACT);
	if (!dump)                       /* only a text that is not UTF-8 can do that */
		dump = mem_string("{\"id\":null,\"ok\":false,\"error\":{\"code\":\"io\",\"text\":\"no answer\"}}");
	json_decref(out);
	return dump;
}

void later_keep(struct later *l, struct envelope *to, json_t *id, uint64_t ticket, uint32_t run)
{
	l->list = mem_grow(l->list, l->n, sizeof *l->list);
	l->list[l->n++] = (struct waiting){ .to = *to, .id = id, .ticket = ticket, .run = run };
}

static void answer(struct later *l, void *socket, size_t i, json_t *result, const struct err *failed)
{
	struct waiting *w = &l->list[i];
	char *text = later_text(w->id, result, failed, NULL);
	struct replay none = { 0 };

	envelope_answer(socket, &w->to, text, &none);
	envelope_close(&w->to);
	json_decref(w->id);
	free(text);
	*w = l->list[--l->n];
	if (l->n)
		return;
	free(l->list);
	l->list = NULL;
}

void later_answer(struct later *l, void *socket, uint64_t ticket, json_t *result, const struct err *failed)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->list[i].ticket != ticket)
			continue;
		answer(l, socket, i, result, failed);
		return;
	}
}

void later_give_up(struct later *l, void *socket, uint32_t run, const struct err *why)
{
	for (size_t i = l->n; i-- > 0; )
		if (!run || l->list[i].run == run)
			answer(l, socket, i, NULL, why);
}
