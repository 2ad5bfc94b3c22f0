// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Percpu and vmalloc memory. The elements of a percpu array map are one percpu allocation each, a
 * large array map is one vmalloc; of sizes that nothing else here asks for. Known exactly, and
 * gone when the map is.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/cleanup.h"
#include "harness.h"

#define VALUE 1064u	/* bytes of an element, on one CPU */
#define K 300u		/* elements of the percpu map */
#define MAPS 40u	/* vmalloc maps */
#define ENTRIES 1000u	/* elements of each */

enum { CREATE, CLOSE };

struct kind {
	const char *name;
	enum bpf_map_type type;
	uint16_t allocator;
	uint32_t maps, entries;
	uint32_t objects;		/* of all maps */
	const char *const sites[3];
	uint64_t sample_bytes;
};

static int64_t make_maps(void *arg, int op, uint64_t n)
{
	const struct kind *k = arg;
	static int fd[MAPS];
	uint32_t i;

	(void)n;
	for (i = 0; i < k->maps; i++) {
		if (op == CLOSE) {
			close(fd[i]);
			continue;
		}
		fd[i] = bpf_map_create(k->type, "bt_area", 4, VALUE, k->entries, NULL);
		if (fd[i] < 0)
			return fd[i];
	}
	return k->maps;
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

static bool is_known_site(const struct kind *k, const char *site)
{
	int i;

	for (i = 0; i < 3 && k->sites[i]; i++)
		if (!strncmp(site, k->sites[i], strlen(k->sites[i])))
			return true;
	return false;
}

static enum bt_result judge_held(struct rig *g, const struct kind *k)
{
	const struct drvmem_snapshot *s = g->run.snap;
	uint32_t i;

	BT_CHECK(g->sum.live == k->objects && g->sum.in_table == k->objects,
		 "%lld objects live, %llu in the table, not %u", (long long)g->sum.live,
		 (unsigned long long)g->sum.in_table, k->objects);
	BT_CHECK(g->sum.asked_min == g->sum.asked_max &&
		 g->sum.bytes == (int64_t)k->objects * g->sum.asked_min, "%lld bytes of %u to %u each",
		 (long long)g->sum.bytes, g->sum.asked_min, g->sum.asked_max);
	for (i = 0; i < s->nr_sites; i++) {
		const struct drvmem_sitesnap *t = &s->sites[i];

		if (!t->c.live_objects)
			continue;
		BT_CHECK(t->allocator == k->allocator, "allocator %u", t->allocator);
		BT_CHECK(!strcmp(s->caches[t->cache].name, k->name), "cache %s", s->caches[t->cache].name);
		BT_CHECK(t->c.held_bytes == t->c.live_bytes, "%lld bytes held, %lld live",
			 (long long)t->c.held_bytes, (long long)t->c.live_bytes);
		BT_CHECK(s->meta.symbols_hidden || is_known_site(k, t->site), "call site %s", t->site);
	}
	return BT_PASS;
}

static enum bt_result judge_sampled(const struct bt_sum *s, const struct kind *k)
{
	BT_CHECK(s->sampled_allocs && s->in_table == s->sampled_allocs && s->sampled_allocs <= k->objects,
		 "%llu sampled, %llu in the table", (unsigned long long)s->sampled_allocs,
		 (unsigned long long)s->in_table);
	return BT_PASS;
}

static bool sees_vmalloc(struct bt_run *run)
{
	const struct drvmem_session_prog *p;
	uint32_t i, n;

	p = drvmem_trace__progs(run->t, &n);
	for (i = 0; i < n; i++)
		if (!strcmp(p[i].name, "dm_vmalloc"))
			return p[i].attached;
	return false;
}

static enum bt_result held_and_freed(void *arg)
{
	const struct kind *k = arg;
	uint32_t each = k->type == BPF_MAP_TYPE_ARRAY ? VALUE * ENTRIES :
							VALUE * (uint32_t)libbpf_num_possible_cpus();
	struct drvmem_session_opts o = {
		.track_max = 10000, .min_size = each,
		/* beside the elements the head of the map, to a page's end */
		.max_size = k->type == BPF_MAP_TYPE_ARRAY ? each + 8192 : each,
		.sample_bytes = k->sample_bytes,
	};
	DRVMEM_CLEANUP(rig_stop) struct rig g = {};
	int64_t done;
	enum bt_result r;
	bool gone;

	bt_worker_start(&g.w, -1, make_maps, arg);
	r = bt_start(&g.run, &o);
	if (r == BT_PASS && k->allocator == DRVMEM_ALLOC_VMALLOC && !sees_vmalloc(&g.run))
		r = bt_skip("no tracepoints of vmalloc areas here");
	if (r != BT_PASS)
		return r;
	done = bt_worker_do(&g.w, CREATE, 0);
	BT_CHECK(done == k->maps, "map: %s", strerror((int)-done));
	r = measure(&g);
	if (r == BT_PASS)
		r = bt_loss(&g.run);
	if (r == BT_PASS)
		r = k->sample_bytes ? judge_sampled(&g.sum, k) : judge_held(&g, k);
	if (r != BT_PASS)
		return r;
	bt_worker_do(&g.w, CLOSE, 0);
	gone = bt_until(is_gone, &g, 20) && g.r == BT_PASS;
	/* a free that was lost leaves one for ever */
	r = bt_loss(&g.run);
	if (r == BT_PASS)
		BT_CHECK(gone, "%lld objects live 20 s after the maps were closed", (long long)g.sum.live);
	if (r == BT_PASS)
		BT_CHECK(g.sum.frees == g.sum.allocs && !g.sum.in_table && !g.sum.bytes,
			 "%llu of %llu freed, %llu in the table", (unsigned long long)g.sum.frees,
			 (unsigned long long)g.sum.allocs, (unsigned long long)g.sum.in_table);
	return r;
}

#define PERCPU "percpu", BPF_MAP_TYPE_PERCPU_ARRAY, DRVMEM_ALLOC_PERCPU, 1, K, K,		\
	{ "bpf_map_alloc_percpu+", "array_map_alloc+" }
#define VMALLOC "vmalloc", BPF_MAP_TYPE_ARRAY, DRVMEM_ALLOC_VMALLOC, MAPS, ENTRIES, MAPS,	\
	{ "__bpf_map_area_alloc+", "bpf_map_area_alloc+", "array_map_alloc+" }

int main(void)
{
	static struct kind kinds[] = { { PERCPU, 0 }, { PERCPU, 8192 }, { VMALLOC, 0 },
				       { VMALLOC, 1 << 20 } };
	static const char *const names[] = { "percpu_held_and_freed", "percpu_sampled",
					     "vmalloc_held_and_freed", "vmalloc_sampled" };
	int i;

	for (i = 0; i < 4; i++)
		bt_case(names[i], held_and_freed, &kinds[i]);
	return bt_exit();
}
