/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File and line for what `drvmem leaks` reports: the call sites that have outstanding objects, and
 * their stacks. Command layer: the view says which addresses, symbol/lines.h looks them up.
 */
#ifndef DRVMEM_LINELOOK_H
#define DRVMEM_LINELOOK_H

#include <stdbool.h>

#include "base/err.h"
#include "model/places.h"
#include "view/outstanding.h"

struct drvmem_linelook_opts {
	bool lines, debuginfod;
	const char *debug_dir;	/* NULL = none */
};

/* lines, or what implies it. */
bool drvmem_linelook__wanted(const struct drvmem_linelook_opts *o);
/* Before a long run: can it be done at all? -errno with err filled (exit 2 or 3). */
DRVMEM_MUST_CHECK int drvmem_linelook__check(const struct drvmem_linelook_opts *o, struct drvmem_err *err);
/* Sets k->places to what the caller frees as *ret. 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_linelook__outstanding(const struct drvmem_linelook_opts *o,
						   const struct drvmem_scope *v, struct drvmem_outstanding *k,
						   struct drvmem_places **ret, struct drvmem_err *err);

#endif /* DRVMEM_LINELOOK_H */
