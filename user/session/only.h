/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patterns of owners as the programs can check them: names, and prefixes followed by '*'. What
 * they let through is never less than what the patterns match: those are applied again when the
 * result is shown. Pure.
 */
#ifndef DRVMEM_SESSION_ONLY_H
#define DRVMEM_SESSION_ONLY_H

#include <stdint.h>

#include "base/opt.h"

struct drvmem_only {
	uint8_t bits;			/* struct drvmem_config: only; 0 = every owner */
	uint32_t n;
	char name[DRVMEM_STRLIST_MAX][64];	/* "e1000e", "snd_*" */
};

/* owners: globs such as "e1000*", "e1000e#7", "kernel:net*"; NULL or empty: every owner. */
void drvmem_only__make(const struct drvmem_strlist *owners, struct drvmem_only *ret);

#endif /* DRVMEM_SESSION_ONLY_H */
