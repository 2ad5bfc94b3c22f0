// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/diffed.h"

#include "base/units.h"

static void put_findings(const struct drvmem_diffed *d, FILE *out)
{
	char bytes[DRVMEM_UNIT_LEN];

	fprintf(out, "\n%u of %u row%s grew by more than %sB", d->nr_findings, d->c->nr_rows,
		d->c->nr_rows == 1 ? "" : "s", drvmem_fmt_bytes(d->opts.tolerance_bytes, bytes, sizeof(bytes)));
	if (d->opts.tolerance_percent > 0)
		fprintf(out, " and by more than %.6g %% of A", d->opts.tolerance_percent);
	fputs(".\n", out);
}

int drvmem_text__diffed(const struct drvmem_diffed *d, uint32_t top, const struct drvmem_text_opts *o, FILE *out)
{
	struct drvmem_grid *g;
	uint32_t i;
	int err = drvmem_diffed__grid(d, top, &g);

	if (err)
		return err;
	for (i = 0; i < d->nr_notes; i++) {
		drvmem_text__put(d->notes[i], o, out);
		putc('\n', out);
	}
	putc('\n', out);
	drvmem_text__grid(g, o, out);
	drvmem_grid__free(g);
	put_findings(d, out);
	return 0;
}
