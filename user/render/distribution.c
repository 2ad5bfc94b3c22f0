// SPDX-License-Identifier: GPL-2.0-or-later
/* Names become one line each; a number above what is read is written as the largest that is. */
#include <inttypes.h>

#include "base/units.h"
#include "render/simulate.h"

#define COUNT_MAX	1000000000000ull	/* source/distribution.h: DRVMEM_DISTRIBUTION_COUNT */
#define NAME_MAX_BYTES	500u

static void put_name(const char *key, const char *text, FILE *out)
{
	uint32_t n;

	if (!text || !text[0])
		text = "?";
	fprintf(out, "%s ", key);
	for (n = 0; *text && n < NAME_MAX_BYTES; text++, n++)
		putc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, out);
	putc('\n', out);
}

static uint64_t count(uint64_t v)
{
	return v < COUNT_MAX ? v : COUNT_MAX;
}

static void put_head(const struct drvmem_distribution *d, FILE *out)
{
	const struct drvmem_slub_rules *r = &d->slub;
	char time[DRVMEM_UNIT_LEN];

	fputs("drvmem distribution 1\n", out);
	put_name("kernel", d->kernel, out);
	fprintf(out, "traced %s\nhz %u\npage_size %u\nword %u\ncache_line %u\nmin_order %u\nmax_order %u\n"
		"min_objects %u\nkmalloc_min %u\nby_fraction %d\n",
		drvmem_fmt_duration_exact(d->traced_ns, time, sizeof(time)), d->hz, r->page_size, r->word, r->cache_line,
		r->min_order, r->max_order, r->min_objects, r->kmalloc_min, r->by_fraction);
}

static void put_site(const struct drvmem_distribution *d, const struct drvmem_distribution_site *t, FILE *out)
{
	uint32_t i, last = DRVMEM_LIFE_BUCKETS;

	putc('\n', out);
	put_name("site", t->site, out);
	put_name("owner", t->owner, out);
	fprintf(out, "allocator %s\n", drvmem_allocator_name(t->allocator));
	put_name("cache", t->cache, out);
	fprintf(out, "allocs %" PRIu64 "\nfrees %" PRIu64 "\nlive %" PRIu64 "\npeak %" PRIu64 "\nlife", count(t->allocs),
		count(t->frees), count(t->live), count(t->peak));
	while (last > 1 && !t->life[last - 1])
		last--;
	for (i = 0; i < last; i++)
		fprintf(out, " %" PRIu64, count(t->life[i]));
	putc('\n', out);
	for (i = 0; i < t->nr_sizes; i++) {
		const struct drvmem_distribution_size *z = &d->sizes[t->first_size + i];

		fprintf(out, "size %u %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", z->bytes, count(z->allocs), count(z->live),
			count(z->peak));
	}
}

void drvmem_text__distribution(const struct drvmem_distribution *d, FILE *out)
{
	uint32_t i;

	put_head(d, out);
	for (i = 0; i < d->nr_sites; i++)
		put_site(d, &d->sites[i], out);
}
