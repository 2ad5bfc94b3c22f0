/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the reachability scan share: scan.c reads, targets.c says where objects are, hits.c what a word is. */
#ifndef DRVMEM_SOURCE_SCAN_PARTS_H
#define DRVMEM_SOURCE_SCAN_PARTS_H

#include <pthread.h>

#include "source/ksheaf.h"
#include "source/kslab.h"
#include "source/ktasks.h"
#include "source/scan.h"
#include "source/search.h"

#define DRVMEM_EXTENT_MASKED	UINT32_MAX
#define DRVMEM_EXTENT_ROOT	(UINT32_MAX - 1)	/* of several objects: whose its words are cannot be told */

/* Physical memory of an object's body, or of what is not to be looked at. */
struct drvmem_extent {
	uint64_t lo, hi;	/* [lo, hi) */
	uint32_t object;	/* or DRVMEM_EXTENT_MASKED */
};

enum drvmem_place_form { DRVMEM_PLACE_NONE = 0, DRVMEM_PLACE_SLAB, DRVMEM_PLACE_PAGES,
			 DRVMEM_PLACE_AREA, DRVMEM_PLACE_PERCPU };

/* Where an object is. */
struct drvmem_place {
	uint8_t form;		/* enum drvmem_place_form */
	uint64_t inv_va, size;
	uint64_t cell_pa;	/* of a slab object */
	const struct drvmem_kcache *cache;
};

struct drvmem_scan {
	const struct drvmem_scan_opts *o;
	struct drvmem_kmem *k;
	struct drvmem_kmem_port *port;	/* of the thread that prepares; for hits, with the lock held */
	uint64_t reader_pa;		/* the kernel's page for that port, once it is known; 0 = not */
	uint8_t *kind;			/* by page frame: drvmem_kpages__read(); sparse */
	uint64_t pass_bytes;		/* that a pass took for itself, the most */
	struct drvmem_kslab slab;
	struct drvmem_ksheaves sheaves;
	struct drvmem_ktasks tasks;
	struct drvmem_search search;
	struct drvmem_place *place;	/* by object */
	struct drvmem_extent *extent;	/* by lo */
	size_t nr_extents, cap_extents;
	uint8_t *late;			/* by page frame: what is to be read at the end of a pass; sparse */
	uint64_t *sums;			/* of struct pages as a pass began, DRVMEM_KPAGES_PIECE each; sparse */
	pthread_mutex_t lock;
	pthread_mutex_t gate;		/* threads that are through wait here, so that their stacks stay theirs */
	pthread_cond_t opened;
	bool open;			/* they may go */
	struct drvmem_reach_pass *pass;	/* what is being filled */
	bool zeroed;			/* drvmem_scan__is_zeroed() */
	uint32_t own_tgid;		/* drvmem's, as the kernel counts; 0 = not known */
	int error;			/* -errno of any thread */
	uint64_t next_pfn;		/* of what no thread has taken yet */
	uint64_t done_pages, all_pages;
	uint32_t running;
};

/* Where all objects are as of now: place, search, extents; and what is to be left out. */
DRVMEM_MUST_CHECK int drvmem_targets__prepare(struct drvmem_scan *s);
/* The task is a thread of drvmem's. */
bool drvmem_targets__is_own(const struct drvmem_scan *s, const struct drvmem_ktask *t);
void drvmem_targets__deinit(struct drvmem_scan *s);
DRVMEM_MUST_CHECK int drvmem_targets__add_extent(struct drvmem_scan *s, uint64_t lo, uint64_t hi, uint32_t object);
/* After the pass: which objects are free by now. */
void drvmem_targets__find_free(struct drvmem_scan *s);

/* The word w[at] of the page at pa may hold objects; it is in the body of object from, UINT32_MAX = in none's. Takes the lock. */
void drvmem_hits__word(struct drvmem_scan *s, uint64_t pa, const uint64_t *w, size_t at, uint32_t from);

#endif /* DRVMEM_SOURCE_SCAN_PARTS_H */
