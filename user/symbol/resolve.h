/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives a snapshot its names: sites, components, stacks. Symbols of modules that went
 * during the session come from symbol tables kept while they were loaded.
 */
#ifndef DRVMEM_SYMBOL_RESOLVE_H
#define DRVMEM_SYMBOL_RESOLVE_H

#include "model/snapshot.h"
#include "symbol/symbol.h"

/* Symbol tables, newest last; any may be NULL. */
struct drvmem_symbols {
	struct drvmem_symtab *const *tab;
	uint32_t n;
	const struct drvmem_builtin *builtin;	/* NULL = not shipped */
};

/* -ENOMEM. Addresses that no table knows are shown as "[module]+0x12" or "0x...". */
DRVMEM_MUST_CHECK int drvmem_symbols__resolve(const struct drvmem_symbols *y,
					      struct drvmem_snapshot *s);

#endif /* DRVMEM_SYMBOL_RESOLVE_H */
