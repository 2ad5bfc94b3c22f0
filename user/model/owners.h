/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of owners as shown. An owner is an instance: a module from one load to
 * its unload, or a reserved owner. Where two instances have one name they are
 * told apart by the load sequence number: "e1000e#7".
 */
#ifndef DRVMEM_MODEL_OWNERS_H
#define DRVMEM_MODEL_OWNERS_H

#include "base/err.h"
#include "model/arena.h"
#include "model/snapshot.h"

/*
 * *ret: [nr_instances] names owned by the arena, array to be freed by the caller.
 * An instance that has no name is "?". 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_owner_names(const struct drvmem_snapshot *s, struct drvmem_arena *a,
					 const char ***ret);
/* "module", "kernel", "drvmem" or "unknown". */
const char *drvmem_owner_type_name(enum drvmem_owner_type type);
/* "driver", "direct", "innermost" or "outermost"; "?" for other values. */
const char *drvmem_owner_policy_name(uint16_t policy);
/* "slab", "page", ..., of mappings "dma_map", ...; "?" for other values. */
const char *drvmem_allocator_name(uint16_t allocator);

#endif /* DRVMEM_MODEL_OWNERS_H */
