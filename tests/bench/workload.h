/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bench runs: loops that do little but allocate and free slab objects. Each may
 * hold objects: it then works first in, first out in bursts, so that what it touches is as
 * old as the number held says. Run in a process of its own, by the harness's workers.
 */
#ifndef DRVMEM_TESTS_BENCH_WORKLOAD_H
#define DRVMEM_TESTS_BENCH_WORKLOAD_H

#include <stdint.h>

/* PREPARE n: hold n things; RUN n: iterations, returns their CPU ns; RELEASE: drop all. */
enum bench_op { BENCH_PREPARE, BENCH_RUN, BENCH_RELEASE };

#define BENCH_TEST_DRIVER "/sys/kernel/debug/drvmem_test/ctl"

struct bench_work {
	const char *name, *what;
	uint32_t held_objects;	/* slab objects of one thing held; 0 = it cannot hold any */
	uint64_t quick, full;	/* iterations of one run */
	int64_t (*fn)(void *arg, int op, uint64_t n);	/* -errno on failure */
};

extern const struct bench_work bench_works[];	/* ended by a NULL name */
const struct bench_work *bench_find(const char *name);

#endif /* DRVMEM_TESTS_BENCH_WORKLOAD_H */
