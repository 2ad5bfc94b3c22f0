// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/marked.h"

#include <inttypes.h>

#include "base/units.h"

static void put_tally(struct drvmem_json *w, const char *key, const struct drvmem_tally *t)
{
	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "objects", t->objects);
	drvmem_json__kv_u64(w, "bytes", t->bytes);
	drvmem_json__end_object(w);
}

static void put_sums(struct drvmem_json *w, const struct drvmem_window_sums *s)
{
	put_tally(w, "aifi", &s->aifi);
	put_tally(w, "aifo", &s->aifo);
	put_tally(w, "aifo_freed", &s->later);
	put_tally(w, "aofi", &s->aofi);
	put_tally(w, "aofo", &s->aofo);
}

static void put_site(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_marked_site *k)
{
	const struct drvmem_sitesnap *t = &v->s->sites[k->site];

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "owner", v->s->instances[t->owner].name);
	drvmem_json__kv_str(w, "name", v->owner_name[t->owner]);
	drvmem_json__kv_str(w, "site", t->site);
	drvmem_json__kv_str(w, "allocator", drvmem_allocator_name(t->allocator));
	drvmem_json__kv_str(w, "cache", v->s->caches[t->cache].name);
	drvmem_json__kv_bool(w, "upper_bound", v->s->caches[t->cache].upper_bound);
	put_sums(w, &k->w);
	drvmem_json__end_object(w);
}

void drvmem_json__marked(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_marked *m)
{
	uint32_t i;

	if (!m) {
		drvmem_json__kv_missing(w, "marks", "not asked for");
		return;
	}
	drvmem_json__key(w, "marks");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "from_ns", m->at.from_ns - v->s->meta.started_ns);
	drvmem_json__kv_u64(w, "window_ns", m->ns);
	drvmem_json__kv_bool(w, "closed", m->at.to_ns != 0);
	put_sums(w, &m->total);
	drvmem_json__key(w, "sites");
	drvmem_json__begin_array(w);
	for (i = 0; i < m->nr_sites; i++)
		put_site(w, v, &m->site[i]);
	drvmem_json__end_array(w);
	drvmem_json__end_object(w);
}

int drvmem_text__marked(const struct drvmem_scope *v, const struct drvmem_marked *m, uint32_t top,
			const struct drvmem_text_opts *o, FILE *out)
{
	char len[DRVMEM_UNIT_LEN];
	struct drvmem_grid *g;
	int e = m ? drvmem_marked__grid(v, m, top, &g) : 0;

	if (e || !m)
		return e;
	fprintf(out, "\n%s (%s): allocated inside and freed outside, or live (AIFO); inside both (AIFI);\n"
		     "allocated before and freed inside (AOFI)\n",
		m->at.to_ns ? "between the two marks" : "from the mark on",
		drvmem_fmt_duration(m->ns, len, sizeof(len)));
	drvmem_text__grid(g, o, out);
	drvmem_grid__free(g);
	return 0;
}
