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

#define DRVMEM_PLAN_MAX 24

/* Programs that there are in two forms: with and without walks of the stack. */
enum drvmem_plan_form { DRVMEM_PLAN_EITHER = 0, DRVMEM_PLAN_WALKS, DRVMEM_PLAN_NO_WALKS };

struct drvmem_plan_prog {
	const char *name;	/* of the BPF program */
	const char *hook;	/* what it is attached to; "run" = by BPF_PROG_TEST_RUN */
	const char *purpose;
	unsigned int forms;	/* bit mask 1 << enum drvmem_slab_form; 0 = any */
	int needs;		/* enum drvmem_feat, or -1 */
	bool optional;
	enum drvmem_plan_form walks;
};

struct drvmem_plan {
	struct {
		const struct drvmem_plan_prog *prog;
		bool load, attach;
		const char *why_not;	/* when load is false */
	} p[DRVMEM_PLAN_MAX];
	uint32_t n;
	bool hash;		/* the 5.10 table */
};

/*
 * walks: stacks must be walked (the kernel has modules, or every stack is wanted).
 * -ENOTSUP with err when a program that is not optional cannot be had.
 */
DRVMEM_MUST_CHECK int drvmem_plan__make(const struct drvmem_probe *probe, bool walks,
					struct drvmem_plan *ret, struct drvmem_err *err);

#endif /* DRVMEM_SESSION_PLAN_H */
