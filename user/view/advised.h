/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice (analysis/advice.h) with the names of what it is about. Refers to all that it is given. */
#ifndef DRVMEM_VIEW_ADVISED_H
#define DRVMEM_VIEW_ADVISED_H

#include "analysis/advice.h"
#include "view/phases.h"
#include "view/scope.h"

struct drvmem_advised {
	const struct drvmem_scope *v;
	const struct drvmem_advice *a;
	const struct drvmem_advice_opts *o;
	const struct drvmem_pools *pools;	/* NULL = not read */
	const struct drvmem_phases *phases;	/* of the modules; NULL = not looked at */
	uint64_t saved;				/* bytes at the peak, of all findings that save bytes, likely */
};

void drvmem_advised_init(struct drvmem_advised *d, const struct drvmem_scope *v, const struct drvmem_advice *a,
			 const struct drvmem_advice_opts *o, const struct drvmem_pools *pools,
			 const struct drvmem_phases *phases);
/* Whose it is: "e1000e". */
const char *drvmem_advised__owner(const struct drvmem_advised *d, const struct drvmem_advice_finding *f);
/* What it is about: a call site "e1000_open+0x1f", or a pool's name. */
const char *drvmem_advised__subject(const struct drvmem_advised *d, const struct drvmem_advice_finding *f);
/* "drv.c:123" of a call site; false: it is a pool, or nobody looked, or found it. */
bool drvmem_advised__place(const struct drvmem_advised *d, const struct drvmem_advice_finding *f, char *buf, size_t size);
/* The other site of a pair, or NULL. */
const char *drvmem_advised__second(const struct drvmem_advised *d, const struct drvmem_advice_finding *f);
/* "slab", "dma", ...; of a pool its kind. */
const char *drvmem_advised__kind(const struct drvmem_advised *d, const struct drvmem_advice_finding *f);
const char *drvmem_level_name(enum drvmem_level level);		/* "high" */
const char *drvmem_advice_unit_name(enum drvmem_advice_unit unit);	/* "bytes" */

#endif /* DRVMEM_VIEW_ADVISED_H */
