// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/distribution.h"

#include <stdlib.h>

struct drvmem_distribution *drvmem_distribution__new(void)
{
	struct drvmem_distribution *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->kernel = "";
	d->arena = drvmem_arena__new();
	if (!d->arena) {
		drvmem_distribution__free(d);
		return NULL;
	}
	return d;
}

void drvmem_distribution__free(struct drvmem_distribution *d)
{
	if (!d)
		return;
	free(d->sites);
	free(d->sizes);
	drvmem_arena__free(d->arena);
	free(d);
}
