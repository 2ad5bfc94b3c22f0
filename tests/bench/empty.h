/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of every figure: programs of two instructions on the same tracepoints, run for
 * the same events, measured by the same clock reads.
 */
#ifndef DRVMEM_TESTS_BENCH_EMPTY_H
#define DRVMEM_TESTS_BENCH_EMPTY_H

#include <stdint.h>

#define BENCH_NR_HOOKS 8

struct bench_empty {
	int prog[BENCH_NR_HOOKS], link[BENCH_NR_HOOKS];	/* -1: this kernel has no such hook */
};

struct bench_count {
	uint64_t runs, ns;
};

/* "kmalloc", ..., each with another name that it has on other kernels, or NULL. */
extern const char *const bench_hooks[BENCH_NR_HOOKS][2];

int bench_empty_attach(struct bench_empty *e);	/* 0 or -errno */
void bench_empty_detach(struct bench_empty *e);
struct bench_count bench_empty_read(const struct bench_empty *e, int hook);
/* BPF run-time statistics are on until the fd is closed; -errno. */
int bench_stats_on(void);

#endif /* DRVMEM_TESTS_BENCH_EMPTY_H */
