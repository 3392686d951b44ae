/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_validate.c - etalon model validate and withdraw: the laboratory answers for a model file, or no longer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "etalon.h"
#include "hash.h"
#include "model_commands.h"
#include "model_files.h"

static struct {
	const char *model, *serial, *by, *note, *evidence, *quantities;
} opt;

enum { OPT_SERIAL = 256, OPT_BY, OPT_NOTE, OPT_EVIDENCE };

static const struct argp_option validate_options[] = {
	{ "serial", OPT_SERIAL, "NUMBER", 0, "the instrument it was tried on", 0 },
	{ "by", OPT_BY, "NAME", 0, "who answers for it (default: the login name)", 0 },
	{ "note", OPT_NOTE, "TEXT", 0, "what was done and found", 0 },
	{ "evidence", OPT_EVIDENCE, "FILE", 0, "a record of it, kept elsewhere: its name and SHA-256 are recorded", 0 },
	{ "quantities", 'q', "FILE", 0, "vocabulary (default: the nearest quantities.yaml)", 0 },
	{ 0 },
};

static const struct argp_option withdraw_options[] = {
	{ "by", OPT_BY, "NAME", 0, "who withdraws it (default: the login name)", 0 },
	{ "note", OPT_NOTE, "TEXT", 0, "why", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == OPT_SERIAL)
		opt.serial = arg;
	else if (key == OPT_BY)
		opt.by = arg;
	else if (key == OPT_NOTE)
		opt.note = arg;
	else if (key == OPT_EVIDENCE)
		opt.evidence = arg;
	else if (key == 'q')
		opt.quantities = arg;
	else if (key == ARGP_KEY_END && !opt.note)
		argp_error(s, "--note: say what was done and found");
	else
		return one_argument(&opt.model, key, arg, s, "model");
	return 0;
}

static error_t parse_validate(int key, char *arg, struct argp_state *s)
{
	if (key == ARGP_KEY_END && !opt.serial)
		argp_error(s, "--serial: say on which instrument it was tried");
	return parse(key, arg, s);
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp validate_argp = {
	.options = validate_options, .parser = parse_validate, .args_doc = "MODEL", .children = children,
	.doc = "Record in the laboratory's journal that this very model file was tried on an instrument of the laboratory's. "
	       "Without that, a model written from a manual serves no certificate."
	       "\vThe file is known by its SHA-256: once it changes it is not validated any more.",
};
static const struct argp withdraw_argp = {
	.options = withdraw_options, .parser = parse, .args_doc = "MODEL", .children = children,
	.doc = "Record that no validation of a model holds any longer.  What was said before stays on record.",
};

static int hash_file(const char *path, char text[HASH_TEXT], struct err *e)
{
	FILE *f = fopen(path, "re");
	struct hash *h;
	uint8_t hash[HASH_SIZE];
	char bytes[65536];
	size_t n;
	bool bad;

	if (!f)
		return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	h = hash_new();
	while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
		hash_add(h, bytes, n);
	hash_end(h, hash);
	hash_free(&h);
	hash_text(hash, text);
	bad = ferror(f);
	fclose(f);
	return bad ? err_set(e, ERR_IO, "%s: cannot be read", path) : 0;
}

static int ask(const char *command, json_t *args)
{
	struct client *c;
	struct err e;
	json_t *answer;
	int status = DONE;

	if (client_open(&c, where_control(), &e) < 0) {
		json_decref(args);
		return client_failed(NULL, &e);
	}
	answer = client_ask(c, command, args, CLIENT_PATIENCE_MS, &e);
	if (!answer)
		status = client_failed(c, &e);
	json_decref(answer);
	client_close(&c);
	return status;
}

static const char *who(void)
{
	return opt.by ? opt.by : login_name();
}

static int validate(const struct model *m)
{
	json_t *args = json_pack("{s:s,s:s,s:s,s:s,s:s}", "model", m->name, "sha256", m->source.sha256, "serial_number",
				 opt.serial, "by", who(), "note", opt.note);
	const char *slash = opt.evidence ? strrchr(opt.evidence, '/') : NULL;
	char hash[HASH_TEXT];
	struct err e;
	int status;

	if (opt.evidence && hash_file(opt.evidence, hash, &e) < 0) {
		json_decref(args);
		return cannot(&e);
	}
	if (opt.evidence)
		json_object_update_new(args, json_pack("{s:s,s:s}", "evidence", slash ? slash + 1 : opt.evidence,
						       "evidence_sha256", hash));
	status = ask("model.validate", args);
	if (status == DONE)
		printf("model %s validated: sha256 %s, on %s, by %s\n", m->name, m->source.sha256, opt.serial, who());
	return status;
}

int model_validate(int argc, char **argv)
{
	struct problems ps = { 0 };
	struct loaded_model l = { 0 };
	struct err e;
	char *path;
	int status;

	argp_parse(&validate_argp, argc, argv, 0, NULL, NULL);
	path = model_path(opt.model);
	if (!path)
		return cannot_say("%s: there is no such model file", opt.model);
	loaded_model_open(&l, path, opt.quantities, &ps);
	status = problems_err(&ps, &e) ? cannot(&e) : validate(l.m);
	loaded_model_close(&l);
	problems_release(&ps);
	free(path);
	return status;
}

/* By name: the file may be gone, or have changed. */
int model_withdraw(int argc, char **argv)
{
	const char *slash;
	char *name;
	size_t n;
	int status;

	argp_parse(&withdraw_argp, argc, argv, 0, NULL, NULL);
	slash = strrchr(opt.model, '/');
	name = mem_string(slash ? slash + 1 : opt.model);
	n = strlen(name);
	if (n > 5 && !strcmp(name + n - 5, ".yaml"))
		name[n - 5] = '\0';
	status = ask("model.withdraw", json_pack("{s:s,s:s,s:s}", "model", name, "by", who(), "note", opt.note));
	if (status == DONE)
		printf("model %s: validation withdrawn by %s\n", name, who());
	free(name);
	return status;
}
