// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int cmp_failing(const void *a, const void *b)
{
	const struct drvmem_failing *x = a, *y = b;

	if (x->failures != y->failures)
		return (x->failures < y->failures) - (x->failures > y->failures);
	return (x->owner > y->owner) - (x->owner < y->owner);
}

static void find_failing(struct drvmem_system *y, struct drvmem_scope *v)
{
	struct drvmem_sum sum;
	uint32_t i;

	for (i = 0; i < v->nr_owners; i++) {
		drvmem_scope__owner_sum(v, &v->owners[i], &sum);
		if (!sum.c.failures)
			continue;
		y->failing[y->nr_failing++] = (struct drvmem_failing){ v->owners[i].owner,
								       sum.c.failures };
		y->failures += sum.c.failures;
	}
	qsort(y->failing, y->nr_failing, sizeof(*y->failing), cmp_failing);
}

/* A counter that went back was not one counter: then nothing is known. */
static void find_events(struct drvmem_system *y, const struct drvmem_sysmem *start)
{
	const struct drvmem_u64 *a, *b;
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_VM_EVENTS; i++) {
		a = &start->vm[i];
		b = &y->now->vm[i];
		if (a->st == DRVMEM_OK && b->st == DRVMEM_OK && b->v < a->v)
			y->events[i].st = DRVMEM_ABSENT;
		else if (a->st != DRVMEM_OK || b->st != DRVMEM_OK)
			y->events[i].st = a->st != DRVMEM_OK ? a->st : b->st;
		else
			y->events[i] = (struct drvmem_u64){ b->v - a->v, DRVMEM_OK };
	}
}

int drvmem_system__new(const struct drvmem_sysmem *start, const struct drvmem_sysmem *now,
		       struct drvmem_scope *v, struct drvmem_system **ret)
{
	struct drvmem_system *y = calloc(1, sizeof(*y));
	const struct drvmem_u64 *limit = &now->mem[DRVMEM_MEM_COMMIT_LIMIT];
	const struct drvmem_u64 *as = &now->mem[DRVMEM_MEM_COMMITTED];
	uint32_t i;

	if (!y)
		return -ENOMEM;
	y->now = now;
	y->v = v;
	y->frag = calloc(now->nr_zones ? now->nr_zones : 1, sizeof(*y->frag));
	y->failing = calloc(v->nr_owners ? v->nr_owners : 1, sizeof(*y->failing));
	if (!y->frag || !y->failing) {
		drvmem_system__free(y);
		return -ENOMEM;
	}
	drvmem_reconcile(now, v->s, &y->ram);
	drvmem_pressure_judge(start, now, v->s, &y->pressure);
	y->period_ns = now->taken_ns > start->taken_ns ? now->taken_ns - start->taken_ns : 0;
	y->age_ns = v->s->meta.taken_ns > now->taken_ns ? v->s->meta.taken_ns - now->taken_ns : 0;
	find_events(y, start);
	for (i = 0; i < now->nr_zones; i++)
		drvmem_extfrag(&now->zones[i], &y->frag[i]);
	find_failing(y, v);
	y->over_commit = limit->st == DRVMEM_OK && as->st == DRVMEM_OK && as->v > limit->v;
	*ret = y;
	return 0;
}

void drvmem_system__free(struct drvmem_system *y)
{
	if (!y)
		return;
	free(y->frag);
	free(y->failing);
	free(y);
}

const char *drvmem_system__no_orders(const struct drvmem_system *y)
{
	return y->v->s->meta.traced & (1u << DRVMEM_ALLOC_PAGE) ?
	       "the order of a failed allocation is not kept" :
	       "allocations of pages are not traced in this session";
}

const char *drvmem_overcommit_name(uint64_t mode)
{
	/* include/uapi/linux/mman.h: OVERCOMMIT_GUESS, _ALWAYS, _NEVER */
	static const char *const names[] = { "heuristic", "always", "never" };

	return mode < 3 ? names[mode] : "?";
}

static int finish(struct drvmem_grid *g, struct drvmem_grid **ret)
{
	int err = g ? drvmem_grid__error(g) : -ENOMEM;

	if (err) {
		drvmem_grid__free(g);
		return err;
	}
	*ret = g;
	return 0;
}

static const struct drvmem_column ram_columns[] = {
	{ "memory", "MEMORY", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "bytes", "SIZE", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "share", "%", NULL, DRVMEM_UNIT_RATE, false, 2 },
	{ "of_which", "OF WHICH", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "note", "NOTE", NULL, DRVMEM_UNIT_TEXT, false, 3 },
};

/* What stands below which class; what is in several, or in none, below the sum. */
static const struct {
	enum drvmem_ram_part part;
	int class;		/* enum drvmem_ram, or -1 */
} below[] = {
	{ DRVMEM_PART_CMA_FREE, DRVMEM_RAM_FREE },
	{ DRVMEM_PART_UNACCEPTED, DRVMEM_RAM_FREE },
	{ DRVMEM_PART_ANON_HUGE, DRVMEM_RAM_ANON },
	{ DRVMEM_PART_MAPPED, DRVMEM_RAM_FILE },
	{ DRVMEM_PART_DIRTY, DRVMEM_RAM_FILE },
	{ DRVMEM_PART_WRITEBACK, DRVMEM_RAM_FILE },
	{ DRVMEM_PART_ZSWAP, DRVMEM_RAM_ZSPAGES },
	{ DRVMEM_PART_SHADOW_STACK, -1 },
	{ DRVMEM_PART_VMALLOC_USED, -1 },
	{ DRVMEM_PART_VMALLOC_AREAS, -1 },
	{ DRVMEM_PART_PERCPU_BOOT, -1 },
	{ DRVMEM_PART_SWAPCACHED, -1 },
	{ DRVMEM_PART_CMA_USED, -1 },
	{ DRVMEM_PART_CORRUPTED, -1 },
	{ DRVMEM_PART_BALLOON, -1 },
	{ DRVMEM_PART_PAGE_ELSEWHERE, -1 },
};

static void add_share(const struct drvmem_system *y, struct drvmem_grid *g, double bytes)
{
	const struct drvmem_u64 *total = &y->ram.total.bytes;

	if (total->st == DRVMEM_OK && total->v)
		drvmem_grid__double(g, "share", bytes * 100 / (double)total->v, 0);
}

/* Parts that are 0 or not there are no news; json has them all. */
static void add_parts(const struct drvmem_system *y, struct drvmem_grid *g, int class)
{
	const struct drvmem_figure *f;
	size_t i;

	for (i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		f = &y->ram.part[below[i].part];
		if (below[i].class != class || (f->bytes.st == DRVMEM_OK && !f->bytes.v) ||
		    f->bytes.st == DRVMEM_ABSENT)
			continue;
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 1);
		drvmem_grid__text(g, "memory", drvmem_ram_parts[below[i].part].label, 0);
		drvmem_grid__maybe(g, "of_which", f->bytes, f->estimated ? DRVMEM_CELL_GUESS : 0);
		drvmem_grid__text(g, "note", f->why ? f->why : drvmem_ram_parts[below[i].part].note, 0);
	}
}

static void add_class(const struct drvmem_system *y, struct drvmem_grid *g, enum drvmem_ram c)
{
	const struct drvmem_figure *f = &y->ram.class[c];

	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "memory", drvmem_ram_classes[c].label, 0);
	drvmem_grid__maybe(g, "bytes", f->bytes, f->estimated ? DRVMEM_CELL_GUESS : 0);
	if (f->bytes.st == DRVMEM_OK)
		add_share(y, g, (double)f->bytes.v);
	else if (f->why)
		drvmem_grid__text(g, "note", f->why, 0);
	add_parts(y, g, (int)c);
}

static void add_rest(const struct drvmem_system *y, struct drvmem_grid *g)
{
	drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 0);
	drvmem_grid__text(g, "memory", "unaccounted", 0);
	if (y->ram.unaccounted_st == DRVMEM_OK) {
		drvmem_grid__i64(g, "bytes", y->ram.unaccounted, 0);
		if (y->ram.unaccounted > 0)
			add_share(y, g, (double)y->ram.unaccounted);
	} else {
		drvmem_grid__missing(g, "bytes", y->ram.unaccounted_st);
		if (y->ram.unaccounted_why)
			drvmem_grid__text(g, "note", y->ram.unaccounted_why, 0);
	}
	drvmem_grid__add_row(g, DRVMEM_ROW_TOTAL, 0);
	drvmem_grid__text(g, "memory", "MemTotal", 0);
	drvmem_grid__maybe(g, "bytes", y->ram.total.bytes, 0);
	if (y->ram.total.bytes.st == DRVMEM_OK)
		add_share(y, g, (double)y->ram.total.bytes.v);
}

int drvmem_system__ram(const struct drvmem_system *y, struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(ram_columns, sizeof(ram_columns) / sizeof(ram_columns[0]));
	uint32_t i;

	for (i = 0; g && i < DRVMEM_NR_RAM; i++)
		add_class(y, g, (enum drvmem_ram)i);
	if (g) {
		add_rest(y, g);
		add_parts(y, g, -1);
	}
	return finish(g, ret);
}

#define ORDER(n)	{ "order_" #n, #n, NULL, DRVMEM_UNIT_COUNT, false, 0 }

static const struct drvmem_column frag_columns[] = {
	{ "zone", "ZONE, ORDER:", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "free_bytes", "FREE", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	ORDER(0), ORDER(1), ORDER(2), ORDER(3), ORDER(4), ORDER(5), ORDER(6), ORDER(7),
	ORDER(8), ORDER(9), ORDER(10), ORDER(11), ORDER(12), ORDER(13), ORDER(14), ORDER(15),
};

static void add_zone(struct drvmem_grid *g, uint32_t node, const char *name)
{
	char text[32];

	snprintf(text, sizeof(text), "node %u %s", node, name);
	drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
	drvmem_grid__text(g, "zone", text, 0);
}

int drvmem_system__frag(const struct drvmem_system *y, struct drvmem_grid **ret)
{
	uint32_t i, o, orders = 0;
	struct drvmem_grid *g;

	for (i = 0; i < y->now->nr_zones; i++)
		if (y->now->zones[i].nr_orders > orders)
			orders = y->now->zones[i].nr_orders;
	g = drvmem_grid__new(frag_columns, orders + 2);
	for (i = 0; g && i < y->now->nr_zones; i++) {
		add_zone(g, y->now->zones[i].node, y->now->zones[i].name);
		drvmem_grid__u64(g, "free_bytes", y->frag[i].free_pages * y->now->page_size, 0);
		for (o = 0; o < y->now->zones[i].nr_orders; o++)
			drvmem_grid__u64(g, frag_columns[o + 2].key, (y->frag[i].unusable[o] + 5) / 10, 0);
	}
	return finish(g, ret);
}

/* Order of enum drvmem_block. */
static const struct drvmem_column block_columns[] = {
	{ "zone", "ZONE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "unmovable", "UNMOVABLE", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "movable", "MOVABLE", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "reclaimable", "RECLAIMABLE", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "highatomic", "HIGHATOMIC", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "cma", "CMA", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "isolate", "ISOLATE", NULL, DRVMEM_UNIT_COUNT, false, 1 },
	{ "other", "OTHER", NULL, DRVMEM_UNIT_COUNT, false, 1 },
};

int drvmem_system__blocks(const struct drvmem_system *y, struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(block_columns,
						 sizeof(block_columns) / sizeof(block_columns[0]));
	const struct drvmem_blocks *b;
	uint32_t i, k;

	for (i = 0; g && i < y->now->nr_blocks; i++) {
		b = &y->now->blocks[i];
		add_zone(g, b->node, b->name);
		for (k = 0; k < DRVMEM_NR_BLOCK; k++)
			drvmem_grid__maybe(g, block_columns[k + 1].key, b->n[k], 0);
		drvmem_grid__u64(g, "other", b->other, 0);
	}
	return finish(g, ret);
}

static const struct drvmem_column event_columns[] = {
	{ "event", "SINCE TRACING BEGAN", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "count", "COUNT", NULL, DRVMEM_UNIT_COUNT, false, 0 },
	{ "per_s", "/s", NULL, DRVMEM_UNIT_RATE, false, 0 },
};

int drvmem_system__events(const struct drvmem_system *y, struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(event_columns,
						 sizeof(event_columns) / sizeof(event_columns[0]));
	uint32_t i;

	for (i = 0; g && i < DRVMEM_NR_VM_EVENTS; i++) {
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "event", drvmem_vm_names[i], 0);
		drvmem_grid__maybe(g, "count", y->events[i], 0);
		if (y->events[i].st == DRVMEM_OK && y->period_ns)
			drvmem_grid__double(g, "per_s", (double)y->events[i].v * 1e9 /
					    (double)y->period_ns, 0);
		else
			drvmem_grid__missing(g, "per_s", DRVMEM_ABSENT);
	}
	return finish(g, ret);
}

static const struct drvmem_column failing_columns[] = {
	{ "owner", "FAILED ALLOCATIONS OF", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "failures", "COUNT", NULL, DRVMEM_UNIT_COUNT, false, 0 },
};

int drvmem_system__failing(const struct drvmem_system *y, struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(failing_columns,
						 sizeof(failing_columns) / sizeof(failing_columns[0]));
	uint32_t i;

	for (i = 0; g && i < y->nr_failing; i++) {
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "owner", y->v->owner_name[y->failing[i].owner], 0);
		drvmem_grid__u64(g, "failures", y->failing[i].failures, 0);
	}
	return finish(g, ret);
}
