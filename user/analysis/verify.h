/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of a module from its load to its unload, or of a device that lost its driver: what
 * was taken, by kind, and what is left now that it is gone and had time to settle. From one
 * snapshot, taken with its objects when tracing had ended: each load is an instance with sites of
 * its own. Pure. The snapshot and
 * what the options point to must outlive the result.
 */
#ifndef DRVMEM_ANALYSIS_VERIFY_H
#define DRVMEM_ANALYSIS_VERIFY_H

#include "analysis/custody.h"
#include "analysis/peaks.h"
#include "base/strbuf.h"
#include "model/checks.h"
#include "model/snapshot.h"
#include "model/verdicts.h"

/* In the order of what a sum of several is. */
enum drvmem_verify_verdict {
	DRVMEM_VERIFY_IS_NOT_UNLOADED = 0,/* still loaded, or bound: nothing can be said yet */
	DRVMEM_VERIFY_IS_CLEAN,		/* nothing is left */
	DRVMEM_VERIFY_IS_CUSTODY,		/* only what others may hold (analysis/custody.h) */
	DRVMEM_VERIFY_IS_INCOMPLETE,	/* against: why it cannot be told */
	DRVMEM_VERIFY_IS_ERROR,		/* of the whole only: the kernel reported a memory error that names the module */
	DRVMEM_VERIFY_IS_LEAK,
};

/* Why a verdict is not more than that, or what it does not cover: bits. */
#define DRVMEM_VERIFY_LOST	0x01u	/* as many frees may have been lost as objects are left */
#define DRVMEM_VERIFY_UNSEEN	0x02u	/* the ends of some of what is left cannot be seen here */
#define DRVMEM_VERIFY_GRACE	0x04u	/* it had less time to settle than was asked for */
#define DRVMEM_VERIFY_BEFORE	0x08u	/* loaded, or bound, before the session: what it took then is not covered */
#define DRVMEM_VERIFY_HELD	0x10u	/* the module is still loaded, and may keep it for itself */
#define DRVMEM_VERIFY_OTHERS	0x20u	/* the module drove other devices too: its memory is not told by device */
#define DRVMEM_VERIFY_BUILTIN	0x40u	/* the driver is built in, or not known: the same */

enum drvmem_leftover_class {
	DRVMEM_LEFTOVER_LEAK = 0,	/* as far as the verdict goes */
	DRVMEM_LEFTOVER_HELD,		/* of a device's module that is still loaded */
	DRVMEM_LEFTOVER_CUSTODY,
};

/* What is left of one site. */
struct drvmem_leftover {
	uint32_t site;			/* index into sites[] */
	enum drvmem_leftover_class class;
	enum drvmem_custody custody;
	bool unseen;			/* ends of such objects cannot all be seen: perhaps they are gone */
	uint64_t objects, bytes, oldest_ns;
	uint32_t lost;			/* of them nothing holds, and they are not free: where somebody looked */
	uint32_t held;			/* ... something that has a name holds */
	const char *holder;		/* what holds most of the others, or NULL */
	uint32_t holder_objects;	/* so many */
	uint32_t first;			/* its objects: slice [first, first + objects) of left[] */
};

/* A row of the table that Driver Verifier has. */
struct drvmem_verify_kind {
	bool traced;			/* else every figure is unknown */
	uint64_t succeeded;
	struct drvmem_u64 failed;
	struct drvmem_u64 not_tracked;	/* 0 when no event of the session was lost, else not known by kind */
	int64_t live_objects, live_bytes;
	struct drvmem_u64 peak_objects, peak_bytes;
	bool peak_objects_exact, peak_bytes_exact;	/* else at least so much, from looks at it */
	uint64_t mismatched;		/* mappings: unmapped with another size */
};

struct drvmem_verify_sum {
	uint64_t objects, bytes;	/* memory */
	uint64_t mappings, mapped_bytes;/* of memory that is counted elsewhere */
};

/* One load of a module, or a device. */
struct drvmem_verify_subject {
	uint32_t instance;		/* index into instances[]; a device: of its module, or DRVMEM_MOD_UNSET */
	bool device;
	bool asked;			/* its unload is one of those that were waited for: it has a part in the total */
	enum drvmem_verify_verdict verdict;
	uint32_t against;
	uint64_t begun_ns, ended_ns;	/* CLOCK_MONOTONIC; 0 = not known, before the session / not yet */
	uint64_t settled_ns;		/* from its end to the snapshot */
	struct drvmem_verify_kind kind[DRVMEM_NR_USES];
	struct drvmem_u64 peak_bytes;	/* of all memory; not of a device */
	/* what is left, not while it is loaded */
	struct drvmem_verify_sum leak, held, custody;
	uint64_t lost;			/* of leak, objects that nothing holds and that are not free */
	uint64_t sure;			/* of leak, objects and mappings that no loss explains */
	int64_t live_objects, live_bytes, live_mappings, mapped_bytes;	/* by the counts */
	int64_t rcu_pending, rcu_pending_bytes;
	uint32_t first_site, nr_sites;	/* slice of leftover[], leaks first, most bytes first */
};

/* A device, as whoever watched its directory in sysfs knows it. */
struct drvmem_verify_device {
	const char *name;		/* bus id */
	const char *driver;		/* "" = none was seen */
	const char *module;		/* "" = not known, "kernel" = the driver is built in */
	uint64_t bound_ns;		/* not later than it was first bound; 0 = before the session */
	uint64_t unbound_ns;		/* not later than it was last unbound; 0 = never */
	uint64_t ended_ns;		/* when that was seen */
	bool again;			/* it was bound again after that */
	bool others;			/* the module drove others at some time */
};

struct drvmem_verify_opts {
	const char *module;		/* glob: each instance that matches is a subject */
	const struct drvmem_verify_device *device;	/* the only subject, module is not looked at; NULL */
	uint64_t grace_ns;
	uint64_t watched_ns;		/* unloads after this were not waited for; 0 = all were */
	const struct drvmem_peaks *peaks;	/* NULL = nobody looked */
	const struct drvmem_verdicts *verdicts;	/* who holds the objects; NULL = nobody looked */
	const struct drvmem_checks *checks;	/* what the kernel's log said; NULL = nobody looked */
};

struct drvmem_verify {
	const struct drvmem_snapshot *s;
	const char *module;		/* as asked; NULL of a device */
	const struct drvmem_verify_device *device;	/* not owned; NULL of modules */
	struct drvmem_verify_subject *subject;	/* by load */
	uint32_t nr_subjects;
	struct drvmem_leftover *leftover;
	uint32_t nr_leftovers;
	uint32_t *left;			/* indices into objects[] of the snapshot, by leftover */
	uint32_t nr_left;
	const struct drvmem_verdicts *verdicts;	/* as given; not owned */
	uint32_t count[DRVMEM_VERIFY_IS_LEAK + 1];	/* subjects by verdict */
	/* the worst of those asked for that are gone, or a leak when only together it is sure; else NOT_UNLOADED */
	enum drvmem_verify_verdict verdict;
	uint64_t lost;			/* of those asked for, objects that nothing holds and that are not free */
	uint64_t lost_frees;		/* of the session, whoever's */
	uint64_t sure;			/* objects and mappings left, of those asked for, that no loss explains: it is had once */
	uint64_t grace_ns;
	const struct drvmem_checks *checks;	/* as given; not owned */
	const char *named_as;		/* glob of the module whose name the reports were looked through for; NULL = not known */
	uint64_t named;			/* reports of memory errors that name it */
	uint64_t others;		/* and that do not */
};

/* The snapshot is consistent (as a scope proves). nr_subjects may be 0. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_verify__new(const struct drvmem_snapshot *s, const struct drvmem_verify_opts *o,
					 struct drvmem_verify **ret);
void drvmem_verify__free(struct drvmem_verify *v);
/*
 * What of the subjects that are gone is not: objects and mappings, waiting for RCU or in custody ones
 * too. From the counts alone, for who waits; 0: it needs no more time. Of a device all of its
 * module's, when that is told.
 */
uint64_t drvmem_verify__unsettled(const struct drvmem_snapshot *s, const struct drvmem_verify_opts *o);
/* Events that could have been the ends of what is live. */
uint64_t drvmem_loss__frees(const struct drvmem_loss *l);
/* "clean", "leak", "in custody", "incomplete", "not unloaded" or, of a device, "not unbound". */
const char *drvmem_verify_verdict__name(enum drvmem_verify_verdict v, bool device);
/* "leak", "held", "in custody". */
const char *drvmem_leftover__name(enum drvmem_leftover_class c);
/* A moment of CLOCK_MONOTONIC of the session as a time of day, "14:03:12 UTC"; size >= 16. */
const char *drvmem_verify__time(const struct drvmem_meta *m, uint64_t when_ns, char *buf, size_t size);
/* One sentence: what is left, and what speaks against more. */
void drvmem_verify__why(const struct drvmem_verify *v, const struct drvmem_verify_subject *k,
			struct drvmem_strbuf *out);

#endif /* DRVMEM_ANALYSIS_VERIFY_H */
