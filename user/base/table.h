/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hash table u64 -> u64: open addressing, linear probing, removal by backward
 * shift (no tombstones). Any key is allowed, 0 too. Zero-initialised is valid
 * and empty. Iteration order is undefined and ends with any change.
 */
#ifndef DRVMEM_BASE_TABLE_H
#define DRVMEM_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct drvmem_table {
	struct drvmem_table_slot *slot;
	size_t nr, cap;		/* cap: power of two, or 0 */
	bool has_zero;		/* key 0 marks a free slot, so its value lives beside */
	uint64_t zero_value;
};

void drvmem_table__deinit(struct drvmem_table *t);
size_t drvmem_table__count(const struct drvmem_table *t);
/* Sets, replacing. -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_table__put(struct drvmem_table *t, uint64_t key, uint64_t value);
/* False when absent, ret_value then untouched; ret_value may be NULL. */
bool drvmem_table__get(const struct drvmem_table *t, uint64_t key, uint64_t *ret_value);
/* The value to change in place, 0 when new; NULL on ENOMEM. Valid until the next change. */
uint64_t *drvmem_table__ref(struct drvmem_table *t, uint64_t key);
/* False when it was not there. */
bool drvmem_table__del(struct drvmem_table *t, uint64_t key);
/* Iterates: *it starts at 0. False at the end. */
bool drvmem_table__next(const struct drvmem_table *t, size_t *it, uint64_t *ret_key,
			uint64_t *ret_value);

#endif /* DRVMEM_BASE_TABLE_H */
