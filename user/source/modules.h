/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/modules: which modules are loaded, their size, references and state. Its
 * address and size are no text range from 6.4 on (kernel-side ranges come from
 * struct module); they serve for display only. The parser takes a buffer.
 */
#ifndef DRVMEM_SOURCE_MODULES_H
#define DRVMEM_SOURCE_MODULES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "drvmem/abi.h"

enum drvmem_modstate {
	DRVMEM_MODSTATE_UNKNOWN = 0,
	DRVMEM_MODSTATE_LIVE,
	DRVMEM_MODSTATE_LOADING,
	DRVMEM_MODSTATE_UNLOADING,
};

struct drvmem_procmod {
	char name[DRVMEM_NAME_LEN];
	uint64_t size;		/* bytes */
	uint64_t addr;		/* 0 = hidden by kptr_restrict */
	int32_t refs;		/* -1 = unloading, or the kernel does not count */
	enum drvmem_modstate state;
};

struct drvmem_procmods {
	struct drvmem_procmod *v;	/* in file order: latest loaded first */
	size_t n;
	size_t skipped;			/* malformed lines */
};

DRVMEM_MUST_CHECK int drvmem_procmods__parse(const char *text, size_t len,
					     struct drvmem_procmods **ret);
/* Reads /proc/modules. -ENOENT: the kernel has no loadable modules, which is no error. */
DRVMEM_MUST_CHECK int drvmem_procmods__load(struct drvmem_procmods **ret);
void drvmem_procmods__free(struct drvmem_procmods *m);
/* By name, '-' and '_' alike; NULL when not loaded. */
const struct drvmem_procmod *drvmem_procmods__find(const struct drvmem_procmods *m,
						   const char *name);

#endif /* DRVMEM_SOURCE_MODULES_H */
