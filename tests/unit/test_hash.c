/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "hash.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* FIPS 180-4 examples as NIST publishes them, and the empty message. */
static const struct {
	const char *text, *hash;
} sha_vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
	  "lmnopqrsmnopqrstnopqrstu",
	  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
};

static void sha256_vectors(void **state)
{
	struct hash *h = hash_new();
	uint8_t out[HASH_SIZE];
	char text[HASH_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(sha_vectors); i++) {
		size_t n = strlen(sha_vectors[i].text);

		hash_of(out, sha_vectors[i].text, n);
		assert_string_equal(hash_text(out, text), sha_vectors[i].hash);
		/* The same in two pieces, with a context that was used before. */
		hash_add(h, sha_vectors[i].text, n / 3);
		hash_add(h, sha_vectors[i].text + n / 3, n - n / 3);
		hash_end(h, out);
		assert_string_equal(hash_text(out, text), sha_vectors[i].hash);
	}
	hash_free(&h);
	assert_null(h);
	hash_free(&h);
}

static void sha256_of_a_million_letters(void **state)
{
	struct hash *h = hash_new();
	uint8_t out[HASH_SIZE];
	char text[HASH_TEXT], block[1000];

	(void)state;
	memset(block, 'a', sizeof block);
	for (int i = 0; i < 1000; i++)
		hash_add(h, block, sizeof block);
	hash_end(h, out);
	assert_string_equal(hash_text(out, text),
			    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	hash_free(&h);
}

static void text_and_back(void **state)
{
	static const char upper[] = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
	uint8_t out[HASH_SIZE], of[HASH_SIZE];

	(void)state;
	hash_of(of, "abc", 3);
	assert_int_equal(hash_parse(sha_vectors[1].hash, 64, out), 0);
	assert_memory_equal(out, of, HASH_SIZE);
	assert_int_equal(hash_parse(upper, 64, out), 0);
	assert_memory_equal(out, of, HASH_SIZE);
	assert_int_equal(hash_parse(upper, 63, out), -1);
	assert_int_equal(hash_parse("zA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", 64, out), -1);
	assert_int_equal(hash_parse("", 0, out), -1);
}

/* RFC 3720, B.4, and the usual check value. */
static void crc_vectors(void **state)
{
	static const uint8_t read_pdu[48] = {
		0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00,
		0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	};
	uint8_t zeros[32] = { 0 }, ones[32], up[32], down[32];
	uint32_t (*const crc[])(uint32_t, const void *, size_t) = { crc32c, crc32c_portable };

	(void)state;
	memset(ones, 0xff, sizeof ones);
	for (int i = 0; i < 32; i++) {
		up[i] = (uint8_t)i;
		down[i] = (uint8_t)(31 - i);
	}
	for (size_t i = 0; i < COUNT(crc); i++) {
		assert_int_equal(crc[i](0, zeros, 32), 0x8a9136aa);
		assert_int_equal(crc[i](0, ones, 32), 0x62a8ab43);
		assert_int_equal(crc[i](0, up, 32), 0x46dd794e);
		assert_int_equal(crc[i](0, down, 32), 0x113fdb5c);
		assert_int_equal(crc[i](0, read_pdu, 48), 0xd9963a56);
		assert_int_equal(crc[i](0, "123456789", 9), 0xe3069283);
		assert_int_equal(crc[i](0, "", 0), 0);
	}
}

/* Every length and alignment, in one piece and in two, by the instruction and by tables. */
static void crc_pieces(void **state)
{
	uint8_t data[128];

	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 37 + 11);
	for (size_t from = 0; from < 8; from++) {
		for (size_t n = 0; n + from <= sizeof data; n++) {
			uint32_t whole = crc32c(0, data + from, n);

			assert_int_equal(whole, crc32c_portable(0, data + from, n));
			assert_int_equal(whole, crc32c(crc32c(0, data + from, n / 3),
						       data + from + n / 3, n - n / 3));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_vectors),
		cmocka_unit_test(sha256_of_a_million_letters),
		cmocka_unit_test(text_and_back),
		cmocka_unit_test(crc_vectors),
		cmocka_unit_test(crc_pieces),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
