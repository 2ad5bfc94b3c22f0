/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text window: the part of the address space that holds kernel and module text, one
 * 16-bit range id for each page. Pure: works on memory the session hands in.
 */
#ifndef DRVMEM_SESSION_WINDOW_H
#define DRVMEM_SESSION_WINDOW_H

#include <stdint.h>

#include "base/err.h"
#include "drvmem/abi.h"

#define DRVMEM_WINDOW_PAGES (1u << 19)	/* 2 GiB of 4 KiB pages */

struct drvmem_window {
	uint64_t base;
	uint32_t pages;		/* multiple of DRVMEM_PAGES_CHUNK */
	uint32_t page_shift;
};

/* arch as uname -m says; stext from kallsyms. -EACCES when stext is needed and hidden. */
DRVMEM_MUST_CHECK int drvmem_window__make(const char *arch, uint64_t stext, struct drvmem_window *ret);
/*
 * Enters n kernel ranges as ids 1..n (n < DRVMEM_STATIC_RANGES; the rest is left out) and
 * points their pages at them. Ranges must be sorted and not overlap.
 */
void drvmem_window__fill(const struct drvmem_window *w, const struct drvmem_range *in, uint32_t n,
			 struct drvmem_range *ranges, struct drvmem_pages *pages);

#endif /* DRVMEM_SESSION_WINDOW_H */
