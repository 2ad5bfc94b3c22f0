/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What BPF objects a process holds, by its fds: its programs' figures, its maps' memory. */
#ifndef DRVMEM_TESTS_BENCH_PROCBPF_H
#define DRVMEM_TESTS_BENCH_PROCBPF_H

#include <stdint.h>
#include <sys/types.h>

#define PROCBPF_MAX 1024

struct procbpf {
	uint32_t prog[PROCBPF_MAX], nr_progs;	/* ids, each once; a link's too */
	uint32_t map[PROCBPF_MAX], nr_maps;
	uint64_t map_bytes;			/* what the kernel charges for them */
};

struct procbpf_sum {
	uint64_t runs, ns;	/* while statistics are on */
	uint64_t misses;	/* events that the recursion guard took */
};

/* Nothing is found in a process that is gone. */
void procbpf_read(pid_t pid, struct procbpf *ret);
struct procbpf_sum procbpf_sum(const struct procbpf *p);

#endif /* DRVMEM_TESTS_BENCH_PROCBPF_H */
