// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/coverage.h"

static const char *missing(enum drvmem_avail st)
{
	return st == DRVMEM_DENIED ? "permission denied" : "not available on this kernel";
}

static void put_maybe(struct drvmem_json *w, const char *key, struct drvmem_u64 v)
{
	if (v.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, key, v.v);
	else
		drvmem_json__kv_missing(w, key, missing(v.st));
}

static void put_row(struct drvmem_json *w, const struct drvmem_coverage_row *r)
{
	bool both = r->start.st == DRVMEM_OK && r->now.st == DRVMEM_OK;
	bool traced = r->verdict != DRVMEM_NOT_THERE || r->events;

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "name", r->name);
	drvmem_json__kv_str(w, "unit", r->kind == DRVMEM_COVER_CACHE ? "objects" : "bytes");
	drvmem_json__kv_str(w, "verdict", drvmem_verdict_names[r->verdict]);
	drvmem_json__kv_str(w, "why", r->why);
	if (traced)
		drvmem_json__kv_i64(w, "tracked", r->tracked);
	else
		drvmem_json__kv_missing(w, "tracked", r->why);
	if (r->tracked_error > 0)
		drvmem_json__kv_double(w, "tracked_error", r->tracked_error);
	put_maybe(w, "kernel_start", r->start);
	put_maybe(w, "kernel_now", r->now);
	if (both && traced)
		drvmem_json__kv_i64(w, "difference", r->difference);
	else
		drvmem_json__kv_missing(w, "difference", r->why[0] ? r->why : missing(r->now.st));
	drvmem_json__kv_u64(w, "unexplained", r->unexplained);
	put_maybe(w, "slack", r->slack);
	put_maybe(w, "slack_start", r->start_slack);
	drvmem_json__kv_u64(w, "moment", r->moment);
	drvmem_json__kv_u64(w, "rcu_pending", r->pending);
	drvmem_json__kv_u64(w, "inferred_frees", r->inferred);
	if (r->kind == DRVMEM_COVER_VMALLOC)
		drvmem_json__kv_u64(w, "older_freed", r->older_gone);
	else
		drvmem_json__kv_u64(w, "older_needed", r->older_needed);
	drvmem_json__end_object(w);
}

static void put_meminfo(struct drvmem_json *w, const char *key, const struct drvmem_reading *r)
{
	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	put_maybe(w, "percpu_bytes", r->mem[DRVMEM_MEM_PERCPU]);
	put_maybe(w, "vmalloc_used_bytes", r->mem[DRVMEM_MEM_VMALLOC_USED]);
	put_maybe(w, "sreclaimable_bytes", r->mem[DRVMEM_MEM_SRECLAIMABLE]);
	put_maybe(w, "sunreclaim_bytes", r->mem[DRVMEM_MEM_SUNRECLAIM]);
	put_maybe(w, "kreclaimable_bytes", r->mem[DRVMEM_MEM_KRECLAIMABLE]);
	put_maybe(w, "free_pages", r->vm[DRVMEM_VM_FREE_PAGES]);
	put_maybe(w, "mapping_bytes", (struct drvmem_u64){ r->mapping_bytes, r->areas_st });
	drvmem_json__end_object(w);
}

void drvmem_json__coverage(struct drvmem_json *w, const struct drvmem_coverage *c)
{
	_cleanup_strbuf_ struct drvmem_strbuf line = {0};
	uint32_t i;

	if (!c) {
		drvmem_json__kv_missing(w, "coverage", "the kernel's counts were not read");
		return;
	}
	drvmem_coverage__summary(c, &line);
	drvmem_json__key(w, "coverage");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "summary", line.oom ? NULL : drvmem_strbuf__str(&line));
	drvmem_json__kv_bool(w, "comparable", !c->not_comparable);
	drvmem_json__kv_u64(w, "caches", c->nr_caches);
	drvmem_json__kv_u64(w, "caches_explained", c->nr_explained);
	put_maybe(w, "older_frees", c->older);
	drvmem_json__kv_u64(w, "older_needed", c->older_needed);
	drvmem_json__kv_u64(w, "lost_events", c->lost.v);
	put_meminfo(w, "kernel_start", c->s->kernel[DRVMEM_AFTER_START]);
	put_meminfo(w, "kernel_now", c->s->kernel[DRVMEM_AT_SNAPSHOT]);
	drvmem_json__key(w, "rows");
	drvmem_json__begin_array(w);
	for (i = 0; i < c->nr_rows; i++)
		if (c->rows[i].kind != DRVMEM_COVER_CACHE || drvmem_coverage_row__moved(&c->rows[i]))
			put_row(w, &c->rows[i]);
	drvmem_json__end_array(w);
	drvmem_json__end_object(w);
}
