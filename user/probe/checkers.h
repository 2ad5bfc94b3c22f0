/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has to find memory errors by, and to provoke failures: fault injection, KFENCE
 * and SLUB's checks, as debugfs and sysfs show them. KASAN shows in the kernel's types (probe.c).
 */
#ifndef DRVMEM_PROBE_CHECKERS_H
#define DRVMEM_PROBE_CHECKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/probe.h"

#define DRVMEM_DEBUGFS		"/sys/kernel/debug"
#define DRVMEM_KFENCE_PARAM	"/sys/module/kfence/parameters/sample_interval"

struct drvmem_checkers {
	int debugfs;			/* 0; -ENOENT: not mounted, -EACCES: not for this process */
	bool failslab, fail_page_alloc;	/* their settings are there */
	bool slab_filter, page_filter;	/* and can be limited to a range of code */
	int64_t kfence_ms;		/* between two samples; 0 = off, -1 = not in this kernel, -2 = not readable */
	uint32_t slub_caches;		/* that SLUB checks: red zones, poison, who took it, consistency */
};

/* root: before every path, "" but for tests. */
void drvmem_checkers__read(const char *root, struct drvmem_checkers *ret);
/* FAULTS, KFENCE and SLUB_DEBUG of a probe. */
void drvmem_checkers__probe(const struct drvmem_checkers *c, struct drvmem_probe *p);
/* What is missing of fault injection of slab and of page, one sentence; "" when nothing is. */
void drvmem_checkers__missing(const struct drvmem_checkers *c, bool slab, bool page, char *ret, size_t size);

#endif /* DRVMEM_PROBE_CHECKERS_H */
