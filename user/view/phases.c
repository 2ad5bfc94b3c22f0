// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/phases.h"

#include <errno.h>

static const struct drvmem_column columns[] = {
	{ "name", "MODULE", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "init_bytes", "AT START", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "steady_bytes", "AT WORK", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "peak_bytes", "PEAK", NULL, DRVMEM_UNIT_BYTES, false, 0 },
	{ "after_bytes", "AFTER", NULL, DRVMEM_UNIT_BYTES, false, 0 },
};

bool drvmem_phases__has(const struct drvmem_phases *p, uint16_t owner)
{
	return p && owner < DRVMEM_MAX_MODULES && p->v[owner].seen;
}

int drvmem_phases__grid(const struct drvmem_scope *v, const struct drvmem_phases *p, struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0]));
	uint32_t i;

	if (!g)
		return -ENOMEM;
	for (i = 0; i < v->nr_owners; i++) {
		uint16_t owner = v->owners[i].owner;

		if (!drvmem_phases__has(p, owner))
			continue;
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "name", v->owner_name[owner], 0);
		drvmem_grid__maybe(g, "init_bytes", p->v[owner].init_bytes, 0);
		drvmem_grid__maybe(g, "steady_bytes", p->v[owner].steady_bytes, 0);
		drvmem_grid__maybe(g, "peak_bytes", v->s->instances[owner].peak_bytes, 0);
		drvmem_grid__maybe(g, "after_bytes", p->v[owner].after_bytes, 0);
	}
	if (drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}
