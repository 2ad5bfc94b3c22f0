// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/pressure.h"

#include <string.h>

#include "analysis/reconcile.h"

/*
 * Less than a thousandth of the time is what a busy machine shows without being short of memory: a
 * refault or a compaction now and then (kernel/sched/psi.c counts waits for both). In less than a
 * second one such wait would already be notable.
 */
#define NOTABLE_PPM	1000u
#define MIN_PERIOD_NS	1000000000ull
/* MemAvailable is an estimate (mm/show_mem.c:si_mem_available): a drop below this says nothing. */
#define MIN_DROP_SHARE	200u	/* of MemTotal: 0.5 % */

#define ALL_TRACED	((1u << DRVMEM_NR_ALLOCATORS) - 1)

const char *drvmem_pressure_name(enum drvmem_pressure p)
{
	static const char *const names[] = {
		[DRVMEM_PRESSURE_NONE] = "none",
		[DRVMEM_PRESSURE_DRIVER] = "driver",
		[DRVMEM_PRESSURE_PART] = "driver_in_part",
		[DRVMEM_PRESSURE_NOT_DRIVER] = "not_a_driver",
		[DRVMEM_PRESSURE_UNKNOWN] = "cannot_tell",
	};

	return names[p];
}

static struct drvmem_u64 between(struct drvmem_u64 a, struct drvmem_u64 b)
{
	if (a.st != DRVMEM_OK)
		return a;
	if (b.st != DRVMEM_OK)
		return b;
	return b.v < a.v ? (struct drvmem_u64){ 0, DRVMEM_ABSENT } :
			   (struct drvmem_u64){ b.v - a.v, DRVMEM_OK };
}

/* Owners are few and sites many: one pass over the sites for each module that has any. */
static int64_t held_by(const struct drvmem_snapshot *s, uint32_t owner)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++)
		if (s->sites[i].owner == owner && !DRVMEM_IS_MAPPING(s->sites[i].allocator))
			sum += s->sites[i].c.held_bytes;
	return sum;
}

static void find_top(const struct drvmem_snapshot *s, struct drvmem_pressure_result *r)
{
	int64_t held;
	uint32_t i;

	r->top_owner = UINT32_MAX;
	for (i = 0; i < s->nr_instances; i++) {
		if (s->instances[i].type != DRVMEM_OWNER_MODULE)
			continue;
		held = held_by(s, i);
		r->drivers_bytes += held;
		if (held <= r->top_bytes)
			continue;
		r->top_bytes = held;
		r->top_owner = i;
	}
}

static enum drvmem_pressure unknown(struct drvmem_pressure_result *r, const char *why)
{
	r->why = why;
	return DRVMEM_PRESSURE_UNKNOWN;
}

/* The pressure is there: whose is it? */
static enum drvmem_pressure blame(const struct drvmem_snapshot *s, uint64_t total,
				  struct drvmem_pressure_result *r)
{
	if (r->drop_st != DRVMEM_OK)
		return unknown(r, "there was pressure, and MemAvailable is not known");
	if (r->drop_bytes < (int64_t)(total / MIN_DROP_SHARE))
		return unknown(r, "there was pressure, and MemAvailable did not drop: memory was short "
				  "before, or a cgroup's limit is");
	if (r->top_bytes >= r->drop_bytes / 2)
		return DRVMEM_PRESSURE_DRIVER;
	if (r->top_bytes >= r->drop_bytes / 10)
		return DRVMEM_PRESSURE_PART;
	/* what was seen is little; whether that is all is another question */
	if (s->meta.only)
		return unknown(r, "there was pressure, and only some owners were tracked");
	if ((s->meta.traced & ALL_TRACED) != ALL_TRACED)
		return unknown(r, "there was pressure, and not every allocator is traced in this session");
	if (drvmem_loss__total(&s->loss))
		return unknown(r, "there was pressure, and events were lost");
	return DRVMEM_PRESSURE_NOT_DRIVER;
}

static enum drvmem_pressure judge(const struct drvmem_snapshot *s, const struct drvmem_sysmem *now,
				  struct drvmem_pressure_result *r)
{
	const char *why = drvmem_sysfile_why(now, DRVMEM_SYSFILE_PSI);

	if (r->some_us.st == DRVMEM_DENIED)
		return unknown(r, "/proc/pressure/memory cannot be read (permission denied)");
	if (r->some_us.st != DRVMEM_OK)
		return unknown(r, why && !strncmp(why, "switched", 8) ?
				  "pressure is not measured: PSI is switched off (boot with psi=1)" :
				  "pressure is not measured: this kernel has no PSI");
	if (r->period_ns < MIN_PERIOD_NS)
		return unknown(r, "the session was too short to tell of pressure");
	if (r->some_ppm < NOTABLE_PPM)
		return DRVMEM_PRESSURE_NONE;
	return blame(s, now->mem[DRVMEM_MEM_TOTAL].st == DRVMEM_OK ? now->mem[DRVMEM_MEM_TOTAL].v : 0, r);
}

void drvmem_pressure_judge(const struct drvmem_sysmem *start, const struct drvmem_sysmem *now,
			   const struct drvmem_snapshot *s, struct drvmem_pressure_result *ret)
{
	const struct drvmem_u64 *before = &start->mem[DRVMEM_MEM_AVAILABLE];
	const struct drvmem_u64 *after = &now->mem[DRVMEM_MEM_AVAILABLE];
	struct drvmem_pressure_result r = { 0 };

	r.period_ns = now->taken_ns > start->taken_ns ? now->taken_ns - start->taken_ns : 0;
	r.some_us = between(start->psi.some_us, now->psi.some_us);
	r.full_us = between(start->psi.full_us, now->psi.full_us);
	if (r.some_us.st == DRVMEM_OK && r.period_ns)
		r.some_ppm = (uint64_t)((double)r.some_us.v * 1e9 / (double)r.period_ns);
	r.drop_st = before->st != DRVMEM_OK ? before->st : after->st;
	if (r.drop_st == DRVMEM_OK)
		r.drop_bytes = (int64_t)before->v - (int64_t)after->v;
	find_top(s, &r);
	r.verdict = judge(s, now, &r);
	*ret = r;
}
