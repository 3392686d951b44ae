/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "checksum.h"

#include <stdbool.h>
#include <stdio.h>

enum family { SUM, XOR, CRC };

/* A checksum as the catalogue parametrises it; sums are xored and then increased at their end. */
static const struct kind {
	enum family family;
	int width;                       /* bits */
	uint32_t polynomial, initial;
	bool reflected;                  /* least significant bit first, in and out */
	uint32_t xored, added;           /* to the result */
} kinds[] = {
	{ SUM, 8, 0, 0, false, 0, 0 },
	{ SUM, 8, 0, 0, false, 0xFF, 0 },
	{ SUM, 8, 0, 0, false, 0xFF, 1 },
	{ SUM, 8, 0, 0, false, 0xFF, 1 },
	{ SUM, 16, 0, 0, false, 0, 0 },
	{ XOR, 8, 0, 0, false, 0, 0 },
	{ CRC, 8, 0x07, 0x00, false, 0, 0 },
	{ CRC, 8, 0x31, 0x00, true, 0, 0 },
	{ CRC, 16, 0x8005, 0x0000, true, 0, 0 },
	{ CRC, 16, 0x8005, 0xFFFF, true, 0, 0 },
	{ CRC, 16, 0x8005, 0xFFFF, true, 0xFFFF, 0 },
	{ CRC, 16, 0x8005, 0x0000, true, 0xFFFF, 0 },
	{ CRC, 16, 0x8005, 0x0000, false, 0, 0 },
	{ CRC, 16, 0x1021, 0xFFFF, false, 0, 0 },
	{ CRC, 16, 0x1021, 0x0000, false, 0, 0 },
	{ CRC, 16, 0x1021, 0x0000, true, 0, 0 },
	{ CRC, 16, 0x1021, 0xFFFF, true, 0xFFFF, 0 },
	{ CRC, 16, 0x1021, 0x1D0F, false, 0, 0 },
	{ CRC, 16, 0x1021, 0xFFFF, false, 0xFFFF, 0 },
	{ CRC, 16, 0x1021, 0xFFFF, true, 0, 0 },
	{ CRC, 16, 0x3D65, 0x0000, true, 0xFFFF, 0 },
	{ CRC, 32, 0x04C11DB7, 0xFFFFFFFF, true, 0xFFFFFFFF, 0 },
};

const char *const checksum_names[] = {
	"sum8", "sum8-ones", "sum8-twos", "lrc", "sum16", "xor8", "crc8", "crc8-maxim",
	"crc16-arc", "crc16-modbus", "crc16-usb", "crc16-maxim", "crc16-umts",
	"crc16-ccitt-false", "crc16-xmodem", "crc16-kermit", "crc16-x25", "crc16-aug-ccitt", "crc16-genibus",
	"crc16-mcrf4xx", "crc16-dnp", "crc32", NULL
};
_Static_assert(sizeof checksum_names / sizeof *checksum_names == sizeof kinds / sizeof *kinds + 1,
	       "a name for every kind");

const char *const checksum_forms[] = { "HEX", "hex", "binary", "decimal", "nibbles-30", NULL };
const char *const checksum_orders[] = { "big", "little", NULL };

static uint32_t mask(int width)
{
	return (uint32_t)((UINT64_C(1) << width) - 1);
}

static uint32_t mirrored(uint32_t x, int width)
{
	uint32_t out = 0;

	for (int i = 0; i < width; i++)
		out |= (x >> i & 1) << (width - 1 - i);
	return out;
}

/* Bit by bit: a message is short, and this is the definition itself. */
static uint32_t crc(const struct kind *k, const uint8_t *p, size_t n)
{
	uint32_t top = UINT32_C(1) << (k->width - 1), r = k->initial;

	for (size_t i = 0; i < n; i++) {
		r ^= (k->reflected ? mirrored(p[i], 8) : p[i]) << (k->width - 8);
		for (int bit = 0; bit < 8; bit++)
			r = r & top ? r << 1 ^ k->polynomial : r << 1;
	}
	r &= mask(k->width);
	return k->reflected ? mirrored(r, k->width) : r;
}

static uint32_t sum(const uint8_t *p, size_t n)
{
	uint32_t r = 0;

	for (size_t i = 0; i < n; i++)
		r += p[i];
	return r;
}

static uint32_t parity(const uint8_t *p, size_t n)
{
	uint32_t r = 0;

	for (size_t i = 0; i < n; i++)
		r ^= p[i];
	return r;
}

uint32_t checksum(int kind, const void *data, size_t n)
{
	const struct kind *k = &kinds[kind];
	uint32_t r = k->family == CRC ? crc(k, data, n) : k->family == SUM ? sum(data, n) : parity(data, n);

	return ((r ^ k->xored) + k->added) & mask(k->width);
}

static int decimal_digits(int width)
{
	return width == 8 ? 3 : width == 16 ? 5 : 10;
}

size_t checksum_size(int kind, int form)
{
	int width = kinds[kind].width;

	switch (form) {
	case CHECKSUM_BINARY:
		return (size_t)width / 8;
	case CHECKSUM_DECIMAL:
		return (size_t)decimal_digits(width);
	default:
		return (size_t)width / 4;
	}
}

static char nibble(int form, uint32_t x)
{
	return form == CHECKSUM_NIBBLES ? (char)(0x30 + x)
		: form == CHECKSUM_HEX_LOWER ? "0123456789abcdef"[x] : "0123456789ABCDEF"[x];
}

size_t checksum_write(int kind, int form, int order, uint32_t value, char text[CHECKSUM_TEXT])
{
	int bytes = kinds[kind].width / 8;
	size_t at = 0;

	if (form == CHECKSUM_DECIMAL) {
		snprintf(text, CHECKSUM_TEXT, "%0*lu", decimal_digits(kinds[kind].width), (unsigned long)value);
		return checksum_size(kind, form);
	}
	for (int i = 0; i < bytes; i++) {
		uint32_t byte = value >> 8 * (order == CHECKSUM_LITTLE ? i : bytes - 1 - i) & 0xFF;

		if (form == CHECKSUM_BINARY) {
			text[at++] = (char)byte;
			continue;
		}
		text[at++] = nibble(form, byte >> 4);
		text[at++] = nibble(form, byte & 0xF);
	}
	text[at] = '\0';
	return at;
}
