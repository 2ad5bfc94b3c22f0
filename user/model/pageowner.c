// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/pageowner.h"

#include <stdlib.h>
#include <string.h>

const char *const drvmem_po_class_names[DRVMEM_NR_PO] = {
	[DRVMEM_PO_MODULE] = "module", [DRVMEM_PO_DMA] = "dma",
	[DRVMEM_PO_UNNAMED] = "unnamed", [DRVMEM_PO_KERNEL] = "kernel",
	[DRVMEM_PO_USER] = "user", [DRVMEM_PO_SLAB] = "slab",
	[DRVMEM_PO_VMALLOC] = "vmalloc", [DRVMEM_PO_PERCPU] = "percpu",
	[DRVMEM_PO_UNKNOWN] = "unknown",
};

struct drvmem_pageowner *drvmem_pageowner__new(void)
{
	return calloc(1, sizeof(struct drvmem_pageowner));
}

void drvmem_pageowner__free(struct drvmem_pageowner *p)
{
	if (!p)
		return;
	free(p->v);
	free(p);
}

const struct drvmem_po_owner *drvmem_pageowner__find(const struct drvmem_pageowner *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].name, name))
			return &p->v[i];
	return NULL;
}
