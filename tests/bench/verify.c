// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Our walk of stacks against the kernel's unwinder, each walk of each workload done by both.
 * The one table that is judged, by counts alone.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bench.h"

#define DIVISOR 20u	/* of a quick run: a walk by both costs ten of ours, in emulation more */

/* Of a walk that was left to the kernel all frames are its; how many is not known: at most this. */
double fast_frames(const struct fast_path *p)
{
	uint64_t others = p->w.fallback * DRVMEM_STACK_DEPTH;

	return p->w.own && p->frames > others ? 100.0 * (double)(p->frames - others) / (double)p->frames : 0;
}

double fast_walks(const struct fast_path *p)
{
	return p->w.own && p->w.n ? 100.0 * (double)(p->w.n - p->w.fallback) / (double)p->w.n : 0;
}

void fast_path_add(const struct drvmem_snapshot *s, struct fast_path *p)
{
	uint32_t i;

	p->w.n += s->walks.n;
	p->w.fallback += s->walks.fallback;
	p->w.checked += s->walks.checked;
	p->w.untold += s->walks.untold;
	p->w.mismatch += s->walks.mismatch;
	p->w.own = s->walks.own;
	p->w.why = s->walks.why;
	p->nr_cpus = s->meta.nr_cpus;
	for (i = 0; i < s->nr_sites; i++)
		p->allocs += s->sites[i].c.allocs;
	for (i = 0; s->meta.full_stacks && i < s->nr_stacks; i++)
		p->frames += s->sites[s->stacks[i].site].c.allocs * s->stacks[i].nr;
}

/* What came since the snapshot before, which is told in *last. */
static int look(struct bt_run *run, struct fast_path *last, struct fast_path *ret)
{
	struct fast_path now = {};

	if (bt_snap(run) != BT_PASS)
		return -EIO;
	fast_path_add(run->snap, &now);
	*ret = now;
	ret->w.n -= last->w.n;
	ret->w.fallback -= last->w.fallback;
	ret->w.checked -= last->w.checked;
	ret->w.untold -= last->w.untold;
	ret->w.mismatch -= last->w.mismatch;
	ret->allocs -= last->allocs;
	ret->frames -= last->frames;
	*last = now;
	return 0;
}

/* Everything that the machine allocates meanwhile is walked by both. */
static int verify_one(struct bench *b, const struct bench_work *work, struct bt_run *run,
		      struct fast_path *last, struct fast_path *ret)
{
	_cleanup_worker_ struct bt_worker w = {};
	int64_t r;

	bt_worker_start(&w, b->cpu[0], work->fn, NULL);
	r = bt_worker_do(&w, BENCH_PREPARE, work->held_objects ? 100 : 0);
	if (r >= 0)
		r = bt_worker_do(&w, BENCH_RUN, b->quick ? work->quick / DIVISOR : work->quick);
	if (r >= 0)
		r = bt_worker_do(&w, BENCH_RELEASE, 0);
	return r < 0 ? (int)r : look(run, last, ret);
}

/* NULL: as it must be. Only the workload's counts decide. */
static const char *wrong(const struct fast_path *v)
{
	if (!v->w.own && !v->w.mismatch)
		return "our own walk is not in use";
	if (v->w.mismatch)
		return "walks differ";
	if (v->w.fallback * 100 > v->w.n)
		return "too many walks left to the kernel";
	if (!v->w.checked)
		return "nothing was compared";
	if (v->w.untold * 100 > v->w.n)
		return "too many walks could not be compared";
	/* on each CPU one may be between the two counts at the moment that they are read */
	if (v->w.checked + v->w.untold + v->w.fallback + v->nr_cpus < v->w.n)
		return "not all were compared";
	return NULL;
}

static void print_verified(struct bench *b, const struct bench_work *work, const struct fast_path *v)
{
	const char *why = wrong(v);

	say(b, "%-8s %9llu %9llu %9llu %9llu %7llu %8llu %9.3f %9.3f%s%s\n", work->name,
	    (unsigned long long)v->allocs, (unsigned long long)v->w.n,
	    (unsigned long long)v->w.fallback, (unsigned long long)v->w.checked,
	    (unsigned long long)v->w.untold, (unsigned long long)v->w.mismatch, fast_walks(v),
	    fast_frames(v), why ? "  WRONG: " : "", why ?: "");
	if (!v->w.own && v->w.why && v->w.why[0])
		say(b, "         %s\n", v->w.why);
	b->wrong |= why != NULL;
}

/* One session for all: after a walk that differs the rest is not compared, and wrong too. */
int bench_verify(struct bench *b)
{
	const struct drvmem_session_opts opts = {
		.track_max = 200000, .stacks = DRVMEM_STACKS_FULL, .walk = DRVMEM_WALK_VERIFY,
	};
	struct fast_path last = {}, v = {};
	_cleanup_bt_ struct bt_run run = {};
	const struct bench_work *work;
	int r = bt_start(&run, &opts) == BT_PASS ? 0 : -EPERM;

	if (!r)
		r = look(&run, &last, &v);
	open_table(b, "verify");
	say(b, "%-8s %9s %9s %9s %9s %7s %8s %9s %9s\n", "workload", "allocs", "walks", "fallback",
	    "compared", "untold", "mismatch", "% walks", "% frames");
	for (work = bench_works; work->name && !r; work++) {
		if (!strcmp(work->name, "dma") && access(BENCH_TEST_DRIVER, W_OK)) {
			say(b, "%-8s not here: %s\n", work->name, BENCH_TEST_DRIVER);
			continue;
		}
		r = verify_one(b, work, &run, &last, &v);
		if (!r)
			print_verified(b, work, &v);
	}
	say(b, "%% walks, %% frames: found by our walk alone (the fast path), of those of all walks; a walk\n"
	       "that was left to the kernel is taken to have had %u frames, the most that are kept\n",
	    DRVMEM_STACK_DEPTH);
	close_table(b);
	return r;
}
