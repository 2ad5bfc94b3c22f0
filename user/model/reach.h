/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds which objects, as one pass over the kernel's memory found it: plain data, from which
 * analysis/reach.h makes classes. Addresses are inverted: plain ones would hold the objects.
 */
#ifndef DRVMEM_MODEL_REACH_H
#define DRVMEM_MODEL_REACH_H

#include <stdbool.h>
#include <stdint.h>

/* An object that is asked about. */
struct drvmem_reach_object {
	uint64_t inv_key;		/* as in the table of live objects, inverted: with key space */
	uint64_t held;			/* bytes; of a percpu object on one CPU */
	uint16_t allocator;		/* enum drvmem_allocator, no mapping */
	bool unseen;			/* it may have been freed unseen */
	bool by_number;			/* its holders may know it by page frame number or physical address alone */
};

enum drvmem_holder_kind {
	DRVMEM_HOLDER_NONE = 0,
	DRVMEM_HOLDER_OBJECT,		/* another object that is asked about */
	/* those from here on have a name */
	DRVMEM_HOLDER_KERNEL,		/* data of the kernel's image */
	DRVMEM_HOLDER_MODULE,		/* data of a module */
	DRVMEM_HOLDER_PERCPU,
	DRVMEM_HOLDER_BOOT,		/* memory of the boot: static per-CPU areas, tables */
	DRVMEM_HOLDER_SLAB,		/* a slab object */
	DRVMEM_HOLDER_STACK,		/* of a task */
	DRVMEM_HOLDER_VMALLOC,		/* an area of vmalloc or vmap */
	DRVMEM_HOLDER_STRUCT_PAGE,	/* a field of a struct page */
	DRVMEM_HOLDER_USER,		/* user space maps it, or it is a file's */
	DRVMEM_HOLDER_TABLE,		/* it is a page table: others hold it by its number */
	/* and those from here on have none */
	DRVMEM_HOLDER_PAGE,		/* a page of nobody that is known */
	DRVMEM_HOLDER_FREE_SLOT,	/* a slab object that seems to be free */
};

struct drvmem_holder {
	uint8_t kind;			/* enum drvmem_holder_kind */
	uint32_t object;		/* DRVMEM_HOLDER_OBJECT: which */
	uint32_t pid;			/* of a stack */
	uint64_t inv_va;		/* where the word is; the struct page's page frame number, not inverted */
	uint32_t offset;		/* in the slab object; above the stack pointer */
	char name[32];			/* cache, or command of the task */
};

/* What a pass says of one object. */
struct drvmem_reach_target {
	bool judged;			/* it could be looked for */
	bool free;			/* it is free, or its memory is another's by now */
	bool maybe_free;		/* it may have been freed unseen, which its memory does not tell */
	bool by_number;			/* as of the object */
	bool named;			/* a word with a name holds it; no others are counted then */
	uint32_t unnamed;		/* words in memory that has no name */
	uint32_t dead;			/* words in freed objects: known to hold nothing */
	uint64_t sum;			/* of its content */
	struct drvmem_holder holder;	/* the first word with a name, else the first without; kind NONE = neither */
};

struct drvmem_reach_edge {
	uint32_t from, to;		/* objects: a word in from holds to */
};

struct drvmem_reach_pass {
	struct drvmem_reach_target *target;	/* by object */
	uint32_t nr;
	struct drvmem_reach_edge *edge;	/* only between objects that no name holds */
	uint64_t nr_edges, cap_edges;
	bool edges_cut;			/* there were more, or memory that could not be read: nobody is sure to be lost */
	bool ram_changed;		/* memory was added or taken away: what is there now is not known */
	uint64_t bytes, unreadable;	/* read; of these not to be read */
	uint64_t ns;			/* of the pass, reading and searching */
	uint32_t tasks;
	bool tasks_whole;		/* else stacks may count as used to their end */
};

/* What two passes say of one object (analysis/reach.h). */
enum drvmem_reach_class {
	DRVMEM_REACH_UNKNOWN = 0,	/* could not be looked for */
	DRVMEM_REACH_FREED,		/* free by now, seen or unseen */
	DRVMEM_REACH_REACHABLE,		/* a named word holds it, or an object that is held so */
	DRVMEM_REACH_POSSIBLY_LOST,	/* held only from memory that has no name, or changed in between */
	DRVMEM_REACH_INDIRECTLY_LOST,	/* held by lost objects only */
	DRVMEM_REACH_DEFINITELY_LOST,	/* nothing holds it */
	DRVMEM_NR_REACH,
};

struct drvmem_reach_verdict {
	uint8_t class;			/* enum drvmem_reach_class */
	bool changed;			/* possibly lost because it was written to between the passes */
	bool maybe_free;		/* ... because it may have been freed unseen */
	bool by_number;			/* ... because its holders may know it by number alone */
	bool cut;			/* ... because not all words could be read or kept */
	uint32_t dead;			/* words in freed objects, of the last pass */
	struct drvmem_holder holder;	/* of the reachable, the possibly and the indirectly lost; kind NONE: none */
};

#endif /* DRVMEM_MODEL_REACH_H */
