/* SPDX-License-Identifier: GPL-3.0-or-later
 * hash.h - the two checks everything stored carries: SHA-256 (OpenSSL) against forgery and
 * CRC-32C (Castagnoli, RFC 3720 B.4) against torn writes. */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_SIZE 32
#define HASH_TEXT 65                       /* lower-case hexadecimal and its NUL */

/* A hash over several pieces.  One thread at a time; reusing one is much faster than new ones. */
struct hash;

struct hash *hash_new(void);
void hash_add(struct hash *h, const void *data, size_t n);
void hash_end(struct hash *h, uint8_t out[HASH_SIZE]);   /* and begins the next */
void hash_free(struct hash **h);

void hash_of(uint8_t out[HASH_SIZE], const void *data, size_t n);
char *hash_text(const uint8_t hash[HASH_SIZE], char text[HASH_TEXT]);
int  hash_parse(const char *text, size_t n, uint8_t hash[HASH_SIZE]);   /* -1 unless 64 hex digits */

uint32_t crc32c(uint32_t crc, const void *data, size_t n);   /* start with 0 */
uint32_t crc32c_portable(uint32_t crc, const void *data, size_t n);   /* without the CPU's help */

#endif
