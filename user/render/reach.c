// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/reach.h"

#include <inttypes.h>

#define SHOWN 10u

static const char *const keys[DRVMEM_NR_REACH] = {
	"not_looked_for", "freed_meanwhile", "still_reachable", "possibly_lost", "indirectly_lost",
	"definitely_lost",
};

void drvmem_json__scan(struct drvmem_json *w, const struct drvmem_verdicts *d)
{
	drvmem_json__kv_str(w, "reader", d->reader);
	drvmem_json__kv_u64(w, "objects_asked", d->nr);
	drvmem_json__kv_u64(w, "objects_not_asked", d->not_asked);
	drvmem_json__kv_u64(w, "scanned_bytes", d->bytes);
	drvmem_json__kv_u64(w, "unreadable_bytes", d->unreadable);
	drvmem_json__kv_u64(w, "pass_ns", d->ns);
	drvmem_json__kv_u64(w, "gap_ns", d->gap_ns);
	drvmem_json__kv_u64(w, "own_bytes", d->own_bytes);
	drvmem_json__kv_u64(w, "tasks", d->tasks);
	drvmem_json__kv_bool(w, "tasks_complete", d->tasks_whole);
	drvmem_json__kv_bool(w, "complete", !d->cut);
	drvmem_json__kv_bool(w, "memory_changed", d->ram_changed);
	drvmem_json__kv_bool(w, "freed_objects_known", d->zeroed);
}

void drvmem_json__reach(struct drvmem_json *w, const struct drvmem_outstanding *o)
{
	const struct drvmem_verdicts *d = o->verdicts;
	int c;

	if (!d || !d->reader) {
		drvmem_json__kv_missing(w, "reach", d && d->why_not ? d->why_not : "not asked for");
		return;
	}
	drvmem_json__key(w, "reach");
	drvmem_json__begin_object(w);
	for (c = DRVMEM_NR_REACH - 1; c >= 0; c--)
		drvmem_json__kv_u64(w, keys[c], o->reach[c]);
	drvmem_json__kv_u64(w, "lost_bytes", o->lost_bytes);
	drvmem_json__scan(w, d);
	drvmem_json__end_object(w);
}

void drvmem_json__reach_site(struct drvmem_json *w, const struct drvmem_outstanding *o,
			     const struct drvmem_outstanding_site *k)
{
	int c;

	if (!o->verdicts || !o->verdicts->reader)
		return;
	drvmem_json__key(w, "reach");
	drvmem_json__begin_object(w);
	for (c = DRVMEM_NR_REACH - 1; c >= 0; c--)
		drvmem_json__kv_u64(w, keys[c], k->reach[c]);
	drvmem_json__kv_u64(w, "lost_bytes", k->lost_bytes);
	drvmem_json__kv_u64(w, "written_between_passes", k->changed);
	drvmem_json__kv_u64(w, "maybe_freed_unseen", k->maybe_free);
	drvmem_json__kv_u64(w, "maybe_held_by_number", k->by_number);
	drvmem_json__kv_u64(w, "lost_but_named_by_freed_objects", k->dead);
	drvmem_json__kv_str(w, "holder", k->holder);
	drvmem_json__kv_u64(w, "holder_objects", k->holder_objects);
	drvmem_json__end_object(w);
}

static void put_site(const struct drvmem_scope *v, const struct drvmem_outstanding_site *k,
		     const struct drvmem_text_opts *t, FILE *out)
{
	int c, n = 0;

	drvmem_text__put(v->s->sites[k->site].site ? v->s->sites[k->site].site : "?", t, out);
	putc(':', out);
	for (c = DRVMEM_NR_REACH - 1; c >= 0; c--)
		if (k->reach[c])
			fprintf(out, "%s %u %s", n++ ? "," : "", k->reach[c],
				drvmem_reach__name((enum drvmem_reach_class)c));
	if (k->holder_objects) {
		fprintf(out, "; %u held by ", k->holder_objects);
		drvmem_text__put(k->holder, t, out);
	}
	if (k->maybe_free)
		fprintf(out, "; nobody holds %u, which may have been freed unseen", k->maybe_free);
	if (k->by_number)
		fprintf(out, "; nothing holds %u by address, as page tables hold pages by number", k->by_number);
	if (k->changed)
		fprintf(out, "; %u written to between the passes", k->changed);
	putc('\n', out);
}

void drvmem_text__scan(const struct drvmem_verdicts *d, FILE *out)
{
	fprintf(out, "%" PRIu64 " MiB of the kernel's memory read twice by %s, %.1f s each, %.0f s apart\n", d->bytes >> 20,
		d->reader, (double)d->ns / 1e9, (double)d->gap_ns / 1e9);
	if (d->unreadable)
		fprintf(out, "%" PRIu64 " KiB of it could not be read\n", d->unreadable >> 10);
	if (d->cut)
		fprintf(out, "nothing is called lost: %s\n", d->ram_changed ?
			"memory was added or taken away meanwhile" : "not all words that hold something could be read or kept");
	if (d->not_asked)
		fprintf(out, "%u objects were too many to look for\n", d->not_asked);
	if (!d->zeroed)
		fputs("this kernel does not zero what it allocates: what free memory still says keeps objects from being called lost\n",
		      out);
}

void drvmem_text__reach(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			const struct drvmem_text_opts *t, FILE *out)
{
	const struct drvmem_verdicts *d = o->verdicts;
	uint32_t i;
	int c, n = 0;

	if (d && d->why_not)
		fprintf(out, "\nwho holds them: not known: %s\n", d->why_not);
	if (!d || !d->reader || !o->nr_sites)
		return;
	fputs("\nwho holds them:", out);
	for (c = DRVMEM_NR_REACH - 1; c >= 0; c--)
		if (o->reach[c])
			fprintf(out, "%s %" PRIu64 " %s", n++ ? "," : "", o->reach[c],
				drvmem_reach__name((enum drvmem_reach_class)c));
	putc('\n', out);
	drvmem_text__scan(d, out);
	for (i = 0; i < o->nr_sites && i < SHOWN; i++)
		put_site(v, &o->site[i], t, out);
	if (i < o->nr_sites)
		fprintf(out, "(%u more sites)\n", o->nr_sites - i);
}
