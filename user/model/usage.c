// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/usage.h"

#include <stdlib.h>

int drvmem_usage__cmp_pair(const void *a, const void *b)
{
	const struct drvmem_usage_pair *x = a, *y = b;

	if (x->before != y->before)
		return x->before < y->before ? -1 : 1;
	if (x->site != y->site)
		return x->site < y->site ? -1 : 1;
	return x->ends - y->ends;
}

void drvmem_usage__free(struct drvmem_usage *u)
{
	if (!u)
		return;
	free(u->site);
	free(u->sizes);
	free(u->pairs);
	free(u);
}
