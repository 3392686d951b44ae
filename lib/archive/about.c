/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "projection.h"

static void put_member(struct hdf *h, hid_t in, const char *name, struct members *m, const char *key)
{
	hdf_put_text(h, in, name, member_text(m, key));
}

static void put_time(struct hdf *h, hid_t entry, const char *name, int64_t utc_ns)
{
	char text[UTC_TEXT];

	hdf_put_text(h, entry, name, utc_format(utc_ns, text));
}

/* The members of an object within; empty if there is none. */
static void inner(const struct members *m, const char *key, struct members *out)
{
	struct span value;

	*out = (struct members){ 0 };
	if (member_find(m, key, &value) && members_read(out, value) < 0)
		out->n = 0;
}

static void put_title(struct hdf *h, hid_t entry, struct members *start)
{
	bool simulated = member_flag(start, "simulated");
	char *plain = mem_string(member_text(start, "title"));
	char *title = mem_format("%s%s", *plain ? plain : member_text(start, "procedure"),
				 simulated ? " (simulated)" : "");

	hdf_put_text(h, entry, "title", title);
	free(plain);
	free(title);
}

static void put_people(struct hdf *h, hid_t entry, struct members *start)
{
	hid_t g = hdf_group(h, entry, "laboratory", "NXcollection");

	put_member(h, g, "code", start, "laboratory");
	put_member(h, g, "name", start, "laboratory_name");
	hdf_close_group(&g);
	g = hdf_group(h, entry, "operator", "NXuser");
	put_member(h, g, "name", start, "operator");
	hdf_close_group(&g);
}

static void put_software(struct hdf *h, hid_t entry, struct members *start)
{
	hid_t g = hdf_group(h, entry, "software", "NXcollection");
	struct members m;

	inner(start, "software", &m);
	put_member(h, g, "name", &m, "name");
	put_member(h, g, "version", &m, "version");
	put_member(h, g, "build", &m, "build");
	put_member(h, g, "host", start, "host");
	members_release(&m);
	hdf_close_group(&g);
}

static void put_clock(struct hdf *h, hid_t entry, struct members *start)
{
	hid_t g = hdf_group(h, entry, "clock", "NXcollection");
	struct members m;

	inner(start, "clock", &m);
	hdf_put_flag(h, g, "synchronised", member_flag(&m, "synchronised"));
	hdf_put_int(h, g, "error", member_int(&m, "error_ns", -1), "ns");
	hdf_put_int(h, g, "tai_offset", member_int(&m, "tai_offset_s", 0), "s");
	members_release(&m);
	hdf_close_group(&g);
}

static void put_points(struct hdf *h, hid_t entry, struct members *start)
{
	static const struct column_spec columns[] = {
		{ .name = "name", .kind = COLUMN_TEXT, .units = "", .long_name = "by number, from 0" },
		{ .name = "values", .kind = COLUMN_TEXT, .units = "",
		 .long_name = "channel and value in its unit, as JSON" },
	};
	struct span points, key, point, values;
	struct members m = { 0 };
	struct table t;
	size_t at = 0;
	char *text;

	table_open(&t, h, entry, "points", "NXcollection", columns, 2, "");
	if (!member_find(start, "points", &points))
		points = (struct span){ "[]", 2 };
	while (json_next(points, &at, &key, &point) > 0) {
		if (members_read(&m, point) < 0)
			m.n = 0;
		table_text(&t, 0, member_text(&m, "name"));
		text = member_find(&m, "values", &values) ? mem_stringn(values.p,
									values.n) : mem_string("{}");
		table_text(&t, 1, text);
		table_row(&t);
		free(text);
	}
	members_release(&m);
	table_close(&t);
}

/* Who had it run although a standard did not serve; the refused as JSON. */
static void put_override(struct hdf *h, hid_t entry, struct members *start)
{
	struct members m;
	struct span refused;
	char *text;
	hid_t g;

	inner(start, "override", &m);
	if (m.n) {
		g = hdf_group(h, entry, "override", "NXcollection");
		put_member(h, g, "by", &m, "by");
		put_member(h, g, "why", &m, "why");
		text = member_find(&m, "refused", &refused) ? mem_stringn(refused.p, refused.n) : mem_string("[]");
		hdf_put_text(h, g, "refused", text);
		free(text);
		hdf_close_group(&g);
	}
	members_release(&m);
}

void about_start(struct hdf *h, hid_t entry, const struct record *r, struct members *start)
{
	put_title(h, entry, start);
	put_time(h, entry, "start_time", r->utc_ns);
	put_people(h, entry, start);
	put_software(h, entry, start);
	put_clock(h, entry, start);
	put_points(h, entry, start);
	put_override(h, entry, start);
}

static void put_traceability(struct hdf *h, hid_t g, struct members *m)
{
	put_member(h, g, "standard", m, "standard");
	put_member(h, g, "certificate", m, "certificate");
	put_member(h, g, "certificate_laboratory", m, "certificate_laboratory");
	put_member(h, g, "certificate_due", m, "certificate_due");
}

/* What the bench file says, and what the instrument said of itself. */
static void put_instrument(struct hdf *h, hid_t in, const char *role, struct members *m,
			   const struct proof *p)
{
	char *name = hdf_link_name(h, in, role);
	hid_t g = hdf_group(h, in, name, "NXinstrument");

	hdf_put_text(h, g, "name", role);
	put_member(h, g, "model", m, "model");
	put_member(h, g, "manufacturer", m, "manufacturer");
	put_member(h, g, "number", m, "number");
	put_member(h, g, "serial_number", m, "serial_number");
	put_member(h, g, "address", m, "address");
	put_member(h, g, "access", m, "access");
	if (*member_text(m, "standard"))
		put_traceability(h, g, m);
	hdf_put_flag(h, g, "simulated", member_flag(m, "simulated"));
	hdf_put_text(h, g, "identity", p ? p->identity : "");
	hdf_put_text(h, g, "proven_serial_number", p ? p->serial_number : "");
	hdf_put_text(h, g, "firmware_version", p ? p->firmware_version : "");
	hdf_close_group(&g);
	free(name);
}

void about_instruments(struct hdf *h, hid_t entry, struct span start, const struct happenings *s)
{
	hid_t group = hdf_group(h, entry, "instruments", "NXcollection");
	struct members m = { 0 }, one = { 0 };
	struct span roles, key, value;
	struct buf role = { 0 };
	size_t at = 0;

	if (start.n == 0 || members_read(&m, start) < 0 || !member_find(&m, "roles", &roles))
		roles = (struct span){ "{}", 2 };
	while (json_next(roles, &at, &key, &value) > 0) {
		if (members_read(&one, value) < 0)
			one.n = 0;
		buf_clear(&role);
		json_get_string(key, &role);
		buf_putc(&role, '\0');
		put_instrument(h, group, role.data, &one, happenings_proof(s, role.data));
	}
	buf_release(&role);
	members_release(&m);
	members_release(&one);
	hdf_close_group(&group);
}

void about_stop(struct hdf *h, hid_t entry, const struct record *r, struct members *stop)
{
	put_time(h, entry, "end_time", r->utc_ns);
	put_member(h, entry, "status", stop, "status");
	put_member(h, entry, "reason", stop, "reason");
}
