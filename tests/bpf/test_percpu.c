// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Percpu memory: the elements of a percpu array map are one allocation each, of a size that
 * nothing else here asks for. Known exactly, on every possible CPU, and gone when the map is.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "harness.h"

#define VALUE 1064u	/* bytes on one CPU */
#define K 300u

enum { CREATE, CLOSE };

static int64_t maps(void *arg, int op, uint64_t n)
{
	int *fd = arg;

	if (op == CREATE) {
		*fd = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "bt_percpu", 4, VALUE, (uint32_t)n, NULL);
		return *fd < 0 ? *fd : (int64_t)n;
	}
	close(*fd);
	return 0;
}

struct rig {
	struct bt_worker w;
	struct bt_run run;
	struct bt_sum sum;
	enum bt_result r;
};

static enum bt_result measure(struct rig *g)
{
	static const struct bt_want everything;	/* the filter leaves this size only */

	g->r = bt_snap(&g->run);
	if (g->r == BT_PASS)
		bt_sum(g->run.snap, &everything, &g->sum);
	return g->r;
}

/* The map goes when its last program and a work item have let go of it. */
static bool is_gone(void *arg)
{
	struct rig *g = arg;

	return measure(g) != BT_PASS || !g->sum.live;
}

static void rig_stop(struct rig *g)
{
	bt_stop(&g->run);
	bt_worker_stop(&g->w);
}

static enum bt_result judge_held(struct rig *g, uint32_t each)
{
	const struct drvmem_snapshot *s = g->run.snap;
	uint32_t i;

	BT_CHECK(g->sum.live == K && g->sum.in_table == K, "%lld objects live, %llu in the table, not %u",
		 (long long)g->sum.live, (unsigned long long)g->sum.in_table, K);
	BT_CHECK(g->sum.bytes == (int64_t)K * each, "%lld bytes, not %u of %u", (long long)g->sum.bytes, K,
		 each);
	for (i = 0; i < s->nr_sites; i++) {
		const struct drvmem_sitesnap *t = &s->sites[i];

		if (!t->c.live_objects)
			continue;
		BT_CHECK(t->allocator == DRVMEM_ALLOC_PERCPU, "allocator %u", t->allocator);
		BT_CHECK(!strcmp(s->caches[t->cache].name, "percpu"), "cache %s", s->caches[t->cache].name);
		BT_CHECK(t->c.held_bytes == t->c.live_bytes, "%lld bytes held, %lld live",
			 (long long)t->c.held_bytes, (long long)t->c.live_bytes);
		BT_CHECK(s->meta.symbols_hidden || !strncmp(t->site, "bpf_map_alloc_percpu+", 21) ||
			 !strncmp(t->site, "array_map_alloc+", 16),
			 "call site %s", t->site);
	}
	return BT_PASS;
}

static enum bt_result held_and_freed(void *arg)
{
	uint32_t cpus = (uint32_t)libbpf_num_possible_cpus(), each = VALUE * cpus;
	struct drvmem_session_opts o = { .track_max = 10000, .min_size = each, .max_size = each,
					 .sample_bytes = *(const uint64_t *)arg };
	DRVMEM_CLEANUP(rig_stop) struct rig g = {};
	int fd = -1;
	int64_t done;
	enum bt_result r;

	bt_worker_start(&g.w, -1, maps, &fd);
	r = bt_start(&g.run, &o);
	if (r != BT_PASS)
		return r;
	done = bt_worker_do(&g.w, CREATE, K);
	BT_CHECK(done == K, "map: %s", strerror((int)-done));
	r = measure(&g);
	if (r == BT_PASS && (r = bt_loss(&g.run)) == BT_PASS) {
		if (!o.sample_bytes)
			r = judge_held(&g, each);
		else
			BT_CHECK(g.sum.sampled_allocs && g.sum.in_table == g.sum.sampled_allocs &&
				 g.sum.sampled_allocs <= K,
				 "%llu sampled, %llu in the table", (unsigned long long)g.sum.sampled_allocs,
				 (unsigned long long)g.sum.in_table);
	}
	if (r != BT_PASS)
		return r;
	bt_worker_do(&g.w, CLOSE, 0);
	BT_CHECK(bt_until(is_gone, &g, 20) && g.r == BT_PASS, "%lld objects live 20 s after the map was closed",
		 (long long)g.sum.live);
	r = bt_loss(&g.run);
	if (r == BT_PASS)
		BT_CHECK(g.sum.frees == g.sum.allocs && !g.sum.in_table && !g.sum.bytes,
			 "%llu of %llu freed, %llu in the table", (unsigned long long)g.sum.frees,
			 (unsigned long long)g.sum.allocs, (unsigned long long)g.sum.in_table);
	return r;
}

int main(void)
{
	uint64_t exact = 0, sampled = 8192;

	bt_case("percpu_held_and_freed", held_and_freed, &exact);
	bt_case("percpu_sampled", held_and_freed, &sampled);
	return bt_exit();
}
