// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/listed.h"

#include <errno.h>
#include <stdlib.h>

#define SPACE_BITS	57u	/* of an address in a key space, DRVMEM_ADDR_SPACE() */
#define SPACE_SG_TABLE	3u

static int cmp_listed(const void *a, const void *b)
{
	const struct drvmem_listed *x = a, *y = b;

	if (x->age_ns != y->age_ns)
		return (x->age_ns < y->age_ns) - (x->age_ns > y->age_ns);
	return (x->inverted < y->inverted) - (x->inverted > y->inverted);	/* lowest address first */
}

static struct drvmem_listed make_listed(const struct drvmem_object *o, uint32_t i, const struct drvmem_verdicts *d)
{
	struct drvmem_listed l = { .inverted = o->inverted, .age_ns = o->age_ns, .asked = o->asked };

	if (d && d->reader && d->asked[i] != UINT32_MAX)
		l.class = d->v[d->asked[i]].class;
	l.holder = drvmem_verdicts__holder(d, i);
	return l;
}

int drvmem_listed__oldest(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *t, uint64_t old_ns,
			  uint32_t mark, const struct drvmem_verdicts *d, uint32_t max, struct drvmem_listed **ret,
			  uint32_t *ret_n)
{
	struct drvmem_listed *all = NULL;
	const struct drvmem_object *o;
	uint32_t i, n = 0;

	if (t->nr_objects) {
		all = malloc(t->nr_objects * sizeof(*all));
		if (!all)
			return -ENOMEM;
	}
	for (i = 0; i < t->nr_objects; i++) {
		o = &s->objects[t->first_object + i];
		if (o->age_ns < old_ns || (mark && o->mark != mark) || o->flags & DRVMEM_F_RCU_PENDING)
			continue;
		all[n] = make_listed(o, t->first_object + i, d);
		n += all[n].class != DRVMEM_REACH_FREED;
	}
	if (n)
		qsort(all, n, sizeof(*all), cmp_listed);
	if (!n) {
		free(all);
		all = NULL;
	}
	*ret_n = n < max ? n : max;
	*ret = all;
	return 0;
}

uint64_t drvmem_listed__address(const struct drvmem_listed *l, uint16_t allocator,
				enum drvmem_address_kind *ret_kind)
{
	uint64_t addr = ~l->inverted, space = (addr >> SPACE_BITS) & 0x3f;

	*ret_kind = DRVMEM_ADDRESS_MEMORY;
	switch (allocator) {
	case DRVMEM_ALLOC_PERCPU:
		*ret_kind = DRVMEM_ADDRESS_PERCPU;
		return addr & ((UINT64_C(1) << SPACE_BITS) - 1);
	case DRVMEM_ALLOC_PAGE:
		*ret_kind = DRVMEM_ADDRESS_PAGE;
		return addr & ~(uint64_t)(DRVMEM_PAGE_STRUCT - 1);	/* without its order */
	case DRVMEM_ALLOC_DMA:
		if (space == SPACE_SG_TABLE)
			*ret_kind = DRVMEM_ADDRESS_SG_TABLE;
		return addr | UINT64_C(0x7f) << SPACE_BITS;	/* a kernel address */
	default:
		return addr;
	}
}

const char *drvmem_address_kind__name(enum drvmem_address_kind kind)
{
	static const char *const names[] = {
		[DRVMEM_ADDRESS_MEMORY] = "address", [DRVMEM_ADDRESS_PERCPU] = "percpu",
		[DRVMEM_ADDRESS_PAGE] = "struct_page", [DRVMEM_ADDRESS_SG_TABLE] = "sg_table",
	};

	return names[kind];
}
