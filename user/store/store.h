/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded sessions: one SQLite file each (doc/session-file.md). A writer adds a snapshot at a time, in one
 * transaction: what was added is whole, whatever happens to the process or the machine. A reader gives them
 * back as snapshots, also while another process writes.
 */
#ifndef DRVMEM_STORE_STORE_H
#define DRVMEM_STORE_STORE_H

#include "base/err.h"
#include "base/progress.h"
#include "model/laps.h"
#include "model/phases.h"
#include "model/pools.h"
#include "model/slub.h"
#include "model/snapshot.h"
#include "model/sysmem.h"
#include "model/verdicts.h"
#include "store/tables.h"

struct drvmem_store;

struct drvmem_store_opts {
	const char *path;
	bool replace;		/* a session of that name goes; else it is an error */
	bool redact;		/* no addresses, no host name */
	uint64_t max_bytes;	/* of the file; the oldest intervals go. 0 = no limit */
	uint64_t max_age_s;	/* of intervals, the same */
	bool unsynced;		/* not to the disk at each interval: for files that may be lost with the machine */
	uint32_t whole_every;	/* frames from one whole one to the next; 0 = 64 */
};

/*
 * A new file, readable by its owner only. NULL with err: it is there already, another process records into it,
 * it cannot be written.
 */
struct drvmem_store *drvmem_store__create(const struct drvmem_store_opts *o, struct drvmem_err *err);
/* What is kept beside a snapshot; NULL = was not read. Of laps, phases and slub the file has the last ones. */
struct drvmem_store_more {
	const struct drvmem_pools *pools;
	const struct drvmem_laps *laps;
	const struct drvmem_phases *phases;
	const struct drvmem_slub_rules *slub;
	const struct drvmem_verdicts *verdicts;	/* on the objects of the snapshot */
	const struct drvmem_sysmem *system;	/* the whole machine */
	const struct drvmem_sysmem *system_start;	/* when it began; looked at with the first interval alone */
};

#define DRVMEM_STORE_BUSY_MS	1000	/* so long at most a call waits for others that hold the file */
/*
 * Adds an interval: s is of the same session as those before, later. Its objects are kept in place of earlier
 * ones, if it was taken with them; its baseline is kept of the first; more may be NULL. After an error the file has what it had, and nothing more can
 * be added; but for -EBUSY: another program held the file for too long, this interval is skipped (counted, and told
 * by the file) and the next one may succeed.
 */
DRVMEM_MUST_CHECK int drvmem_store__add(struct drvmem_store *st, const struct drvmem_snapshot *s, bool objects,
					const struct drvmem_store_more *more, struct drvmem_err *err);
/* A mark, between intervals; while others hold the file it waits in memory for the next interval. generation: of the objects from now on, 0 = it sets none. text may be NULL. */
DRVMEM_MUST_CHECK int drvmem_store__mark(struct drvmem_store *st, uint64_t ns, uint64_t unix_s, uint32_t generation,
					 const char *text, struct drvmem_err *err);
/* Intervals added, and the bytes that the file has. */
uint64_t drvmem_store__nr(const struct drvmem_store *st);
uint64_t drvmem_store__bytes(const struct drvmem_store *st);
/* Intervals that others held up: skipped, and written late. */
uint32_t drvmem_store__skipped(const struct drvmem_store *st);
uint32_t drvmem_store__late(const struct drvmem_store *st);
/* Deletes a session file and what lies beside it. -EBUSY: it is being recorded; -EINVAL: no session of drvmem. */
DRVMEM_MUST_CHECK int drvmem_store__remove(const char *path);
/* Ends the recording. With an error the file is still complete up to what was added. Frees st, also NULL. */
int drvmem_store__close(struct drvmem_store *st, struct drvmem_err *err);

struct drvmem_stored;

struct drvmem_stored_mark {
	uint64_t taken_ns, taken_unix;
	uint32_t generation;
	const char *text;	/* NULL = none */
};

struct drvmem_stored_info {
	const char *path;
	uint32_t version;			/* of the format: 1 has no machine and no baseline */
	const struct drvmem_meta *meta;		/* of the session */
	const struct drvmem_moment *moment;	/* [nr], in time order */
	uint32_t nr;				/* intervals, at least one */
	const struct drvmem_stored_mark *mark;
	uint32_t nr_marks;
	bool ended;				/* else the recorder still runs, or was killed */
	bool redacted;
	bool log_unread;			/* there is a log beside it that we may not use: what it has is missing */
	bool forgot;				/* earlier intervals were given up for size or age */
	uint32_t skipped, late;			/* intervals that other programs held up, see above */
};

/* NULL with err: no file, foreign, damaged, of a newer drvmem, without an interval. */
struct drvmem_stored *drvmem_stored__open(const char *path, struct drvmem_err *err);
/* The same; all that takes long, now and later, ticks p, which must outlive it. */
struct drvmem_stored *drvmem_stored__open_telling(const char *path, struct drvmem_progress *p, struct drvmem_err *err);
void drvmem_stored__free(struct drvmem_stored *s);
const struct drvmem_stored_info *drvmem_stored__info(const struct drvmem_stored *s);
/*
 * The snapshot of interval i < nr; quickest one after the other. Objects are there where moment[i].has_objects is
 * and it is the last such; its baseline (NULL: was not recorded) is that of s. Caller frees *ret.
 */
DRVMEM_MUST_CHECK int drvmem_stored__snapshot(struct drvmem_stored *s, uint32_t i, struct drvmem_snapshot **ret,
					      struct drvmem_err *err);
/* The pools of interval i, as read last before it; none where they were not recorded. Caller frees *ret. */
DRVMEM_MUST_CHECK int drvmem_stored__pools(struct drvmem_stored *s, uint32_t i, struct drvmem_pools **ret,
					   struct drvmem_err *err);
#define DRVMEM_STORED_START UINT32_MAX
/*
 * What the kernel said of the whole machine, as read last before the end of interval i, or with it; of
 * DRVMEM_STORED_START when the recording began. -ENODATA with err: was not recorded. Caller frees *ret.
 */
DRVMEM_MUST_CHECK int drvmem_stored__system(struct drvmem_stored *s, uint32_t i, struct drvmem_sysmem **ret,
					    struct drvmem_err *err);
/*
 * What advice needs beside the last interval with objects, into structs that are all 0. -ENODATA with err: the
 * session was not recorded for advice.
 */
DRVMEM_MUST_CHECK int drvmem_stored__habits(struct drvmem_stored *s, struct drvmem_laps *laps,
					    struct drvmem_phases *phases, struct drvmem_slub_rules *slub,
					    struct drvmem_err *err);
struct drvmem_stored_verdicts {
	struct drvmem_verdicts verdicts;
	/* private from here on */
	struct drvmem_arena *arena;
	struct drvmem_reach_verdict *v;
	uint32_t *asked, *object;
	const char **name;
};

/*
 * What a scan said of the objects of s, the last interval with objects; ret is all 0, and to be released by
 * __deinit(). -ENODATA without err: there was no scan.
 */
DRVMEM_MUST_CHECK int drvmem_stored__verdicts(struct drvmem_stored *r, const struct drvmem_snapshot *s,
					      struct drvmem_stored_verdicts *ret, struct drvmem_err *err);
void drvmem_stored_verdicts__deinit(struct drvmem_stored_verdicts *o);
/* The last interval taken at or before a second of the clock; nr where none was. */
uint32_t drvmem_stored__at(const struct drvmem_stored *s, uint64_t unix_s);

#endif /* DRVMEM_STORE_STORE_H */
