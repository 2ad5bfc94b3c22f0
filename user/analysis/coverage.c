// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/coverage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/coverage_build.h"
#include "model/arena.h"

/* A CPU keeps so much of a counter to itself, at most: calculate_normal_threshold() (mm/vmstat.c) */
#define VMSTAT_LAG_PAGES	125u
#define EMPTY_PERCPU_PAGES	4u	/* PCPU_EMPTY_POP_PAGES_HIGH (mm/percpu.c) */

const char *const drvmem_verdict_names[DRVMEM_NR_VERDICTS] = {
	[DRVMEM_EXPLAINED] = "explained",
	[DRVMEM_UNEXPLAINED] = "unexplained",
	[DRVMEM_NOT_COMPARABLE] = "not comparable",
	[DRVMEM_NOT_THERE] = "absent",
	[DRVMEM_NOT_ALLOWED] = "denied",
};

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static int64_t whole(uint64_t v)
{
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

static int64_t less(int64_t a, int64_t b)
{
	int64_t r;

	if (__builtin_sub_overflow(a, b, &r))
		return a < 0 ? INT64_MIN : INT64_MAX;
	return r;
}

/* Frees a row may take from the counts of the session. */
static uint64_t budget(const struct drvmem_coverage *c)
{
	return (c->older.st == DRVMEM_OK ? c->older.v : 0) + c->lost.v;
}

/* Sides that are there, and what cannot be compared at all. False: the verdict is set. */
static bool comparable(const struct drvmem_coverage *c, struct drvmem_coverage_row *row)
{
	if (row->start.st == DRVMEM_DENIED || row->now.st == DRVMEM_DENIED)
		row->verdict = DRVMEM_NOT_ALLOWED;
	else if (row->start.st != DRVMEM_OK || row->now.st != DRVMEM_OK)
		row->verdict = DRVMEM_NOT_THERE;
	else if (c->not_comparable)
		row->verdict = DRVMEM_NOT_COMPARABLE;
	else
		row->verdict = DRVMEM_EXPLAINED;
	if (row->start.st == DRVMEM_OK && row->now.st == DRVMEM_OK)
		row->difference = less(less(whole(row->now.v), whole(row->start.v)), row->tracked);
	if (row->verdict == DRVMEM_NOT_COMPARABLE)
		row->why = c->not_comparable;
	else if (row->verdict != DRVMEM_EXPLAINED && !row->why[0])
		row->why = "the kernel's count cannot be read";
	return row->verdict == DRVMEM_EXPLAINED;
}

static void unexplained(struct drvmem_coverage_row *row, uint64_t by, const char *why)
{
	row->verdict = DRVMEM_UNEXPLAINED;
	row->unexplained = by;
	row->why = why;
}

/* low and high: where the difference may lie. By how much it lies beside; *ret_below: under low. */
static uint64_t outside(int64_t difference, int64_t low, int64_t high, bool *ret_below)
{
	*ret_below = difference < low;
	if (*ret_below)
		return (uint64_t)less(low, difference);
	return difference > high ? (uint64_t)less(difference, high) : 0;
}

/*
 * A cache: the kernel's change is that of live objects and of the free ones that it counts as in
 * use. Those were no more than there were objects at all, at either end.
 */
void drvmem_coverage_judge_cache(struct drvmem_coverage *c, struct drvmem_coverage_row *row,
				 bool some_frees_unseen)
{
	const struct drvmem_snapshot *s = c->s;
	uint64_t slack0 = row->start_slack.v < row->start.v ? row->start_slack.v : row->start.v;
	uint64_t slack1 = row->slack.v < row->now.v ? row->slack.v : row->now.v;
	uint64_t kfence = drvmem_coverage_kfence(s), need, have;
	bool below;

	if (!comparable(c, row))
		return;
	if (row->why[0]) {
		row->verdict = DRVMEM_NOT_COMPARABLE;
		return;
	}
	if (row->slack.st != DRVMEM_OK || row->start_slack.st != DRVMEM_OK)
		slack0 = slack1 = 0;
	need = outside(row->difference, -whole(slack0 + row->moment + kfence),
		       whole(slack1 + row->moment + row->pending + s->loss.pending_evicted), &below);
	have = below ? budget(c) : c->lost.v;
	row->older_needed = need < have ? need : have;
	if (need <= have)
		return;
	if (row->slack.st != DRVMEM_OK || row->start_slack.st != DRVMEM_OK)
		unexplained(row, need - have, "how many free objects CPUs keep cannot be read");
	else if (!below)
		unexplained(row, need - have,
			    s->meta.allocs_bulk_seen ? "more came than was seen" :
			    "more came than was seen; objects allocated in bulk have no event here");
	else if (some_frees_unseen)
		unexplained(row, need - have, "frees by RCU or in bulk cannot be seen here");
	else
		unexplained(row, need - have, "more went than was seen, older objects included");
}

static const char *not_traced(const struct drvmem_snapshot *s, enum drvmem_allocator a)
{
	static const char *const why[DRVMEM_NR_ALLOCATORS] = {
		[DRVMEM_ALLOC_SLAB] = "slab objects are not traced",
		[DRVMEM_ALLOC_PAGE] = "pages are not traced",
		[DRVMEM_ALLOC_VMALLOC] = "vmalloc is not traced",
		[DRVMEM_ALLOC_PERCPU] = "percpu memory is not traced",
		[DRVMEM_ALLOC_DMA] = "DMA memory is not traced",
	};

	return s->meta.traced & (1u << a) ? NULL : why[a];
}

static struct drvmem_coverage_row *add_row(struct drvmem_coverage *c, const char *name,
					   enum drvmem_coverage_kind kind, struct drvmem_counts *sum)
{
	struct drvmem_coverage_row *row = &c->rows[c->nr_rows++];

	*row = (struct drvmem_coverage_row){
		.name = name, .kind = kind, .why = "", .tracked = sum->held_bytes,
		.tracked_error = drvmem_error95(drvmem_counts__live_bytes_var(sum)),
		.events = sum->allocs + sum->frees, .inferred = sum->inferred,
		.pending = sum->rcu_pending_bytes > 0 ? (uint64_t)sum->rcu_pending_bytes : 0,
		.start = { .st = DRVMEM_ABSENT }, .now = { .st = DRVMEM_ABSENT },
		.slack = { .st = DRVMEM_ABSENT }, .start_slack = { .st = DRVMEM_ABSENT },
	};
	return row;
}

/* True when nothing of the allocator was traced: the row says so. */
static bool absent(struct drvmem_coverage *c, struct drvmem_coverage_row *row, enum drvmem_allocator a)
{
	const char *why = not_traced(c->s, a);

	if (!why)
		return false;
	row->verdict = DRVMEM_NOT_THERE;
	row->why = why;
	return true;
}

static void sum_of(const struct drvmem_snapshot *s, enum drvmem_allocator a, bool large,
		   struct drvmem_counts *sum)
{
	uint32_t i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < s->nr_sites; i++)
		if (s->sites[i].allocator == a && s->sites[i].cache < s->nr_caches &&
		    (!large || s->caches[s->sites[i].cache].kind == DRVMEM_CLASS_LARGE))
			drvmem_counts__add(sum, &s->sites[i].c);
}

/*
 * kmalloc beyond the caches takes pages, and adds them to what meminfo calls slab
 * (___kmalloc_large_node, mm/slub.c): they are what of it does not lie in caches. Counters of
 * the kernel lag by a threshold on each CPU, two of them, at both readings.
 */
static void judge_large(struct drvmem_coverage *c)
{
	const struct drvmem_snapshot *s = c->s;
	struct drvmem_coverage_row *row;
	struct drvmem_counts sum;
	uint64_t lag, need;
	bool below;

	sum_of(s, DRVMEM_ALLOC_SLAB, true, &sum);
	row = add_row(c, "kmalloc-large", DRVMEM_COVER_LARGE, &sum);
	row->start = drvmem_coverage_large(s->kernel[DRVMEM_AFTER_START]);
	row->now = drvmem_coverage_large(s->kernel[DRVMEM_AT_SNAPSHOT]);
	row->moment = apart(row->start.v, drvmem_coverage_large(s->kernel[DRVMEM_AT_START]).v) +
		      apart(row->now.v, drvmem_coverage_large(s->kernel[DRVMEM_AFTER_SNAPSHOT]).v);
	lag = 4ull * VMSTAT_LAG_PAGES * s->kernel[DRVMEM_AT_SNAPSHOT]->nr_cpus * s->meta.page_size;
	row->slack = row->start_slack = (struct drvmem_u64){ lag, DRVMEM_OK };
	if (!comparable(c, row))
		return;
	/* what older blocks held is not known; they cannot have held more than there was */
	need = outside(row->difference, -whole(lag + row->moment + (budget(c) ? row->start.v : 0)),
		       whole(lag + row->moment + row->pending), &below);
	if (need)
		unexplained(row, need, below ? "more went than was seen" : "more came than was seen");
	else
		row->why = "the kernel's counters lag by as much as the slack";
}

/*
 * vmallocinfo lists areas: those that were there at the start and are not any more are frees of
 * older ones, exactly, unless a new one of that size and caller took the place of one.
 */
static void judge_vmalloc(struct drvmem_coverage *c)
{
	const struct drvmem_snapshot *s = c->s;
	const struct drvmem_reading *const *k = (const struct drvmem_reading *const *)s->kernel;
	const struct drvmem_reading *from = k[DRVMEM_AFTER_START], *to = k[DRVMEM_AT_SNAPSHOT];
	struct drvmem_coverage_row *row;
	struct drvmem_counts sum;
	uint64_t page = s->meta.page_size, need;
	int64_t gone;
	bool below, listed;

	sum_of(s, DRVMEM_ALLOC_VMALLOC, false, &sum);
	row = add_row(c, "vmalloc", DRVMEM_COVER_VMALLOC, &sum);
	listed = from->areas_st == DRVMEM_OK && to->areas_st == DRVMEM_OK &&
		 k[DRVMEM_AT_START]->areas_st == DRVMEM_OK && k[DRVMEM_AFTER_SNAPSHOT]->areas_st == DRVMEM_OK;
	row->start = listed ? (struct drvmem_u64){ from->area_pages * page, DRVMEM_OK } : from->mem[DRVMEM_MEM_VMALLOC_USED];
	row->now = listed ? (struct drvmem_u64){ to->area_pages * page, DRVMEM_OK } : to->mem[DRVMEM_MEM_VMALLOC_USED];
	if (listed)
		row->moment = (apart(from->area_pages, k[DRVMEM_AT_START]->area_pages) +
			       apart(to->area_pages, k[DRVMEM_AFTER_SNAPSHOT]->area_pages)) * page;
	else
		row->moment = apart(row->start.v, k[DRVMEM_AT_START]->mem[DRVMEM_MEM_VMALLOC_USED].v) +
			      apart(row->now.v, k[DRVMEM_AFTER_SNAPSHOT]->mem[DRVMEM_MEM_VMALLOC_USED].v);
	if (absent(c, row, DRVMEM_ALLOC_VMALLOC) || !comparable(c, row))
		return;
	row->slack = row->start_slack = (struct drvmem_u64){ 0, DRVMEM_OK };
	row->older_gone = listed ? drvmem_reading__areas_gone(from, to) * page : 0;
	gone = whole(listed ? row->older_gone : row->start.v);
	need = outside(row->difference, -gone - whole(row->moment),
		       (listed ? -gone : 0) + whole(row->moment + row->pending), &below);
	if (need)
		unexplained(row, need, below ? "an older area may have been freed and its place used again" :
					       "areas came that were not seen");
	else if (!listed)
		row->why = "vmallocinfo cannot be read: by VmallocUsed, older areas not told";
}

/*
 * The kernel counts populated pages of all CPUs (pcpu_nr_pages, mm/percpu.c): an object that fits
 * into a page that is there adds none, an allocation adds the pages it touches, and when it is
 * freed they may stay.
 */
static void judge_percpu(struct drvmem_coverage *c)
{
	const struct drvmem_snapshot *s = c->s;
	struct drvmem_coverage_row *row;
	struct drvmem_counts sum;
	uint64_t unit = (uint64_t)s->meta.page_size * s->meta.nr_cpus, need;
	bool below;

	sum_of(s, DRVMEM_ALLOC_PERCPU, false, &sum);
	row = add_row(c, "percpu", DRVMEM_COVER_PERCPU, &sum);
	row->start = s->kernel[DRVMEM_AFTER_START]->mem[DRVMEM_MEM_PERCPU];
	row->now = s->kernel[DRVMEM_AT_SNAPSHOT]->mem[DRVMEM_MEM_PERCPU];
	row->moment = apart(row->start.v, s->kernel[DRVMEM_AT_START]->mem[DRVMEM_MEM_PERCPU].v) +
		      apart(row->now.v, s->kernel[DRVMEM_AFTER_SNAPSHOT]->mem[DRVMEM_MEM_PERCPU].v);
	if (absent(c, row, DRVMEM_ALLOC_PERCPU) || !comparable(c, row))
		return;
	row->start_slack = row->start;
	row->slack = (struct drvmem_u64){ (EMPTY_PERCPU_PAGES + 2 * sum.allocs) * unit + sum.alloc_bytes,
					  DRVMEM_OK };
	if (row->slack.v > row->now.v)
		row->slack.v = row->now.v;
	need = outside(row->difference, -whole(row->start_slack.v + row->moment),
		       whole(row->slack.v + row->moment + row->pending), &below);
	if (need)
		unexplained(row, need, "more than all pages that were populated could hold");
	else
		row->why = "whole pages are populated, and stay: a weak test";
}

static void judge_pages(struct drvmem_coverage *c)
{
	const struct drvmem_snapshot *s = c->s;
	const struct drvmem_u64 *from = &s->kernel[DRVMEM_AFTER_START]->vm[DRVMEM_VM_FREE_PAGES];
	const struct drvmem_u64 *to = &s->kernel[DRVMEM_AT_SNAPSHOT]->vm[DRVMEM_VM_FREE_PAGES];
	struct drvmem_coverage_row *row;
	struct drvmem_counts sum;

	sum_of(s, DRVMEM_ALLOC_PAGE, false, &sum);
	row = add_row(c, "page", DRVMEM_COVER_PAGE, &sum);
	/* what is taken is what is not free: the start counts from what was free then */
	row->start = (struct drvmem_u64){ 0, from->st };
	row->now = (struct drvmem_u64){ 0, to->st };
	if (absent(c, row, DRVMEM_ALLOC_PAGE))
		return;
	if (from->st == DRVMEM_OK && to->st == DRVMEM_OK && from->v > to->v)
		row->now.v = (from->v - to->v) * s->meta.page_size;
	else if (from->st == DRVMEM_OK && to->st == DRVMEM_OK)
		row->start.v = (to->v - from->v) * s->meta.page_size;
	if (!comparable(c, row))
		return;
	row->verdict = DRVMEM_NOT_COMPARABLE;
	row->why = "free pages also move with users, caches and slab";
}

static void judge_dma(struct drvmem_coverage *c)
{
	struct drvmem_coverage_row *row;
	struct drvmem_counts sum;

	sum_of(c->s, DRVMEM_ALLOC_DMA, false, &sum);
	row = add_row(c, "dma", DRVMEM_COVER_DMA, &sum);
	if (absent(c, row, DRVMEM_ALLOC_DMA))
		return;
	row->verdict = DRVMEM_NOT_THERE;
	row->why = "the kernel keeps no count of DMA memory";
}

static uint64_t size_of(int64_t v)
{
	return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

static int cmp_rows(const void *a, const void *b)
{
	const struct drvmem_coverage_row *x = a, *y = b;
	uint64_t dx = size_of(x->difference), dy = size_of(y->difference);

	if ((x->verdict == DRVMEM_EXPLAINED) != (y->verdict == DRVMEM_EXPLAINED))
		return x->verdict == DRVMEM_EXPLAINED ? 1 : -1;
	if (x->unexplained != y->unexplained)
		return x->unexplained < y->unexplained ? 1 : -1;
	if (dx != dy)
		return dx < dy ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Why no number of this session can be held against the kernel's. */
static const char *why_not(const struct drvmem_snapshot *s)
{
	if (s->meta.min_size || s->meta.max_size != UINT64_MAX)
		return "only some sizes were traced";
	if (!(s->meta.traced & 1u << DRVMEM_ALLOC_SLAB))
		return "slab objects were not traced";
	if (s->meta.only)
		return "only objects of the owners asked for were tracked";
	return s->meta.sampled ? "sampled: what was tracked is an estimate, frees of older objects are not told"
			       : NULL;
}

static int judge_all(struct drvmem_coverage *c)
{
	uint32_t i, first;
	int err;

	judge_large(c);
	judge_vmalloc(c);
	judge_percpu(c);
	judge_pages(c);
	judge_dma(c);
	first = c->nr_rows;
	err = drvmem_coverage_add_caches(c);
	if (err)
		return err;
	c->nr_caches = c->nr_rows - first;
	for (i = first; i < c->nr_rows; i++) {
		c->nr_explained += c->rows[i].verdict == DRVMEM_EXPLAINED;
		c->older_needed += c->rows[i].older_needed;
	}
	if (c->nr_caches)
		qsort(&c->rows[first], c->nr_caches, sizeof(*c->rows), cmp_rows);
	return 0;
}

int drvmem_coverage__new(const struct drvmem_snapshot *s, struct drvmem_coverage **ret)
{
	struct drvmem_coverage *c;
	uint32_t i, room = 8 + s->nr_caches;

	*ret = NULL;
	for (i = 0; i < DRVMEM_NR_WHEN; i++) {
		if (!s->kernel[i])
			return 0;
		room += s->kernel[i]->nr_slabs;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->s = s;
	c->arena = drvmem_arena__new();
	c->rows = calloc(room, sizeof(*c->rows));
	c->not_comparable = why_not(s);
	c->older = (struct drvmem_u64){ s->loss.unmatched_frees,
					s->meta.sampled || s->meta.only ? DRVMEM_ABSENT : DRVMEM_OK };
	c->lost = (struct drvmem_u64){ drvmem_loss__total(&s->loss), s->loss.recursion_misses.st };
	if (!c->arena || !c->rows || judge_all(c)) {
		drvmem_coverage__free(c);
		return -ENOMEM;
	}
	*ret = c;
	return 0;
}

void drvmem_coverage__free(struct drvmem_coverage *c)
{
	if (!c)
		return;
	drvmem_arena__free(c->arena);
	free(c->rows);
	free(c);
}
