/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FNV-1a, 64 bit, with the constants the BPF side uses (drvmem/abi.h): library
 * names are compared by this hash there. Not for untrusted keys.
 */
#ifndef DRVMEM_BASE_FNV_H
#define DRVMEM_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#include "drvmem/abi.h"

/* Continues hash h over n bytes; start with DRVMEM_FNV_INIT. */
static inline uint64_t drvmem_fnv1a_more(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	while (n--)
		h = (h ^ *p++) * DRVMEM_FNV_PRIME;
	return h;
}

/* Hash of a string without its NUL. */
static inline uint64_t drvmem_fnv1a(const char *s)
{
	uint64_t h = DRVMEM_FNV_INIT;

	while (*s)
		h = (h ^ (unsigned char)*s++) * DRVMEM_FNV_PRIME;
	return h;
}

#endif /* DRVMEM_BASE_FNV_H */
