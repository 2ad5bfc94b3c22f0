// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/diffed.h"

#include "base/units.h"

static void put_findings(const struct drvmem_diffed *d, uint32_t found, uint32_t of, const char *what, FILE *out)
{
	char bytes[DRVMEM_UNIT_LEN];

	fprintf(out, "\n%u of %u %s%s grew by more than %sB", found, of, what,
		of == 1 ? "" : "s", drvmem_fmt_bytes(d->opts.tolerance_bytes, bytes, sizeof(bytes)));
	if (d->opts.tolerance_percent > 0)
		fprintf(out, " and by more than %.6g %% of A", d->opts.tolerance_percent);
	fputs(".\n", out);
}

static void put_notes(const char *const *notes, uint32_t n, const struct drvmem_text_opts *o, FILE *out)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		drvmem_text__put(notes[i], o, out);
		putc('\n', out);
	}
}

int drvmem_text__diffed(const struct drvmem_diffed *d, uint32_t top, const struct drvmem_text_opts *o, FILE *out)
{
	struct drvmem_grid *g;
	int err = drvmem_diffed__grid(d, top, &g);

	if (err)
		return err;
	put_notes(d->notes, d->nr_notes, o, out);
	putc('\n', out);
	drvmem_text__grid(g, o, out);
	drvmem_grid__free(g);
	put_findings(d, d->nr_findings, d->c->nr_rows, "row", out);
	return 0;
}

void drvmem_text__diffed_pools(const struct drvmem_diffed *d, const struct drvmem_diffed_pools *p,
			       const struct drvmem_text_opts *o, FILE *out)
{
	put_notes(d->notes, DRVMEM_DIFFED_SIDES, o, out);
	put_notes(p->notes, p->nr_notes, o, out);
	putc('\n', out);
	drvmem_text__grid(p->g, o, out);
	if (p->nr_changed > p->g->nr_rows)
		fprintf(out, "%u more changed (--top 0 shows all)\n", p->nr_changed - p->g->nr_rows);
	put_findings(d, p->nr_findings, p->nr, "pool", out);
}
