// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/usage.h"

#include <stdlib.h>

void drvmem_usage__free(struct drvmem_usage *u)
{
	if (!u)
		return;
	free(u->site);
	free(u->sizes);
	free(u->pairs);
	free(u);
}
