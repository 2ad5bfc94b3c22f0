/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where objects have their home in the table of live objects (bpf/table.bpf.h): in the near
 * regions while these are less than half full, then in the whole table, for good.
 */
#ifndef DRVMEM_SESSION_HOMES_H
#define DRVMEM_SESSION_HOMES_H

#include <stdbool.h>
#include <stdint.h>

#include "drvmem/abi.h"

struct drvmem_homes {
	volatile struct drvmem_ctl *ctl;
	const volatile struct drvmem_bucket *table;
	uint64_t *spill;	/* dm_spill, of nr_regions */
	uint32_t nr_regions;
	bool marked;		/* dm_spill has those in near homes */
};

/* Before the first event, the other fields set. A table of less than eight times the near regions has none. */
void drvmem_homes__start(struct drvmem_homes *h);
/*
 * Now and then, from one thread: sets ctl's home_room and homes. When homes have moved (events do
 * it too, bpf/table.bpf.h) dm_spill gets those in near homes, and from the next poll on events
 * go by that.
 */
void drvmem_homes__poll(struct drvmem_homes *h);
/*
 * How much room is left in homes of nr_buckets buckets: 0 while they are less than half full (from
 * a sample), so that homes may be filled whole: others find room easily.
 */
uint32_t drvmem_homes__room(const volatile struct drvmem_bucket *table, uint32_t nr_buckets);

#endif /* DRVMEM_SESSION_HOMES_H */
