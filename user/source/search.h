/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the words that point into any of many ranges, at the speed of memory: a comparison with
 * the lowest and the highest, one bit of a table by page number, then the ranges themselves.
 */
#ifndef DRVMEM_SOURCE_SEARCH_H
#define DRVMEM_SOURCE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DRVMEM_SEARCH_BITS_SHIFT	22u	/* 512 KiB: stays in a second-level cache */
#define DRVMEM_SEARCH_BITS_BYTES	((1u << DRVMEM_SEARCH_BITS_SHIFT) / 8)

/* What an address range is to its object. */
enum drvmem_key_kind {
	DRVMEM_KEY_BODY = 0,	/* the memory itself */
	DRVMEM_KEY_AREA,	/* the same, of vmalloc */
	DRVMEM_KEY_PAGE,	/* its struct pages */
	DRVMEM_KEY_DESCRIBED,	/* struct pages of the slab it is on */
	DRVMEM_KEY_COOKIE,	/* the pointer that percpu allocations return */
	DRVMEM_KEY_PERCPU,	/* the memory of one CPU */
};

struct drvmem_key {
	uint64_t lo, hi;	/* [lo, hi) */
	uint32_t object;
	uint8_t kind;		/* enum drvmem_key_kind */
	uint64_t max_hi;	/* of this and all before it, after seal */
};

struct drvmem_search {
	struct drvmem_key *key;	/* by lo, after seal */
	size_t nr, cap;
	uint64_t min, max;	/* of kernel addresses */
	uint64_t small_min, small_max;	/* of percpu pointers that are offsets; min > max: none */
	uint64_t *bits;
};

DRVMEM_MUST_CHECK int drvmem_search__init(struct drvmem_search *s);
/* Wipes what it knew. */
void drvmem_search__deinit(struct drvmem_search *s);
/* -ERANGE: it is empty, or goes round the end of the address space: no word is found to lie in it. -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_search__add(struct drvmem_search *s, const struct drvmem_key *k);
/* To be called once, when all keys are there. */
void drvmem_search__seal(struct drvmem_search *s);
/*
 * Numbers of the words of w, n <= 512, that may lie in a range, ascending; ret has room for n.
 * Returns how many. Words that do lie in one are never missing.
 */
size_t drvmem_search__words(const struct drvmem_search *s, const uint64_t *w, size_t n, uint16_t *ret);
/*
 * The ranges that v lies in: the first one from *at on (0 at first), NULL when there is no more.
 */
const struct drvmem_key *drvmem_search__find(const struct drvmem_search *s, uint64_t v, size_t *at);

#endif /* DRVMEM_SOURCE_SEARCH_H */
