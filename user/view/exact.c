// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/exact.h"

#include <errno.h>
#include <stdlib.h>

static const struct drvmem_column columns[] = {
	{ "owner", "SINCE THE START", NULL, DRVMEM_UNIT_TEXT, false, 0 },
	{ "allocinfo_bytes", "ALLOCINFO", NULL, DRVMEM_UNIT_BYTES, true, 0 },
	{ "traced_bytes", "TRACED", NULL, DRVMEM_UNIT_BYTES, true, 0 },
	{ "difference_bytes", "DIFFERENCE", NULL, DRVMEM_UNIT_BYTES, true, 0 },
};

int drvmem_exact_view__build(const struct drvmem_snapshot *s, struct drvmem_grid **ret)
{
	struct drvmem_exact_row *rows = NULL;
	struct drvmem_grid *g;
	uint32_t i, n = 0;
	int e = drvmem_exact__compare(s, &rows, &n);

	if (e)
		return e;
	g = drvmem_grid__new(columns, sizeof(columns) / sizeof(columns[0]));
	for (i = 0; g && i < n; i++) {
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "owner", rows[i].owner, 0);
		drvmem_grid__i64(g, "allocinfo_bytes", rows[i].since_bytes, 0);
		drvmem_grid__i64(g, "traced_bytes", rows[i].traced_bytes, 0);
		drvmem_grid__i64(g, "difference_bytes", drvmem_exact_row__difference(&rows[i]), 0);
	}
	free(rows);
	if (!g || drvmem_grid__error(g)) {
		drvmem_grid__free(g);
		return -ENOMEM;
	}
	*ret = g;
	return 0;
}
