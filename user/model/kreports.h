/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel's log said of memory errors during a run (KFENCE, KASAN, SLUB's checks), and of
 * failures that fault injection caused. Equal ones are counted once. Text of the kernel, not of
 * the tool: a renderer has to take care of it.
 */
#ifndef DRVMEM_MODEL_KREPORTS_H
#define DRVMEM_MODEL_KREPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DRVMEM_KREPORT_FRAMES	16u	/* of all its stacks, in the order of the log */
#define DRVMEM_KREPORT_MODULES	8u
#define DRVMEM_KREPORT_TEXT	160u
#define DRVMEM_KREPORT_NAME	56u
#define DRVMEM_KREPORTS_MAX	256u	/* that differ: of errors so many, and of injected ones */

enum drvmem_kreport_kind {
	DRVMEM_KREPORT_KFENCE,
	DRVMEM_KREPORT_KASAN,
	DRVMEM_KREPORT_SLUB,
	DRVMEM_KREPORT_INJECTED,	/* a failure on purpose, no error */
	DRVMEM_NR_KREPORTS,
};

struct drvmem_kreport {
	enum drvmem_kreport_kind kind;
	uint64_t count;
	char what[DRVMEM_KREPORT_TEXT];		/* "use-after-free read"; injected: "failslab", "fail_page_alloc" */
	char where[DRVMEM_KREPORT_TEXT];	/* "func+0x12 [mod]", "" = not said; SLUB: the cache */
	char frame[DRVMEM_KREPORT_FRAMES][DRVMEM_KREPORT_TEXT];	/* "func+0x12 [mod]" */
	uint32_t nr_frames;
	char module[DRVMEM_KREPORT_MODULES][DRVMEM_KREPORT_NAME];	/* that any frame names, once each */
	uint32_t nr_modules;
	bool mixed;				/* with other records, line by line: some frames may be another report's */
};

struct drvmem_kreports {
	struct drvmem_kreport *v;
	uint32_t n, cap;
	uint64_t total[DRVMEM_NR_KREPORTS];	/* with those of which nothing else was kept */
	uint32_t distinct[2];			/* in v[]: errors, injected ones */
	uint64_t unkept;			/* errors of which only the total knows */
	uint64_t lost_records;			/* of the log, that were overwritten before they were read */
};

void drvmem_kreports__deinit(struct drvmem_kreports *r);
/* Adds one, or counts it with an equal one; above DRVMEM_KREPORTS_MAX in the total only. -ENOMEM */
DRVMEM_MUST_CHECK int drvmem_kreports__add(struct drvmem_kreports *r, const struct drvmem_kreport *report);
/* Adds a module's name to those of a report; what does not fit is left out. */
void drvmem_kreport__add_module(struct drvmem_kreport *report, const char *name, size_t len);
/* Does a stack of it have code of a module that the pattern matches? */
bool drvmem_kreport__names(const struct drvmem_kreport *report, const char *glob);
/* Its first frame of such a module; NULL: none was kept. */
const char *drvmem_kreport__frame_of(const struct drvmem_kreport *report, const char *glob);
/* "KFENCE", "KASAN", "SLUB", "fault injection". */
const char *drvmem_kreport_kind__name(enum drvmem_kreport_kind kind);

#endif /* DRVMEM_MODEL_KREPORTS_H */
