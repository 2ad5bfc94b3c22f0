// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/pools.h"

#include <inttypes.h>

static void put_meaning(const struct drvmem_pools *p, FILE *out)
{
	fprintf(out, "IN USE is the kernel's count; of a kmem_cache it holds free objects of CPU slabs "
		     "and sheaves too,\nso that WASTE is at least so much. TRACKED: live objects "
		     "this session saw allocated. PEAK: highest IN USE\nof %" PRIu64 " readings. An "
		     "OWNER of (N): so many used it in the session.\n", p->readings);
	if (drvmem_pools__has(p, DRVMEM_POOL_MEMPOOL))
		fputs("Of a mempool: CAPACITY is its reserve, IN USE and PEAK what the session saw, LOW the "
		      "fewest elements that\na request left in the reserve.\n", out);
}

static void put_sources(const struct drvmem_pools *p, const struct drvmem_text_opts *o, FILE *out)
{
	unsigned int i;

	for (i = 0; i < DRVMEM_NR_POOL_KINDS; i++) {
		const struct drvmem_pool_source *s = &p->source[i];
		const char *name = drvmem_pool_kind_name((enum drvmem_pool_kind)i);

		if (s->st != DRVMEM_OK) {
			fprintf(out, "%s: %s: ", name, s->st == DRVMEM_DENIED ? "denied" : "absent");
			drvmem_text__put(s->why, o, out);
			putc('\n', out);
		}
		if (s->overflow)
			fprintf(out, "%s: %" PRIu64 " left out: more than %u\n", name, s->overflow,
				DRVMEM_POOLS_MAX);
	}
}

int drvmem_text__pools(const struct drvmem_pools *p, uint32_t top, const struct drvmem_text_opts *o,
		       FILE *out)
{
	struct drvmem_grid *g;
	int err = drvmem_pools__grid(p, top, &g);
	uint32_t i;

	if (err)
		return err;
	drvmem_text__grid(g, o, out);
	drvmem_grid__free(g);
	put_meaning(p, out);
	put_sources(p, o, out);
	for (i = 0; i < p->nr_notes; i++) {
		fputs("note: ", out);
		drvmem_text__put(p->notes[i], o, out);
		putc('\n', out);
	}
	if (p->notes_dropped)
		fprintf(out, "note: %" PRIu64 " more\n", p->notes_dropped);
	return 0;
}
