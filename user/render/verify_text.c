// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "render/checks.h"
#include "render/reach.h"
#include "render/verify.h"

#define HOLDERS_SHOWN	10u

static void put_colour(const char *code, const struct drvmem_text_opts *o, FILE *out)
{
	if (o->colour)
		fprintf(out, "\033[%sm", code);
}

static const char *colour_of(enum drvmem_verify_verdict v)
{
	return v >= DRVMEM_VERIFY_IS_ERROR ? "1;31" : v == DRVMEM_VERIFY_IS_CLEAN ? "1;32" : "1;33";
}

/* "e1000e: leak  (3 loads: 1 leak, 2 clean)" */
static void put_verdict(const struct drvmem_verify *k, const struct drvmem_text_opts *o, FILE *out)
{
	bool device = k->device != NULL;
	const char *sep = ": ";
	int i;

	drvmem_text__put(device ? k->device->name : k->module, o, out);
	fputs(": ", out);
	put_colour(colour_of(k->verdict), o, out);
	fputs(drvmem_verify_verdict__name(k->verdict, device), out);
	put_colour("0", o, out);
	if (device && k->device->driver[0]) {
		fputs("  (driver ", out);
		drvmem_text__put(k->device->driver, o, out);
		putc(')', out);
	} else if (!device) {
		fprintf(out, "  (%u load%s", k->nr_subjects, k->nr_subjects == 1 ? "" : "s");
		for (i = DRVMEM_VERIFY_IS_LEAK; i >= 0; i--) {
			if (!k->count[i])
				continue;
			fprintf(out, "%s%u %s", sep, k->count[i], drvmem_verify_verdict__name((enum drvmem_verify_verdict)i, false));
			sep = ", ";
		}
		putc(')', out);
	}
	putc('\n', out);
}

/* Why each is what it is; of several clean ones nothing more is said. */
static int put_whys(const struct drvmem_scope *v, const struct drvmem_verify *k,
		    const struct drvmem_text_opts *o, FILE *out)
{
	_cleanup_strbuf_ struct drvmem_strbuf why = { 0 };
	uint32_t i;

	for (i = 0; i < k->nr_subjects; i++) {
		if (k->subject[i].verdict == DRVMEM_VERIFY_IS_CLEAN && k->nr_subjects > 1)
			continue;
		drvmem_strbuf__reset(&why);
		drvmem_verify__why(k, &k->subject[i], &why);
		if (drvmem_strbuf__error(&why))
			return -ENOMEM;
		drvmem_text__put(drvmem_verify__name(v, k, &k->subject[i]), o, out);
		fprintf(out, ": %s\n", drvmem_strbuf__str(&why));
	}
	if (k->verdict == DRVMEM_VERIFY_IS_LEAK && !k->count[DRVMEM_VERIFY_IS_LEAK])
		fprintf(out, "together at least %" PRIu64 " are left that no lost event explains\n", k->sure);
	return 0;
}

static void put_notes(const struct drvmem_verify *k, FILE *out)
{
	uint64_t lost = drvmem_loss__total(&k->s->loss);
	bool sampled = false;
	uint32_t i, j;

	for (i = 0; i < k->nr_subjects; i++)
		for (j = 0; j < DRVMEM_NR_USES; j++)
			sampled |= k->subject[i].kind[j].succeeded && !k->subject[i].kind[j].peak_bytes_exact;
	if (sampled)
		fputs("a peak with ~ is the highest of several looks and of single sites: at least so much\n", out);
	if (lost)
		fprintf(out, "not tracked: %" PRIu64 " events of the session were lost, whoever's and of whatever kind\n",
			lost);
}

typedef int (*make_grid)(const struct drvmem_scope *v, const struct drvmem_verify *k, uint32_t top,
			 struct drvmem_grid **ret);

static int put_grid(make_grid make, const struct drvmem_scope *v, const struct drvmem_verify *k, uint32_t top,
		    const struct drvmem_text_opts *o, FILE *out)
{
	struct drvmem_grid *g;
	int e = make(v, k, top, &g);

	if (e)
		return e;
	if (g->nr_rows) {
		putc('\n', out);
		drvmem_text__grid(g, o, out);
	}
	drvmem_grid__free(g);
	return 0;
}

/* What holds what is left, where somebody looked. */
static void put_holders(const struct drvmem_scope *v, const struct drvmem_verify *k,
			const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_leftover *l;
	uint32_t i, n = 0;

	for (i = 0; i < k->nr_leftovers && n < HOLDERS_SHOWN; i++) {
		l = &k->leftover[i];
		if (!l->lost && !l->holder_objects)
			continue;
		fputs(n++ ? "" : "\n", out);
		drvmem_text__put(v->s->sites[l->site].site ? v->s->sites[l->site].site : "?", o, out);
		if (l->lost)
			fprintf(out, ": nothing holds %u of %" PRIu64, l->lost, l->objects);
		if (l->holder_objects) {
			fprintf(out, "%s %u held by ", l->lost ? ";" : ":", l->holder_objects);
			drvmem_text__put(l->holder, o, out);
		}
		putc('\n', out);
	}
	if (k->verdicts && k->verdicts->why_not)
		fprintf(out, "\nwho holds what is left: not known: %s\n", k->verdicts->why_not);
	if (k->verdicts && k->verdicts->reader && k->nr_leftovers)
		drvmem_text__scan(k->verdicts, out);
}

int drvmem_text__verify(const struct drvmem_scope *v, const struct drvmem_verify *k, uint32_t top,
			const struct drvmem_text_opts *o, FILE *out)
{
	static const make_grid grids[] = { drvmem_verify__subjects_grid, drvmem_verify__leftovers_grid,
					   drvmem_verify__kinds_grid };
	size_t i;
	int e;

	put_verdict(k, o, out);
	drvmem_text__errors(k, o, out);
	e = put_whys(v, k, o, out);
	for (i = 0; i < sizeof(grids) / sizeof(grids[0]) && !e; i++)
		e = put_grid(grids[i], v, k, top, o, out);
	if (!e)
		put_holders(v, k, o, out);
	if (!e)
		drvmem_text__injected(k, o, out);
	if (!e)
		put_notes(k, out);
	return e;
}
