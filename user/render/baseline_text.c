// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "base/units.h"
#include "render/baseline.h"

static const char *why(enum drvmem_avail st)
{
	return st == DRVMEM_DENIED ? "permission denied" : "not available here";
}

/* Parts that could not be read, or not their owners, after the figure that lacks them. */
static void put_missing(const struct drvmem_baseline *b, FILE *out)
{
	const char *sep = " (";
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_BASE_PARTS; i++) {
		if (b->part[i].named.st == DRVMEM_OK)
			continue;
		fprintf(out, "%s%s%s: %s", sep, drvmem_baseline_part_names[i],
			b->part[i].bytes.st == DRVMEM_OK ? " owners" : "", why(b->part[i].named.st));
		sep = ", ";
	}
	if (*sep == ',')
		putc(')', out);
}

void drvmem_text__before(const struct drvmem_baseline *b, const char *prefix,
			 const struct drvmem_text_opts *o, FILE *out)
{
	char named[DRVMEM_UNIT_LEN], all[DRVMEM_UNIT_LEN];
	const char *least = o->utf8 ? "≥" : ">=";
	bool partial, untold;
	uint64_t total, known;

	if (!b)
		return;
	total = drvmem_baseline__total(b, &partial);
	known = drvmem_baseline__named(b, &untold);
	fprintf(out, "%sbefore tracing: ", prefix);
	if (partial && !total) {
		fputs("-", out);
	} else {
		fprintf(out, "%s%s of %s%s named", untold ? least : "",
			drvmem_fmt_bytes(known, named, sizeof(named)), partial ? least : "",
			drvmem_fmt_bytes(total, all, sizeof(all)));
	}
	put_missing(b, out);
}

static void put_line(const char *what, struct drvmem_u64 v, const char *beside, FILE *out)
{
	char bytes[DRVMEM_UNIT_LEN];

	if (v.st == DRVMEM_OK)
		fprintf(out, "%s %s%s\n", what, drvmem_fmt_bytes(v.v, bytes, sizeof(bytes)), beside);
	else
		fprintf(out, "%s -: %s\n", what, why(v.st));
}

static void put_devres(const struct drvmem_baseline *b, FILE *out)
{
	char bytes[DRVMEM_UNIT_LEN];

	if (b->devres_count.st != DRVMEM_OK) {
		fprintf(out, "devres lists -: %s\n", b->devres_why);
		return;
	}
	fprintf(out, "devres lists %s in %" PRIu64 " nodes of %" PRIu64 " devices",
		b->devres_bytes.st == DRVMEM_OK ?
		drvmem_fmt_bytes(b->devres_bytes.v, bytes, sizeof(bytes)) : "-",
		b->devres_count.v, b->nr_devs + b->unlisted);
	if (b->unbound_count)
		fprintf(out, ", %" PRIu64 " of them of devices without a driver: in no row", b->unbound_count);
	if (b->unlisted)
		fprintf(out, ", %" PRIu64 " devices with %" PRIu64 " nodes did not fit: in no row",
			b->unlisted, b->unlisted_count);
	if (b->devres_why)
		fprintf(out, ": %s", b->devres_why);
	putc('\n', out);
}

/* All that page_owner knows, by what it is: only the first is compared with tracing. */
static void put_pages(const struct drvmem_pageowner *p, FILE *out)
{
	char bytes[DRVMEM_UNIT_LEN];
	const char *sep = "; beside them ";
	uint32_t i;

	if (!p)
		return;
	if (p->err) {
		fprintf(out, "page_owner -: %s\n", p->why);
		return;
	}
	fprintf(out, "page_owner %s that modules took", drvmem_fmt_bytes(p->class[DRVMEM_PO_MODULE].bytes, bytes,
									  sizeof(bytes)));
	for (i = DRVMEM_PO_MODULE + 1; i < DRVMEM_NR_PO; i++) {
		if (!p->class[i].bytes)
			continue;
		fprintf(out, "%s%s %s", sep, drvmem_po_class_names[i],
			drvmem_fmt_bytes(p->class[i].bytes, bytes, sizeof(bytes)));
		sep = ", ";
	}
	putc('\n', out);
	if (p->cut_bytes)
		fprintf(out, "of the kernel's %s have a stack of %u functions without a module: page_owner keeps no more\n",
			drvmem_fmt_bytes(p->cut_bytes, bytes, sizeof(bytes)), DRVMEM_PO_DEPTH);
	if (p->skipped)
		fprintf(out, "%" PRIu64 " records of page_owner could not be read\n", p->skipped);
}

static void put_beside(const struct drvmem_baseline *b, FILE *out)
{
	char text[160], bytes[DRVMEM_UNIT_LEN];

	put_line("kernel stacks", b->stack_bytes, ", in no row", out);
	put_line("areas that hold module images", b->image_area_bytes, "", out);
	snprintf(text, sizeof(text), " by the account of %" PRIu64 " maps, areas of %s are in the rows",
		 b->bpf_maps, drvmem_fmt_bytes(b->bpf_area_bytes, bytes, sizeof(bytes)));
	put_line("BPF maps", b->bpf_map_bytes, text, out);
	put_devres(b, out);
	if (b->allocinfo_bytes.st == DRVMEM_OK)
		put_line("allocinfo", b->allocinfo_bytes, " of modules since boot, exact", out);
	put_pages(b->pages, out);
	if (b->map_ram_bytes)
		put_line("vm_map_ram", (struct drvmem_u64){ b->map_ram_bytes, DRVMEM_OK },
			 ", mappings whose owner is not kept", out);
	if (b->unnamed_areas)
		fprintf(out, "%" PRIu64 " vmalloc areas have no caller with a name\n", b->unnamed_areas);
	if (b->skipped)
		fprintf(out, "%" PRIu64 " lines of the kernel's files could not be read\n", b->skipped);
	fputs("(VMAP) and (IOREMAP) map memory that is counted elsewhere, and are added to nothing\n", out);
}

static int put_grid(struct drvmem_grid *g, const char *none, const struct drvmem_text_opts *o, FILE *out)
{
	putc('\n', out);
	if (g->nr_rows)
		drvmem_text__grid(g, o, out);
	else
		fprintf(out, "%s and tracing agree: no module's memory has moved\n", none);
	drvmem_grid__free(g);
	return 0;
}

int drvmem_text__exact(const struct drvmem_snapshot *s, const struct drvmem_text_opts *o, FILE *out)
{
	struct drvmem_grid *g;
	int e = s->nr_exact ? drvmem_exact_view__build(s, &g) : 0;

	if (!e && s->nr_exact)
		e = put_grid(g, "allocinfo", o, out);
	if (e)
		return e;
	if (s->pages_why)
		fprintf(out, "\npages beside page_owner: -: %s\n", s->pages_why);
	if (!s->pages)
		return 0;
	e = drvmem_exact_view__pages(s, &g);
	if (!e)
		e = put_grid(g, "page_owner", o, out);
	if (!e && s->pages_skipped)
		fprintf(out, "%" PRIu64 " records of page_owner could not be read at the end\n", s->pages_skipped);
	return e;
}

int drvmem_text__baseline(const struct drvmem_snapshot *s, uint32_t top,
			  const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_baseline *b = s->baseline;
	struct drvmem_grid *g;
	int e;

	if (!b) {
		fputs("\nbefore tracing: - (it was not recorded)\n", out);
		return 0;
	}
	e = drvmem_baseline_view__parts(b, &g);
	if (e)
		return e;
	putc('\n', out);
	drvmem_text__grid(g, o, out);
	drvmem_grid__free(g);
	e = drvmem_baseline_view__owners(b, top, &g);
	if (e)
		return e;
	putc('\n', out);
	drvmem_text__grid(g, o, out);
	drvmem_grid__free(g);
	put_beside(b, out);
	return drvmem_text__exact(s, o, out);
}
