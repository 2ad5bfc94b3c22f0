// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/distribution.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/opt.h"
#include "base/text.h"
#include "base/vec.h"
#include "model/owners.h"

#define HEAD		"drvmem distribution "
#define NAME_BYTES	512u
#define MAX_TRACED_NS	(400 * 86400 * 1000000000ull)

/* Keys of a site that were seen; those of the head have bits by their row. */
enum { SEEN_OWNER = 1, SEEN_ALLOCATOR = 2, SEEN_CACHE = 4, SEEN_ALLOCS = 8, SEEN_FREES = 16, SEEN_LIVE = 32,
       SEEN_PEAK = 64, SEEN_LIFE = 128 };

struct parser {
	struct drvmem_distribution *d;
	struct drvmem_distribution_fault *fault;
	DRVMEM_VEC(struct drvmem_distribution_site) sites;
	DRVMEM_VEC(struct drvmem_distribution_size) sizes;
	uint32_t line, site_line;
	uint32_t head;			/* rows of the head that were seen */
	uint32_t seen;			/* of the site */
};

static int fail(struct parser *p, uint32_t line, const char *fmt, ...) DRVMEM_PRINTF(3, 4);
static int fail(struct parser *p, uint32_t line, const char *fmt, ...)
{
	va_list ap;

	p->fault->line = line;
	va_start(ap, fmt);
	vsnprintf(p->fault->what, sizeof(p->fault->what), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* Control characters would go to terminals. */
static int printable(struct drvmem_span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.s[i] < ' ' || s.s[i] == 0x7f)
			return -EINVAL;
	return 0;
}

static int take_text(struct parser *p, const char *key, struct drvmem_span value, const char **ret)
{
	char buf[NAME_BYTES];

	if (printable(value) || drvmem_span__copy(value, buf, sizeof(buf)))
		return fail(p, p->line, "'%s' needs a name of less than %u printable bytes", key, NAME_BYTES);
	*ret = drvmem_arena__str(p->d->arena, buf);
	return *ret ? 0 : -ENOMEM;
}

static int take_count(struct parser *p, const char *key, struct drvmem_span word, uint64_t max, uint64_t *ret)
{
	uint64_t v;
	int err = drvmem_span__u64(word, &v);

	if (err == -EINVAL)
		return fail(p, p->line, "'%s': '%.*s' is not a number", key, (int)(word.n < 40 ? word.n : 40),
			    printable(word) ? "?" : word.n ? word.s : "");
	if (err || v > max)
		return fail(p, p->line, "'%s' is more than %" PRIu64, key, max);
	*ret = v;
	return 0;
}

/* ---- the head */

enum head_kind { HEAD_NUMBER, HEAD_POWER, HEAD_FLAG };

static const struct head_row {
	const char *key;
	size_t offset;
	uint32_t min, max;
	enum head_kind kind;
} head_rows[] = {
	{ "page_size", offsetof(struct drvmem_distribution, slub.page_size), 4096, 65536, HEAD_POWER },
	{ "hz", offsetof(struct drvmem_distribution, hz), 1, 100000, HEAD_NUMBER },
	{ "word", offsetof(struct drvmem_distribution, slub.word), 4, 8, HEAD_POWER },
	{ "cache_line", offsetof(struct drvmem_distribution, slub.cache_line), 8, 4096, HEAD_POWER },
	{ "min_order", offsetof(struct drvmem_distribution, slub.min_order), 0, 10, HEAD_NUMBER },
	{ "max_order", offsetof(struct drvmem_distribution, slub.max_order), 0, 10, HEAD_NUMBER },
	{ "min_objects", offsetof(struct drvmem_distribution, slub.min_objects), 0, 65536, HEAD_NUMBER },
	{ "kmalloc_min", offsetof(struct drvmem_distribution, slub.kmalloc_min), 8, 4096, HEAD_POWER },
	{ "by_fraction", offsetof(struct drvmem_distribution, slub.by_fraction), 0, 1, HEAD_FLAG },
};

#define NR_HEAD		(sizeof(head_rows) / sizeof(head_rows[0]))
#define SEEN_TRACED	(1u << NR_HEAD)
#define SEEN_KERNEL	(1u << (NR_HEAD + 1))

static int once(struct parser *p, uint32_t *seen, uint32_t bit, const char *key)
{
	if (*seen & bit)
		return fail(p, p->line, "'%s' is given twice", key);
	*seen |= bit;
	return 0;
}

static int take_traced(struct parser *p, struct drvmem_span value)
{
	char buf[64];
	uint64_t ns;

	if (drvmem_span__copy(value, buf, sizeof(buf)) || drvmem_parse_duration(buf, &ns) || !ns || ns > MAX_TRACED_NS)
		return fail(p, p->line, "'traced' is a time such as 30s, 2m or 90500ms");
	p->d->traced_ns = ns;
	return once(p, &p->head, SEEN_TRACED, "traced");
}

static int take_head_row(struct parser *p, const struct head_row *row, struct drvmem_span value)
{
	char *to = (char *)p->d + row->offset;
	uint64_t v;
	int err = take_count(p, row->key, value, row->max, &v);

	if (err)
		return err;
	if (v < row->min || (row->kind == HEAD_POWER && (v & (v - 1))))
		return fail(p, p->line, "'%s' is %s from %u to %u", row->key,
			    row->kind == HEAD_POWER ? "a power of two" : "a number", row->min, row->max);
	if (row->kind == HEAD_FLAG)
		*(bool *)to = v;
	else
		*(uint32_t *)(void *)to = (uint32_t)v;
	return once(p, &p->head, 1u << (row - head_rows), row->key);
}

static int take_head(struct parser *p, struct drvmem_span key, struct drvmem_span value)
{
	uint32_t i;
	int err;

	for (i = 0; i < NR_HEAD; i++)
		if (drvmem_span__is(key, head_rows[i].key))
			return take_head_row(p, &head_rows[i], value);
	if (drvmem_span__is(key, "traced"))
		return take_traced(p, value);
	if (drvmem_span__is(key, "kernel")) {
		err = take_text(p, "kernel", value, &p->d->kernel);
		return err ? err : once(p, &p->head, SEEN_KERNEL, "kernel");
	}
	return fail(p, p->line, "'%.*s' is not known here, before the first 'site'",
		    (int)(key.n < 40 ? key.n : 40), printable(key) ? "?" : key.s);
}

static int end_head(struct parser *p)
{
	const struct drvmem_slub_rules *r = &p->d->slub;
	uint32_t i;

	for (i = 0; i < NR_HEAD; i++)
		if (!(p->head & 1u << i))
			return fail(p, p->line, "'%s' is missing before the first 'site'", head_rows[i].key);
	if (!(p->head & SEEN_TRACED))
		return fail(p, p->line, "'traced' is missing before the first 'site'");
	if (r->min_order > r->max_order)
		return fail(p, p->line, "'min_order' is more than 'max_order'");
	return 0;
}

/* ---- a site */

static int take_life(struct parser *p, struct drvmem_span value, uint64_t *life)
{
	struct drvmem_span word;
	uint32_t n = 0;
	int err = 0;

	while (!err && drvmem_span__word(&value, &word)) {
		if (n == DRVMEM_LIFE_BUCKETS)
			return fail(p, p->line, "'life' has more than %u numbers", DRVMEM_LIFE_BUCKETS);
		err = take_count(p, "life", word, DRVMEM_DISTRIBUTION_COUNT, &life[n++]);
	}
	return err ? err : n ? 0 : fail(p, p->line, "'life' has no number");
}

static int take_size(struct parser *p, struct drvmem_span value, struct drvmem_distribution_site *t)
{
	struct drvmem_distribution_size z = { 0 };
	uint64_t bytes, *const to[] = { &bytes, &z.allocs, &z.live, &z.peak };
	struct drvmem_span word;
	uint32_t i;
	int err = 0;

	for (i = 0; !err && i < 4; i++) {
		if (!drvmem_span__word(&value, &word))
			return fail(p, p->line, "'size' needs four numbers: BYTES ALLOCS LIVE PEAK");
		err = take_count(p, "size", word, i ? DRVMEM_DISTRIBUTION_COUNT : UINT32_MAX, to[i]);
	}
	if (err)
		return err;
	if (drvmem_span__word(&value, &word))
		return fail(p, p->line, "'size' needs four numbers: BYTES ALLOCS LIVE PEAK");
	if (!bytes)
		return fail(p, p->line, "'size' is of 0 bytes");
	if (z.live > z.allocs)
		return fail(p, p->line, "more objects of %" PRIu64 " bytes are live than were allocated", bytes);
	if (p->sizes.n == DRVMEM_DISTRIBUTION_MAX)
		return fail(p, p->line, "more than %u sizes", DRVMEM_DISTRIBUTION_MAX);
	z.bytes = (uint32_t)bytes;
	t->nr_sizes++;
	return drvmem_vec__push(&p->sizes, z);
}

static int take_allocator(struct parser *p, struct drvmem_span value, uint16_t *ret)
{
	uint16_t a;

	for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++) {
		if (!drvmem_span__is(value, drvmem_allocator_name(a)))
			continue;
		*ret = a;
		return 0;
	}
	return fail(p, p->line, "'allocator' is slab, page, vmalloc, percpu or dma");
}

static int take_site_row(struct parser *p, struct drvmem_span key, struct drvmem_span value)
{
	struct drvmem_distribution_site *t = &p->sites.v[p->sites.n - 1];
	const struct { const char *key; uint32_t bit; uint64_t *to; } row[] = {
		{ "allocs", SEEN_ALLOCS, &t->allocs }, { "frees", SEEN_FREES, &t->frees },
		{ "live", SEEN_LIVE, &t->live }, { "peak", SEEN_PEAK, &t->peak },
	};
	uint32_t i;
	int err;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (!drvmem_span__is(key, row[i].key))
			continue;
		err = take_count(p, row[i].key, value, DRVMEM_DISTRIBUTION_COUNT, row[i].to);
		return err ? err : once(p, &p->seen, row[i].bit, row[i].key);
	}
	if (drvmem_span__is(key, "size"))
		return take_size(p, value, t);
	if (drvmem_span__is(key, "life")) {
		err = once(p, &p->seen, SEEN_LIFE, "life");
		return err ? err : take_life(p, value, t->life);
	}
	if (drvmem_span__is(key, "owner")) {
		err = take_text(p, "owner", value, &t->owner);
		return err ? err : once(p, &p->seen, SEEN_OWNER, "owner");
	}
	if (drvmem_span__is(key, "cache")) {
		err = take_text(p, "cache", value, &t->cache);
		return err ? err : once(p, &p->seen, SEEN_CACHE, "cache");
	}
	if (drvmem_span__is(key, "allocator")) {
		err = take_allocator(p, value, &t->allocator);
		return err ? err : once(p, &p->seen, SEEN_ALLOCATOR, "allocator");
	}
	return fail(p, p->line, "'%.*s' is not known here, in a site", (int)(key.n < 40 ? key.n : 40),
		    printable(key) ? "?" : key.s);
}

static int end_site(struct parser *p)
{
	static const struct { uint32_t bit; const char *key; } must[] = {
		{ SEEN_OWNER, "owner" }, { SEEN_ALLOCATOR, "allocator" }, { SEEN_ALLOCS, "allocs" },
	};
	const struct drvmem_distribution_site *t;
	uint32_t i;

	if (!p->sites.n)
		return 0;
	t = &p->sites.v[p->sites.n - 1];
	for (i = 0; i < sizeof(must) / sizeof(must[0]); i++)
		if (!(p->seen & must[i].bit))
			return fail(p, p->site_line, "'%s' of this site is missing", must[i].key);
	if (t->allocator == DRVMEM_ALLOC_SLAB && !(p->seen & SEEN_CACHE))
		return fail(p, p->site_line, "'cache' of this site is missing: kmalloc-..., or the name of its own");
	if (t->frees && !(p->seen & SEEN_LIFE))
		return fail(p, p->site_line, "'life' of this site is missing: %" PRIu64 " objects were freed", t->frees);
	if (t->frees > t->allocs || t->live > t->allocs)
		return fail(p, p->site_line, "more objects of this site are freed or live than were allocated");
	return 0;
}

static int begin_site(struct parser *p, struct drvmem_span name)
{
	struct drvmem_distribution_site t = { .owner = "", .cache = "", .first_size = (uint32_t)p->sizes.n };
	int err = p->sites.n ? end_site(p) : end_head(p);

	if (!err && p->sites.n == DRVMEM_DISTRIBUTION_MAX)
		err = fail(p, p->line, "more than %u sites", DRVMEM_DISTRIBUTION_MAX);
	if (!err)
		err = take_text(p, "site", name, &t.site);
	if (err)
		return err;
	p->seen = 0;
	p->site_line = p->line;
	return drvmem_vec__push(&p->sites, t);
}

/* ---- the whole */

static int take_lines(struct parser *p, struct drvmem_span rest)
{
	struct drvmem_span line, key;
	int err = 0;

	while (!err && drvmem_span__line(&rest, &line)) {
		p->line++;
		line = drvmem_span__trim(line);
		if (!line.n || line.s[0] == '#')
			continue;
		drvmem_span__word(&line, &key);
		line = drvmem_span__trim(line);
		if (drvmem_span__is(key, "site"))
			err = begin_site(p, line);
		else
			err = p->sites.n ? take_site_row(p, key, line) : take_head(p, key, line);
	}
	if (!err && !p->sites.n)
		err = fail(p, p->line, "there is no 'site'");
	return err ? err : end_site(p);
}

static int take_version(struct parser *p, struct drvmem_span *rest)
{
	struct drvmem_span line;
	uint64_t version;

	p->line = 1;
	if (!drvmem_span__starts(*rest, HEAD) || !drvmem_span__line(rest, &line)) {
		fail(p, 1, "the first line is not '" HEAD "1'");
		return -ENOTSUP;
	}
	line.s += sizeof(HEAD) - 1;
	line.n -= sizeof(HEAD) - 1;
	if (drvmem_span__u64(drvmem_span__trim(line), &version) || version != 1) {
		fail(p, 1, "a distribution of another version: only 1 is known");
		return -ENOTSUP;
	}
	return 0;
}

int drvmem_distribution__parse(const char *text, size_t len, struct drvmem_distribution **ret,
			       struct drvmem_distribution_fault *fault)
{
	struct parser p = { .d = drvmem_distribution__new(), .fault = fault };
	struct drvmem_span rest = { text, len };
	int err;

	*fault = (struct drvmem_distribution_fault){ 0 };
	if (!p.d)
		return -ENOMEM;
	err = take_version(&p, &rest);
	if (!err)
		err = take_lines(&p, rest);
	p.d->sites = p.sites.v;
	p.d->nr_sites = (uint32_t)p.sites.n;
	p.d->sizes = p.sizes.v;
	p.d->nr_sizes = (uint32_t)p.sizes.n;
	if (err) {
		drvmem_distribution__free(p.d);
		return err;
	}
	*ret = p.d;
	return 0;
}
