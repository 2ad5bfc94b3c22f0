// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "render/baseline.h"

#define NOT_ASKED "a live report with --baseline or --coverage reads it"

static const char *why(enum drvmem_avail st)
{
	return st == DRVMEM_DENIED ? "permission denied" : "not available on this kernel";
}

static void put_maybe(struct drvmem_json *w, const char *key, struct drvmem_u64 v)
{
	if (v.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, key, v.v);
	else
		drvmem_json__kv_missing(w, key, why(v.st));
}

static void put_parts(struct drvmem_json *w, const struct drvmem_baseline *b)
{
	uint32_t i;

	drvmem_json__key(w, "parts");
	drvmem_json__begin_object(w);
	for (i = 0; i < DRVMEM_NR_BASE_PARTS; i++) {
		drvmem_json__key(w, drvmem_baseline_part_names[i]);
		drvmem_json__begin_object(w);
		put_maybe(w, "bytes", b->part[i].bytes);
		put_maybe(w, "named_bytes", b->part[i].named);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_object(w);
}

/* Of nodes and their bytes: of an owner, or of all. */
static void put_devres_sums(struct drvmem_json *w, const struct drvmem_baseline *b, const char *count_key,
			    uint64_t count, const char *bytes_key, uint64_t bytes)
{
	if (b->devres_count.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, count_key, count);
	else
		drvmem_json__kv_missing(w, count_key, b->devres_why);
	if (b->devres_bytes.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, bytes_key, bytes);
	else
		drvmem_json__kv_missing(w, bytes_key, b->devres_why);
}

static void put_devres(struct drvmem_json *w, const struct drvmem_baseline *b)
{
	uint32_t i;

	if (b->devres_count.st != DRVMEM_OK) {
		drvmem_json__kv_missing(w, "devres", b->devres_why);
		return;
	}
	drvmem_json__key(w, "devres");
	drvmem_json__begin_object(w);
	put_devres_sums(w, b, "count", b->devres_count.v, "bytes", b->devres_bytes.v);
	put_devres_sums(w, b, "unbound_count", b->unbound_count, "unbound_bytes", b->unbound_bytes);
	drvmem_json__kv_u64(w, "devices_seen", b->devices);
	drvmem_json__kv_u64(w, "devices_left_out", b->unlisted);
	put_devres_sums(w, b, "left_out_count", b->unlisted_count, "left_out_bytes", b->unlisted_bytes);
	drvmem_json__key(w, "devices");
	drvmem_json__begin_array(w);
	for (i = 0; i < b->nr_devs; i++) {
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "device", b->devs[i].device);
		drvmem_json__kv_str(w, "driver", b->devs[i].driver);
		drvmem_json__kv_str(w, "owner", b->devs[i].owner);
		put_devres_sums(w, b, "count", b->devs[i].count, "bytes", b->devs[i].bytes);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
	drvmem_json__end_object(w);
}

static void put_blocks(struct drvmem_json *w, const struct drvmem_pageowner *p, const char *key, uint64_t v)
{
	if (p->form == DRVMEM_PO_RECORDS)
		drvmem_json__kv_u64(w, key, v);
	else
		drvmem_json__kv_missing(w, key, "show_stacks tells pages, not blocks");
}

static void put_pages(struct drvmem_json *w, const struct drvmem_pageowner *p)
{
	uint32_t i;

	if (!p || p->err) {
		drvmem_json__kv_missing(w, "page_owner", p ? p->why : NOT_ASKED);
		return;
	}
	drvmem_json__key(w, "page_owner");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "source", p->form == DRVMEM_PO_RECORDS ? "page_owner" : "show_stacks");
	drvmem_json__key(w, "classes");
	drvmem_json__begin_object(w);
	for (i = 0; i < DRVMEM_NR_PO; i++) {
		drvmem_json__key(w, drvmem_po_class_names[i]);
		drvmem_json__begin_object(w);
		drvmem_json__kv_u64(w, "bytes", p->class[i].bytes);
		put_blocks(w, p, "blocks", p->class[i].blocks);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_object(w);
	drvmem_json__kv_u64(w, "cut_bytes", p->cut_bytes);
	drvmem_json__kv_u64(w, "records", p->records);
	drvmem_json__kv_u64(w, "records_skipped", p->skipped);
	drvmem_json__end_object(w);
}

/* Of a row: the module's pages. */
static void put_row_pages(struct drvmem_json *w, const struct drvmem_pageowner *p,
			  const struct drvmem_baseline_row *r)
{
	static const struct drvmem_po_owner none = { .name = "" };
	const struct drvmem_po_owner *o;
	const char *missing = r->module ? NULL : "not a module";

	if (!missing && (!p || p->err))
		missing = p ? p->why : NOT_ASKED;
	if (missing) {
		drvmem_json__kv_missing(w, "page_owner_bytes", missing);
		drvmem_json__kv_missing(w, "page_owner_blocks", missing);
		drvmem_json__kv_missing(w, "page_owner_dma_bytes", missing);
		return;
	}
	o = drvmem_pageowner__find(p, r->owner);
	o = o ? o : &none;
	drvmem_json__kv_u64(w, "page_owner_bytes", o->direct.bytes);
	put_blocks(w, p, "page_owner_blocks", o->direct.blocks);
	drvmem_json__kv_u64(w, "page_owner_dma_bytes", o->dma.bytes);
}

static void put_row(struct drvmem_json *w, const struct drvmem_baseline *b,
		    const struct drvmem_baseline_row *r)
{
	const struct {
		const char *key;
		uint64_t v;
	} areas[] = {
		{ "areas", r->areas }, { "vmalloc_bytes", r->vmalloc_bytes }, { "vmaps", r->vmaps },
		{ "vmap_bytes", r->vmap_bytes }, { "ioremaps", r->ioremaps },
		{ "ioremap_bytes", r->ioremap_bytes },
	};
	uint32_t i;

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "owner", r->owner);
	drvmem_json__kv_str(w, "type", r->module ? "module" : "kernel");
	drvmem_json__kv_str(w, "what", r->what);
	drvmem_json__kv_u64(w, "bytes", drvmem_baseline_row__bytes(r));
	if (r->module)
		put_maybe(w, "image_bytes", r->image_bytes);
	else
		drvmem_json__kv_missing(w, "image_bytes", "not a module");
	for (i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
		if (b->vmallocinfo.st == DRVMEM_OK)
			drvmem_json__kv_u64(w, areas[i].key, areas[i].v);
		else
			drvmem_json__kv_missing(w, areas[i].key, why(b->vmallocinfo.st));
	}
	put_maybe(w, "caches", (struct drvmem_u64){ r->caches, b->part[DRVMEM_BASE_SLAB].named.st });
	put_maybe(w, "slab_bytes", (struct drvmem_u64){ r->slab_bytes, b->part[DRVMEM_BASE_SLAB].named.st });
	put_devres_sums(w, b, "devres_count", r->devres_count, "devres_bytes", r->devres_bytes);
	if (r->module)
		put_maybe(w, "allocinfo_bytes", r->allocinfo_bytes);
	else
		drvmem_json__kv_missing(w, "allocinfo_bytes", "not a module");
	put_row_pages(w, b->pages, r);
	drvmem_json__end_object(w);
}

static void put_exact(struct drvmem_json *w, const char *key, struct drvmem_exact_row *rows, uint32_t n)
{
	uint32_t i;

	drvmem_json__key(w, key);
	drvmem_json__begin_array(w);
	for (i = 0; i < n; i++) {
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "owner", rows[i].owner);
		drvmem_json__kv_i64(w, "since_bytes", rows[i].since_bytes);
		drvmem_json__kv_i64(w, "traced_bytes", rows[i].traced_bytes);
		drvmem_json__kv_i64(w, "difference_bytes", drvmem_exact_row__difference(&rows[i]));
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
	free(rows);
}

int drvmem_json__exact(struct drvmem_json *w, const struct drvmem_snapshot *s)
{
	struct drvmem_exact_row *rows = NULL;
	uint32_t n = 0;
	int e = s->nr_exact ? drvmem_exact__compare(s, &rows, &n) : 0;

	if (!e && s->nr_exact)
		put_exact(w, "allocinfo", rows, n);
	if (s->pages_why)
		drvmem_json__kv_missing(w, "page_owner", s->pages_why);
	if (e || !s->pages)
		return e;
	e = drvmem_exact__compare_pages(s, &rows, &n);
	if (e)
		return e;
	put_exact(w, "page_owner", rows, n);
	drvmem_json__kv_u64(w, "page_owner_records_skipped", s->pages_skipped);
	return 0;
}

void drvmem_json__baseline(struct drvmem_json *w, const struct drvmem_baseline *b)
{
	bool partial, untold;
	uint64_t total, named;
	uint32_t i;

	if (!b) {
		drvmem_json__kv_missing(w, "baseline", "was not read");
		return;
	}
	total = drvmem_baseline__total(b, &partial);
	named = drvmem_baseline__named(b, &untold);
	drvmem_json__key(w, "baseline");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "bytes", total);
	drvmem_json__kv_u64(w, "named_bytes", named);
	drvmem_json__kv_bool(w, "lower_bound", partial);
	drvmem_json__kv_bool(w, "named_lower_bound", untold);
	put_parts(w, b);
	drvmem_json__kv_u64(w, "slab_or_percpu_named_bytes", b->spread_named);
	put_maybe(w, "kernel_stack_bytes", b->stack_bytes);
	put_maybe(w, "image_area_bytes", b->image_area_bytes);
	put_maybe(w, "bpf_map_bytes", b->bpf_map_bytes);
	if (b->bpf_map_bytes.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, "bpf_maps", b->bpf_maps);
	else
		drvmem_json__kv_missing(w, "bpf_maps", why(b->bpf_map_bytes.st));
	put_devres(w, b);
	put_maybe(w, "allocinfo_bytes", b->allocinfo_bytes);
	put_pages(w, b->pages);
	drvmem_json__kv_u64(w, "unnamed_areas", b->unnamed_areas);
	drvmem_json__kv_u64(w, "lines_skipped", b->skipped);
	drvmem_json__key(w, "owners");
	drvmem_json__begin_array(w);
	for (i = 0; i < b->nr_rows; i++)
		put_row(w, b, &b->rows[i]);
	drvmem_json__end_array(w);
	drvmem_json__end_object(w);
}
