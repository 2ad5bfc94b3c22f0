/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `drvmem record` does: a session traced without an end, each interval added to a file. Command layer.
 */
#ifndef DRVMEM_RECORDING_H
#define DRVMEM_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "common.h"
#include "marks.h"
#include "poolwatch.h"
#include "model/since.h"
#include "model/sysmem.h"
#include "reachrun.h"
#include "rotating.h"
#include "store/store.h"

struct drvmem_recording_opts {
	struct drvmem_common common;
	struct drvmem_store_opts store;	/* the path is common.output */
	uint64_t interval_ns, max_age_ns;
	uint64_t objects_ns;		/* from one list of all live objects to the next; 0 = only at the end */
	bool generations;		/* marks begin generations of objects */
	bool advise;			/* what advice needs too */
	bool reach;			/* at the end: who holds the objects */
	bool leave_root;		/* at the end: unmount its own root directory */
	struct drvmem_rotating_opts rotate;
};

struct drvmem_recording {
	struct drvmem_tracing t;	/* first: the rest is found by it */
	const struct drvmem_recording_opts *o;
	struct drvmem_store *store;
	struct drvmem_marks marks;
	struct drvmem_poolwatch pools;
	struct drvmem_laps laps;
	struct drvmem_phases phases;
	struct drvmem_slub_rules slub;
	struct drvmem_reachrun scan;
	struct drvmem_sysmem *began, *machine;	/* the machine when tracing began; at this interval, or NULL */
	struct drvmem_since since;	/* what the present file counts from */
	struct drvmem_rotating files;
	uint64_t objects_due_ns, pools_due_ns, machine_due_ns;
	uint32_t skipped, late;		/* intervals, in the files before */
	int mark_failed;		/* -errno of a mark that could not be kept */
	struct drvmem_err mark_err;
	bool with_objects;		/* the snapshot that comes has them */
	bool rotate;			/* and begins another file */
};

/* For drvmem_tracing.trace: 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_recording__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
					      struct drvmem_err *err);

#endif /* DRVMEM_RECORDING_H */
