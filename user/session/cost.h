/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs cost: the kernel's run-time statistics (BPF_ENABLE_STATS), which cost
 * about as much as a short program themselves and are therefore on for less than a second.
 */
#ifndef DRVMEM_SESSION_COST_H
#define DRVMEM_SESSION_COST_H

#include <stdbool.h>
#include <stdint.h>

struct drvmem_session_info;
struct drvmem_session_maps;

#define DRVMEM_COST_PROGS	64u
#define DRVMEM_COST_SPAN_NS	500000000ull	/* statistics are on for so long, at most twice */
#define DRVMEM_COST_MIN_RUNS	100u		/* fewer say nothing */
#define DRVMEM_COST_AGAIN_NS	30000000000ull	/* from one measurement to the next */

struct drvmem_cost {
	int fd;				/* holds the statistics on; -1 */
	int prog[DRVMEM_COST_PROGS];	/* fds of the attached programs */
	uint32_t nr_progs;
	bool again;			/* to be measured again and again */
	uint64_t begun_ns, ended_ns, runs0, ns0, events0;
	/* the result */
	uint64_t runs, ns;		/* measured runs, and the time they took */
	uint64_t events;		/* that the session counted meanwhile */
	uint64_t span_ns;		/* in so much time; 0 = not measured yet */
	const char *why;		/* why there is none; NULL when not asked for */
};

void drvmem_cost__init(struct drvmem_cost *c);
/* The fd of a program to be measured stays the caller's. */
void drvmem_cost__add(struct drvmem_cost *c, int prog_fd);
/* Turns statistics on. now_ns: CLOCK_MONOTONIC. */
void drvmem_cost__begin(struct drvmem_cost *c, const struct drvmem_session_maps *m, uint64_t now_ns);
/*
 * Reads them and turns them off, once DRVMEM_COST_SPAN_NS have passed or when last. m: NULL = of no use any more.
 * What is known by now, into ret unless that is NULL.
 */
void drvmem_cost__poll(struct drvmem_cost *c, const struct drvmem_session_maps *m, uint64_t now_ns, bool last,
		       struct drvmem_session_info *ret);
/* Events that a session has counted by now, as struct drvmem_loss counts them. */
uint64_t drvmem_cost__events(const struct drvmem_session_maps *m);

#endif /* DRVMEM_SESSION_COST_H */
