/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF programs of a session: loaded as the plan says, attached, looked at. */
#ifndef DRVMEM_SESSION_HOOKS_H
#define DRVMEM_SESSION_HOOKS_H

#include "base/err.h"
#include "session/cost.h"
#include "session/plan.h"
#include "session/session.h"

struct bpf_link;
struct bpf_object;
struct bpf_program;

/* Rows of the plan, index for index; a program that has several hooks stands in several rows. */
struct drvmem_hooks {
	struct drvmem_plan plan;
	struct bpf_program *prog[DRVMEM_PLAN_MAX];	/* the object's; NULL = it has none */
	struct bpf_link *link[DRVMEM_PLAN_MAX];		/* NULL = not attached */
	struct drvmem_session_prog progs[DRVMEM_PLAN_MAX];
};

/* Finds the programs; those that the plan does not load are left out of the object. */
void drvmem_hooks__choose(struct drvmem_hooks *h, struct bpf_object *obj);
/* 0, or -errno with err when one that is not optional cannot be attached. Each is added to cost. */
DRVMEM_MUST_CHECK int drvmem_hooks__attach(struct drvmem_hooks *h, struct drvmem_cost *cost,
					   struct drvmem_err *err);
/* Attaches what stands behind programs, if these have missed so many events. */
void drvmem_hooks__again(struct drvmem_hooks *h, struct drvmem_cost *cost, uint64_t at_least);
void drvmem_hooks__detach(struct drvmem_hooks *h);
/* The first program whose name has this in it is attached. */
bool drvmem_hooks__attached(const struct drvmem_hooks *h, const char *suffix);
/* fd of a program that was loaded to be run, or -1. */
int drvmem_hooks__runner(const struct drvmem_hooks *h, const char *name);
/* Looks at all rows; the array stays the hooks'. */
const struct drvmem_session_prog *drvmem_hooks__read(struct drvmem_hooks *h, uint32_t *ret_n);

#endif /* DRVMEM_SESSION_HOOKS_H */
