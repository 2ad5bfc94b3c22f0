/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables and streams of a session (doc/session-file.md). Numbers here are written to files: what changes
 * its meaning or its place needs a new DRVMEM_STORE_VERSION.
 */
#ifndef DRVMEM_STORE_TABLES_H
#define DRVMEM_STORE_TABLES_H

#include "model/phases.h"
#include "model/pools.h"
#include "model/slub.h"
#include "model/snapshot.h"
#include "store/field.h"

#define DRVMEM_STORE_APP_ID	0x64726d73	/* "drms" */
#define DRVMEM_STORE_VERSION	3

/* Things with a row in a table of this name, and a stream of what changes of them. */
enum drvmem_thing {
	DRVMEM_THING_INSTANCE, DRVMEM_THING_CACHE, DRVMEM_THING_SITE, DRVMEM_THING_STACK, DRVMEM_THING_MEMPOOL,
	DRVMEM_THING_DEVICE, DRVMEM_THING_EXACT, DRVMEM_THING_SLAB, DRVMEM_THING_POOL,
	DRVMEM_NR_THINGS
};

/* Streams: those of the things come first; of the readings, key and words as said. */
enum drvmem_stream_id {
	DRVMEM_STREAM_READING = DRVMEM_NR_THINGS,	/* by enum drvmem_when */
	DRVMEM_STREAM_MEM,				/* when << 16 | enum drvmem_mem: state, bytes */
	DRVMEM_STREAM_VM,				/* when << 16 | enum drvmem_vm: state, events or pages */
	DRVMEM_STREAM_AREA,				/* id: pages at each time, + 1; 0 = it was not there */
	DRVMEM_STREAM_EPOCH,				/* number */
	DRVMEM_STREAM_GENS,				/* site */
	DRVMEM_STREAM_USAGE,				/* site */
	DRVMEM_STREAM_USAGE_SIZE,			/* site << 32 | bytes */
	DRVMEM_STREAM_USAGE_PAIR,			/* site before << 32 | site << 1 | ends: count */
	DRVMEM_NR_STREAMS
};

struct drvmem_thing_def {
	const char *table;
	const struct drvmem_field *fixed, *moving;
	size_t size;			/* of the struct */
	uint64_t max;			/* ids are below */
};

extern const struct drvmem_thing_def drvmem_things[DRVMEM_NR_THINGS];

/* What a snapshot says as a whole, one row of the table interval. */
struct drvmem_moment {
	uint64_t taken_ns, taken_unix;
	uint64_t table_slots, table_live, map_bytes;
	uint32_t now_epoch, mark, traced;
	bool sampled, mempools_traced, has_objects, has_pools;
	struct drvmem_loss loss;
	struct drvmem_walks walks;
	struct drvmem_own_cost cost;
};

extern const struct drvmem_field drvmem_moment_fields[];	/* of struct drvmem_moment */
extern const struct drvmem_field drvmem_moment_fields_2[];	/* the same in versions 1 and 2 */
extern const struct drvmem_field drvmem_meta_fields[];		/* of struct drvmem_meta: what a session has once */
extern const struct drvmem_field drvmem_epoch_fields[];		/* of struct drvmem_epoch_meta */
extern const struct drvmem_field drvmem_reading_fields[];	/* of struct drvmem_reading */
extern const struct drvmem_field drvmem_object_fields[];	/* of struct drvmem_object */
extern const struct drvmem_field drvmem_usage_fields[];		/* of struct drvmem_usage_site */
extern const struct drvmem_field drvmem_usage_size_fields[];	/* of struct drvmem_usage_size */
extern const struct drvmem_field drvmem_phase_fields[];		/* of struct drvmem_phase */
extern const struct drvmem_field drvmem_slub_fields[];		/* of struct drvmem_slub_rules */

/* Words of each stream. */
uint32_t drvmem_stream_width(enum drvmem_stream_id id);

#define DRVMEM_GENS_WORDS	(sizeof(struct drvmem_gens) / sizeof(uint64_t))

#endif /* DRVMEM_STORE_TABLES_H */
