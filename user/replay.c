// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analysis/inside.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "model/delta.h"
#include "store/store.h"
#include "when.h"

#define NONE UINT32_MAX
#define HISTORY 500u	/* intervals of a timeline: more than a page shows, and not a day's */

struct replay {
	struct drvmem_stored *s;
	const struct drvmem_stored_info *i;
	const struct drvmem_live_opts *live;
	struct drvmem_progress progress;
	uint32_t prev, cur;	/* intervals; prev may be NONE */
};

/* The interval half-way to the one shown, as a live run takes one; NONE where there is none. */
static uint32_t midway(const struct replay *r)
{
	uint64_t end = r->i->moment[r->cur].taken_ns, half = r->i->meta->started_ns;
	uint32_t i;

	half += (end - half) / 2;
	for (i = r->cur; i && r->i->moment[i - 1].taken_ns >= half; i--)
		;
	return i < r->cur ? i : i ? i - 1 : NONE;
}

/* The last interval with a list of objects, for those who need one. */
static uint32_t with_objects(const struct replay *r)
{
	uint32_t i;

	for (i = r->i->nr; i; i--)
		if (r->i->moment[i - 1].has_objects)
			return i - 1;
	return r->i->nr - 1;
}

static struct drvmem_replay_lacks *lacks_of(const struct replay *r)
{
	return r->live->replayed ? r->live->replayed->lacks : NULL;
}

/* Leaks look at objects; laps and phases are of the same moment as these. */
static bool needs_objects(const struct replay *r)
{
	return !lacks_of(r) && (r->live->series || r->live->laps);
}

/* Only the last list of objects is kept, and what goes with it. */
static bool has_objects(const struct replay *r)
{
	return r->i->moment[r->cur].has_objects && with_objects(r) == r->cur;
}

/* What needs the objects can only be asked of the interval that lists them. */
static int check_objects(const struct replay *r, const char *at, bool window, struct drvmem_err *err)
{
	uint32_t listed = with_objects(r);

	if (!needs_objects(r) || r->i->moment[r->cur].has_objects)
		return 0;
	drvmem_err__set(err, -ENODATA, DRVMEM_EXIT_USAGE, "the session does not list its live objects%s%s", at ? " at " : "",
			at ? at : "");
	if (window && r->live->series)
		drvmem_err__remedy(err, "drvmem report FILE --window '%s' --inside tells how many there are at least and at most", at);
	else if (r->i->moment[listed].has_objects)
		drvmem_err__remedy(err, "it does at @%llu, which is taken without --at",
				   (unsigned long long)r->i->moment[listed].taken_unix);
	else
		drvmem_err__remedy(err, "it was killed before the first list: record with a shorter --objects-every");
	return -ENODATA;
}

static int choose(struct replay *r, const struct drvmem_common *c, struct drvmem_err *err)
{
	int e = 0;

	r->cur = needs_objects(r) ? with_objects(r) : r->i->nr - 1;
	r->prev = NONE;
	if (c->window)
		e = drvmem_when__window(r->s, c->window, &r->prev, &r->cur, err);
	else if (c->at)
		e = drvmem_when__find(r->s, c->at, &r->cur, err);
	if (!e)
		e = check_objects(r, c->window ? c->window : c->at, c->window != NULL, err);
	if (!e && r->live->midway && !c->window)
		r->prev = midway(r);
	return e;
}

/* The counts of all intervals up to the one shown. */
static int fill_series(struct replay *r, struct drvmem_err *err)
{
	uint64_t took = r->i->moment[r->cur].taken_ns - r->i->meta->started_ns;
	struct drvmem_snapshot *s;
	uint32_t i;
	int e = 0;

	drvmem_series__init(r->live->series, r->i->meta->started_ns, took / 12 ? took / 12 : 1);
	for (i = 0; i <= r->cur && !e; i++) {
		drvmem_progress__step(&r->progress, i + 1, r->cur + 1);
		e = drvmem_stored__snapshot(r->s, i, &s, err);
		if (e)
			return e;
		e = drvmem_series__add(r->live->series, s, i == r->cur);
		drvmem_snapshot__free(s);
	}
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

static int fill_habits(struct replay *r, struct drvmem_err *err)
{
	const struct drvmem_replayed *m = r->live->replayed;
	struct drvmem_err unused = { 0 };
	int e;

	if (!m->lacks)
		return drvmem_stored__habits(r->s, r->live->laps, r->live->phases, m->slub, err);
	e = drvmem_stored__habits(r->s, r->live->laps, r->live->phases, m->slub, &unused);
	m->lacks->habits = e == -ENODATA;
	if (e && e != -ENODATA)
		*err = unused;
	return e == -ENODATA ? 0 : e;
}

/* What is not there of what was asked for. */
static void tell_lacks(struct replay *r)
{
	struct drvmem_replay_lacks *l = lacks_of(r);
	uint32_t listed = with_objects(r);

	if (!l)
		return;
	l->objects = !has_objects(r);
	l->listed_unix = r->i->moment[listed].has_objects ? r->i->moment[listed].taken_unix : 0;
}

/* The whole machine at the interval shown, and when tracing began: what drivers hold is held since then. */
static int fill_system(struct replay *r, const struct drvmem_replayed *m, struct drvmem_err *err)
{
	int e = drvmem_stored__system(r->s, DRVMEM_STORED_START, &m->system[0], err);

	if (!e)
		e = drvmem_stored__system(r->s, r->cur, &m->system[1], err);
	if (e != -ENODATA || !m->system_if_any)
		return e;
	*err = (struct drvmem_err){ 0 };
	return 0;
}

static int fill_more(struct replay *r, const struct drvmem_snapshot *cur, struct drvmem_err *err)
{
	const struct drvmem_replayed *m = r->live->replayed;
	int e = 0;

	tell_lacks(r);
	if (m && m->slub)
		e = fill_habits(r, err);
	if (!e && m && m->pools)
		e = drvmem_stored__pools(r->s, r->cur, m->pools, err);
	if (!e && m && m->system)
		e = fill_system(r, m, err);
	if (!e && m && m->judged)
		e = drvmem_stored__verdicts(r->s, cur, m->judged, err);
	return e == -ENODATA && !err->code ? 0 : e;
}

static int keep_history(int e, struct drvmem_err *err)
{
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot keep the history of the session (%s)",
				   drvmem_errno_name(e)) : 0;
}

/* What came before the interval shown, which its reader adds. */
static int fill_timeline(struct replay *r, struct drvmem_err *err)
{
	uint32_t step = r->cur / HISTORY + 1, i;
	struct drvmem_snapshot *s;
	int e = 0;

	for (i = 0; i < r->i->nr_marks && !e; i++)
		if (r->i->mark[i].taken_ns <= r->i->moment[r->cur].taken_ns)
			e = drvmem_timeline__add_mark(r->live->timeline, i + 1, r->i->mark[i].taken_ns, r->i->mark[i].text);
	if (e)
		return keep_history(e, err);
	for (i = r->cur % step; i < r->cur; i += step) {
		drvmem_progress__step(&r->progress, i + 1, r->cur + 1);
		e = drvmem_stored__snapshot(r->s, i, &s, err);
		if (e)
			return e;
		e = drvmem_timeline__add(r->live->timeline, s);
		drvmem_snapshot__free(s);
		if (e)
			return keep_history(e, err);
	}
	return 0;
}

/* The generation that began with an interval's own mark; 0 = it has none. */
static uint32_t generation_at(const struct replay *r, uint32_t i)
{
	const struct drvmem_moment *m = r->i->moment;
	uint32_t k, gen = 0;

	for (k = 0; k < r->i->nr_marks; k++)
		if (r->i->mark[k].taken_ns <= m[i].taken_ns && (!i || r->i->mark[k].taken_ns > m[i - 1].taken_ns))
			gen = r->i->mark[k].generation;
	return gen;
}

/* Of the window up to the interval shown: all snapshots from its begin on, also later ones, tell of its objects. */
static int fill_inside(struct replay *r, struct drvmem_inside *w, struct drvmem_err *err)
{
	uint32_t from = r->prev == NONE ? 0 : r->prev, i;
	struct drvmem_snapshot *s;
	int e = 0;

	drvmem_inside__init(w, r->prev == NONE ? r->i->meta->started_ns : r->i->moment[from].taken_ns,
			    r->i->moment[r->cur].taken_ns);
	if (r->prev != NONE && generation_at(r, from) && generation_at(r, r->cur)) {
		w->gen = generation_at(r, from);
		w->gen_end = generation_at(r, r->cur);
	}
	for (i = from; i < r->i->nr && !e; i++) {
		drvmem_progress__step(&r->progress, i - from + 1, r->i->nr - from);
		e = drvmem_stored__snapshot(r->s, i, &s, err);
		if (e)
			return e;
		e = s->meta.sampled ? 0 : drvmem_inside__add(w, s);	/* who shows it refuses a sampled one */
		drvmem_snapshot__free(s);
	}
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

static int show(struct replay *r, drvmem_live_fn fn, void *arg, struct drvmem_err *err)
{
	struct drvmem_snapshot *prev = NULL, *cur = NULL;
	int e = r->live->series && (needs_objects(r) || has_objects(r)) ? fill_series(r, err) : 0;

	if (!e && r->live->timeline)
		e = fill_timeline(r, err);
	if (!e && r->live->replayed && r->live->replayed->inside)
		e = fill_inside(r, r->live->replayed->inside, err);
	if (!e && r->prev != NONE)
		e = drvmem_stored__snapshot(r->s, r->prev, &prev, err);
	if (!e)
		e = drvmem_stored__snapshot(r->s, r->cur, &cur, err);
	if (!e)
		e = fill_more(r, cur, err);
	drvmem_progress__end(&r->progress);
	if (!e)
		e = fn(arg, prev, cur, true, err);
	drvmem_snapshot__free(prev);
	drvmem_snapshot__free(cur);
	return e;
}

int drvmem_replay__run(const struct drvmem_common *c, const struct drvmem_live_opts *live, drvmem_live_fn fn, void *arg,
		       struct drvmem_err *err)
{
	struct replay r = { .live = live };
	int e;

	drvmem_progress__begin(&r.progress, STDERR_FILENO, "reading", c->file);
	r.s = drvmem_stored__open_telling(c->file, &r.progress, err);
	drvmem_progress__clear(&r.progress);	/* before anything else is said */
	if (!r.s)
		return err->code;
	r.i = drvmem_stored__info(r.s);
	if (!r.i->ended)
		drvmem_log_warn("'%s' was not ended: it goes on, or its recorder was killed; the last interval is complete",
				c->file);
	if (r.i->log_unread)
		drvmem_log_warn("the log beside '%s' cannot be used (its directory is not writable, or memory cannot be shared there): what it has is missing", c->file);
	if (r.i->skipped)
		drvmem_log_warn("%u intervals are missing in '%s': another program held the file", r.i->skipped, c->file);
	if (r.i->late)
		drvmem_log_warn("%u intervals of '%s' were written late: another program held the file", r.i->late, c->file);
	e = choose(&r, c, err);
	if (!e)
		e = show(&r, fn, arg, err);
	drvmem_progress__end(&r.progress);
	drvmem_stored__free(r.s);
	return e;
}

/* Where the file's name ends in "FILE@TIME": before the first @ that leaves the name of a file. */
static size_t path_len(const char *name)
{
	const char *at = strchr(name, '@');
	char path[PATH_MAX];

	for (; at && access(name, F_OK); at = strchr(at + 1, '@')) {
		snprintf(path, sizeof(path), "%.*s", (int)(at - name), name);
		if (at > name && !access(path, F_OK))
			return (size_t)(at - name);
	}
	at = access(name, F_OK) ? strchr(name, '@') : NULL;
	return at && at > name ? (size_t)(at - name) : strlen(name);
}

/* "TIME", or "A..B" where no mark has this text; from NONE: no window. */
static int find_moment(const struct drvmem_stored *s, const char *text, uint32_t *ret_from, uint32_t *ret,
		       struct drvmem_err *err)
{
	struct drvmem_err unused = { 0 };

	*ret_from = NONE;
	if (!strstr(text, "..") || !drvmem_when__find(s, text, ret, &unused))
		return strstr(text, "..") ? 0 : drvmem_when__find(s, text, ret, err);
	return drvmem_when__window(s, text, ret_from, ret, err);
}

/* What became more since the interval from. */
static int subtract(struct drvmem_stored *s, uint32_t from, struct drvmem_snapshot *cur, const char *name,
		    struct drvmem_err *err)
{
	struct drvmem_snapshot *prev;
	int e;

	if (cur->meta.sampled) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s': a window of a sampled session cannot be compared", name);
		drvmem_err__remedy(err, "compare moments, FILE@TIME: their errors are known");
		return -EINVAL;
	}
	e = drvmem_stored__snapshot(s, from, &prev, err);
	if (e)
		return e;
	e = drvmem_delta__subtract(prev, cur);
	drvmem_snapshot__free(prev);
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

int drvmem_replay__side(const char *name, bool pools, struct drvmem_replay_side *ret, struct drvmem_err *err)
{
	size_t len = path_len(name);
	_cleanup_free_ char *path = strndup(name, len);
	struct drvmem_replay_side side = { 0 };
	uint32_t i, from = NONE;
	struct drvmem_progress progress;
	struct drvmem_stored *s;
	int e = 0;

	if (!path)
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	drvmem_progress__begin(&progress, STDERR_FILENO, "reading", path);
	s = drvmem_stored__open_telling(path, &progress, err);
	if (!s)
		drvmem_progress__end(&progress);
	if (!s)
		return err->code;
	i = drvmem_stored__info(s)->nr - 1;
	if (name[len])
		e = find_moment(s, name + len + 1, &from, &i, err);
	if (!e)
		e = drvmem_stored__snapshot(s, i, &side.s, err);
	if (!e && pools)
		e = drvmem_stored__pools(s, i, &side.pools, err);
	if (!e && from != NONE)
		e = subtract(s, from, side.s, name, err);
	side.window = from != NONE;
	if (side.s)
		side.s->baseline = NULL;	/* that of s, which goes */
	drvmem_stored__free(s);
	drvmem_progress__end(&progress);
	if (e)
		drvmem_replay_side__deinit(&side);
	else
		*ret = side;
	return e;
}

void drvmem_replay_side__deinit(struct drvmem_replay_side *side)
{
	drvmem_snapshot__free(side->s);
	drvmem_pools__free(side->pools);
	*side = (struct drvmem_replay_side){ 0 };
}
