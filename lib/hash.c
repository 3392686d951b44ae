/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hash.h"

#include <openssl/evp.h>
#include <pthread.h>

#include "mem.h"

struct hash {
	EVP_MD_CTX *evp;
};

/* OpenSSL fails here only for want of memory or of its own provider: neither is survivable. */
static void must(int ok)
{
	if (ok != 1)
		abort();
}

struct hash *hash_new(void)
{
	struct hash *h = mem_new(sizeof *h);

	h->evp = EVP_MD_CTX_new();
	must(h->evp != NULL);
	must(EVP_DigestInit_ex(h->evp, EVP_sha256(), NULL));
	return h;
}

void hash_add(struct hash *h, const void *data, size_t n)
{
	must(EVP_DigestUpdate(h->evp, data, n));
}

void hash_end(struct hash *h, uint8_t out[HASH_SIZE])
{
	must(EVP_DigestFinal_ex(h->evp, out, NULL));
	must(EVP_DigestInit_ex(h->evp, NULL, NULL));
}

void hash_free(struct hash **h)
{
	if (*h)
		EVP_MD_CTX_free((*h)->evp);
	free(*h);
	*h = NULL;
}

void hash_of(uint8_t out[HASH_SIZE], const void *data, size_t n)
{
	must(EVP_Digest(data, n, out, NULL, EVP_sha256(), NULL));
}

char *hash_text(const uint8_t hash[HASH_SIZE], char text[HASH_TEXT])
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH_SIZE; i++) {
		text[2 * i] = digit[hash[i] >> 4];
		text[2 * i + 1] = digit[hash[i] & 15];
	}
	text[HASH_TEXT - 1] = '\0';
	return text;
}

/* The value of a hexadecimal digit and one, 0 for any other character. */
static const uint8_t hex_value[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

int hash_parse(const char *text, size_t n, uint8_t hash[HASH_SIZE])
{
	if (n != HASH_TEXT - 1)
		return -1;
	for (size_t i = 0; i < HASH_SIZE; i++) {
		unsigned high = hex_value[(unsigned char)text[2 * i]];
		unsigned low = hex_value[(unsigned char)text[2 * i + 1]];

		if (!high || !low)
			return -1;
		hash[i] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	return 0;
}

/* Eight bytes a step, from tables: table[k][b] is the CRC of byte b followed by k zero bytes. */
static uint32_t table[8][256];

static void make_table(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ UINT32_C(0x82f63b78) : crc >> 1;
		table[0][b] = crc;
	}
	for (int k = 1; k < 8; k++)
		for (int b = 0; b < 256; b++)
			table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 255];
}

uint32_t crc32c_portable(uint32_t crc, const void *data, size_t n)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const uint8_t *p = data;

	pthread_once(&once, make_table);
	crc = ~crc;
	for (; n >= 8; n -= 8, p += 8)
		crc = table[7][p[0] ^ (crc & 255)] ^ table[6][p[1] ^ (crc >> 8 & 255)] ^
		      table[5][p[2] ^ (crc >> 16 & 255)] ^ table[4][p[3] ^ crc >> 24] ^
		      table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
	for (; n > 0; n--, p++)
		crc = crc >> 8 ^ table[0][(crc ^ *p) & 255];
	return ~crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2")))
static uint32_t crc32c_sse42(uint32_t crc, const void *data, size_t n)
{
	const uint8_t *p = data;
	uint64_t c = ~crc;

	for (; n >= 8; n -= 8, p += 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		c = __builtin_ia32_crc32di(c, word);
	}
	for (; n > 0; n--, p++)
		c = __builtin_ia32_crc32qi((uint32_t)c, *p);
	return ~(uint32_t)c;
}
#endif

uint32_t crc32c(uint32_t crc, const void *data, size_t n)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_sse42(crc, data, n);
#endif
	return crc32c_portable(crc, data, n);
}
