// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/cost.h"

#include <stddef.h>
#include <unistd.h>

#include <bpf/bpf.h>

void drvmem_cost__init(struct drvmem_cost *c)
{
	*c = (struct drvmem_cost){ .fd = -1 };
}

void drvmem_cost__add(struct drvmem_cost *c, int prog_fd)
{
	if (prog_fd >= 0 && c->nr_progs < DRVMEM_COST_PROGS)
		c->prog[c->nr_progs++] = prog_fd;
}

static void read_all(const struct drvmem_cost *c, uint64_t *runs, uint64_t *ns)
{
	uint32_t i;

	*runs = *ns = 0;
	for (i = 0; i < c->nr_progs; i++) {
		struct bpf_prog_info info = {};
		uint32_t len = sizeof(info);

		if (bpf_obj_get_info_by_fd(c->prog[i], &info, &len))
			continue;
		*runs += info.run_cnt;
		*ns += info.run_time_ns;
	}
}

void drvmem_cost__begin(struct drvmem_cost *c, uint64_t now_ns)
{
	if (!c->span_ns)
		c->why = "not measured yet";
	c->fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (c->fd < 0) {
		c->why = "the kernel's BPF statistics are refused";
		return;
	}
	read_all(c, &c->runs0, &c->ns0);
	c->begun_ns = now_ns;
}

void drvmem_cost__poll(struct drvmem_cost *c, uint64_t now_ns, bool last)
{
	uint64_t runs, ns;

	if (c->fd < 0 && c->again && !last && c->span_ns && now_ns - c->ended_ns > DRVMEM_COST_AGAIN_NS)
		drvmem_cost__begin(c, now_ns);
	if (c->fd < 0 || (!last && now_ns - c->begun_ns < DRVMEM_COST_SPAN_NS))
		return;
	read_all(c, &runs, &ns);
	close(c->fd);
	c->fd = -1;
	c->span_ns = now_ns > c->begun_ns ? now_ns - c->begun_ns : 1;
	c->ended_ns = now_ns;
	c->runs = runs - c->runs0;
	c->ns = ns - c->ns0;
	c->why = c->runs < DRVMEM_COST_MIN_RUNS ? "too few events while it was measured" : "";
}
