// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/extfrag.h"

void drvmem_extfrag(const struct drvmem_zone *z, struct drvmem_extfrag *ret)
{
	uint64_t free = 0, large = 0;
	uint32_t o;

	for (o = 0; o < z->nr_orders; o++)
		free += z->free[o] << o;
	*ret = (struct drvmem_extfrag){ .free_pages = free };
	/* from the largest order down: large is what lies in blocks of at least this order */
	for (o = z->nr_orders; o-- > 0;) {
		large += z->free[o] << o;
		/* no free memory is interpreted as all of it being unusable, as in the kernel */
		ret->unusable[o] = free ? (uint32_t)((unsigned __int128)(free - large) * 1000 / free) : 1000;
	}
}
