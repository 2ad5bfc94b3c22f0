/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `drvmem top` on a screen of cells, or as text: the band of all RAM, tabs, the table as far as
 * there is room, what the keys do. Knows no terminal.
 */
#ifndef DRVMEM_RENDER_TOPSCREEN_H
#define DRVMEM_RENDER_TOPSCREEN_H

#include "render/screen.h"
#include "view/system.h"
#include "view/top.h"

#define DRVMEM_TOPSCREEN_MIN_COLS	40u
#define DRVMEM_TOPSCREEN_MIN_ROWS	12u

struct drvmem_topscreen {
	struct drvmem_scope *scope;		/* NULL: no snapshot yet */
	const struct drvmem_ram_result *ram;	/* NULL: not read */
	uint64_t interval_ns;
	double own_cpu;				/* of one CPU's time that this process took; below 0 = not known */
	const char *recorded;			/* when; NULL = this is live */
	const char *health, *doctor;		/* texts of these pages; NULL = empty */
};

/* The whole screen. Tells t how many rows there is room for. */
void drvmem_topscreen__draw(struct drvmem_screen *s, struct drvmem_top *t, const struct drvmem_topscreen *in);
/*
 * The same without cursor and keys, all rows up to top (0 = all) and the total, cols wide. 0 or
 * -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_topscreen__batch(struct drvmem_top *t, const struct drvmem_topscreen *in,
					      uint32_t cols, uint32_t top, bool utf8, FILE *out);
/* topband.c: the lines above the tabs. Returns how many. */
uint32_t drvmem_topscreen__band(struct drvmem_screen *s, const struct drvmem_top *t,
				const struct drvmem_topscreen *in);
/* toptable.c: titles at row, then up to rows rows, then the total. */
void drvmem_topscreen__table(struct drvmem_screen *s, const struct drvmem_top *t, uint32_t row, uint32_t rows,
			     bool cursor);
/* tophelp.c */
extern const char *const drvmem_topscreen_help;

#endif /* DRVMEM_RENDER_TOPSCREEN_H */
