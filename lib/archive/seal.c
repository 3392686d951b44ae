/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seal.h"

void seal_write(struct hdf *h, const struct archive_result *r)
{
	hid_t entry = hdf_failed(h) ? H5I_INVALID_HID : H5Gopen2(h->file, "/entry", H5P_DEFAULT);
	hid_t seal = hdf_group(h, entry, "seal", "NXcollection");
	char text[HASH_TEXT];

	hdf_put_int(h, seal, "format", ARCHIVE_FORMAT, "");
	hdf_put_int(h, seal, "records", (int64_t)r->records, "");
	hdf_put_text(h, seal, "algorithm", "SHA-256");
	hdf_put_text(h, seal, "head", hash_text(r->head, text));
	hdf_put_text(h, seal, "digest", hash_text(r->digest, text));
	hdf_close_group(&seal);
	hdf_close_group(&entry);
}

static int get_hash(struct hdf *h, const char *path, uint8_t hash[HASH_SIZE], struct err *e)
{
	char *text = hdf_get_text(h, path);
	int bad = !text || hash_parse(text, strlen(text), hash) < 0;

	free(text);
	return bad ? err_set(e, ERR_CORRUPT, "the seal has no hash at %s", path) : 0;
}

int seal_read(struct hdf *h, struct archive_result *r, struct err *e)
{
	char *run = hdf_get_text(h, "/entry/entry_identifier");
	int64_t format, records;

	*r = (struct archive_result){ 0 };
	snprintf(r->run, sizeof r->run, "%s", run ? run : "");
	free(run);
	if (hdf_get_int(h, "/entry/seal/format", &format) < 0 || hdf_get_int(h,
									     "/entry/seal/records", &records) < 0)
		return err_set(e, ERR_CORRUPT,
			       "there is no seal: the file was never finished, or is no archive");
	if (format != ARCHIVE_FORMAT)
		return err_set(e, ERR_CORRUPT, "the archive is of format %lld, this program knows %d",
			       (long long)format, ARCHIVE_FORMAT);
	r->records = (uint64_t)records;
	if (get_hash(h, "/entry/seal/head", r->head, e) < 0)
		return -1;
	return get_hash(h, "/entry/seal/digest", r->digest, e);
}
