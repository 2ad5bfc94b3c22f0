// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/coverage.h"

#include <errno.h>
#include <inttypes.h>

void drvmem_text__coverage_line(const struct drvmem_coverage *c, const struct drvmem_text_opts *o, FILE *out)
{
	_cleanup_strbuf_ struct drvmem_strbuf line = {0};

	if (!c)
		return;
	drvmem_coverage__summary(c, &line);
	if (line.oom || !line.len)
		return;
	fputs("coverage: ", out);
	drvmem_text__put(drvmem_strbuf__str(&line), o, out);
	fputs("; see report --coverage\n", out);
}

static int put_grid(const struct drvmem_coverage *c, bool caches, uint32_t top,
		    const struct drvmem_text_opts *o, FILE *out)
{
	struct drvmem_grid *g;
	int err = drvmem_coverage__grid(c, caches, top, &g);

	if (err)
		return err;
	drvmem_text__grid(g, o, out);
	drvmem_grid__free(g);
	return 0;
}

int drvmem_text__coverage(const struct drvmem_coverage *c, uint32_t top, const struct drvmem_text_opts *o,
			  FILE *out)
{
	int err;

	if (!c) {
		fputs("no coverage: the kernel's counts were not read\n", out);
		return 0;
	}
	err = put_grid(c, false, 0, o, out);
	putc('\n', out);
	if (!err)
		err = put_grid(c, true, top, o, out);
	if (err)
		return err;
	fputs("\nTRACKED live since the start; KERNEL its change since then; DIFF is KERNEL less TRACKED.\n"
	      "SLACK what the kernel counts as in use and nobody holds, at most; MOMENT what moved during\n"
	      "the readings; RCU given up, perhaps still there; INFERRED frees, in TRACKED already; OLDER\n"
	      "frees of older objects (or lost ones): of caches counted for the session, not for each.\n",
	      out);
	if (c->older.st == DRVMEM_OK)
		fprintf(out, "frees of older objects: %" PRIu64 " counted", c->older.v);
	else
		fputs("frees of older objects: not told in this session", out);
	fprintf(out, ", lost events: %" PRIu64 "%s; all caches together need %" PRIu64 "\n", c->lost.v,
		c->lost.st == DRVMEM_OK ? "" : " (recursion misses not counted)", c->older_needed);
	return 0;
}
