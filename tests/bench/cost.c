// SPDX-License-Identifier: GPL-2.0-or-later
/* ns per event above an empty program: of every hook, sampled, of pages and mappings, with walks. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bench.h"
#include "empty.h"
#include "spread.h"

/* The programs for the hooks, in the order of bench_hooks. */
static const char *const own_progs[BENCH_NR_HOOKS] = { "dm_kmalloc", "dm_cache_alloc", "dm_kfree",
						       "dm_cache_free", "dm_page_alloc", "dm_page_free",
						       "dm_map", "dm_unmap" };

struct counts {
	struct bench_count own[BENCH_NR_HOOKS], empty[BENCH_NR_HOOKS];
};

static bool is_hook(int h, const char *name)
{
	return !strcmp(name, bench_hooks[h][0]) || (bench_hooks[h][1] && !strcmp(name, bench_hooks[h][1]));
}

static void read_counts(struct drvmem_trace *t, const struct bench_empty *e, struct counts *ret)
{
	const struct drvmem_session_prog *p;
	uint32_t i, n;
	int h;

	p = drvmem_trace__progs(t, &n);
	for (h = 0; h < BENCH_NR_HOOKS; h++) {
		/* whatever its form is called; one of several hooks counts at the first */
		for (i = 0; i < n; i++)
			if (p[i].attached && !p[i].again && is_hook(h, p[i].hook))
				ret->own[h] = (struct bench_count){ p[i].run_count, p[i].run_ns };
		ret->empty[h] = bench_empty_read(e, h);
	}
}

struct series {
	double own[MAX_ROUNDS], empty[MAX_ROUNDS], net[MAX_ROUNDS];
	uint64_t events;
	unsigned int n;
};

static double per_run(struct bench_count a, struct bench_count b)
{
	return b.runs > a.runs ? (double)(b.ns - a.ns) / (double)(b.runs - a.runs) : 0;
}

static void add_round(struct series *s, const struct counts *a, const struct counts *b)
{
	int h;

	for (h = 0; h < BENCH_NR_HOOKS; h++) {
		if (b->own[h].runs - a->own[h].runs < 1000 || s[h].n == MAX_ROUNDS)
			continue;
		s[h].own[s[h].n] = per_run(a->own[h], b->own[h]);
		s[h].empty[s[h].n] = per_run(a->empty[h], b->empty[h]);
		s[h].net[s[h].n] = s[h].own[s[h].n] - s[h].empty[s[h].n];
		s[h].events += b->own[h].runs - a->own[h].runs;
		s[h].n++;
	}
}

/* Statistics are on only while the workload runs. */
static int one_round(struct bench *b, struct drvmem_trace *t, const struct bench_empty *e,
		     const struct bt_worker *w, const struct bench_work *work, struct series *s)
{
	struct counts before = {}, after = {};
	int fd = bench_stats_on();
	int64_t r;

	if (fd < 0)
		return fd;
	drvmem_trace__poll(t);	/* as a command does while it waits */
	read_counts(t, e, &before);
	drvmem_trace__waiting(t, true);
	r = bt_worker_do(w, BENCH_RUN, b->quick ? work->quick : work->full);
	drvmem_trace__waiting(t, false);
	read_counts(t, e, &after);
	close(fd);
	if (r < 0)
		return (int)r;
	add_round(s, &before, &after);
	return 0;
}

static const char *bound_of(struct bench *b, uint64_t live)
{
	if (b->bound)
		return b->bound;
	return live > 1000000 ? "250" : live > 100000 ? "200" : "60";
}

static void print_cost(struct bench *b, uint64_t live, struct series *s)
{
	struct spread own, empty, net;
	int h;

	for (h = 0; h < BENCH_NR_HOOKS; h++) {
		if (!s[h].n)
			continue;
		own = spread_of(s[h].own, s[h].n);
		empty = spread_of(s[h].empty, s[h].n);
		net = spread_of(s[h].net, s[h].n);
		say(b, "%-15s %9llu %10llu %8.1f %8.1f %8.1f %7.1f-%-7.1f %6s\n", own_progs[h],
		    (unsigned long long)live, (unsigned long long)s[h].events, own.median,
		    empty.median, net.median, net.low, net.high, bound_of(b, live));
	}
}

/* Of a workload whose events are one for each hook: no kfree(NULL), which costs next to nothing. */
static int cost_of(struct bench *b, struct drvmem_trace *t, const struct bench_empty *e,
		   const struct bench_work *work, uint64_t live)
{
	_cleanup_worker_ struct bt_worker w = {};
	static struct series s[BENCH_NR_HOOKS];
	unsigned int i;
	int64_t r;

	memset(s, 0, sizeof(s));
	bt_worker_start(&w, b->cpu[0], work->fn, NULL);
	r = bt_worker_do(&w, BENCH_PREPARE, live ? live / work->held_objects : 0);
	if (r >= 0)	/* not counted: the first run finds cold code */
		r = bt_worker_do(&w, BENCH_RUN, work->quick);
	for (i = 0; i < b->rounds && r >= 0; i++)
		r = one_round(b, t, e, &w, work, s);
	if (r >= 0)
		r = bt_worker_do(&w, BENCH_RELEASE, 0);
	if (r < 0) {
		fprintf(stderr, "bench: %s: %s\n", work->name, strerror((int)-r));
		return (int)r;
	}
	print_cost(b, live, s);
	return 0;
}

static void print_programs(struct bench *b, struct drvmem_trace *t)
{
	const struct drvmem_session_prog *p;
	uint32_t i, n;

	open_table(b, "programs");
	say(b, "%-16s %-24s %8s %10s %8s  %s\n", "program", "hook", "insns", "verified", "misses", "state");
	p = drvmem_trace__progs(t, &n);
	for (i = 0; i < n; i++)
		say(b, "%-16s %-24s %8u %10u %8llu  %s\n", p[i].name, p[i].hook, p[i].nr_insns,
		    p[i].verified_insns, (unsigned long long)p[i].recursion_misses,
		    p[i].attached ? "attached" : p[i].loaded ? "run" : p[i].why);
	close_table(b);
}

static void print_losses(struct bench *b, struct bt_run *run)
{
	const struct drvmem_loss *l;

	if (bt_snap(run) != BT_PASS)
		return;
	l = &run->snap->loss;
	open_table(b, "losses");
	say(b, "events %llu, lost %llu: recursion misses %llu (%.2f ppm; %llu more seen at the second "
	    "look), table full %llu, insert failed %llu\n",
	    (unsigned long long)l->events, (unsigned long long)drvmem_loss__total(l),
	    (unsigned long long)l->recursion_misses.v,
	    l->events ? (double)l->recursion_misses.v * 1e6 / (double)l->events : 0,
	    (unsigned long long)l->made_up,
	    (unsigned long long)l->table_full, (unsigned long long)l->insert_failed);
	say(b, "maps %.1f MiB for %u objects; load and attach %u ms\n",
	    (double)run->snap->meta.map_bytes / 1048576, TRACK_MAX,
	    drvmem_trace__info(run->t)->bpf_ms);
	close_table(b);
}

/* A session, and the empty programs beside its own. */
static int start_beside_empty(const struct drvmem_session_opts *opts, struct bt_run *run,
			      struct bench_empty *e)
{
	return bt_start(run, opts) == BT_PASS ? bench_empty_attach(e) : -EPERM;
}

static void cost_header(struct bench *b, const char *held)
{
	say(b, "%-15s %9s %10s %8s %8s %8s %15s %6s\n", "program", held, "events", "ns", "empty", "net",
	    "quartiles", "bound");
}

/* With ten thousand objects and a million, or as many as --live says. */
static int cost_of_each(struct bench *b, struct drvmem_trace *t, const struct bench_empty *e)
{
	const uint64_t live[] = { b->live ? b->live : 10000, 1000000 };
	size_t i;
	int r = 0;

	for (i = 0; i < (b->live ? 1 : 2) && !r; i++)
		r = cost_of(b, t, e, bench_find(b->work), live[i]);
	return r;
}

int bench_cost(struct bench *b)
{
	const struct drvmem_session_opts opts = {
		.track_max = 2 * b->live > TRACK_MAX ? 2 * b->live : TRACK_MAX,
		.stacks = DRVMEM_STACKS_SAMPLED,
	};
	_cleanup_bt_ struct bt_run run = {};
	struct bench_empty e;
	int r;

	r = start_beside_empty(&opts, &run, &e);
	if (r)
		return r;
	open_table(b, "cost");
	cost_header(b, "live");
	r = cost_of_each(b, run.t, &e);
	close_table(b);
	bench_empty_detach(&e);
	print_programs(b, run.t);
	print_losses(b, &run);
	return r;
}

/* At 64M next to no object is sampled: what is left is the cost of one that is not. */
static int sampled_at(struct bench *b, uint64_t bytes)
{
	const struct drvmem_session_opts opts = { .stacks = DRVMEM_STACKS_SAMPLED, .sample_bytes = bytes };
	_cleanup_bt_ struct bt_run run = {};
	struct bench_empty e;
	int r;

	r = start_beside_empty(&opts, &run, &e);
	if (r)
		return r;
	say(b, "one point in %llu KiB\n", (unsigned long long)bytes >> 10);
	r = cost_of_each(b, run.t, &e);
	bench_empty_detach(&e);
	return r;
}

int bench_sampled(struct bench *b)
{
	static const uint64_t bytes[] = { 64u << 10, 512u << 10, 64u << 20 };
	size_t i;
	int r = 0;

	open_table(b, "sampled");
	b->bound = "10";
	cost_header(b, "held");
	for (i = 0; i < 3 && !r; i++)
		r = sampled_at(b, bytes[i]);
	b->bound = NULL;
	close_table(b);
	return r;
}

/* Pages that are tracked, those of a pipe, and pages of a process, which are not. */
int bench_pages(struct bench *b)
{
	static const struct drvmem_session_opts opts = { .stacks = DRVMEM_STACKS_SAMPLED };
	static const char *const works[] = { "pipe", "touch" };
	_cleanup_bt_ struct bt_run run = {};
	struct bench_empty e;
	size_t i;
	int r;

	r = start_beside_empty(&opts, &run, &e);
	if (r)
		return r;
	open_table(b, "pages");
	b->bound = "100";
	cost_header(b, "held");
	for (i = 0; i < 2 && !r; i++) {
		say(b, "%s\n", bench_find(works[i])->what);
		r = cost_of(b, run.t, &e, bench_find(works[i]), 0);
	}
	b->bound = NULL;
	close_table(b);
	bench_empty_detach(&e);
	return r;
}

/* Mappings of the test driver: from 6.12 on, where it is loaded. */
int bench_dma(struct bench *b)
{
	static const struct drvmem_session_opts opts = { .stacks = DRVMEM_STACKS_SAMPLED };
	_cleanup_bt_ struct bt_run run = {};
	struct bench_empty e;
	int r;

	if (access(BENCH_TEST_DRIVER, W_OK)) {
		fprintf(stderr, "bench: --dma needs the test driver (tests/kmod): %s\n", BENCH_TEST_DRIVER);
		return -ENOENT;
	}
	r = start_beside_empty(&opts, &run, &e);
	if (r)
		return r;
	open_table(b, "dma");
	b->bound = "100";
	cost_header(b, "held");
	r = cost_of(b, run.t, &e, bench_find("dma"), 0);
	b->bound = NULL;
	close_table(b);
	bench_empty_detach(&e);
	return r;
}

/* ---- stacks */

enum walk_leg { SITES, FULL, FULL_BY_KERNEL, NR_WALK_LEGS };

static const char *const walk_names[NR_WALK_LEGS] = { "no walk", "full stacks", "by the kernel" };

struct walked {
	struct drvmem_walks walks;
	uint64_t events, misses;	/* of all sessions of the leg */
};

/* One run in a session of its own: ns an event of the two allocation programs, net. */
static int walk_leg(struct bench *b, const struct bench_work *work, enum walk_leg leg, double ns[2],
		    struct walked *k)
{
	const struct drvmem_session_opts opts = {
		.track_max = TRACK_MAX,
		.stacks = leg == SITES ? DRVMEM_STACKS_NONE : DRVMEM_STACKS_FULL,
		.walk = leg == FULL_BY_KERNEL ? DRVMEM_WALK_KERNEL : DRVMEM_WALK_AUTO,
	};
	static struct series s[BENCH_NR_HOOKS];
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	struct bench_empty e;
	int r;

	memset(s, 0, sizeof(s));
	bt_worker_start(&w, b->cpu[0], work->fn, NULL);
	r = start_beside_empty(&opts, &run, &e);
	if (r)
		return r;
	r = (int)measure(b, work, &w, 10000 / (work->held_objects ? work->held_objects : 1)) < 0 ? -EIO : 0;
	if (!r)
		r = one_round(b, run.t, &e, &w, work, s);
	bench_empty_detach(&e);
	if (r)
		return r;
	ns[0] = s[0].net[0];
	ns[1] = s[1].net[0];
	if (bt_snap(&run) == BT_PASS) {
		k->walks.n += run.snap->walks.n;
		k->walks.fallback += run.snap->walks.fallback;
		k->walks.checked += run.snap->walks.checked;
		k->walks.mismatch += run.snap->walks.mismatch;
		k->events += run.snap->loss.events;
		k->misses += run.snap->loss.recursion_misses.v;
	}
	return 0;
}

static void print_walk(struct bench *b, const struct bench_work *work, unsigned int n,
		       double v[NR_WALK_LEGS][2][MAX_ROUNDS], const struct walked *k)
{
	double d[MAX_ROUNDS];
	struct spread net, diff;
	unsigned int i, h;
	int leg;

	for (leg = 0; leg < NR_WALK_LEGS; leg++) {
		for (h = 0; h < 2; h++) {
			for (i = 0; i < n; i++)
				d[i] = v[leg][h][i] - v[SITES][h][i];
			diff = spread_of(d, n);
			memcpy(d, v[leg][h], n * sizeof(d[0]));
			net = spread_of(d, n);
			say(b, "%-8s %-15s %-14s %8.1f %10.1f %7.1f-%-7.1f\n", work->name,
			    own_progs[h], walk_names[leg], net.median, diff.median, diff.low,
			    diff.high);
		}
	}
	say(b, "%-8s walks %llu, by the kernel after all %llu, compared %llu, different %llu; recursion misses %llu of %llu events\n",
	    work->name, (unsigned long long)k->walks.n, (unsigned long long)k->walks.fallback,
	    (unsigned long long)k->walks.checked, (unsigned long long)k->walks.mismatch,
	    (unsigned long long)k->misses, (unsigned long long)k->events);
}

int bench_walk(struct bench *b)
{
	static const char *const works[] = { "skb", "mix" };
	static double v[NR_WALK_LEGS][2][MAX_ROUNDS];
	double ns[2] = {};
	unsigned int i, w;
	int leg, r = 0;

	open_table(b, "walk");
	say(b, "%-8s %-15s %-14s %8s %10s %15s\n", "workload", "program", "stacks", "net ns",
	    "above none", "quartiles");
	for (w = 0; w < 2 && !r; w++) {
		struct walked walks = {}, kernels = {};

		for (i = 0; i < b->rounds && !r; i++) {
			for (leg = 0; leg < NR_WALK_LEGS && !r; leg++) {
				r = walk_leg(b, bench_find(works[w]), (enum walk_leg)leg, ns,
					     leg == FULL ? &walks : &kernels);
				v[leg][0][i] = ns[0];
				v[leg][1][i] = ns[1];
			}
		}
		if (!r)
			print_walk(b, bench_find(works[w]), b->rounds, v, &walks);
	}
	close_table(b);
	return r;
}

/* ---- counting how memory is used, as advise does */

/* One run in a session of its own: net ns of an event of each hook. */
static int use_leg(struct bench *b, bool use, double net[BENCH_NR_HOOKS])
{
	const struct drvmem_session_opts opts = { .track_max = TRACK_MAX, .stacks = DRVMEM_STACKS_SAMPLED, .use = use };
	const struct bench_work *work = bench_find(b->work);
	static struct series s[BENCH_NR_HOOKS];
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	struct bench_empty e;
	int r, h;

	memset(s, 0, sizeof(s));
	bt_worker_start(&w, b->cpu[0], work->fn, NULL);
	r = start_beside_empty(&opts, &run, &e);
	if (r)
		return r;
	r = measure(b, work, &w, 10000 / work->held_objects) < 0 ? -EIO : one_round(b, run.t, &e, &w, work, s);
	bench_empty_detach(&e);
	for (h = 0; h < BENCH_NR_HOOKS && !r; h++)
		net[h] = s[h].n ? s[h].net[0] : -1;
	return r;
}

int bench_use(struct bench *b)
{
	static double v[2][BENCH_NR_HOOKS][MAX_ROUNDS];
	double net[BENCH_NR_HOOKS], more[MAX_ROUNDS];
	struct spread plain, used, diff;
	unsigned int i, leg;
	int r = 0, h;

	open_table(b, "use");
	say(b, "%-15s %9s %9s %9s %15s\n", "program", "report", "advise", "more", "quartiles");
	for (i = 0; i < b->rounds && !r; i++)
		for (leg = 0; leg < 2 && !r; leg++) {
			r = use_leg(b, leg, net);
			for (h = 0; h < BENCH_NR_HOOKS; h++)
				v[leg][h][i] = net[h];
		}
	for (h = 0; h < BENCH_NR_HOOKS && !r; h++) {
		if (v[0][h][0] < 0)
			continue;	/* the workload has none such */
		for (i = 0; i < b->rounds; i++)
			more[i] = v[1][h][i] - v[0][h][i];
		plain = spread_of(v[0][h], b->rounds);
		used = spread_of(v[1][h], b->rounds);
		diff = spread_of(more, b->rounds);
		say(b, "%-15s %9.1f %9.1f %9.1f %7.1f-%-7.1f\n", own_progs[h], plain.median, used.median, diff.median,
		    diff.low, diff.high);
	}
	close_table(b);
	return r;
}
