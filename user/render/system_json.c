// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/system_json.h"

#include <inttypes.h>

#include "render/json.h"
#include "render/json_writer.h"

static const char *reason(enum drvmem_avail st, const char *why)
{
	if (why)
		return why;
	return st == DRVMEM_DENIED ? "permission denied" : "not available on this kernel";
}

static void put_u64(struct drvmem_json *w, const char *key, struct drvmem_u64 v, const char *why)
{
	if (v.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, key, v.v);
	else
		drvmem_json__kv_missing(w, key, reason(v.st, why));
}

static void put_figures(struct drvmem_json *w, const char *key, const struct drvmem_figure *f,
			const struct drvmem_ram_info *info, uint32_t n)
{
	uint32_t i;

	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	for (i = 0; i < n; i++)
		put_u64(w, info[i].key, f[i].bytes, f[i].why);
	drvmem_json__end_object(w);
}

static void put_ram(struct drvmem_json *w, const struct drvmem_ram_result *r)
{
	drvmem_json__key(w, "ram");
	drvmem_json__begin_object(w);
	put_u64(w, "total", r->total.bytes, r->total.why);
	put_figures(w, "classes", r->class, drvmem_ram_classes, DRVMEM_NR_RAM);
	drvmem_json__kv_u64(w, "sum", r->sum);
	if (r->unaccounted_st == DRVMEM_OK)
		drvmem_json__kv_i64(w, "unaccounted", r->unaccounted);
	else
		drvmem_json__kv_missing(w, "unaccounted", reason(r->unaccounted_st, r->unaccounted_why));
	put_figures(w, "not_added", r->part, drvmem_ram_parts, DRVMEM_NR_RAM_PART);
	if (r->vmap_stack == DRVMEM_VMAP_STACK_UNKNOWN)
		drvmem_json__kv_missing(w, "vmap_stack", "the kernel's configuration is not to be had; "
							 "taken as true");
	else
		drvmem_json__kv_bool(w, "vmap_stack", r->vmap_stack == DRVMEM_VMAP_STACK_YES);
	drvmem_json__kv_bool(w, "drivers_estimated", r->class[DRVMEM_RAM_PAGE_DIRECT].estimated ||
						     r->class[DRVMEM_RAM_DMA].estimated);
	drvmem_json__end_object(w);
}

static void put_zone(struct drvmem_json *w, const struct drvmem_system *y, uint32_t i)
{
	const struct drvmem_zone *z = &y->now->zones[i];
	uint32_t o;

	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "node", z->node);
	drvmem_json__kv_str(w, "zone", z->name);
	drvmem_json__kv_u64(w, "free_bytes", y->frag[i].free_pages * y->now->page_size);
	drvmem_json__key(w, "free_blocks");
	drvmem_json__begin_array(w);
	for (o = 0; o < z->nr_orders; o++)
		drvmem_json__u64(w, z->free[o]);
	drvmem_json__end_array(w);
	drvmem_json__key(w, "unusable_index");
	drvmem_json__begin_array(w);
	for (o = 0; o < z->nr_orders; o++)
		drvmem_json__double(w, y->frag[i].unusable[o] / 1000.0);
	drvmem_json__end_array(w);
	drvmem_json__end_object(w);
}

static void put_zones(struct drvmem_json *w, const struct drvmem_system *y)
{
	const char *why = drvmem_sysfile_why(y->now, DRVMEM_SYSFILE_BUDDYINFO);
	uint32_t i;

	if (why) {
		drvmem_json__kv_missing(w, "fragmentation", why);
		return;
	}
	drvmem_json__key(w, "fragmentation");
	drvmem_json__begin_array(w);
	for (i = 0; i < y->now->nr_zones; i++)
		put_zone(w, y, i);
	drvmem_json__end_array(w);
}

static void put_blocks(struct drvmem_json *w, const struct drvmem_system *y)
{
	static const char *const keys[DRVMEM_NR_BLOCK] = { "unmovable", "movable", "reclaimable",
							   "highatomic", "cma", "isolate" };
	const char *why = drvmem_sysfile_why(y->now, DRVMEM_SYSFILE_PAGETYPEINFO);
	const struct drvmem_blocks *b;
	uint32_t i, k;

	if (why) {
		drvmem_json__kv_missing(w, "pageblocks", why);
		return;
	}
	drvmem_json__key(w, "pageblocks");
	drvmem_json__begin_array(w);
	for (i = 0; i < y->now->nr_blocks; i++) {
		b = &y->now->blocks[i];
		drvmem_json__begin_object(w);
		drvmem_json__kv_u64(w, "node", b->node);
		drvmem_json__kv_str(w, "zone", b->name);
		for (k = 0; k < DRVMEM_NR_BLOCK; k++)
			put_u64(w, keys[k], b->n[k], NULL);
		drvmem_json__kv_u64(w, "other", b->other);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

static void put_events(struct drvmem_json *w, const struct drvmem_system *y)
{
	const char *why = drvmem_sysfile_why(y->now, DRVMEM_SYSFILE_VMSTAT);
	uint32_t i;

	drvmem_json__key(w, "events");
	drvmem_json__begin_object(w);
	for (i = 0; i < DRVMEM_NR_VM_EVENTS; i++)
		put_u64(w, drvmem_vm_names[i], y->events[i],
			why ? why : "this kernel's /proc/vmstat has no such line");
	drvmem_json__end_object(w);
}

static void put_failures(struct drvmem_json *w, const struct drvmem_system *y)
{
	uint32_t i;

	drvmem_json__key(w, "failures");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "total", y->failures);
	drvmem_json__key(w, "owners");
	drvmem_json__begin_array(w);
	for (i = 0; i < y->nr_failing; i++) {
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "owner", y->v->s->instances[y->failing[i].owner].name);
		drvmem_json__kv_str(w, "name", y->v->owner_name[y->failing[i].owner]);
		drvmem_json__kv_u64(w, "failures", y->failing[i].failures);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
	drvmem_json__kv_missing(w, "by_order", drvmem_system__no_orders(y));
	drvmem_json__end_object(w);
}

static void put_pressure(struct drvmem_json *w, const struct drvmem_system *y)
{
	const struct drvmem_pressure_result *p = &y->pressure;
	const char *why = drvmem_sysfile_why(y->now, DRVMEM_SYSFILE_PSI);

	drvmem_json__key(w, "pressure");
	drvmem_json__begin_object(w);
	put_u64(w, "some_us", p->some_us, why);
	put_u64(w, "full_us", p->full_us, why);
	if (p->drop_st == DRVMEM_OK)
		drvmem_json__kv_i64(w, "available_delta_bytes", -p->drop_bytes);
	else
		drvmem_json__kv_missing(w, "available_delta_bytes", reason(p->drop_st, NULL));
	drvmem_json__kv_i64(w, "drivers_held_bytes", p->drivers_bytes);
	drvmem_json__kv_str(w, "top_driver", p->top_owner == UINT32_MAX ? NULL :
			    y->v->owner_name[p->top_owner]);
	drvmem_json__kv_i64(w, "top_driver_held_bytes", p->top_bytes);
	drvmem_json__kv_str(w, "verdict", drvmem_pressure_name(p->verdict));
	drvmem_json__kv_str(w, "why", p->why);
	drvmem_json__end_object(w);
}

static void put_commit(struct drvmem_json *w, const struct drvmem_system *y)
{
	const char *why = drvmem_sysfile_why(y->now, DRVMEM_SYSFILE_MEMINFO);

	drvmem_json__key(w, "commit");
	drvmem_json__begin_object(w);
	put_u64(w, "committed_bytes", y->now->mem[DRVMEM_MEM_COMMITTED], why);
	put_u64(w, "limit_bytes", y->now->mem[DRVMEM_MEM_COMMIT_LIMIT], why);
	put_u64(w, "overcommit_mode", y->now->overcommit,
		drvmem_sysfile_why(y->now, DRVMEM_SYSFILE_OVERCOMMIT));
	drvmem_json__end_object(w);
}

void drvmem_json__system(const struct drvmem_system *y, FILE *out)
{
	const struct drvmem_meta *m = &y->v->s->meta;
	struct drvmem_json w;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__kv_u64(&w, "schema_version", DRVMEM_JSON_SCHEMA_VERSION);
	drvmem_json__key(&w, "system");
	drvmem_json__begin_object(&w);
	drvmem_json__kv_str(&w, "version", m->version);
	drvmem_json__kv_str(&w, "kernel", m->kernel);
	drvmem_json__kv_str(&w, "arch", m->arch);
	drvmem_json__kv_str(&w, "hostname", m->hostname);
	drvmem_json__kv_u64(&w, "taken_at", m->taken_unix);
	drvmem_json__kv_double(&w, "duration_s", (double)y->period_ns / 1e9);
	drvmem_json__kv_double(&w, "age_s", (double)y->age_ns / 1e9);
	drvmem_json__kv_u64(&w, "page_size", y->now->page_size);
	drvmem_json__kv_u64(&w, "malformed_lines", y->now->skipped);
	drvmem_json__kv_u64(&w, "loss", drvmem_loss__total(&y->v->s->loss));
	put_ram(&w, &y->ram);
	put_zones(&w, y);
	put_blocks(&w, y);
	put_events(&w, y);
	put_failures(&w, y);
	put_pressure(&w, y);
	put_commit(&w, y);
	drvmem_json__end_object(&w);
	drvmem_json__end_object(&w);
	putc('\n', out);
}
