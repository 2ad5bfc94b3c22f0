// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/hooks.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* Whether a program's section names another function than the one it is for here. */
static bool has_other_name(const struct bpf_program *p, const char *hook)
{
	const char *at = strchr(bpf_program__section_name(p), '/');

	return bpf_program__type(p) == BPF_PROG_TYPE_TRACING && at && strcmp(at + 1, hook) != 0;
}

void drvmem_hooks__choose(struct drvmem_hooks *h, struct bpf_object *obj)
{
	struct bpf_program *p;
	uint32_t i;

	bpf_object__for_each_program(p, obj)
		bpf_program__set_autoload(p, false);
	for (i = 0; i < h->plan.n; i++) {
		h->prog[i] = bpf_object__find_program_by_name(obj, h->plan.p[i].prog->name);
		if (!h->prog[i] || !h->plan.p[i].load)
			continue;
		bpf_program__set_autoload(h->prog[i], true);
		if (has_other_name(h->prog[i], h->plan.p[i].hook))
			bpf_program__set_attach_target(h->prog[i], 0, h->plan.p[i].hook);
	}
}

/* The row of the plan that has this one's program first: its own, unless it has several hooks. */
static uint32_t first_of(const struct drvmem_hooks *h, uint32_t row)
{
	uint32_t i = 0;

	while (i < row && (h->prog[i] != h->prog[row] || !h->link[i]))
		i++;
	return i;
}

/* By the hook's name: a program may have several. */
static int attach_row(struct drvmem_hooks *h, uint32_t row, struct drvmem_cost *cost)
{
	const struct bpf_program *p = h->prog[row];

	h->link[row] = bpf_program__type(p) == BPF_PROG_TYPE_RAW_TRACEPOINT ?
		bpf_program__attach_raw_tracepoint(p, h->plan.p[row].hook) :
		bpf_program__attach(p);
	if (!h->link[row])
		return -errno;
	if (first_of(h, row) == row)
		drvmem_cost__add(cost, bpf_program__fd(p));
	return 0;
}

int drvmem_hooks__attach(struct drvmem_hooks *h, struct drvmem_cost *cost, struct drvmem_err *err)
{
	const struct drvmem_plan_prog *p;
	uint32_t i;
	int r;

	for (i = 0; i < h->plan.n; i++) {
		p = h->plan.p[i].prog;
		r = h->plan.p[i].attach ? attach_row(h, i, cost) : 0;
		if (!r)
			continue;
		if (p->optional) {
			h->plan.p[i].attach = false;
			h->plan.p[i].why_not = "attach was refused";
			continue;
		}
		drvmem_err__set(err, r, DRVMEM_EXIT_CANNOT_RUN, "cannot attach '%s' to %s (%s)",
				p->name, h->plan.p[i].hook, drvmem_errno_name(r));
		drvmem_err__remedy(err, "run 'drvmem doctor'");
		return r;
	}
	return 0;
}

void drvmem_hooks__detach(struct drvmem_hooks *h)
{
	uint32_t i;

	for (i = 0; i < h->plan.n; i++)
		bpf_link__destroy(h->link[i]);
}

bool drvmem_hooks__attached(const struct drvmem_hooks *h, const char *suffix)
{
	uint32_t i;

	for (i = 0; i < h->plan.n; i++)
		if (strstr(h->plan.p[i].prog->name, suffix))
			return h->plan.p[i].attach;
	return false;
}

int drvmem_hooks__runner(const struct drvmem_hooks *h, const char *name)
{
	uint32_t i;

	for (i = 0; i < h->plan.n; i++)
		if (!strcmp(h->plan.p[i].prog->name, name) && h->plan.p[i].load && h->prog[i])
			return bpf_program__fd(h->prog[i]);
	return -1;
}

static bool is_again(const struct drvmem_hooks *h, uint32_t row)
{
	return h->plan.p[row].prog->forms & DRVMEM_PLAN_AGAIN;
}

static void read_row(struct drvmem_hooks *h, uint32_t i)
{
	struct drvmem_session_prog *p = &h->progs[i];
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);

	*p = (struct drvmem_session_prog){
		.name = h->plan.p[i].prog->name,
		.hook = h->plan.p[i].hook,
		.why = h->plan.p[i].why_not ? h->plan.p[i].why_not : h->plan.p[i].prog->purpose,
		.optional = h->plan.p[i].prog->optional,
		.again = is_again(h, i),
		.attached = h->link[i] != NULL,
	};
	if (!h->prog[i] || bpf_program__fd(h->prog[i]) < 0)
		return;
	p->loaded = true;
	if (bpf_obj_get_info_by_fd(bpf_program__fd(h->prog[i]), &info, &len))
		return;
	p->nr_insns = info.xlated_prog_len / sizeof(struct bpf_insn);
	p->verified_insns = info.verified_insns;
	if (first_of(h, i) != i)	/* its runs stand at its first hook */
		return;
	p->run_count = info.run_cnt;
	p->run_ns = info.run_time_ns;
	p->recursion_misses = info.recursion_misses;
}

const struct drvmem_session_prog *drvmem_hooks__read(struct drvmem_hooks *h, uint32_t *ret_n)
{
	uint32_t i;

	for (i = 0; i < h->plan.n; i++)
		read_row(h, i);
	*ret_n = h->plan.n;
	return h->progs;
}

/* How many events the programs on this row's hook missed. */
static uint64_t missed(struct drvmem_hooks *h, uint32_t row)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < h->plan.n; i++) {
		if (is_again(h, i) || !h->link[i] ||
		    strcmp(h->plan.p[i].prog->hook, h->plan.p[row].prog->hook))
			continue;
		read_row(h, i);
		sum += h->progs[i].recursion_misses;
	}
	return sum;
}

/* A second look costs about a third of the first: only where there is something to be seen. */
void drvmem_hooks__again(struct drvmem_hooks *h, struct drvmem_cost *cost, uint64_t at_least)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < h->plan.n; i++)
		if (is_again(h, i) && h->plan.p[i].load && !h->link[i])
			sum += missed(h, i);
	for (i = 0; i < h->plan.n && sum >= at_least; i++) {
		if (!is_again(h, i) || !h->plan.p[i].load || h->link[i])
			continue;
		h->plan.p[i].load = h->plan.p[i].attach = !attach_row(h, i, cost);	/* one try */
		h->plan.p[i].why_not = h->link[i] ? NULL : "attach was refused";
	}
}
