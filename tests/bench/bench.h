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
	bool quick, cost, sampled, pages, dma, walk, reach, use, slowdown, peers;
	uint64_t live;		/* of the cost table: this number only; 0 = the usual two */
	const char *work;	/* of the cost table */
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

/* beside.c: slowdown beside other tools. */
int bench_peers(struct bench *b);

/* reach.c: speed and memory of the reachability scan. */
int bench_reach(struct bench *b);

#endif /* DRVMEM_TESTS_BENCH_BENCH_H */
