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
	struct drvmem_stored_verdicts judged;	/* of the snapshot that is shown */
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

/* When the pools of the present interval were read; of one without a reading before it, as long ago as may be. */
static uint64_t pools_read_ns(const struct play *p)
{
	uint32_t i = p->at;

	while (i && !p->i->moment[i].has_pools)
		i--;
	return p->i->moment[i].has_pools ? p->i->moment[i].taken_ns : 1;
}

/* For drvmem_poolwatch__show(), which shows of a recording what was put there. */
static int read_pools(struct play *p, struct drvmem_err *err)
{
	drvmem_poolwatch__deinit(&p->r->pools);
	p->r->pools_ns = pools_read_ns(p);
	return drvmem_stored__pools(p->s, p->at, &p->r->pools.last, err);
}

/* Who holds the objects, if the recording knows it of this moment. */
static int read_verdicts(struct play *p, const struct drvmem_snapshot *s, struct drvmem_err *err)
{
	struct drvmem_err none = { 0 };
	int e = 0;

	drvmem_stored_verdicts__deinit(&p->judged);
	p->judged = (struct drvmem_stored_verdicts){ 0 };
	p->r->verdicts = NULL;
	if (s->nr_objects)
		e = drvmem_stored__verdicts(p->s, s, &p->judged, &none);
	if (e && e != -ENODATA) {
		*err = none;
		return e;
	}
	if (!e && p->judged.verdicts.reader)
		p->r->verdicts = &p->judged.verdicts;
	return 0;
}

/* The first interval that is not before a mark: what changed since is counted from there. */
static uint32_t mark_at(const struct play *p, uint32_t mark)
{
	uint32_t i;

	for (i = 0; i + 1 < p->i->nr && p->i->moment[i].taken_ns < p->i->mark[mark].taken_ns; i++)
		;
	return i;
}

static int set_mark(struct play *p, uint32_t mark, const struct drvmem_snapshot *s, struct drvmem_err *err)
{
	struct drvmem_top_feed f = { 0 };
	struct drvmem_pools *pools = NULL;
	struct drvmem_scope *v = NULL;
	char text[DRVMEM_TOP_TEXT];
	int e = drvmem_common__scope(&p->r->o->common, NULL, s, false, &v, err);

	/* those of an earlier reading are not those of the mark */
	if (!e && p->i->moment[p->at].has_pools)
		e = drvmem_stored__pools(p->s, p->at, &pools, err);
	if (e)
		goto out;
	f.scope = v;
	f.pools_ns = p->i->moment[p->at].taken_ns;
	f.pools = pools;
	snprintf(text, sizeof(text), "%u of %u recorded%s%s", mark + 1, p->i->nr_marks, p->i->mark[mark].text ? ", " : "",
		 p->i->mark[mark].text ? : "");
	if (drvmem_top__mark(p->r->top, s, &f, text) ||
	    drvmem_timeline__add_mark(p->r->timeline, mark + 1, p->i->mark[mark].taken_ns, p->i->mark[mark].text))
		e = out_of_memory(err);
	drvmem_top__say(p->r->top, "mark %s", text);
out:
	drvmem_pools__free(pools);
	drvmem_scope__free(v);
	return e;
}

/* Marks that were set between the interval before and this one. */
static int pass_marks(struct play *p, const struct drvmem_snapshot *s, struct drvmem_err *err)
{
	uint32_t i;
	int e = 0;

	for (i = 0; i < p->i->nr_marks && !e; i++)
		if (mark_at(p, i) == p->at && p->i->mark[i].taken_ns <= s->meta.taken_ns)
			e = set_mark(p, i, s, err);
	return e;
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
	e = pass_marks(p, s, err);
	if (shown && !e)
		e = read_pools(p, err);
	if (shown && !e)
		e = read_verdicts(p, s, err);
	if (shown && !e)
		e = drvmem_topping__take(p->r, p->cur, s, false, err);
	if (!shown && !e && (drvmem_history__add(p->r->top->history, s) || drvmem_series__add(&p->r->series, s, false) ||
			     drvmem_timeline__add(p->r->timeline, s)))
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
		if (drvmem_top__forget(p->r->top) || drvmem_topping__start(p->r))
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

/* The interval of the mark that is so many further; where there is none, the present one. */
static uint32_t beside(struct play *p, int marks_on)
{
	uint32_t i, to = p->at;

	for (i = 0; i < p->i->nr_marks && marks_on > 0; i++) {
		if (mark_at(p, i) <= to)
			continue;
		to = mark_at(p, i);
		marks_on--;
	}
	for (i = p->i->nr_marks; i-- && marks_on < 0;) {
		if (mark_at(p, i) >= to)
			continue;
		to = mark_at(p, i);
		marks_on++;
	}
	return to;
}

static void tell_no_mark(struct play *p)
{
	drvmem_top__say(p->r->top, "%s: %u mark%s recorded", p->r->marks_on > 0 ? "no mark behind this moment" :
			"no mark before this moment", p->i->nr_marks, p->i->nr_marks == 1 ? " was" : "s were");
	drvmem_topping__draw(p->r);
}

static int browse(struct play *p, struct drvmem_err *err)
{
	uint64_t unused;
	int64_t to;
	int e = 0;

	while (!e && !drvmem_stop__wait(LOOK_NS, drvmem_tui__fd())) {
		p->r->earlier_later = p->r->marks_on = 0;
		if (!drvmem_topping__attend(p->r, NULL, &unused))
			break;
		to = (int64_t)p->at + p->r->earlier_later;
		to = to < 0 ? 0 : to >= p->i->nr ? p->i->nr - 1 : to;
		if (p->r->marks_on)
			to = beside(p, p->r->marks_on);
		if (to != p->at)
			e = go_to(p, (uint32_t)to, err);
		else if (p->r->marks_on)
			tell_no_mark(p);
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
	r->verdicts = NULL;
	drvmem_stored_verdicts__deinit(&p.judged);
	drvmem_snapshot__free(p.cur);
	drvmem_stored__free(p.s);
	*ret_signal = drvmem_stop__signal() == SIGTERM ? SIGTERM : 0;
	return e;
}
