/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drvmem's modes, and tools that answer a part of its questions, each as a process beside the
 * same workload. Each is taken where the user has it; where not, the table says how to get it.
 */
#ifndef DRVMEM_TESTS_BENCH_PEERS_H
#define DRVMEM_TESTS_BENCH_PEERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "procbpf.h"

/* drvmem's modes first. */
enum { PEER_DRVMEM, PEER_FULL, PEER_SAMPLED, PEER_MEMLEAK, PEER_BPFTRACE, PEER_PERF, PEER_MEMSTRACK, NR_PEERS };

#define PEER_NR_OWN (PEER_SAMPLED + 1)

struct peer {
	const char *name;
	const char *get;	/* how to have it */
	bool bpf;		/* it traces by BPF */
	int kind;
	char path[512];		/* of the program; "" = not found */
	char bad[512];		/* "" or what the user points to, which cannot be run */
};

/* A running peer. */
struct peer_run {
	const struct peer *peer;
	pid_t pid;
	char dir[64];		/* its files */
	struct procbpf bpf;	/* once it traces */
};

/* What it took, read while it still runs. */
struct peer_memory {
	uint64_t rss, maps;	/* bytes */
};

/* Finds them: $DRVMEM, $MEMLEAK, $BPFTRACE, $PERF, $MEMSTRACK, or build/drvmem and in PATH. */
void peers_find(struct peer p[NR_PEERS]);
/* Starts it and waits until it traces. 0 or -errno. */
int peer_start(const struct peer *p, struct peer_run *r);
struct peer_memory peer_memory(const struct peer_run *r);
/*
 * Ctrl-C, waits for the end, removes its files. Returns the events that it lost: what drvmem's
 * report tells, the misses of other BPF programs, what perf says of its own; -1: not known.
 */
int64_t peer_stop(struct peer_run *r);

#endif /* DRVMEM_TESTS_BENCH_PEERS_H */
