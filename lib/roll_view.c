/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>

#include "roll.h"

static const char *or_null(const char *s)
{
	return s && *s ? s : NULL;
}

json_t *roll_view(const struct roll_run *r)
{
	return json_pack("{s:s, s:s, s:s?, s:s, s:s, s:s, s:I, s:I, s:s?, s:s?}",
			 "run", r->name,
			 "state", r->status[0] ? "ended" : "unfinished",
			 "status", or_null(r->status),
			 "procedure", r->procedure, "bench", r->bench, "operator", r->operator,
			 "started_ns", (json_int_t)r->started_ns,
			 "records", (json_int_t)r->records,
			 "archive", or_null(r->archive), "digest", or_null(r->digest));
}
