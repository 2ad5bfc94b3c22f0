// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/baseline.h"

#include <errno.h>
#include <stdio.h>

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static const struct drvmem_column part_columns[] = {
	{ "name", "BEFORE TRACING", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "named_bytes", "NAMED", NULL, DRVMEM_UNIT_BYTES, false, 0 },
};

static const struct drvmem_column owner_columns[] = {
	{ "name", "OWNER", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "what", "WHAT", NULL, DRVMEM_UNIT_TEXT, false, 5 },
	{ "bytes", "BYTES", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "image_bytes", "IMAGE", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "vmalloc_bytes", "VMALLOC", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "areas", "AREAS", NULL, DRVMEM_UNIT_COUNT, false, 4 },
	{ "slab_bytes", "SLAB", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "devres_bytes", "DEVRES", NULL, DRVMEM_UNIT_BYTES, false, 1 },
	{ "devres_count", "NODES", NULL, DRVMEM_UNIT_COUNT, false, 4 },
	{ "allocinfo_bytes", "ALLOCINFO", NULL, DRVMEM_UNIT_BYTES, false, 2 },
	{ "vmap_bytes", "(VMAP)", NULL, DRVMEM_UNIT_BYTES, false, 3 },
	{ "ioremap_bytes", "(IOREMAP)", NULL, DRVMEM_UNIT_BYTES, false, 3 },
	/* the last one: it is there where page_owner was read */
	{ "pages_bytes", "PAGES", NULL, DRVMEM_UNIT_BYTES, false, 2 },
};

static bool has_pages(const struct drvmem_baseline *b)
{
	return b->pages && !b->pages->err;
}

static int finish(struct drvmem_grid *g, struct drvmem_grid **ret)
{
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}

int drvmem_baseline_view__parts(const struct drvmem_baseline *b, struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(part_columns, NR(part_columns));
	bool partial, untold;
	uint64_t total;
	uint32_t i;

	if (!g)
		return -ENOMEM;
	for (i = 0; i < DRVMEM_NR_BASE_PARTS; i++) {
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "name", drvmem_baseline_part_names[i], 0);
		drvmem_grid__maybe(g, "bytes", b->part[i].bytes, 0);
		drvmem_grid__maybe(g, "named_bytes", b->part[i].named, 0);
	}
	if (b->spread_named) {
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "name", "slab or percpu", 0);
		drvmem_grid__u64(g, "named_bytes", b->spread_named, 0);
	}
	total = drvmem_baseline__total(b, &partial);
	drvmem_grid__add_row(g, DRVMEM_ROW_TOTAL, 0);
	drvmem_grid__text(g, "name", partial ? "TOTAL of what is known" : "TOTAL", 0);
	drvmem_grid__u64(g, "bytes", total, 0);
	drvmem_grid__u64(g, "named_bytes", drvmem_baseline__named(b, &untold), 0);
	return finish(g, ret);
}

static void set_devres(struct drvmem_grid *g, const struct drvmem_baseline *b,
		       const struct drvmem_baseline_row *r)
{
	if (b->devres_bytes.st != DRVMEM_OK)
		drvmem_grid__missing(g, "devres_bytes", b->devres_bytes.st);
	else if (r->devres_count)
		drvmem_grid__u64(g, "devres_bytes", r->devres_bytes, 0);
	if (b->devres_count.st != DRVMEM_OK)
		drvmem_grid__missing(g, "devres_count", b->devres_count.st);
	else if (r->devres_count)
		drvmem_grid__u64(g, "devres_count", r->devres_count, 0);
}

/* Pages that a module took, DMA buffers among them; sum: of several modules. */
static void set_pages(struct drvmem_grid *g, const struct drvmem_baseline *b, const char *owner, uint64_t sum)
{
	const struct drvmem_po_owner *o;

	if (!has_pages(b))
		return;
	o = owner ? drvmem_pageowner__find(b->pages, owner) : NULL;
	if (o)
		sum = o->direct.bytes + o->dma.bytes;
	if (sum)
		drvmem_grid__u64(g, "pages_bytes", sum, 0);
}

static void set_row(struct drvmem_grid *g, const struct drvmem_baseline *b,
		    const struct drvmem_baseline_row *r)
{
	bool areas = b->vmallocinfo.st == DRVMEM_OK;

	drvmem_grid__u64(g, "bytes", drvmem_baseline_row__bytes(r), 0);
	if (r->module && r->image_bytes.st != DRVMEM_OK)
		drvmem_grid__missing(g, "image_bytes", r->image_bytes.st);
	else if (r->image_bytes.st == DRVMEM_OK)
		drvmem_grid__u64(g, "image_bytes", r->image_bytes.v, 0);
	if (!areas) {
		drvmem_grid__missing(g, "vmalloc_bytes", b->vmallocinfo.st);
		drvmem_grid__missing(g, "vmap_bytes", b->vmallocinfo.st);
		drvmem_grid__missing(g, "ioremap_bytes", b->vmallocinfo.st);
	}
	if (r->areas) {
		drvmem_grid__u64(g, "vmalloc_bytes", r->vmalloc_bytes, 0);
		drvmem_grid__u64(g, "areas", r->areas, 0);
	}
	if (r->caches)
		drvmem_grid__u64(g, "slab_bytes", r->slab_bytes, 0);
	set_devres(g, b, r);
	if (r->vmaps)
		drvmem_grid__u64(g, "vmap_bytes", r->vmap_bytes, 0);
	if (r->ioremaps)
		drvmem_grid__u64(g, "ioremap_bytes", r->ioremap_bytes, 0);
	if (r->module && b->allocinfo_bytes.st == DRVMEM_OK)
		drvmem_grid__maybe(g, "allocinfo_bytes", r->allocinfo_bytes, 0);
}

static void add_up(struct drvmem_baseline_row *sum, const struct drvmem_baseline_row *r)
{
	sum->areas += r->areas;
	sum->vmalloc_bytes += r->vmalloc_bytes;
	sum->caches += r->caches;
	sum->slab_bytes += r->slab_bytes;
	sum->devres_count += r->devres_count;
	sum->devres_bytes += r->devres_bytes;
	sum->vmaps += r->vmaps;
	sum->vmap_bytes += r->vmap_bytes;
	sum->ioremaps += r->ioremaps;
	sum->ioremap_bytes += r->ioremap_bytes;
	if (r->image_bytes.st == DRVMEM_OK)
		sum->image_bytes = (struct drvmem_u64){ sum->image_bytes.v + r->image_bytes.v, DRVMEM_OK };
	if (r->allocinfo_bytes.st == DRVMEM_OK) {
		sum->allocinfo_bytes.v += r->allocinfo_bytes.v;
		sum->allocinfo_bytes.st = DRVMEM_OK;
		sum->module = true;
	}
}

int drvmem_baseline_view__owners(const struct drvmem_baseline *b, uint32_t top,
				 struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(owner_columns, NR(owner_columns) - !has_pages(b));
	const struct drvmem_po_owner *o;
	struct drvmem_baseline_row rest = { .image_bytes = { 0, DRVMEM_ABSENT },
					    .allocinfo_bytes = { 0, DRVMEM_ABSENT } };
	uint64_t rest_pages = 0;
	char label[32];
	uint32_t i;

	if (!g)
		return -ENOMEM;
	/* one row cut would only be renamed to "other (1)" */
	if (!top || b->nr_rows == top + 1)
		top = b->nr_rows;
	for (i = 0; i < b->nr_rows && i < top; i++) {
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "name", b->rows[i].owner, 0);
		if (b->rows[i].what)
			drvmem_grid__text(g, "what", b->rows[i].what, 0);
		set_row(g, b, &b->rows[i]);
		if (b->rows[i].module)
			set_pages(g, b, b->rows[i].owner, 0);
	}
	for (; i < b->nr_rows; i++) {
		add_up(&rest, &b->rows[i]);
		o = has_pages(b) && b->rows[i].module ? drvmem_pageowner__find(b->pages, b->rows[i].owner) : NULL;
		rest_pages += o ? o->direct.bytes + o->dma.bytes : 0;
	}
	if (b->nr_rows > top) {
		snprintf(label, sizeof(label), "other (%u)", b->nr_rows - top);
		drvmem_grid__add_row(g, DRVMEM_ROW_OTHER, 0);
		drvmem_grid__text(g, "name", label, 0);
		set_row(g, b, &rest);
		set_pages(g, b, NULL, rest_pages);
	}
	return finish(g, ret);
}
