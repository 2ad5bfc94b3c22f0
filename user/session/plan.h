/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which BPF programs a session loads and attaches on this kernel: pure, a table and
 * the probe's answers in, decisions out. No libbpf, no I/O.
 */
#ifndef DRVMEM_SESSION_PLAN_H
#define DRVMEM_SESSION_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "probe/probe.h"

#define DRVMEM_PLAN_MAX 136

/*
 * The forms of the programs that every event runs through (bpf/slab.bpf.c): nothing is walked
 * or sampled; stacks must be walked (the kernel has modules, or every stack is wanted); the
 * session may sample, or asks for some owners only.
 */
#define DRVMEM_PLAN_LIGHT	1u
#define DRVMEM_PLAN_WALKS	2u
#define DRVMEM_PLAN_GATED	4u
/* The event of a DMA mapping: of its page, or of its physical address. */
#define DRVMEM_PLAN_MAP_PAGE	8u
#define DRVMEM_PLAN_MAP_PHYS	16u
/* Attached behind the hook's program, once that has missed events. */
#define DRVMEM_PLAN_AGAIN	32u

/* Objects of slab are not asked for. */
#define DRVMEM_PLAN_NO_SLAB	256u

/* Mempools are asked for; and what their functions are called here. */
#define DRVMEM_PLAN_POOLS	64u
#define DRVMEM_PLAN_POOLS_NOPROF 128u

struct drvmem_plan_prog {
	const char *name;	/* of the BPF program */
	const char *hook;	/* what it is attached to; "run" = by BPF_PROG_TEST_RUN */
	const char *purpose;
	unsigned int kernels;	/* bit mask 1 << enum drvmem_slab_form; 0 = any */
	int needs;		/* enum drvmem_feat, or -1 */
	bool optional;
	unsigned int forms;	/* of DRVMEM_PLAN_LIGHT, _WALKS, ...; 0 = any */
};

struct drvmem_plan {
	struct {
		const struct drvmem_plan_prog *prog;
		bool load, attach;
		const char *hook;	/* prog->hook, or what it is called here */
		const char *why_not;	/* when load is false */
	} p[DRVMEM_PLAN_MAX];
	uint32_t n;
	bool hash;		/* the 5.10 table */
};

/*
 * form: DRVMEM_PLAN_LIGHT, _WALKS or _GATED, and _POOLS or not; which event of mappings there is follows from probe. A program may stand there for
 * several hooks. -ENOTSUP with err when a program that is not optional cannot be had.
 */
DRVMEM_MUST_CHECK int drvmem_plan__make(const struct drvmem_probe *probe, unsigned int form,
					struct drvmem_plan *ret, struct drvmem_err *err);

#endif /* DRVMEM_SESSION_PLAN_H */
