/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two halves of drvmem_test share: the table of allocation kinds
 * (kinds.c: how each allocates and frees) and the objects the control file
 * (ctl.c) keeps of each. Built twice, see ctl2.c.
 */
#ifndef DRVMEM_TEST_H
#define DRVMEM_TEST_H

#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/types.h>

struct kmem_cache;

#define MAX_OBJECTS	16384	/* held per kind at one time */
#define BULK_MAX	64

/* One allocation. The array of these in .bss is the only reference to it. */
struct object {
	void *ptr;
	size_t size;		/* asked bytes, as drvmem defines them */
	dma_addr_t dma;
};

enum kind_flags {
	KIND_ATOMIC	= 1 << 0,	/* can be allocated in a timer */
	KIND_BULK	= 1 << 1,	/* kfree_bulk() or kmem_cache_free_bulk() */
	KIND_KFREE_RCU	= 1 << 2,	/* kfree_rcu() */
	KIND_CALL_RCU	= 1 << 3,	/* call_rcu() with a callback that frees */
	KIND_FAIL	= 1 << 4,	/* can be asked for more than there is */
	KIND_LEAK	= 1 << 5,	/* can be forgotten */
	KIND_OUTLIVE	= 1 << 6,	/* can stay behind when the module goes */
};

struct kind {
	const char *name;
	unsigned int flags;
	size_t fixed;			/* object size where SIZE is ignored */
	size_t min, max;		/* of SIZE; max 0: 4 MiB */
	/* @obj->size is what was asked; set ptr, and size if it is not that */
	void (*alloc)(struct object *obj, gfp_t gfp);
	/* all of @nr or none; kinds that have it are never allocated one by one */
	bool (*alloc_many)(struct object *objs, size_t nr, gfp_t gfp);
	void (*free)(struct object *obj);
	void (*free_many)(void **ptrs, size_t nr);

	struct object *held;		/* MAX_OBJECTS, the first nr_held in use */
	size_t nr_held;
	unsigned long leaked;
	/* these also change in RCU callbacks */
	atomic_long_t allocated, freed, failed, live_bytes;
};

extern struct kind kinds[];
extern const unsigned int nr_kinds;

int kinds_init(void);
void kinds_exit(void);

#endif
