/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that was there before the session, from what the kernel tells at its start:
 * meminfo, vmallocinfo, the list of modules, slabinfo with the caches' constructors,
 * BPF maps, allocinfo, devres lists. An owner is named only where the kernel proves it.
 */
#ifndef DRVMEM_SOURCE_BASELINE_H
#define DRVMEM_SOURCE_BASELINE_H

#include "model/baseline.h"
#include "session/bpfmaps.h"
#include "session/devres.h"
#include "source/pageowner.h"

/* A text, or why it could not be read (-errno; then s is not looked at). */
struct drvmem_baseline_text {
	const char *s;
	size_t n;
	int err;
};

struct drvmem_baseline_in {
	struct drvmem_baseline_text meminfo, vmallocinfo, modules, slabinfo, allocinfo;
	/* Text of /sys/kernel/slab/CACHE/ctor, "func+0x0/0x10 [mod]", into buf. 0 or -errno. */
	int (*ctor)(void *arg, const char *cache, char *buf, size_t size);
	void *arg;
	struct drvmem_bpfmaps bpf;
	int bpf_err;
	const struct drvmem_devres *devres;	/* NULL = was not asked for */
	struct drvmem_pageowner *pages;		/* NULL = was not asked for; the result's where it is made */
	uint32_t page_size;
};

/* The pure part. 0 or -ENOMEM: what is missing or malformed is so in the result. */
DRVMEM_MUST_CHECK int drvmem_baseline__make(const struct drvmem_baseline_in *in,
					    struct drvmem_baseline **ret);
/*
 * Reads the files and makes it; bpf, bpf_err: result of drvmem_bpfmaps__read(). devres reads the
 * devres lists, NULL = not asked for: called after the files are read, or what the reading takes
 * for itself would be in them. kind: how page_owner's stacks are read, NULL = not asked for. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_baseline__read(const struct drvmem_bpfmaps *bpf, int bpf_err,
					    drvmem_devres_reader devres, const struct drvmem_devres_syms *syms,
					    drvmem_po_kind kind, struct drvmem_baseline **ret);

/*
 * What allocinfo says now into s->exact, beside what b has of the start; a module without a line
 * in one of them has 0 there. Nothing for a text that is none, or a session that does not trace
 * every owner and size. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_baseline__exact(const struct drvmem_baseline *b, const char *text,
					     size_t len, struct drvmem_snapshot *s);
/* The same from the file, where there was one at the start. */
DRVMEM_MUST_CHECK int drvmem_baseline__read_exact(const struct drvmem_baseline *b,
						  struct drvmem_snapshot *s);
/*
 * What page_owner says now into s->pages, beside what b has of the start: pages that modules took for
 * themselves, as tracing counts them. Records that tell when are counted by that: then_bytes is 0, and
 * now_bytes what was taken since. Of two readings of stacks, or of records without time, both sums. Under
 * the same conditions as exact; s->pages_why where it cannot be compared. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_baseline__pages(const struct drvmem_baseline *b,
					     const struct drvmem_pageowner *now, struct drvmem_snapshot *s);
/* The same from the file, where there was one at the start. */
DRVMEM_MUST_CHECK int drvmem_baseline__read_pages(const struct drvmem_baseline *b, drvmem_po_kind kind,
						  struct drvmem_snapshot *s);

#endif /* DRVMEM_SOURCE_BASELINE_H */
