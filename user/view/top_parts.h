/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of view/top.h that only its own files use: columns, figures beside those of the report, words. */
#ifndef DRVMEM_VIEW_TOP_PARTS_H
#define DRVMEM_VIEW_TOP_PARTS_H

#include "base/strbuf.h"
#include "view/report.h"
#include "view/top.h"

struct drvmem_top_shape {
	const struct drvmem_column *columns;
	uint32_t nr;
	enum drvmem_by by;
};

/* top_columns.c: of the present view. */
const struct drvmem_top_shape *drvmem_top_shape(const struct drvmem_top *t);

/* top_judged.c: a word for each site and owner (analysis/standing.h). Refers to the feed. */
struct drvmem_top_judged;
/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_top_judged__new(const struct drvmem_top_feed *f, struct drvmem_top_judged **ret);
void drvmem_top_judged__free(struct drvmem_top_judged *j);
/* The word of a row, or NULL where it stands for no single site or owner. */
const char *drvmem_top_judged__word(const struct drvmem_top_judged *j, const struct drvmem_row *r);
/* What the word is sorted by: the higher, the more it matters; 0 = no word. */
uint32_t drvmem_top_judged__worry(const struct drvmem_top_judged *j, const struct drvmem_row *r);
/* Sentences; nothing of a site or owner that is not there. */
void drvmem_top_judged__why_site(const struct drvmem_top_judged *j, uint32_t id, struct drvmem_strbuf *out);
void drvmem_top_judged__why_owner(const struct drvmem_top_judged *j, const char *name, struct drvmem_strbuf *out);

/* top_figures.c: what the report has not, of the last row of b, which is row of b's base. j may be NULL. */
void drvmem_top_figures__set(const struct drvmem_top *t, const struct drvmem_top_feed *f,
			     const struct drvmem_top_judged *j, uint32_t row, struct drvmem_top_table *b);
/* The same of the total, when all rows are there. */
void drvmem_top_figures__sum(struct drvmem_top_table *b);
/* What pools had at the mark, beside now. */
void drvmem_top_figures__since_mark(const struct drvmem_top *t, const struct drvmem_top_feed *f,
				    struct drvmem_top_table *b);

#endif /* DRVMEM_VIEW_TOP_PARTS_H */
