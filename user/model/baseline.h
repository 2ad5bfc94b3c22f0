/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel memory that was there before the session began, and whose it is as far as
 * the kernel tells. Apart from what is traced and never added to it. Plain data,
 * immutable once made; strings are owned by its arena. Sizes in bytes.
 */
#ifndef DRVMEM_MODEL_BASELINE_H
#define DRVMEM_MODEL_BASELINE_H

#include "model/arena.h"
#include "model/pageowner.h"
#include "model/snapshot.h"

/*
 * What could be a driver's, in parts that do not overlap: slab pages, pages of vmalloc
 * areas (without kernel stacks and images), percpu pages, module images.
 */
enum drvmem_baseline_part {
	DRVMEM_BASE_SLAB, DRVMEM_BASE_VMALLOC, DRVMEM_BASE_PERCPU, DRVMEM_BASE_IMAGES,
	DRVMEM_NR_BASE_PARTS
};

extern const char *const drvmem_baseline_part_names[];	/* "slab", ..., NULL */

/* One owner. Of a module there is one row; of the kernel one for each function or cache. */
struct drvmem_baseline_row {
	const char *owner;		/* "e1000e", "kernel", "kernel:bpf" */
	const char *what;		/* of the kernel: "htab_map_alloc", "cache anon_vma"; else NULL */
	bool module;
	uint64_t areas, vmalloc_bytes;	/* vmalloc areas that have pages */
	uint64_t caches, slab_bytes;	/* caches whose constructor is the owner's */
	struct drvmem_u64 image_bytes;	/* a loaded module's; absent for the kernel */
	/* mappings of memory that is counted elsewhere, never added */
	uint64_t vmaps, vmap_bytes, ioremaps, ioremap_bytes;
	/* of the devices its driver is bound to; known where devres_count, devres_bytes below are */
	uint64_t devres_count, devres_bytes;
	struct drvmem_u64 allocinfo_bytes;	/* everything since boot, exact; modules only */
};

/* A device whose devres list is not empty. */
struct drvmem_baseline_dev {
	const char *device;
	const char *driver, *owner;	/* the driver's module or "kernel"; both NULL = not bound */
	uint64_t count, bytes;
};

struct drvmem_baseline {
	struct {
		struct drvmem_u64 bytes;
		struct drvmem_u64 named;	/* of bytes */
	} part[DRVMEM_NR_BASE_PARTS];
	/*
	 * Named in slab or percpu, which of them is not told: BPF maps beyond their vmalloc areas,
	 * and what allocinfo names of modules beyond the above.
	 */
	uint64_t spread_named;
	struct drvmem_u64 stack_bytes;		/* areas of kernel stacks, in no part */
	struct drvmem_u64 image_area_bytes;	/* vmalloc areas that images are in */
	struct drvmem_u64 bpf_map_bytes;	/* by the maps' own account */
	uint64_t bpf_maps, bpf_area_bytes;	/* of bpf_area_bytes: vmalloc areas of maps, part of it */
	struct drvmem_u64 allocinfo_bytes;	/* sum over modules */
	uint64_t map_ram_bytes;			/* vm_map_ram(): mappings without a caller */
	uint64_t unnamed_areas;			/* vmalloc areas whose caller has no name */
	uint64_t skipped;			/* lines that could not be read */
	struct drvmem_u64 vmallocinfo;		/* areas read, or why not */
	/*
	 * Nodes of the devres lists of all devices, and the bytes asked for them: each node with what
	 * lies behind it (drivers/base/devres.c), not what it stands for elsewhere. Part of slab.
	 */
	struct drvmem_u64 devres_count, devres_bytes;
	const char *devres_why;			/* a sentence for the first of them that is missing */
	bool devres_asked;			/* and is part of what is named, where it is known */
	/* Beside the parts: no memory of theirs but where a class says so. NULL = it was not read. */
	struct drvmem_pageowner *pages;
	uint64_t devices;			/* of the system, with a list or not */
	uint64_t unbound_count, unbound_bytes;	/* of devices without a driver: no owner is named */
	uint64_t unlisted, unlisted_count, unlisted_bytes;	/* devices there was no room for, theirs */
	struct drvmem_baseline_dev *devs;
	uint32_t nr_devs;
	struct drvmem_baseline_row *rows;	/* most bytes first */
	uint32_t nr_rows;
	struct drvmem_arena *arena;
};

/* All parts absent, no rows. NULL on ENOMEM. */
struct drvmem_baseline *drvmem_baseline__new(void);
void drvmem_baseline__free(struct drvmem_baseline *b);

/* Bytes of a row that are memory of their own: image, vmalloc, slab and devres. */
uint64_t drvmem_baseline_row__bytes(const struct drvmem_baseline_row *r);
/* Sum of the parts that are known. *ret_partial: some are not, so it is a lower bound. */
uint64_t drvmem_baseline__total(const struct drvmem_baseline *b, bool *ret_partial);
/* Of the total, what has a named owner. *ret_partial: what could name more was not readable. */
uint64_t drvmem_baseline__named(const struct drvmem_baseline *b, bool *ret_partial);

#endif /* DRVMEM_MODEL_BASELINE_H */
