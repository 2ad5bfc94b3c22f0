/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tools that answer a part of drvmem's questions, run beside the same workload. Each is taken
 * where the user has it; where not, the table says how to get it.
 */
#ifndef DRVMEM_TESTS_BENCH_PEERS_H
#define DRVMEM_TESTS_BENCH_PEERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct peer {
	const char *name, *what;
	const char *get;	/* how to have it */
	char path[256];		/* of the program; "" = not found */
	int kind;
};

#define NR_PEERS 4

/* A running peer. */
struct peer_run {
	pid_t pid;
	uint32_t last_prog;	/* newest BPF program there was before it */
	char dir[64];		/* its files */
};

/* Finds them: $MEMLEAK, $BPFTRACE, $PERF, $MEMSTRACK, or in PATH. */
void peers_find(struct peer p[NR_PEERS]);
/* Starts it and waits until it traces. 0 or -errno. */
int peer_start(const struct peer *p, struct peer_run *r);
/* Events that its BPF programs lost to the recursion guard; -1: it has none. */
int64_t peer_lost(const struct peer_run *r);
/* Its resident memory, bytes; 0 = unknown. */
uint64_t peer_rss(const struct peer_run *r);
/* Ctrl-C, and waits for the end. */
void peer_stop(struct peer_run *r);

#endif /* DRVMEM_TESTS_BENCH_PEERS_H */
