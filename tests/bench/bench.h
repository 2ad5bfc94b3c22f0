/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables of the bench share: the run's options, output, and the legs of a round. */
#ifndef DRVMEM_TESTS_BENCH_BENCH_H
#define DRVMEM_TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "harness.h"
#include "workload.h"

#define MAX_ROUNDS 99
#define TRACK_MAX 2000000u	/* twice the most that is held */

struct bench {
	unsigned int rounds;
	bool quick;
	bool wrong;		/* a table that is judged found something wrong */
	uint64_t live;		/* of the cost table: this number only; 0 = the usual two */
	const char *work;	/* of the cost tables */
	bool work_named;	/* by the user: of the peers too */
	const char *dir;
	int cpu[2];		/* of the workload; of the bench itself */
	const char *bound;	/* of the table being written, where it is not by live objects */
	FILE *out;		/* the file of the table being written */
};

/* To stdout and to the table's file. */
void say(struct bench *b, const char *fmt, ...) DRVMEM_PRINTF(2, 3);
void open_table(struct bench *b, const char *name);
void close_table(struct bench *b);

/* CPU ns of one run of the workload, after it holds so many things; -errno. */
int64_t measure(struct bench *b, const struct bench_work *work, const struct bt_worker *w, uint64_t held);

enum leg { OFF, EMPTY, TRACED, NR_LEGS };

/* The same in a new process, with nothing, with empty programs, or with a session. */
int64_t run_leg(struct bench *b, const struct bench_work *work, uint64_t held, enum leg leg);

/* cost.c: ns per event above an empty program. */
int bench_cost(struct bench *b);
int bench_sampled(struct bench *b);
int bench_pages(struct bench *b);
int bench_dma(struct bench *b);
int bench_walk(struct bench *b);
int bench_use(struct bench *b);

/* beside.c: slowdown beside other tools. */
int bench_peers(struct bench *b);

/*
 * verify.c: each walk of each workload by our walk and by the kernel's unwinder. Sets b->wrong where
 * one differs, more than 1 % are left to the kernel, or none was compared.
 */
int bench_verify(struct bench *b);

/*
 * How stacks were found in sessions. The fast path is our own walk: a walk that is left to the
 * kernel's unwinder is so from end to end, and its frames with it.
 */
struct fast_path {
	struct drvmem_walks w;
	uint64_t allocs;
	uint64_t frames;	/* of all stacks, each as often as it allocated; 0 without full stacks */
	uint32_t nr_cpus;
};

/* verify.c: adds a snapshot to it. */
void fast_path_add(const struct drvmem_snapshot *s, struct fast_path *p);
/*
 * Per cent of walks, of frames, that were found by our walk: of frames a lower bound, exact without
 * fallback. 0 where our walk is not, or no longer, in use.
 */
double fast_walks(const struct fast_path *p);
double fast_frames(const struct fast_path *p);

/* reach.c: speed and memory of the reachability scan. */
int bench_reach(struct bench *b);

#endif /* DRVMEM_TESTS_BENCH_BENCH_H */
