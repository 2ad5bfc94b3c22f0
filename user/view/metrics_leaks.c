// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "view/metrics_parts.h"
#include "view/outstanding.h"

int drvmem_metrics_leaks(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			 struct drvmem_metrics_leak **ret, uint32_t *ret_n)
{
	struct drvmem_metrics_leak *l = calloc((size_t)o->nr_sites + 1, sizeof(*l));
	const struct drvmem_outstanding_site *k;
	uint32_t i, n = 0;

	if (!l)
		return -ENOMEM;
	for (i = 0; i < o->nr_sites; i++) {
		k = &o->site[i];
		if (k->mapping || (!k->lost_bytes && k->growth.class != DRVMEM_GROWTH_GROWING))
			continue;
		l[n++] = (struct drvmem_metrics_leak){
			.module = drvmem_metrics_owner(v, v->s->sites[k->site].owner),
			.confidence = drvmem_confidence__name(k->lost_bytes ? DRVMEM_CONFIDENCE_HIGH :
								      k->growth.confidence),
			.bytes = k->lost_bytes ? k->lost_bytes : k->bytes,
		};
	}
	*ret = l;
	*ret_n = n;
	return 0;
}
