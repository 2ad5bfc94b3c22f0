// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/evidence.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"

void drvmem_evidence__put(struct drvmem_strbuf *out, const char *text)
{
	for (; *text; text++)
		drvmem_strbuf__putc(out, (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static const char *site_name(const struct drvmem_sitesnap *t)
{
	return t->site ? t->site : "?";
}

void drvmem_evidence__sentence(const struct drvmem_scope *v, const struct drvmem_outstanding_site *k,
			       struct drvmem_strbuf *out)
{
	const struct drvmem_sitesnap *t = &v->s->sites[k->site];
	char age[DRVMEM_UNIT_LEN];

	drvmem_evidence__put(out, v->owner_name[t->owner]);
	drvmem_strbuf__printf(out, " holds %s%" PRIu64 " %s%s (%" PRIu64 " bytes) of ", k->upper_bound ? "at most " : "",
			      k->objects, k->mapping ? "mapping" : "object", k->objects == 1 ? "" : "s", k->bytes);
	drvmem_evidence__put(out, site_name(t));
	if (k->growth.old_ns)
		drvmem_strbuf__printf(out, " that %s older than %s", k->objects == 1 ? "is" : "are",
				      drvmem_fmt_duration_exact(k->growth.old_ns, age, sizeof(age)));
	drvmem_strbuf__printf(out, ": %s, %s confidence", drvmem_growth__name(k->growth.class),
			      drvmem_confidence__name(k->growth.confidence));
	if (drvmem_outstanding__lost(k))
		drvmem_strbuf__printf(out, "; nothing holds %u of them", drvmem_outstanding__lost(k));
}

void drvmem_evidence__line(const struct drvmem_place *p, struct drvmem_strbuf *out)
{
	if (!p->file)
		return;
	drvmem_evidence__put(out, p->file);
	if (p->line)
		drvmem_strbuf__printf(out, ":%u", p->line);
}

const struct drvmem_stacksnap *drvmem_evidence__stack(const struct drvmem_scope *v, uint32_t site)
{
	uint32_t first, nr;

	drvmem_scope__stacks(v, site, &first, &nr);
	return nr ? &v->s->stacks[v->stacks[first]] : NULL;
}

/* Innermost first; what is not the last was inlined into the next. */
static void put_places(const struct drvmem_places *places, uint64_t ip, struct drvmem_strbuf *out)
{
	const struct drvmem_place *p;
	uint32_t i, n;

	p = drvmem_places__at(places, ip, &n);
	for (i = 0; i < n; i++) {
		drvmem_strbuf__append(out, "      ");
		drvmem_evidence__line(&p[i], out);
		if (!p[i].file)
			drvmem_strbuf__putc(out, '?');
		drvmem_strbuf__append(out, " ");
		drvmem_evidence__put(out, p[i].function ? p[i].function : "");
		drvmem_strbuf__append(out, i + 1 < n ? " (inlined)\n" : "\n");
	}
}

/* Nothing where nobody looked. */
static void put_holders(const struct drvmem_outstanding_site *k, struct drvmem_strbuf *out)
{
	int c, n = 0;

	for (c = DRVMEM_NR_REACH - 1; c >= 0; c--)
		if (k->reach[c])
			drvmem_strbuf__printf(out, "%s%u %s", n++ ? ", " : "  ", k->reach[c],
					      drvmem_reach__name((enum drvmem_reach_class)c));
	if (k->holder_objects) {
		drvmem_strbuf__printf(out, "; %u held by ", k->holder_objects);
		drvmem_evidence__put(out, k->holder);
	}
	if (n)
		drvmem_strbuf__printf(out, "\n");
}

static void put_figures(const struct drvmem_scope *v, const struct drvmem_outstanding_site *k,
			struct drvmem_strbuf *out)
{
	const struct drvmem_sitesnap *t = &v->s->sites[k->site];
	char a[DRVMEM_UNIT_LEN], b[DRVMEM_UNIT_LEN];

	drvmem_strbuf__printf(out, "  %s%" PRIu64 " %s, %" PRIu64 " bytes; oldest %s, median age %s; "
				   "waiting for RCU: %" PRIu64 "\n  %s ",
			      k->upper_bound ? "at most " : "", k->objects, k->mapping ? "mappings" : "objects", k->bytes,
			      drvmem_fmt_duration(k->oldest_ns, a, sizeof(a)),
			      drvmem_fmt_duration(k->age_p50_ns, b, sizeof(b)), k->rcu_pending,
			      k->mapping ? "device" : "cache");
	drvmem_evidence__put(out, v->s->caches[t->cache].name ? v->s->caches[t->cache].name : "?");
	drvmem_strbuf__printf(out, ", allocator %s\n  %s\n", drvmem_allocator_name(t->allocator), k->why);
	put_holders(k, out);
}

static void put_stack(const struct drvmem_scope *v, const struct drvmem_outstanding *o, uint32_t site,
		      unsigned int flags, struct drvmem_strbuf *out)
{
	const struct drvmem_stacksnap *k = drvmem_evidence__stack(v, site);
	const struct drvmem_sitesnap *t = &v->s->sites[site];
	uint32_t i;

	if (!k || !k->nr || k->ip[0] != t->call_site) {	/* the call site is not among the frames */
		drvmem_strbuf__append(out, "    ");
		drvmem_evidence__put(out, site_name(t));
		drvmem_strbuf__putc(out, '\n');
		if (flags & DRVMEM_EVIDENCE_LINES)
			put_places(o->places, t->call_site, out);
	}
	for (i = 0; k && i < k->nr; i++) {
		drvmem_strbuf__append(out, "    ");
		drvmem_evidence__put(out, k->frame[i] ? k->frame[i] : "?");
		drvmem_strbuf__putc(out, '\n');
		if (flags & DRVMEM_EVIDENCE_LINES)
			put_places(o->places, k->ip[i], out);
	}
}

static void put_class(const struct drvmem_listed *l, struct drvmem_strbuf *out)
{
	drvmem_strbuf__printf(out, "  %s", drvmem_reach__name(l->class));
	if (!l->holder)
		return;
	drvmem_strbuf__append(out, ": held by ");
	drvmem_evidence__put(out, l->holder);
}

static void put_objects(const struct drvmem_sitesnap *t, const struct drvmem_outstanding *o,
			const struct drvmem_outstanding_site *k, struct drvmem_strbuf *out)
{
	enum drvmem_address_kind kind;
	char age[DRVMEM_UNIT_LEN];
	uint64_t addr;
	uint32_t i;

	for (i = 0; i < k->nr_listed; i++) {
		addr = drvmem_listed__address(&k->listed[i], t->allocator, &kind);
		drvmem_strbuf__printf(out, "    0x%016" PRIx64 "  %u bytes  %s%s%s", addr, k->listed[i].asked,
				      drvmem_fmt_duration(k->listed[i].age_ns, age, sizeof(age)),
				      kind == DRVMEM_ADDRESS_MEMORY ? "" : "  by its ",
				      kind == DRVMEM_ADDRESS_MEMORY ? "" : drvmem_address_kind__name(kind));
		if (o->verdicts && o->verdicts->reader)
			put_class(&k->listed[i], out);
		drvmem_strbuf__putc(out, '\n');
	}
	if (k->objects > k->nr_listed)
		drvmem_strbuf__printf(out, "    and %" PRIu64 " more\n", k->objects - k->nr_listed);
}

void drvmem_evidence__site(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			   const struct drvmem_outstanding_site *k, unsigned int flags,
			   struct drvmem_strbuf *out)
{
	if (flags & DRVMEM_EVIDENCE_FIGURES)
		put_figures(v, k, out);
	if (flags & DRVMEM_EVIDENCE_STACK) {
		drvmem_strbuf__append(out, "  allocated at\n");
		put_stack(v, o, k->site, flags, out);
	}
	if (flags & DRVMEM_EVIDENCE_OBJECTS && o->listed) {
		drvmem_strbuf__append(out, "  objects, the oldest first\n");
		put_objects(&v->s->sites[k->site], o, k, out);
	}
}
