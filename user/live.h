/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run that report, leaks and metrics share: trace for a time, for intervals, or for
 * exactly the life of a command, and hand each snapshot to a callback. Command layer.
 */
#ifndef DRVMEM_LIVE_H
#define DRVMEM_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "model/laps.h"
#include "model/phases.h"
#include "model/series.h"
#include "model/snapshot.h"
#include "model/timeline.h"
#include "session/session.h"

struct drvmem_trace;

#define DRVMEM_SESSION_ENV "DRVMEM_SESSION"	/* the process of the session, in the environment of its command */

/*
 * What a run waits for that ends by what happens. Each is asked 50 times a second and ends its wait
 * by true: done until the command ends, if there is one; then settled. A Ctrl-C ends both.
 */
struct drvmem_live_watch {
	bool (*done)(void *arg, struct drvmem_trace *t);
	bool (*settled)(void *arg, struct drvmem_trace *t);
	void *arg;
};

struct drvmem_pools;
struct drvmem_slub_rules;
struct drvmem_stored_verdicts;
struct drvmem_replay_lacks;
struct drvmem_sysmem;
struct drvmem_inside;

/* Of a recorded session, filled before the callback gets its snapshot; with laps and phases of the same options. */
struct drvmem_replayed {
	struct drvmem_pools **pools;	/* whoever asks frees them; NULL: not wanted */
	struct drvmem_slub_rules *slub;	/* NULL: not for advice */
	struct drvmem_stored_verdicts *judged;	/* NULL: not wanted; without a scan it stays as it is */
	struct drvmem_replay_lacks *lacks;	/* not NULL: what the moment asked for does not have is no error, and told here */
	struct drvmem_sysmem **system;	/* [2]: the machine at the begin and now; whoever asks frees them. NULL: not wanted */
	bool system_if_any;		/* that it was not recorded is no error: they stay as they are */
	struct drvmem_inside *inside;	/* what is known of the window up to the snapshot; whoever asks frees it. NULL: not wanted */
};

/* What a recorded session does not have at the moment shown: what would be made of it stays empty. */
struct drvmem_replay_lacks {
	bool objects;			/* no list of live objects, so no series and no habits */
	uint64_t listed_unix;		/* then: the moment that has one; 0 = none has */
	bool habits;			/* it was not recorded for advice */
};

/*
 * Somebody who looks at a run with intervals while it goes on, and types. Called when fd is
 * readable, and ten times a second. *interval_ns, which it may change, counts from the snapshot
 * before, also for the present one; 0 = no snapshot until it is changed again. False ends the run.
 */
struct drvmem_live_viewer {
	int fd;				/* -1 = none */
	bool (*attend)(void *arg, struct drvmem_trace *t, uint64_t *interval_ns);
	void *arg;
};

struct drvmem_live_opts {
	struct drvmem_session_opts session;
	const char *name;		/* "report", for messages on stderr */
	uint64_t duration_ns;		/* 0 = until Ctrl-C; not used with a command or an interval */
	uint64_t interval_ns;		/* 0 = one snapshot at the end */
	uint64_t count;			/* intervals; 0 = until Ctrl-C */
	uint64_t total_ns;		/* of a run with intervals: it ends after so long, within one; 0 = not by that */
	char **command;			/* NULL, or argv: traced for exactly its life */
	double max_overhead;		/* share of all CPUs' time above which it samples; 0 = no limit */
	/* Told when that is reached, in place of a line on stderr; e: it cannot sample. May be NULL. */
	void (*limited)(void *arg, double share, int e);
	/* Of a run with intervals, told what failed: does it go on with the next? NULL = it ends. */
	bool (*excused)(void *arg, const struct drvmem_err *err);
	bool with_objects;
	bool (*wants_objects)(void *arg, bool last);	/* of a run with intervals: asked before each instead; may be NULL */
	struct drvmem_phases *phases;	/* gets a look at the modules ten times a second; NULL = nobody wants it */
	struct drvmem_laps *laps;	/* of a session with use: gets the sites' peaks ten times a second */
	struct drvmem_series *series;	/* of a run of one snapshot: gets the counts now and then, the end included */
	struct drvmem_timeline *timeline;	/* of a run of one snapshot: gets its moments, the end not included */
	/*
	 * Called with the last snapshot of the run while all is still traced, before fn.
	 * May be NULL. 0, or a negative errno with err filled: fn is not called then.
	 */
	int (*examine)(void *arg, struct drvmem_trace *t, const struct drvmem_snapshot *cur,
		       struct drvmem_err *err);
	/* Of a run of one snapshot: what ends it before its time. With intervals: done ends the one that runs. */
	const struct drvmem_live_watch *watch;
	const struct drvmem_replayed *replayed;	/* of a recorded session: what it has beside its snapshots; NULL = not wanted */
	const struct drvmem_live_viewer *viewer;	/* of a run with intervals and without a command; NULL */
	bool midway;			/* a run of one snapshot: prev is one taken half-way */
	bool progress;			/* a line on stderr while waiting (a tty) */
	/* called once, when tracing has begun and no command has; may be NULL */
	void (*started)(void *arg, struct drvmem_trace *t);
	void *started_arg;
};

/*
 * Called for each snapshot; prev is the one before (NULL for the first
 * unless midway), last says that no
 * more will come. Returns 0 to go on or a negative errno with err filled.
 */
typedef int (*drvmem_live_fn)(void *arg, const struct drvmem_snapshot *prev,
			      const struct drvmem_snapshot *cur, bool last, struct drvmem_err *err);

/*
 * 0, or -errno with err filled. *ret_signal: SIGTERM when that ended the run (exit 143), else 0:
 * Ctrl-C finishes and prints. A command that cannot be started is an error (exit 2); the
 * exit status of one that ran is told on stderr when it is not 0.
 */
DRVMEM_MUST_CHECK int drvmem_live__run(const struct drvmem_live_opts *o, drvmem_live_fn fn, void *arg,
				       int *ret_signal, struct drvmem_err *err);

#endif /* DRVMEM_LIVE_H */
