/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dcc.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#define DCC_SPACE  "https://ptb.de/dcc"
#define SI_SPACE   "https://ptb.de/si"
#define TABLES_MOST 1000

static const struct { const char *prefix, *uri; } spaces[] = { { "dcc", DCC_SPACE }, { "si", SI_SPACE } };

/* "dcc:name" in its name space, whatever the file calls that. */
static bool is(const xmlNode *node, const char *name)
{
	const char *colon = strchr(name, ':');

	if (node->type != XML_ELEMENT_NODE || !node->ns || strcmp((const char *)node->name, colon + 1))
		return false;
	for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
		if (!strncmp(name, spaces[i].prefix, (size_t)(colon - name)))
			return !strcmp((const char *)node->ns->href, spaces[i].uri);
	return false;
}

static const xmlNode *next(const xmlNode *from, const char *name)
{
	while (from && !is(from, name))
		from = from->next;
	return from;
}

/* The first child on a path such as "dcc:contact/dcc:name"; NULL: there is none. */
static const xmlNode *child(const xmlNode *node, const char *path)
{
	while (node && *path) {
		char name[64];
		size_t n = strcspn(path, "/");

		snprintf(name, sizeof name, "%.*s", (int)n, path);
		node = next(node->children, name);
		path += n + (path[n] == '/');
	}
	return node;
}

/* Its text without blanks around it, "" where the node is not there.  The caller frees it. */
static char *text_of(const xmlNode *node)
{
	static const char blanks[] = " \t\r\n";
	xmlChar *all = node ? xmlNodeGetContent(node) : NULL;
	const char *text = all ? (const char *)all : "";
	char *trimmed;
	size_t n;

	text += strspn(text, blanks);
	n = strlen(text);
	while (n && strchr(blanks, text[n - 1]))
		n--;
	trimmed = mem_stringn(text, n);
	xmlFree(all);
	return trimmed;
}

static char *text_at(const xmlNode *node, const char *path)
{
	return text_of(child(node, path));
}

static char *attribute(const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *text = mem_string(value ? (const char *)value : "");

	xmlFree(value);
	return text;
}

/* A text in several languages: English, else the first. */
static char *named(const xmlNode *node, const char *path)
{
	const xmlNode *first = child(node, path), *best = first ? child(first, "dcc:content") : NULL;

	for (const xmlNode *c = best; c; c = next(c->next, "dcc:content")) {
		char *language = attribute(c, "lang");
		bool english = !strncmp(language, "en", 2);

		free(language);
		if (english)
			return text_of(c);
	}
	return text_of(best);
}

static void split(struct strings *s, char *text)
{
	char *rest = text;

	for (const char *word; (word = strsep(&rest, " \t\r\n"));) {
		if (!*word)
			continue;
		s->list = mem_grow(s->list, s->n, sizeof *s->list);
		s->list[s->n++] = mem_string(word);
	}
	free(text);
}

/* The paths of one thing in a single value and in a list, in the schemas up to 3.2 and from 3.3 on. */
static void split_first(struct strings *s, const xmlNode *value, const char *const paths[4])
{
	for (size_t i = 0; i < 4 && !s->n; i++)
		split(s, text_at(value, paths[i]));
}

static void read_uncertainty(struct dcc_column *c, const xmlNode *value)
{
#define NEW "si:measurementUncertaintyUnivariate"
	static const char *const expanded[] = {
		"si:expandedUnc/si:uncertainty", "si:expandedUncXMLList/si:uncertaintyXMLList",
		NEW "/si:expandedMU/si:valueExpandedMU", NEW "XMLList/si:expandedMUXMLList/si:valueExpandedMUXMLList" };
	static const char *const factor[] = {
		"si:expandedUnc/si:coverageFactor", "si:expandedUncXMLList/si:coverageFactorXMLList",
		NEW "/si:expandedMU/si:coverageFactor", NEW "XMLList/si:expandedMUXMLList/si:coverageFactorXMLList" };
	static const char *const probability[] = {
		"si:expandedUnc/si:coverageProbability", "si:expandedUncXMLList/si:coverageProbabilityXMLList",
		NEW "/si:expandedMU/si:coverageProbability", NEW "XMLList/si:expandedMUXMLList/si:coverageProbabilityXMLList" };
	static const char *const standard[] = {
		"si:standardUnc/si:uncertainty", "si:standardUncXMLList/si:uncertaintyXMLList",
		NEW "/si:standardMU/si:valueStandardMU", NEW "XMLList/si:standardMUXMLList/si:valueStandardMUXMLList" };
#undef NEW

	split_first(&c->expanded, value, expanded);
	split_first(&c->coverage_factor, value, factor);
	split_first(&c->probability, value, probability);
	split_first(&c->standard, value, standard);
}

/* si:real, si:realListXMLList, or of an si:hybrid the one in degrees Celsius, else the first. */
static const xmlNode *find_value(const xmlNode *quantity)
{
	const xmlNode *hybrid = child(quantity, "si:hybrid"), *first = NULL;

	for (const xmlNode *v = hybrid ? hybrid->children : quantity->children; v; v = v->next) {
		char *unit;
		bool celsius;

		if (!is(v, "si:real") && !is(v, "si:realListXMLList"))
			continue;
		unit = text_at(v, is(v, "si:real") ? "si:unit" : "si:unitXMLList");
		celsius = !strcmp(unit, "\\degreecelsius");
		free(unit);
		if (celsius)
			return v;
		if (!first)
			first = v;
	}
	return first;
}

static void add_column(struct dcc_table *t, const xmlNode *quantity)
{
	const xmlNode *value = find_value(quantity);
	struct dcc_column *c;

	if (!value)
		return;                  /* a text, a time, a reference: nothing to correct by */
	t->columns = mem_grow(t->columns, t->n, sizeof *t->columns);
	c = &t->columns[t->n++];
	*c = (struct dcc_column){ .name = named(quantity, "dcc:name"), .ref_type = attribute(quantity, "refType") };
	c->dsi = text_at(value, is(value, "si:real") ? "si:unit" : "si:unitXMLList");
	c->unit = dsi_unit(c->dsi);
	split(&c->values, text_at(value, is(value, "si:real") ? "si:value" : "si:valueXMLList"));
	read_uncertainty(c, value);
}

/* The quantities of a place are one table. */
static void add_table(struct dcc *d, const char *name, const xmlNode *in)
{
	const xmlNode *q = child(in, "dcc:quantity");
	struct dcc_table *t;

	if (!q || d->n == TABLES_MOST)
		return;
	d->tables = mem_grow(d->tables, d->n, sizeof *d->tables);
	t = &d->tables[d->n++];
	*t = (struct dcc_table){ .name = mem_string(name) };
	for (; q; q = next(q->next, "dcc:quantity"))
		add_column(t, q);
}

/* Lists stand in lists; the parser bounds how deep. */
static void add_lists(struct dcc *d, const char *name, const xmlNode *in)
{
	add_table(d, name, in);
	for (const xmlNode *l = child(in, "dcc:list"); l; l = next(l->next, "dcc:list"))
		add_lists(d, name, l);
}

static void read_results(struct dcc *d, const xmlNode *root)
{
	const xmlNode *m = child(root, "dcc:measurementResults/dcc:measurementResult");

	for (; m; m = next(m->next, "dcc:measurementResult")) {
		const xmlNode *r = child(m, "dcc:results/dcc:result");

		for (; r; r = next(r->next, "dcc:result")) {
			char *name = named(r, "dcc:name");
			const xmlNode *data = child(r, "dcc:data");

			if (data)
				add_lists(d, name, data);
			free(name);
		}
	}
}

/* The maker's number of the item: named so, or else the first that the manufacturer gave. */
static char *serial_number(const xmlNode *item)
{
	const xmlNode *i = child(item, "dcc:identifications/dcc:identification"), *best = NULL;

	for (; i; i = next(i->next, "dcc:identification")) {
		char *type = attribute(i, "refType"), *issuer = text_at(i, "dcc:issuer");
		bool so_named = !strcmp(type, "basic_serialNumber"), by_maker = !strcmp(issuer, "manufacturer");

		free(type);
		free(issuer);
		if (so_named)
			return text_at(i, "dcc:value");
		if (by_maker && !best)
			best = i;
	}
	return text_at(best, "dcc:value");
}

/* A statement may say when the customer wants it calibrated again. */
static char *due(const xmlNode *admin)
{
	const xmlNode *s = child(admin, "dcc:statements/dcc:statement");

	for (; s; s = next(s->next, "dcc:statement")) {
		char *type = attribute(s, "refType");
		bool is_due = !strcmp(type, "basic_recalibration");

		free(type);
		if (is_due)
			return text_at(s, "dcc:date");
	}
	return mem_string("");
}

static void read_administration(struct dcc *d, const xmlNode *root)
{
	const xmlNode *admin = child(root, "dcc:administrativeData"), *core = child(admin, "dcc:coreData");
	const xmlNode *item = child(admin, "dcc:items/dcc:item");

	d->number = text_at(core, "dcc:uniqueIdentifier");
	d->calibrated = text_at(core, "dcc:endPerformanceDate");
	d->issued = text_at(core, "dcc:issueDate");
	d->laboratory = named(admin, "dcc:calibrationLaboratory/dcc:contact/dcc:name");
	d->item = named(item, "dcc:name");
	d->manufacturer = named(item, "dcc:manufacturer/dcc:name");
	d->model = text_at(item, "dcc:model");
	d->serial_number = serial_number(item);
	d->due = due(admin);
}

static bool known_version(const char *v)
{
	return !strncmp(v, "2.4.", 4) || !strncmp(v, "3.0.", 4) || !strncmp(v, "3.1.", 4) || !strncmp(v, "3.2.", 4) ||
		!strncmp(v, "3.3.", 4);
}

static int read_root(struct dcc *d, const xmlDoc *doc, struct err *e)
{
	const xmlNode *root = xmlDocGetRootElement(doc);

	if (!root || !is(root, "dcc:digitalCalibrationCertificate"))
		return err_set(e, ERR_CONFIG, "it is XML, but no digital calibration certificate: its root is not "
			       "digitalCalibrationCertificate of %s", DCC_SPACE);
	d->version = attribute(root, "schemaVersion");
	if (!known_version(d->version))
		return err_set(e, ERR_CONFIG, "it follows version '%.20s' of the schema; versions 2.4 to 3.3 are read", d->version);
	read_administration(d, root);
	read_results(d, root);
	return 0;
}

/* Before the parser sees it; it is made to read UTF-8, so that no encoding hides a DOCTYPE. */
static int check_bytes(const void *text, size_t n, struct err *e)
{
	static const char doctype[] = "<!DOCTYPE";

	if (n > DCC_MAX)
		return err_set(e, ERR_CONFIG, "a certificate of more than %d MiB is not read", DCC_MAX >> 20);
	if (memchr(text, '\0', n))
		return err_set(e, ERR_CONFIG, "it is not UTF-8");
	if (memmem(text, n, doctype, sizeof doctype - 1))
		return err_set(e, ERR_CONFIG, "it has a DOCTYPE, which no certificate needs and which can hide anything: ask for it "
			       "without");
	return 0;
}

static void silent(void *who, xmlErrorPtr error)
{
	(void)who;
	(void)error;
}

int dcc_parse(struct dcc **out, const void *text, size_t n, struct err *e)
{
	struct dcc *d = NULL;
	const xmlError *why;
	xmlDoc *doc;
	int bad;

	*out = NULL;
	if (check_bytes(text, n, e) < 0)
		return -1;
	xmlSetStructuredErrorFunc(NULL, silent);
	doc = xmlReadMemory(text, (int)n, "certificate.xml", "UTF-8", XML_PARSE_NONET);
	if (!doc) {
		why = xmlGetLastError();
		return err_set(e, ERR_CONFIG, "line %d: %.200s", why ? why->line : 0,
			       why && why->message ? why->message : "it is not XML");
	}
	d = mem_new(sizeof *d);
	bad = read_root(d, doc, e);
	xmlFreeDoc(doc);
	if (bad)
		dcc_free(&d);
	*out = d;
	return bad;
}

static void release_strings(struct strings *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i]);
	free(s->list);
}

static void release_table(struct dcc_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct dcc_column *c = &t->columns[i];

		free(c->name);
		free(c->ref_type);
		free(c->unit);
		free(c->dsi);
		release_strings(&c->values);
		release_strings(&c->expanded);
		release_strings(&c->coverage_factor);
		release_strings(&c->probability);
		release_strings(&c->standard);
	}
	free(t->columns);
	free(t->name);
}

void dcc_free(struct dcc **d)
{
	if (!*d)
		return;
	for (size_t i = 0; i < (*d)->n; i++)
		release_table(&(*d)->tables[i]);
	free((*d)->tables);
	free((*d)->version);
	free((*d)->number);
	free((*d)->laboratory);
	free((*d)->calibrated);
	free((*d)->issued);
	free((*d)->due);
	free((*d)->item);
	free((*d)->manufacturer);
	free((*d)->model);
	free((*d)->serial_number);
	free(*d);
	*d = NULL;
}
