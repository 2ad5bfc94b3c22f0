// SPDX-License-Identifier: GPL-2.0-or-later
#include "topplay.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "base/stop.h"
#include "store/store.h"
#include "tui/tui.h"
#include "when.h"

#define LOOK_NS	100000000ull	/* a new size of the terminal is seen so soon */

struct play {
	struct drvmem_topping *r;
	struct drvmem_stored *s;
	const struct drvmem_stored_info *i;
	struct drvmem_snapshot *cur;	/* interval at of the session; NULL before the first one */
	uint32_t at;
	struct drvmem_progress progress;	/* until there is a screen */
};

static int out_of_memory(struct drvmem_err *err)
{
	return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
}

static void tell_moment(struct play *p)
{
	time_t when = (time_t)p->i->moment[p->at].taken_unix;
	uint64_t now = p->i->moment[p->at].taken_ns;
	char text[40];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", localtime_r(&when, &tm));
	snprintf(p->r->recorded, sizeof(p->r->recorded), "%s (%u of %u)", text, p->at + 1, p->i->nr);
	p->r->interval_ns = now - (p->at ? p->i->moment[p->at - 1].taken_ns : p->i->meta->started_ns);
}

/* For drvmem_poolwatch__show(), which shows of a recording what was put there. */
static int read_pools(struct play *p, struct drvmem_err *err)
{
	drvmem_poolwatch__deinit(&p->r->pools);
	return drvmem_stored__pools(p->s, p->at, &p->r->pools.last, err);
}

/* The next interval becomes the present one; shown: and goes on the screen. */
static int step(struct play *p, bool shown, struct drvmem_err *err)
{
	uint32_t next = p->cur ? p->at + 1 : 0;
	struct drvmem_snapshot *s;
	int e = drvmem_stored__snapshot(p->s, next, &s, err);

	if (e)
		return e;
	p->at = next;
	tell_moment(p);
	if (shown)
		e = read_pools(p, err);
	if (shown && !e)
		e = drvmem_topping__take(p->r, p->cur, s, false, err);
	if (!shown && (drvmem_history__add(p->r->top->history, s) || drvmem_series__add(&p->r->series, s, false)))
		e = out_of_memory(err);
	drvmem_snapshot__free(p->cur);
	p->cur = s;
	return e;
}

/* To interval at, through all that come before it: trends are of what was until then. */
static int go_to(struct play *p, uint32_t at, struct drvmem_err *err)
{
	int e = 0;

	if (p->cur && at <= p->at) {
		drvmem_topping__forget(p->r);
		drvmem_snapshot__free(p->cur);
		p->cur = NULL;
		if (drvmem_top__forget(p->r->top))
			return out_of_memory(err);
		drvmem_series__init(&p->r->series, p->i->meta->started_ns, DRVMEM_TOPPING_SERIES_NS);
	}
	do {
		drvmem_progress__step(&p->progress, p->cur ? p->at + 2 : 1, at + 1);
		e = step(p, (p->cur ? p->at + 1 : 0) == at, err);
	} while (!e && p->at < at);
	drvmem_progress__clear(&p->progress);
	return e;
}

static int browse(struct play *p, struct drvmem_err *err)
{
	uint64_t unused;
	int64_t to;
	int e = 0;

	while (!e && !drvmem_stop__wait(LOOK_NS, drvmem_tui__fd())) {
		p->r->earlier_later = 0;
		if (!drvmem_topping__attend(p->r, NULL, &unused))
			break;
		to = (int64_t)p->at + p->r->earlier_later;
		to = to < 0 ? 0 : to >= p->i->nr ? p->i->nr - 1 : to;
		if (to != p->at)
			e = go_to(p, (uint32_t)to, err);
	}
	return e;
}

/* The last intervals up to the one that is meant, one without --count. */
static int print(struct play *p, uint32_t last, struct drvmem_err *err)
{
	uint64_t count = p->r->o->count ? p->r->o->count : 1;
	uint32_t first = count > last ? 0 : last + 1 - (uint32_t)count, i;
	int e = go_to(p, first, err);

	for (i = first + 1; !e && i <= last && !drvmem_stop__signal(); i++)
		e = step(p, true, err);
	return e;
}

int drvmem_topplay__run(struct drvmem_topping *r, int *ret_signal, struct drvmem_err *err)
{
	const struct drvmem_common *c = &r->o->common;
	struct play p = { .r = r };
	uint32_t at;
	int e;

	drvmem_progress__begin(&p.progress, STDERR_FILENO, "reading", c->file);
	p.s = drvmem_stored__open_telling(c->file, &p.progress, err);
	drvmem_progress__clear(&p.progress);
	if (!p.s)
		return err->code;
	p.i = drvmem_stored__info(p.s);
	at = p.i->nr - 1;
	e = c->at ? drvmem_when__find(p.s, c->at, &at, err) : 0;
	if (!e && drvmem_stop__init())
		e = drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot set up signals");
	drvmem_series__init(&r->series, p.i->meta->started_ns, DRVMEM_TOPPING_SERIES_NS);
	if (!r->o->batch)
		drvmem_progress__end(&p.progress);
	if (!e && !r->o->batch)
		e = drvmem_tui__open(err);
	if (!e)
		e = r->o->batch ? print(&p, at, err) : go_to(&p, at, err);
	if (!e && !r->o->batch)
		e = browse(&p, err);
	drvmem_tui__close();
	drvmem_topping__forget(r);
	drvmem_snapshot__free(p.cur);
	drvmem_stored__free(p.s);
	*ret_signal = drvmem_stop__signal() == SIGTERM ? SIGTERM : 0;
	return e;
}
