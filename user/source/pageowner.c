// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* memmem */
#endif
#include "source/pageowner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/text.h"
#include "base/vec.h"

#define LINE_MAX_LEN 1024	/* a symbol has 512 at most (KSYM_NAME_LEN) */
#define MAX_OWNERS 65536u
#define MAX_ORDER 20u		/* no kernel has blocks of so many pages */
#define MAX_PAGES (UINT64_C(1) << 40)
#define KINDS 2048u		/* a power of two */

/* Where the reading of one record is. */
enum at { AT_NONE, AT_HEADER, AT_STACK };

/* One block, or one stack. */
struct record {
	enum at at;
	bool bad;
	uint64_t pages, blocks, ns;
	bool counted, timed;	/* pages, ns are told */
	bool users;		/* its flags are those of processes and files */
	/* the stack so far, see add_frame() */
	uint32_t frames;
	bool seen;		/* a function of the page allocator was there */
	bool asked;		/* and who asked it */
	bool ended;
	enum drvmem_po_class class;
	char module[DRVMEM_NAME_LEN];
};

struct drvmem_po_parser {
	struct drvmem_po_how how;
	struct drvmem_pageowner *out;
	size_t cap, last;	/* of out->v: the owner found last */
	struct record r;
	char line[LINE_MAX_LEN];
	size_t len;
	bool too_long, counts_blocks;
	/* kinds of functions by the hash of their names: few are in most stacks */
	struct {
		uint64_t hash;
		enum drvmem_range_kind kind;
	} kinds[KINDS];
};

struct drvmem_po_parser *drvmem_po_parser__new(const struct drvmem_po_how *how)
{
	struct drvmem_po_parser *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->how = *how;
	p->r.class = DRVMEM_PO_KERNEL;
	p->out = drvmem_pageowner__new();
	if (!p->out) {
		free(p);
		return NULL;
	}
	return p;
}

void drvmem_po_parser__free(struct drvmem_po_parser *p)
{
	if (!p)
		return;
	drvmem_pageowner__free(p->out);
	free(p);
}

/* Texts that lie can hold any number: a sum that does not fit is the largest one. */
static void add(uint64_t *to, uint64_t v)
{
	if (__builtin_add_overflow(*to, v, to))
		*to = UINT64_MAX;
}

static void add_sum(struct drvmem_po_parser *p, struct drvmem_po_sum *s)
{
	const struct record *r = &p->r;

	add(&s->bytes, r->pages * p->how.page_size);
	add(&s->blocks, r->blocks);
	if (!r->timed || r->ns <= p->how.since_ns)
		return;
	add(&s->newer_bytes, r->pages * p->how.page_size);
	add(&s->newer_blocks, r->blocks);
}

static struct drvmem_po_owner *owner_of(struct drvmem_po_parser *p, const char *name)
{
	struct drvmem_pageowner *o = p->out;
	struct drvmem_po_owner *v;

	if (p->last < o->n && !strcmp(o->v[p->last].name, name))
		return &o->v[p->last];
	v = (struct drvmem_po_owner *)drvmem_pageowner__find(o, name);
	if (!v) {
		v = drvmem_vec_grown(o->v, &p->cap, o->n + 1, sizeof(*v));
		if (!v)
			return NULL;
		o->v = v;
		v = &o->v[o->n++];
		*v = (struct drvmem_po_owner){0};
		strcpy(v->name, name);
	}
	p->last = (size_t)(v - o->v);
	return v;
}

static enum drvmem_po_class class_of(const struct record *r)
{
	/* the flags are told first, the stack only where they do not say */
	if (r->users)
		return DRVMEM_PO_USER;
	return r->seen ? r->class : DRVMEM_PO_UNKNOWN;
}

/* The record is over. complete: all of it was there. 0 or -ENOMEM. */
static int end_record(struct drvmem_po_parser *p, bool complete)
{
	struct record *r = &p->r;
	enum drvmem_po_class class = class_of(r);
	struct drvmem_pageowner *o = p->out;
	struct drvmem_po_owner *v = NULL;
	int err = 0;

	if (r->at == AT_NONE)
		return 0;
	if (!complete || r->bad || r->at != AT_STACK || !r->counted || (r->module[0] && o->n >= MAX_OWNERS)) {
		o->skipped++;
	} else {
		o->records++;
		add_sum(p, &o->class[class]);
		if (r->timed && r->ns > o->newest_ns)
			o->newest_ns = r->ns;
		o->timed |= r->timed;
		if (class == DRVMEM_PO_KERNEL && !r->ended && r->frames >= DRVMEM_PO_DEPTH)
			add(&o->cut_bytes, r->pages * p->how.page_size);
		if (r->module[0] && (class == DRVMEM_PO_MODULE || class == DRVMEM_PO_DMA)) {
			v = owner_of(p, r->module);
			err = v ? 0 : -ENOMEM;
		}
		if (v)
			add_sum(p, class == DRVMEM_PO_DMA ? &v->dma : &v->direct);
	}
	*r = (struct record){ .class = DRVMEM_PO_KERNEL };
	return err;
}

static bool span_has(struct drvmem_span s, const char *text)
{
	return memmem(s.s, s.n, text, strlen(text)) != NULL;
}

/*
 * dm_page_is_users() (bpf/page.bpf.h) by the names of flags (include/trace/events/mmflags.h): the
 * compound names are printed where all bits are set.
 */
static bool is_users(struct drvmem_span flags)
{
	if (span_has(flags, "GFP_TRANSHUGE"))
		return true;
	/* a balloon's */
	if (span_has(flags, "__GFP_NOMEMALLOC") && !span_has(flags, "__GFP_COMP"))
		return false;
	if (!span_has(flags, "MOVABLE"))
		return false;
	return span_has(flags, "USER") || (span_has(flags, "__GFP_HARDWALL") &&
					   (span_has(flags, "GFP_KERNEL") || span_has(flags, "__GFP_FS")));
}

/* "... ts N ns[, free_ts N ns]" at the end; a task's name before it may hold anything. */
static void take_time(struct record *r, struct drvmem_span line)
{
	static const char mark[] = ", ts ";
	struct drvmem_span v;
	size_t i;

	for (i = line.n; i-- > 0;) {
		if (line.n - i < sizeof(mark) - 1 || memcmp(line.s + i, mark, sizeof(mark) - 1))
			continue;
		v = (struct drvmem_span){ line.s + i + sizeof(mark) - 1, line.n - i - (sizeof(mark) - 1) };
		v = drvmem_span__take(&v, ' ');
		r->timed = !drvmem_span__u64(v, &r->ns);
		return;
	}
}

/* "Page allocated via order 0, mask 0xcc0(GFP_KERNEL)", ", pid 1, ts 2 ns" from 5.11 on, and more later */
static void take_header(struct record *r, struct drvmem_span line)
{
	struct drvmem_span rest = line, order = drvmem_span__take(&rest, ','), mask = rest, flags;
	uint64_t n;

	order = (struct drvmem_span){ order.s + strlen("Page allocated via order "),
				      order.n - strlen("Page allocated via order ") };
	r->at = AT_HEADER;
	r->bad = drvmem_span__u64(order, &n) || n > MAX_ORDER || !drvmem_span__starts(mask, " mask ");
	if (r->bad)
		return;
	r->pages = UINT64_C(1) << n;
	r->blocks = 1;
	r->counted = true;
	(void)drvmem_span__take(&mask, '(');
	flags = drvmem_span__take(&mask, ')');
	r->users = is_users(flags);
	take_time(r, line);
}

static enum drvmem_range_kind kind_of(struct drvmem_po_parser *p, const char *name, size_t n)
{
	uint64_t hash = drvmem_fnv1a_more(DRVMEM_FNV_INIT, name, n);
	uint32_t at = hash % KINDS;
	char symbol[LINE_MAX_LEN];

	if (p->kinds[at].hash == hash)
		return p->kinds[at].kind;
	memcpy(symbol, name, n);
	symbol[n] = 0;
	p->kinds[at].hash = hash;
	p->kinds[at].kind = p->how.kind(symbol);
	return p->kinds[at].kind;
}

/* " [name]", of a kernel with build ids " [name 0123...]"; BPF and trampolines are no modules */
static bool module_of(struct drvmem_span rest, char *ret)
{
	struct drvmem_span s = drvmem_span__trim(rest);

	if (s.n < 3 || s.s[0] != '[' || s.s[s.n - 1] != ']')
		return false;
	s = (struct drvmem_span){ s.s + 1, s.n - 2 };
	s = drvmem_span__take(&s, ' ');
	return !drvmem_span__is(s, "bpf") && !drvmem_span__starts(s, "__builtin__") &&
	       !drvmem_span__copy(s, ret, DRVMEM_NAME_LEN);
}

/* What the pages are for, by a function behind the allocator's own: dm_asker_at(). True: it asked for them. */
static bool find_asker(struct record *r, enum drvmem_range_kind kind, struct drvmem_span symbol)
{
	r->seen |= kind == DRVMEM_RANGE_PAGES;
	if (!r->seen || kind == DRVMEM_RANGE_PAGES)
		return false;
	if (kind == DRVMEM_RANGE_DMA)
		r->class = DRVMEM_PO_DMA;
	if (kind == DRVMEM_RANGE_DMA || r->class == DRVMEM_PO_DMA)
		return kind != DRVMEM_RANGE_DMA;
	switch (kind) {
	case DRVMEM_RANGE_INNER:
	case DRVMEM_RANGE_KMALLOC:
		r->class = drvmem_span__starts(symbol, "pcpu_") ? DRVMEM_PO_PERCPU : DRVMEM_PO_SLAB;
		break;
	case DRVMEM_RANGE_VMALLOC:
	case DRVMEM_RANGE_VMAREA:
	case DRVMEM_RANGE_VMARRAY:
		r->class = DRVMEM_PO_VMALLOC;
		break;
	case DRVMEM_RANGE_CACHE:
		r->class = DRVMEM_PO_USER;
		break;
	default:
		return true;
	}
	r->ended = true;
	return false;
}

/* Of a frame from who asked on: dm_walk_frame(), up to the first module. */
static void look_for_module(struct record *r, enum drvmem_range_kind kind, const char *module, bool named)
{
	if (kind == DRVMEM_RANGE_BARRIER || kind == DRVMEM_RANGE_OVERHEAD || kind == DRVMEM_RANGE_INNER ||
	    (kind >= DRVMEM_RANGE_VMALLOC && kind <= DRVMEM_RANGE_VMARRAY)) {
		r->ended = true;
		return;
	}
	if (named && !module[0])
		return;
	r->ended = true;
	if (r->class == DRVMEM_PO_KERNEL)
		r->class = named ? DRVMEM_PO_MODULE : DRVMEM_PO_UNNAMED;
	strcpy(r->module, module);
}

/* " func+0x1/0x2 [module]", or " 0xffffffffc0123456" of what has no name any more */
static void add_frame(struct drvmem_po_parser *p, struct drvmem_span line)
{
	struct drvmem_span rest = drvmem_span__trim(line), word, symbol;
	enum drvmem_range_kind kind = DRVMEM_RANGE_NONE;
	char module[DRVMEM_NAME_LEN] = "";
	struct record *r = &p->r;
	bool named;

	r->at = AT_STACK;
	r->frames++;
	if (r->ended || !drvmem_span__word(&rest, &word))
		return;
	named = !drvmem_span__starts(word, "0x");
	symbol = drvmem_span__take(&word, '+');
	/* functions of modules mean nothing by their names; BPF programs and trampolines are nobody's */
	if (named && !rest.n)
		kind = kind_of(p, symbol.s, symbol.n);
	else if (named && !module_of(rest, module))
		return;
	r->asked = r->asked || find_asker(r, kind, symbol);
	if (r->asked)
		look_for_module(r, kind, module, named);
}

static bool is_frame(struct drvmem_span line)
{
	return line.n > 1 && (line.s[0] == ' ' || line.s[0] == '\t') &&
	       (span_has(line, "+0x") || drvmem_span__starts(drvmem_span__trim(line), "0x"));
}

/* A line of a record that the full file gives. */
static int take_record_line(struct drvmem_po_parser *p, struct drvmem_span line)
{
	struct record *r = &p->r;

	if (!line.n)
		return end_record(p, true);
	if (r->at == AT_HEADER && drvmem_span__starts(line, "PFN ") && span_has(line, " type "))
		r->at = AT_STACK;
	else if (r->at == AT_STACK && is_frame(line))
		add_frame(p, line);
	/* the rest: migrated, charged to a memcg, a slab's page; what newer kernels add */
	return 0;
}

/* "nr_base_pages: N" closes a stack; "stack_count: N" (6.9) tells blocks of any size. */
static int take_stack_line(struct drvmem_po_parser *p, struct drvmem_span line)
{
	struct drvmem_span count = line, name;
	struct record *r = &p->r;

	if (is_frame(line)) {
		add_frame(p, line);
		return 0;
	}
	if (!line.n)
		return end_record(p, false);
	name = drvmem_span__take(&count, ':');
	p->counts_blocks |= drvmem_span__is(name, "stack_count");
	if (!drvmem_span__is(name, "nr_base_pages"))
		return 0;
	if (r->at == AT_NONE) {
		p->out->skipped++;
		return 0;
	}
	r->counted = !drvmem_span__u64(drvmem_span__trim(count), &r->pages) && r->pages <= MAX_PAGES;
	return end_record(p, true);
}

static int take_line(struct drvmem_po_parser *p)
{
	struct drvmem_span line = { p->line, p->len };
	int err = 0;

	if (line.n && line.s[line.n - 1] == '\r')
		line.n--;
	if (p->too_long)
		p->r.bad = true;
	else if (drvmem_span__starts(line, "Page allocated via order ")) {
		err = end_record(p, false);
		p->out->form = DRVMEM_PO_RECORDS;
		take_header(&p->r, line);
	} else if (p->out->form == DRVMEM_PO_RECORDS) {
		err = take_record_line(p, line);
	} else {
		err = take_stack_line(p, line);
	}
	p->len = 0;
	p->too_long = false;
	return err;
}

int drvmem_po_parser__feed(struct drvmem_po_parser *p, const char *text, size_t len)
{
	const char *end;
	size_t n;
	int err = 0;

	while (len && !err) {
		end = memchr(text, '\n', len);
		n = end ? (size_t)(end - text) : len;
		if (n > sizeof(p->line) - p->len) {
			p->too_long = true;
		} else {
			memcpy(p->line + p->len, text, n);
			p->len += n;
		}
		if (end)
			err = take_line(p);
		text += n + (end != NULL);
		len -= n + (end != NULL);
	}
	return err;
}

void drvmem_po_parser__finish(struct drvmem_po_parser *p, struct drvmem_pageowner **ret)
{
	struct drvmem_pageowner *o = p->out;

	/* a line without an end, a record without one: they were cut */
	if (p->r.at != AT_NONE || p->len || p->too_long)
		o->skipped++;
	if (p->counts_blocks) {
		o->err = -ENOTSUP;
		o->why = "this kernel's page_owner counts blocks of pages, not pages";
	} else if (!o->records) {
		o->err = -ENODATA;
		o->why = "the file has a form that is not known";
	}
	p->out = NULL;
	drvmem_po_parser__free(p);
	*ret = o;
}
