// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames of a session file, unpacked: the first byte is the length of a whole one, what follows it is one that
 * differs. Whatever they say, what is shown of them holds together.
 */
#include <string.h>

#include "analysis/advice.h"
#include "fuzz.h"
#include "model/owners.h"
#include "store/picture.h"
#include "view/scope.h"

#define ROWS 3u

/* Rows of the tables that a frame can name: three of each. */
static void fill(struct drvmem_fixed *f)
{
	uint64_t i;

	f->arena = drvmem_arena__new();
	for (i = 0; i < ROWS; i++) {
		struct drvmem_instance *o = drvmem_fixed__add(f, DRVMEM_THING_INSTANCE, i);
		struct drvmem_cache *c = drvmem_fixed__add(f, DRVMEM_THING_CACHE, i);
		struct drvmem_sitesnap *s = drvmem_fixed__add(f, DRVMEM_THING_SITE, i + 1);
		struct drvmem_stacksnap *k = drvmem_fixed__add(f, DRVMEM_THING_STACK, i + 1);
		struct drvmem_mempoolsnap *m = drvmem_fixed__add(f, DRVMEM_THING_MEMPOOL, i + 1);
		struct drvmem_device_syncs *d = drvmem_fixed__add(f, DRVMEM_THING_DEVICE, i + 1);
		struct drvmem_exact *x = drvmem_fixed__add(f, DRVMEM_THING_EXACT, i + 1);
		struct drvmem_slab_reading *r = drvmem_fixed__add(f, DRVMEM_THING_SLAB, i + 1);
		struct drvmem_pool *p = drvmem_fixed__add(f, DRVMEM_THING_POOL, i + 1);

		FUZZ_ASSERT(f->arena && o && c && s && k && m && d && x && r && p);
		o->name = c->name = m->function = d->device = x->owner = p->name = "thing";
		o->type = (enum drvmem_owner_type)i;
		*s = (struct drvmem_sitesnap){ .owner = (uint16_t)i, .cache = (uint16_t)i, .direct = DRVMEM_MOD_UNSET, .innermost = 0,
					       .driver = 1, .outermost = 2, .site = "function+0x1", .allocator = (uint16_t)(i * 2) };
		*k = (struct drvmem_stacksnap){ .site = (uint32_t)i + 1, .nr = 1, .frame = { "function+0x1" } };
		memcpy(r->name, "slab", 5);
	}
}

static void check(const struct drvmem_picture *p, const struct drvmem_fixed *f)
{
	const struct drvmem_meta meta = { .kernel = "", .arch = "", .hostname = "", .version = "", .table_kind = "",
					  .page_size = 4096, .hz = 250 };
	const struct drvmem_moment m = { .taken_ns = 1, .walks.why = "", .cost.why = "" };
	struct drvmem_pools *pools;
	struct drvmem_snapshot *s;
	struct drvmem_scope *v;
	uint32_t i;

	if (!drvmem_picture__show_pools(p, f, &pools))
		drvmem_pools__free(pools);
	if (drvmem_picture__show(p, NULL, f, &meta, &m, &s))
		return;
	for (i = 0; i < s->nr_sites; i++) {
		FUZZ_ASSERT(s->sites[i].owner < s->nr_instances && s->instances[s->sites[i].owner].name);
		FUZZ_ASSERT(s->sites[i].cache < s->nr_caches && s->caches[s->sites[i].cache].name);
	}
	for (i = 0; i < s->nr_stacks; i++)
		FUZZ_ASSERT(s->stacks[i].site < s->nr_sites);
	for (i = 0; s->usage && i < s->usage->nr_sizes; i++)
		FUZZ_ASSERT(s->usage->sizes[i].site < s->nr_sites);
	FUZZ_ASSERT(!drvmem_scope__new(NULL, s, NULL, &v));
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_fixed f = { 0 };
	struct drvmem_picture p;
	struct drvmem_pack part = { 0 };
	size_t first = size ? data[0] : 0;

	if (!size)
		return 0;
	first = first > size - 1 ? size - 1 : first;
	fill(&f);
	drvmem_picture__init(&p);
	drvmem_pack__bytes(&part, data + 1, first);
	if (!drvmem_picture__decode(&p, &part)) {
		check(&p, &f);
		drvmem_pack__reset(&part);
		drvmem_pack__bytes(&part, data + 1 + first, size - 1 - first);
		if (!drvmem_picture__decode(&p, &part))
			check(&p, &f);
	}
	drvmem_pack__deinit(&part);
	drvmem_picture__deinit(&p);
	drvmem_fixed__deinit(&f);
	return 0;
}
