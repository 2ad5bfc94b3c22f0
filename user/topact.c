// SPDX-License-Identifier: GPL-2.0-or-later
/* What keys of `drvmem top` do beside looking: files of the moment, the clipboard, marks. */
#include "topping.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "render/json.h"
#include "report_html.h"
#include "source/sysmem.h"
#include "trace.h"
#include "tui/tui.h"

#define PAGE_POINTS	500u		/* of the history that a page shows */
#define PAGE_ROWS	(1u << 17)	/* 8 MiB at most */

int drvmem_topping__start(struct drvmem_topping *r)
{
	drvmem_timeline__free(r->timeline);
	r->timeline = drvmem_timeline__new_bounded(PAGE_POINTS, PAGE_ROWS);
	if (!r->timeline)
		return -ENOMEM;
	/* without it the page has no figures of the machine, and says so */
	if (!r->o->common.file && !r->machine && drvmem_sysmem__load(&r->machine))
		r->machine = NULL;
	return 0;
}

static int put_json(struct drvmem_topping *r, FILE *out)
{
	return drvmem_json__report(r->scope, out);
}

static int put_html(struct drvmem_topping *r, FILE *out)
{
	struct drvmem_report_html h = { .c = &r->o->common, .timeline = r->timeline, .from_top = true };
	struct drvmem_sysmem *const read[2] = { r->machine, NULL };
	int e = drvmem_series__until(&r->series, r->scope->s, &h.series);

	if (!e)
		e = drvmem_report_html__render(&h, read, r->scope, out);
	drvmem_series__fini(&h.series);
	return e;
}

/* A file of the present directory, named by the moment; it appears whole or not at all. */
static void write_file(struct drvmem_topping *r, const char *ending,
		       int (*put)(struct drvmem_topping *r, FILE *out))
{
	struct drvmem_err err = { 0 };
	struct drvmem_out out;
	char at[32], path[64];
	struct tm tm;
	time_t when;
	int e;

	if (!r->scope) {
		drvmem_top__say(r->top, "there is nothing to save yet");
		return;
	}
	when = (time_t)r->scope->s->meta.taken_unix;
	strftime(at, sizeof(at), "%Y%m%dT%H%M%SZ", gmtime_r(&when, &tm));
	snprintf(path, sizeof(path), "drvmem-top-%s.%s", at, ending);
	e = drvmem_out__open(&out, path, &err);
	if (!e) {
		e = put(r, out.f);
		if (!e)
			e = drvmem_out__close(&out, &err);
		drvmem_out__discard(&out);
	}
	if (e)
		drvmem_top__say(r->top, "not saved: %s", err.what[0] ? err.what : "out of memory");
	else
		drvmem_top__say(r->top, "saved to %s", path);
}

/* The whole snapshot as drvmem report -f json gives it. */
void drvmem_topping__save(struct drvmem_topping *r)
{
	write_file(r, "json", put_json);
}

/* The page of drvmem report -f html, of the session until now. */
void drvmem_topping__html(struct drvmem_topping *r)
{
	write_file(r, "html", put_html);
}

void drvmem_topping__copy(struct drvmem_topping *r)
{
	char *text = drvmem_top__copied(r->top);

	if (!text)
		drvmem_top__say(r->top, "there is nothing to copy here");
	else if (drvmem_tui__copy(text))
		drvmem_top__say(r->top, "sent to the clipboard (OSC 52): terminals that do not know it ignore it, tmux "
				"needs set-clipboard");
	else
		drvmem_top__say(r->top, "not copied: this terminal (%s) has no clipboard, or it is too long",
				drvmem_tui__term());
	free(text);
}

/* Pools as they are now; of a recording as they were read last. */
static void read_pools(struct drvmem_topping *r, struct drvmem_trace *t)
{
	struct drvmem_err err = { 0 };

	if (!t)
		return;
	r->scope->pools = NULL;		/* what it has goes with the reading before */
	r->pools_known = false;
	if (drvmem_poolwatch__read(&r->pools, r->scope->s, &err))
		drvmem_top__say(r->top, "the pools cannot be read: %s", err.what);
}

void drvmem_topping__mark(struct drvmem_topping *r, struct drvmem_trace *t)
{
	struct drvmem_snapshot *now = t ? drvmem_trace__counts(t) : NULL;
	struct drvmem_top_feed pools = { .scope = r->scope };

	if (!r->scope) {
		drvmem_top__say(r->top, "no mark: there are no figures yet");
	} else if (t && !now) {
		drvmem_top__say(r->top, "no mark: the counts of this moment cannot be read");
	} else {
		read_pools(r, t);
		pools.pools = r->pools.last;
		pools.pools_ns = r->pools_ns;
		if (drvmem_top__mark(r->top, t ? now : r->scope->s, &pools, NULL))
			drvmem_top__say(r->top, "out of memory: the mark is of a part");
	}
	drvmem_snapshot__free(now);
}
