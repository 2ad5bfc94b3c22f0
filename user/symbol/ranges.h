/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel functions that mean something in a stack: barriers (interrupt, exception,
 * reclaim: what lies beyond did not ask for this memory), allocator overhead, and
 * callers that retry a failure. Names in, sorted text ranges out. Pure.
 */
#ifndef DRVMEM_SYMBOL_RANGES_H
#define DRVMEM_SYMBOL_RANGES_H

#include "drvmem/abi.h"
#include "symbol/symbol.h"

/* Ranges sorted by address, neighbours of one kind merged. Caller frees *ret. */
DRVMEM_MUST_CHECK int drvmem_ranges__make(const struct drvmem_symtab *t, struct drvmem_range **ret,
					  uint32_t *ret_n);
/* Kind of one vmlinux symbol by its name; DRVMEM_RANGE_NONE for ordinary code. */
enum drvmem_range_kind drvmem_ranges__kind(const char *symbol);

#endif /* DRVMEM_SYMBOL_RANGES_H */
