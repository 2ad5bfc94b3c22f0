// SPDX-License-Identifier: GPL-2.0-or-later
#include "reporttime.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "render/json.h"
#include "render/text.h"
#include "view/report.h"
#include "view/scope.h"

double report_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* As drvmem report does: JSON, or the tables by owner and by stack. */
static int make_report(const struct drvmem_snapshot *s, bool json, FILE *out)
{
	static const struct drvmem_report_opts by[] = { { DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 10 },
							{ DRVMEM_BY_STACK, DRVMEM_SORT_LIVE, 10 } };
	static const struct drvmem_text_opts text;
	struct drvmem_scope *v;
	struct drvmem_grid *g;
	size_t i;
	int r = drvmem_scope__new(NULL, s, NULL, &v);

	if (r)
		return r;
	if (json)
		r = drvmem_json__report(v, out);
	for (i = 0; i < 2 && !r && !json; i++) {
		r = drvmem_report__build(v, &by[i], &g);
		if (r)
			break;
		drvmem_text__header(v, &text, false, out);
		drvmem_text__grid(g, &text, out);
		drvmem_grid__free(g);
	}
	drvmem_scope__free(v);
	return r;
}

enum bt_result report_time(const struct drvmem_snapshot *s, const char *when, struct report_ms *t)
{
	FILE *null = fopen("/dev/null", "we");
	double t0 = report_clock();
	int r = null ? make_report(s, false, null) : -errno;

	t->text = report_clock() - t0;
	if (!r)
		r = make_report(s, true, null);
	t->json = report_clock() - t0 - t->text;
	if (null && fclose(null) && !r)
		r = -errno;
	BT_CHECK(!r, "%s: the report cannot be made (%d)", when, r);
	bt_note("%s: %u objects, %u sites, %u stacks, %u instances: report by owner and by stack %.1f ms, JSON %.1f ms of CPU time",
		when, s->nr_objects, s->nr_sites, s->nr_stacks, s->nr_instances, t->text, t->json);
	if (t->snap >= 0)
		bt_note("%s: the snapshot took %.1f ms of CPU time", when, t->snap);
	return BT_PASS;
}

bool report_slow(const struct report_ms *t)
{
	return getenv("DRVMEM_SCALE_LIMITS") && (t->snap > SNAPSHOT_MS || t->text > REPORT_MS || t->json > REPORT_MS);
}

enum bt_result report_too_slow(const char *when, const struct report_ms *t)
{
	return bt_fail("%s: snapshot %.0f ms (%d), report %.0f ms, JSON %.0f ms (%d each) of CPU time in the last of three tries",
		       when, t->snap, SNAPSHOT_MS, t->text, t->json, REPORT_MS);
}
