// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/where.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "render/evidence.h"

/* Line by line: for the terminal a newline is a control character as others. */
static void put_lines(const char *text, const struct drvmem_text_opts *t, FILE *out)
{
	char line[8192];	/* a path, and words around it */
	size_t n;

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)(n < sizeof(line) ? n : sizeof(line) - 1), text);
		drvmem_text__put(line, t, out);
		putc('\n', out);
	}
}

/* Which build is wanted, where the reason does not say so. */
static void put_build(const struct drvmem_debug_use *u, const struct drvmem_text_opts *t, FILE *out)
{
	if (!u->build_id || !u->build_id[0] || (u->why && strstr(u->why, u->build_id)))
		return;
	fputs(" (build ", out);
	drvmem_text__put(u->build_id, t, out);
	putc(')', out);
}

static void put_remedy(const char *release, const struct drvmem_text_opts *t, FILE *out)
{
	fputs("debug information of these builds: --debug-dir DIR (a build tree, one .ko), --vmlinux FILE, the package\n"
	      "linux-image-", out);
	drvmem_text__put(release, t, out);
	fputs("-dbg (Debian) or kernel-debuginfo (Fedora, RHEL), or --debuginfod\n", out);
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* p says the same of the same build. */
static bool is_told(const struct drvmem_places *p, const struct drvmem_debug_use *use)
{
	const struct drvmem_debug_use *u;
	uint32_t i, n;

	u = drvmem_places__uses(p, &n);
	for (i = 0; i < n; i++)
		if (same_text(u[i].image, use->image) && same_text(u[i].build_id, use->build_id) &&
		    same_text(u[i].file, use->file))
			return true;
	return false;
}

/* Those that told, which may be NULL, does not tell as well. */
static void put_debug_files(const struct drvmem_places *p, const struct drvmem_places *told, const char *release,
			    const struct drvmem_text_opts *t, FILE *out)
{
	const struct drvmem_debug_use *u;
	uint32_t i, n, missing = 0, shown = 0;

	u = drvmem_places__uses(p, &n);
	for (i = 0; i < n; i++) {
		if (is_told(told, &u[i]))
			continue;
		if (!shown++)
			putc('\n', out);
		fputs(u[i].file ? "lines of " : "no lines of ", out);
		drvmem_text__put(u[i].image, t, out);
		if (!u[i].file)
			put_build(&u[i], t, out);
		missing += !u[i].file;
		fputs(u[i].file ? " from " : ": ", out);
		drvmem_text__put(u[i].file ? u[i].file : u[i].why, t, out);
		putc('\n', out);
	}
	if (missing)
		put_remedy(release ? release : "RELEASE", t, out);
}

void drvmem_text__debug_files(const struct drvmem_scope *v, const struct drvmem_scope *told,
			      const struct drvmem_text_opts *t, FILE *out)
{
	if (v->places)
		put_debug_files(v->places, told ? told->places : NULL, v->s->meta.kernel, t, out);
}

int drvmem_text__where(const struct drvmem_scope *v, const struct drvmem_outstanding *o, uint32_t top,
		       const struct drvmem_text_opts *t, FILE *out)
{
	unsigned int flags = o->places ? DRVMEM_EVIDENCE_STACK | DRVMEM_EVIDENCE_LINES : 0;
	_cleanup_strbuf_ struct drvmem_strbuf text = {};
	const struct drvmem_sitesnap *s;
	uint32_t i;

	if (!o->places && !o->listed)
		return 0;
	for (i = 0; i < o->nr_sites && (!top || i < top); i++) {
		s = &v->s->sites[o->site[i].site];
		drvmem_strbuf__putc(&text, '\n');
		drvmem_evidence__put(&text, s->site ? s->site : "?");
		drvmem_strbuf__append(&text, ", ");
		drvmem_evidence__put(&text, v->owner_name[s->owner]);
		drvmem_strbuf__append(&text, ":\n");
		drvmem_evidence__site(v, o, &o->site[i], flags | DRVMEM_EVIDENCE_OBJECTS, &text);
	}
	if (drvmem_strbuf__error(&text))
		return -ENOMEM;
	put_lines(drvmem_strbuf__str(&text), t, out);
	put_debug_files(o->places, NULL, v->s->meta.kernel, t, out);
	return 0;
}

static void put_place(struct drvmem_json *w, const struct drvmem_place *p)
{
	if (p->file)
		drvmem_json__kv_str(w, "file", p->file);
	else
		drvmem_json__kv_missing(w, "file", "not known");
	if (p->file && p->line)
		drvmem_json__kv_u64(w, "line", p->line);
	else
		drvmem_json__kv_missing(w, "line", "not known");
}

/* Members file, line, directory and inlines of an address. */
static void put_address(struct drvmem_json *w, const struct drvmem_places *places, uint64_t ip)
{
	const struct drvmem_place *p, *best;
	uint32_t i, n;

	p = drvmem_places__at(places, ip, &n);
	if (!n) {
		drvmem_json__kv_missing(w, "file", "no debug information tells");
		drvmem_json__kv_missing(w, "line", "no debug information tells");
		return;
	}
	best = drvmem_places__best(p, n);
	put_place(w, best);
	drvmem_json__kv_str(w, "directory", best->dir);
	drvmem_json__key(w, "inlines");
	drvmem_json__begin_array(w);
	for (i = 0; i < n; i++) {
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "function", p[i].function);
		put_place(w, &p[i]);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

static void put_stack(struct drvmem_json *w, const struct drvmem_places *places, const struct drvmem_stacksnap *k)
{
	uint32_t i;

	drvmem_json__begin_array(w);
	for (i = 0; k && i < k->nr; i++) {
		drvmem_json__begin_object(w);
		put_address(w, places, k->ip[i]);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

void drvmem_json__listed(struct drvmem_json *w, const struct drvmem_sitesnap *t,
			 const struct drvmem_outstanding *o, const struct drvmem_outstanding_site *k)
{
	enum drvmem_address_kind kind;
	uint64_t addr;
	char hex[32];
	uint32_t i;

	drvmem_json__begin_array(w);
	for (i = 0; i < k->nr_listed; i++) {
		addr = drvmem_listed__address(&k->listed[i], t->allocator, &kind);
		snprintf(hex, sizeof(hex), "0x%" PRIx64, addr);
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, drvmem_address_kind__name(kind), hex);
		drvmem_json__kv_u64(w, "bytes", k->listed[i].asked);
		drvmem_json__kv_u64(w, "age_ns", k->listed[i].age_ns);
		if (o->verdicts && o->verdicts->reader) {
			drvmem_json__kv_str(w, "class", drvmem_reach__name(k->listed[i].class));
			drvmem_json__kv_str(w, "holder", k->listed[i].holder);
		}
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

void drvmem_json__lines(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_places *places,
			uint32_t site)
{
	uint32_t first, nr, i;

	if (!places)
		return;
	put_address(w, places, v->s->sites[site].call_site);
	drvmem_scope__stacks(v, site, &first, &nr);
	drvmem_json__key(w, "stack_lines");
	put_stack(w, places, nr ? &v->s->stacks[v->stacks[first]] : NULL);
	drvmem_json__key(w, "more_stacks_lines");
	drvmem_json__begin_array(w);
	for (i = 1; i < nr; i++)
		put_stack(w, places, &v->s->stacks[v->stacks[first + i]]);
	drvmem_json__end_array(w);
}

void drvmem_json__where(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			const struct drvmem_outstanding_site *k)
{
	const struct drvmem_sitesnap *t = &v->s->sites[k->site];

	drvmem_json__lines(w, v, o->places, k->site);
	if (o->listed) {
		drvmem_json__key(w, "addresses");
		drvmem_json__listed(w, t, o, k);
		drvmem_json__kv_u64(w, "addresses_left_out", k->objects - k->nr_listed);
	}
}

void drvmem_json__debug_files(struct drvmem_json *w, const struct drvmem_places *p)
{
	const struct drvmem_debug_use *u;
	uint32_t i, n;

	if (!p)
		return;
	u = drvmem_places__uses(p, &n);
	drvmem_json__key(w, "debug_files");
	drvmem_json__begin_array(w);
	for (i = 0; i < n; i++) {
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "image", u[i].image);
		drvmem_json__kv_str(w, "build_id", u[i].build_id && u[i].build_id[0] ? u[i].build_id : NULL);
		if (u[i].file)
			drvmem_json__kv_str(w, "file", u[i].file);
		else
			drvmem_json__kv_missing(w, "file", u[i].why);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}
