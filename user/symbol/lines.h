/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File and line of a snapshot's return addresses, from debug information: address to section by
 * /sys/module/NAME/sections while the module is there, else symbol and offset, if there is one
 * symbol of that name (so always where the session is of another boot); of the kernel by where its text begins. Where
 * neither is certain, nothing.
 */
#ifndef DRVMEM_SYMBOL_LINES_H
#define DRVMEM_SYMBOL_LINES_H

#include "model/places.h"
#include "model/snapshot.h"
#include "symbol/debugsearch.h"

struct drvmem_lines;

/* False: built without libdw, nothing will be found. */
bool drvmem_lines__supported(void);
/* The texts of opts must outlive it; its root is before /sys too. -ENOMEM; -errno: opts->dir cannot be read. */
DRVMEM_MUST_CHECK int drvmem_lines__new(const struct drvmem_debugsearch_opts *opts, struct drvmem_lines **ret);
void drvmem_lines__free(struct drvmem_lines *l);
/*
 * Looks up a return address of s (its call lies before it) and adds to `to` what is known; once for each
 * address. symbol: as drvmem_symbols__resolve() named it, with or without "[module]"; module: of the
 * symbol where its text does not say, NULL = the kernel or not known. -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_lines__add(struct drvmem_lines *l, const struct drvmem_snapshot *s, uint64_t ip,
					const char *symbol, const char *module, struct drvmem_places *to);

#endif /* DRVMEM_SYMBOL_LINES_H */
