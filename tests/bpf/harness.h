/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live tests: a session on the running kernel, workloads in child processes (drvmem's own
 * allocations are drvmem's), and selections from snapshots. A run whose own loss counter
 * is not 0 is repeated, at most 3 times, and then fails; time, noise and other processes
 * never decide.
 */
#ifndef DRVMEM_TESTS_BPF_HARNESS_H
#define DRVMEM_TESTS_BPF_HARNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/snapshot.h"
#include "trace.h"

/* ---- verdicts: each test function runs cases, main returns bt_exit() */
enum bt_result { BT_PASS, BT_FAIL, BT_LOSS, BT_SKIP };

/* Why of the run in progress; the last call wins. */
enum bt_result bt_fail(const char *fmt, ...) DRVMEM_PRINTF(1, 2);
enum bt_result bt_skip(const char *fmt, ...) DRVMEM_PRINTF(1, 2);
/* A measurement or remark, "# text": never part of a verdict. */
void bt_note(const char *fmt, ...) DRVMEM_PRINTF(1, 2);
/* Runs fn and prints ok / not ok / skip; a run that returns BT_LOSS is repeated. */
void bt_case(const char *name, enum bt_result (*fn)(void *arg), void *arg);
int bt_exit(void);

#define BT_CHECK(cond, ...)			\
	do {					\
		if (!(cond))			\
			return bt_fail(__VA_ARGS__);	\
	} while (0)

#define BT_TRY(x)				\
	do {					\
		enum bt_result try_ = (x);	\
		if (try_ != BT_PASS)		\
			return try_;		\
	} while (0)

/* ---- a session */

struct bt_run {
	struct drvmem_trace *t;
	struct drvmem_snapshot *snap;	/* the last one taken */
};

/* Starts and activates. BT_PASS, BT_SKIP where this process cannot trace, or BT_FAIL. */
enum bt_result bt_start(struct bt_run *r, const struct drvmem_session_opts *o);
/* Replaces r->snap, objects included. BT_PASS or BT_FAIL. */
enum bt_result bt_snap(struct bt_run *r);
/* BT_LOSS, with the counters as the why, when the last snapshot lost anything. */
enum bt_result bt_loss(const struct bt_run *r);
/* Ends the session; usable as a cleanup attribute. */
void bt_stop(struct bt_run *r);
#define _cleanup_bt_ DRVMEM_CLEANUP(bt_stop)

/* ---- what a snapshot says about some objects */

/* NULL and 0 match everything. */
struct bt_want {
	const char *owner;		/* name of the instance */
	const char *cache;
	const char *const *functions;	/* of the call site, NULL-terminated */
};

struct bt_sum {
	uint64_t sites, allocs, frees, inferred;
	int64_t live, bytes;
	uint64_t in_table;		/* objects found in the table itself */
	uint32_t asked_min, asked_max;	/* of those */
	uint64_t sampled_allocs, sampled_frees;
	double allocs_var, live_var, bytes_var;
};

void bt_sum(const struct drvmem_snapshot *s, const struct bt_want *w, struct bt_sum *ret);

/* ---- workers: child processes that do what the parent says */

struct bt_worker {
	pid_t pid;
	int to, from;
};

typedef int64_t (*bt_work_fn)(void *arg, int op, uint64_t n);

/* cpu < 0: not pinned. Ends the test program when it cannot fork. */
void bt_worker_start(struct bt_worker *w, int cpu, bt_work_fn fn, void *arg);
void bt_worker_send(const struct bt_worker *w, int op, uint64_t n);
/* What fn returned; -EPIPE when the worker died. */
int64_t bt_worker_wait(const struct bt_worker *w);
int64_t bt_worker_do(const struct bt_worker *w, int op, uint64_t n);
void bt_worker_stop(struct bt_worker *w);
#define _cleanup_worker_ DRVMEM_CLEANUP(bt_worker_stop)

/* The first two CPUs this process may use; false when there is only one. */
bool bt_two_cpus(int ret_cpu[2]);
/* This process runs on cpu only; < 0: unchanged. */
void bt_pin(int cpu);
uint64_t bt_now_ns(void);
/* Polls until cond(arg) or the deadline; true when it came to hold. */
bool bt_until(bool (*cond)(void *arg), void *arg, unsigned int seconds);

#endif /* DRVMEM_TESTS_BPF_HARNESS_H */
