// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/exact.h"

#include <errno.h>
#include <stdlib.h>

#define COLUMNS(title, key, kernel)						\
	{ "owner", title, NULL, DRVMEM_UNIT_TEXT, false, 0 },			\
	{ key, kernel, NULL, DRVMEM_UNIT_BYTES, true, 0 },			\
	{ "traced_bytes", "TRACED", NULL, DRVMEM_UNIT_BYTES, true, 0 },		\
	{ "difference_bytes", "DIFFERENCE", NULL, DRVMEM_UNIT_BYTES, true, 0 }

static const struct drvmem_column columns[] = {
	COLUMNS("SINCE THE START", "allocinfo_bytes", "ALLOCINFO")
};
static const struct drvmem_column page_columns[] = {
	COLUMNS("PAGES SINCE THE START", "page_owner_bytes", "PAGE_OWNER")
};

static int build(struct drvmem_exact_row *rows, uint32_t n, const struct drvmem_column *c,
		 struct drvmem_grid **ret)
{
	struct drvmem_grid *g = drvmem_grid__new(c, sizeof(columns) / sizeof(columns[0]));
	uint32_t i;

	for (i = 0; g && i < n; i++) {
		drvmem_grid__add_row(g, DRVMEM_ROW_DATA, 0);
		drvmem_grid__text(g, "owner", rows[i].owner, 0);
		drvmem_grid__i64(g, c[1].key, rows[i].since_bytes, 0);
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

int drvmem_exact_view__build(const struct drvmem_snapshot *s, struct drvmem_grid **ret)
{
	struct drvmem_exact_row *rows = NULL;
	uint32_t n = 0;
	int e = drvmem_exact__compare(s, &rows, &n);

	return e ? e : build(rows, n, columns, ret);
}

int drvmem_exact_view__pages(const struct drvmem_snapshot *s, struct drvmem_grid **ret)
{
	struct drvmem_exact_row *rows = NULL;
	uint32_t n = 0;
	int e = drvmem_exact__compare_pages(s, &rows, &n);

	return e ? e : build(rows, n, page_columns, ret);
}
