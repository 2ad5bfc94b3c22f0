// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/utf8.h"

/* Bytes of the sequence that lead starts, 0 = none; *bits: what lead carries, *least: shortest form. */
static size_t sequence_len(unsigned char lead, uint32_t *bits, uint32_t *least)
{
	if (lead < 0x80) {
		*bits = lead;
		*least = 0;
		return 1;
	}
	if (lead >= 0xc2 && lead < 0xe0) {
		*bits = lead & 0x1f;
		*least = 0x80;
		return 2;
	}
	if (lead >= 0xe0 && lead < 0xf0) {
		*bits = lead & 0x0f;
		*least = 0x800;
		return 3;
	}
	if (lead >= 0xf0 && lead < 0xf5) {
		*bits = lead & 0x07;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t drvmem_utf8__next(const char *s, size_t len, uint32_t *ret_cp)
{
	uint32_t cp = 0, least = 0;
	size_t n = sequence_len((unsigned char)s[0], &cp, &least), i;

	*ret_cp = DRVMEM_UTF8_INVALID;
	if (!n || n > len)
		return 1;
	for (i = 1; i < n; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 1;
		cp = cp << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (cp < least || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 1;
	*ret_cp = cp;
	return n;
}
