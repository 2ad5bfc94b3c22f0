/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel itself counts, read at one moment: /proc/slabinfo, vmallocinfo, meminfo, vmstat.
 * In two steps, since the moment matters: take() only reads texts, parse() makes sense of them and
 * adds what does not change (the layout of caches in /sys/kernel/slab). Owns nothing afterwards.
 */
#ifndef DRVMEM_SOURCE_READING_H
#define DRVMEM_SOURCE_READING_H

#include <stddef.h>

#include "base/err.h"
#include "model/reading.h"

enum { DRVMEM_TEXT_SLABINFO, DRVMEM_TEXT_VMALLOC, DRVMEM_TEXT_MEMINFO, DRVMEM_TEXT_VMSTAT, DRVMEM_NR_TEXTS };

/* err: 0, or -errno of the reading. Zero-initialised is valid and empty. */
struct drvmem_kernel_texts {
	char *text[DRVMEM_NR_TEXTS];
	size_t len[DRVMEM_NR_TEXTS];
	int err[DRVMEM_NR_TEXTS];
};

/* Never fails as a whole: a file that cannot be read is absent or denied in what parse() gives. */
void drvmem_kernel_texts__take(struct drvmem_kernel_texts *t);
void drvmem_kernel_texts__deinit(struct drvmem_kernel_texts *t);
/*
 * ret: one reference. slab_dir: DRVMEM_SLABFS_DIR; like: an earlier reading whose caches need not
 * be looked up again, or NULL. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_reading__parse(const struct drvmem_kernel_texts *t, const char *slab_dir,
					    const struct drvmem_reading *like,
					    struct drvmem_reading **ret);

/* Areas of a vmallocinfo into r; lines that are not understood are left out. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_reading__parse_areas(const char *text, size_t len,
						  struct drvmem_reading *r);

#endif /* DRVMEM_SOURCE_READING_H */
