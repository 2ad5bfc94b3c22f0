/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel's page_owner says at one moment: of every page that is taken the stack that took
 * it, summed up by what it was taken for and by module. It knows all pages, drvmem's ledger of pages
 * only those that no other allocator has: classes tell them apart. Plain data; sizes in bytes.
 */
#ifndef DRVMEM_MODEL_PAGEOWNER_H
#define DRVMEM_MODEL_PAGEOWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drvmem/abi.h"

/* What pages were taken for; each page is in one of them. */
enum drvmem_po_class {
	DRVMEM_PO_MODULE,	/* asked for by, or for, code of a module: what is compared with tracing */
	DRVMEM_PO_DMA,		/* DMA buffers, of modules or not */
	DRVMEM_PO_UNNAMED,	/* code that has no name: of a module that is gone, or of init functions */
	DRVMEM_PO_KERNEL,	/* the kernel itself, page tables among it */
	DRVMEM_PO_USER,		/* processes and files */
	DRVMEM_PO_SLAB,		/* slabs and large kmallocs */
	DRVMEM_PO_VMALLOC,
	DRVMEM_PO_PERCPU,
	DRVMEM_PO_UNKNOWN,	/* not in the stack: taken before page_owner began, or by it */
	DRVMEM_NR_PO
};

extern const char *const drvmem_po_class_names[DRVMEM_NR_PO];

enum drvmem_po_form {
	DRVMEM_PO_STACKS,	/* page_owner_stacks/show_stacks (6.10+): pages by stack, no blocks and times */
	DRVMEM_PO_RECORDS,	/* page_owner: a record for every block */
};

/* newer: of blocks that were taken after the time asked about; 0 where none is told. */
struct drvmem_po_sum {
	uint64_t bytes, blocks, newer_bytes, newer_blocks;
};

struct drvmem_po_owner {
	char name[DRVMEM_NAME_LEN];	/* the first module in the stack */
	struct drvmem_po_sum direct, dma;	/* DRVMEM_PO_MODULE, DRVMEM_PO_DMA */
};

struct drvmem_pageowner {
	int err;			/* 0, or -errno: then nothing of what follows is known */
	const char *why;		/* a sentence for err */
	enum drvmem_po_form form;
	bool timed;			/* records tell when (5.11+) */
	uint64_t newest_ns;		/* the latest of these, by the kernel's clock of scheduling */
	struct drvmem_po_sum class[DRVMEM_NR_PO];
	uint64_t cut_bytes;		/* of the kernel's: stacks that end at page_owner's depth, before a module */
	uint64_t records, skipped;	/* skipped: malformed, or too long for the kernel to tell */
	struct drvmem_po_owner *v;	/* in order of first appearance */
	size_t n;
};

/* Frames that page_owner keeps of a stack: PAGE_OWNER_STACK_DEPTH (mm/page_owner.c, 5.10 to 7.2). */
#define DRVMEM_PO_DEPTH 16

/* Empty. NULL on ENOMEM. */
struct drvmem_pageowner *drvmem_pageowner__new(void);
void drvmem_pageowner__free(struct drvmem_pageowner *p);
/* NULL when no stack has the module. */
const struct drvmem_po_owner *drvmem_pageowner__find(const struct drvmem_pageowner *p, const char *name);

#endif /* DRVMEM_MODEL_PAGEOWNER_H */
