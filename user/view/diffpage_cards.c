// SPDX-License-Identifier: GPL-2.0-or-later
/* The first thing that is seen of a comparison. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "model/arena.h"
#include "view/diffpage.h"

static struct drvmem_html_card *add(struct drvmem_diffpage *p, const char *key, const char *title, enum drvmem_unit unit)
{
	struct drvmem_html_card *c = &p->cards[p->nr_cards++];

	*c = (struct drvmem_html_card){ .key = key, .title = title, .unit = unit, .note = "" };
	return c;
}

static const char *bytes(int64_t v, char *buf, size_t size)
{
	return v < 0 ? drvmem_fmt_bytes_delta(v, buf, size) : drvmem_fmt_bytes((uint64_t)v, buf, size);
}

static const char *from_to(struct drvmem_diffpage *p, const struct drvmem_grid *g, uint32_t row, const char *before)
{
	char a[DRVMEM_UNIT_LEN], b[DRVMEM_UNIT_LEN];

	return drvmem_arena__printf(p->arena, "%s%s in A, %s in B.", before,
				    bytes(drvmem_grid__cell(g, row, "a_bytes")->i, a, sizeof(a)),
				    bytes(drvmem_grid__cell(g, row, "b_bytes")->i, b, sizeof(b)));
}

static void total(struct drvmem_diffpage *p, const struct drvmem_grid *g)
{
	struct drvmem_html_card *c = add(p, "change", "live in B less live in A", DRVMEM_UNIT_BYTES);

	c->change = true;
	c->value = *drvmem_grid__cell(g, g->nr_rows - 1, "change_bytes");
	c->note = from_to(p, g, g->nr_rows - 1, "");
}

/* The first row is the largest change: so is the first one of a sign. */
static void extreme(struct drvmem_diffpage *p, const struct drvmem_grid *g, bool grew, const char *key, const char *title,
		    const char *none)
{
	struct drvmem_html_card *c = add(p, key, title, DRVMEM_UNIT_BYTES);
	const struct drvmem_cell *v;
	const char *who;
	uint32_t i;

	c->change = true;
	c->value = (struct drvmem_cell){ .type = DRVMEM_CELL_I64 };
	c->note = none;
	for (i = 0; i < g->nr_rows && g->rows[i].kind == DRVMEM_ROW_DATA; i++) {
		v = drvmem_grid__cell(g, i, "change_bytes");
		if (grew ? v->i <= 0 : v->i >= 0)
			continue;
		c->value = *v;
		v = drvmem_grid__cell(g, i, "owner");
		who = drvmem_arena__printf(p->arena, "%s%s%s: ", drvmem_grid__cell(g, i, "name")->s, v ? " of " : "",
					   v && v->type == DRVMEM_CELL_TEXT ? v->s : "");
		c->note = who ? from_to(p, g, i, who) : NULL;
		return;
	}
}

static void findings(struct drvmem_diffpage *p)
{
	struct drvmem_html_card *c = add(p, "findings", "owners that grew beyond the tolerance", DRVMEM_UNIT_COUNT);
	const struct drvmem_diffed *d = p->in.owners;
	char limit[DRVMEM_UNIT_LEN];

	c->value = (struct drvmem_cell){ .type = DRVMEM_CELL_U64, .u = d->nr_findings };
	c->tone = d->nr_findings ? DRVMEM_TONE_BAD : DRVMEM_TONE_GOOD;
	c->note = drvmem_arena__printf(p->arena, "%u call sites too; the tolerance is %s and %.0f %% of what A has.",
				       p->in.sites->nr_findings, drvmem_fmt_bytes(d->opts.tolerance_bytes, limit, sizeof(limit)),
				       d->opts.tolerance_percent);
}

static void new_and_gone(struct drvmem_diffpage *p)
{
	struct drvmem_html_card *c = add(p, "new", "call sites in B only", DRVMEM_UNIT_COUNT);
	const struct drvmem_compare *k = p->in.sites->c;
	uint32_t i, here = 0, gone = 0;

	for (i = 0; i < k->nr_rows; i++) {
		here += !k->rows[i].in_a;
		gone += !k->rows[i].in_b;
	}
	c->value = (struct drvmem_cell){ .type = DRVMEM_CELL_U64, .u = here };
	c->note = drvmem_arena__printf(p->arena, "%u of A are not in B.", gone);
}

/* What stands between the two: the first two notes only say what A and B are. */
static void limits(struct drvmem_diffpage *p)
{
	struct drvmem_html_card *c = add(p, "limits", "limits of the comparison", DRVMEM_UNIT_COUNT);
	uint32_t n = p->in.sites->nr_notes - 2;

	c->value = (struct drvmem_cell){ .type = DRVMEM_CELL_U64, .u = n };
	c->tone = n ? DRVMEM_TONE_WATCH : DRVMEM_TONE_GOOD;
	c->note = n ? "They stand above the table of owners." : "Nothing is known that makes the two hard to compare.";
}

int drvmem_diffpage__make_cards(struct drvmem_diffpage *p)
{
	struct drvmem_grid *owners = NULL, *sites = NULL;
	int e = drvmem_diffed__grid(p->in.owners, 0, &owners);
	uint32_t i;

	if (!e)
		e = drvmem_diffed__grid(p->in.sites, 0, &sites);
	if (!e) {
		total(p, owners);
		extreme(p, owners, true, "grower", "grew most", "No owner has more in B.");
		extreme(p, owners, false, "shrinker", "shrank most", "No owner has less in B.");
		extreme(p, sites, true, "site", "call site that grew most", "No call site has more in B.");
		findings(p);
		new_and_gone(p);
		limits(p);
	}
	for (i = 0; i < p->nr_cards; i++)
		if (!p->cards[i].note)
			e = -ENOMEM;
	drvmem_grid__free(owners);
	drvmem_grid__free(sites);
	return e;
}
