// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/cost.h"

#include <stddef.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "session/session.h"

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

static uint64_t row_events(const volatile struct drvmem_site_cpu *p)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < DRVMEM_LIFE_BUCKETS; i++)
		n += p->life[i] + p->other_life[i];
	for (i = 0; i < DRVMEM_SIZE_BUCKETS; i++)
		n += p->size[i];
	return n;
}

uint64_t drvmem_cost__events(const struct drvmem_session_maps *m)
{
	uint64_t n = 0, weights = 0;
	uint32_t cpu, i;

	for (cpu = 0; cpu < m->nr_cpus; cpu++) {
		const volatile __u64 *v = m->stats[cpu].v;

		n += v[DRVMEM_STAT_UNMATCHED_FREE] + v[DRVMEM_STAT_SMALL_FREE] + 2 * v[DRVMEM_STAT_UNWANTED];
	}
	for (i = 0; i < m->nr_sites; i++) {
		if (i && !*(const volatile __u64 *)&m->sites[i].key)
			continue;
		for (cpu = 0; cpu < m->nr_cpus; cpu++) {
			size_t at = (size_t)cpu * m->nr_sites + i;

			n += row_events(&m->site_cpu[at]) + m->site_cpu[at].failures;
			if (m->sampled_cpu)
				weights += row_events(&m->sampled_cpu[at]);
		}
	}
	return n + weights / DRVMEM_COUNT_ONE;
}

void drvmem_cost__begin(struct drvmem_cost *c, const struct drvmem_session_maps *m, uint64_t now_ns)
{
	if (!c->span_ns)
		c->why = "not measured yet";
	c->fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (c->fd < 0) {
		c->why = "the kernel's BPF statistics are refused";
		return;
	}
	c->events0 = drvmem_cost__events(m);
	read_all(c, &c->runs0, &c->ns0);
	c->begun_ns = now_ns;
}

static void look_again(struct drvmem_cost *c, const struct drvmem_session_maps *m, uint64_t now_ns, bool last)
{
	uint64_t runs, ns, events;

	if (c->fd < 0 && c->again && !last && c->span_ns && now_ns - c->ended_ns > DRVMEM_COST_AGAIN_NS)
		drvmem_cost__begin(c, m, now_ns);
	if (c->fd < 0 || (!last && now_ns - c->begun_ns < DRVMEM_COST_SPAN_NS))
		return;
	read_all(c, &runs, &ns);
	events = m ? drvmem_cost__events(m) : c->events0;
	close(c->fd);
	c->fd = -1;
	c->span_ns = now_ns > c->begun_ns ? now_ns - c->begun_ns : 1;
	c->ended_ns = now_ns;
	c->runs = runs - c->runs0;
	c->ns = ns - c->ns0;
	c->events = events - c->events0;
	c->why = c->runs < DRVMEM_COST_MIN_RUNS ? "too few events while it was measured" : "";
}

void drvmem_cost__poll(struct drvmem_cost *c, const struct drvmem_session_maps *m, uint64_t now_ns, bool last,
		       struct drvmem_session_info *ret)
{
	look_again(c, m, now_ns, last);
	if (!ret)
		return;
	ret->cost_runs = c->runs;
	ret->cost_ns = c->ns;
	ret->cost_events = c->events;
	ret->cost_span_ns = c->span_ns;
	ret->cost_why = c->why;
	ret->cost_share = c->span_ns ? (double)c->ns / (double)c->span_ns : 0;
}
