// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/growth.h"

#include <inttypes.h>
#include <string.h>

#include "base/units.h"

#define SIGNIFICANT	0.05

/* A window of the session: from one point of the series to the next. */
struct window {
	uint64_t born, left;		/* objects allocated in it; of those, live */
};

static uint64_t count_old(const struct drvmem_growth_in *in, uint64_t old_ns)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < in->nr_living; i++)
		n += in->living[i] >= old_ns;
	return n;
}

static void fill_windows(const struct drvmem_growth_in *in, struct window *w)
{
	uint64_t before = 0, born_ns;
	uint32_t i, j;

	for (i = 0; i < in->series->nr; i++) {
		uint64_t allocs = drvmem_series__at(in->series, i, in->site).allocs;

		w[i] = (struct window){ .born = allocs > before ? allocs - before : 0 };
		before = allocs;
	}
	for (j = 0; j < in->nr_living; j++) {
		born_ns = in->living[j] < in->ended_ns ? in->ended_ns - in->living[j] : 0;
		for (i = 0; i < in->series->nr && in->series->point[i].taken_ns < born_ns;)
			i++;
		if (i < in->series->nr)
			w[i].left++;
	}
}

/* The last third. */
static uint32_t late_windows(const struct drvmem_growth *g)
{
	return (g->windows + 2) / 3;
}

/* What is left of the windows of which all that is left is old. */
static void judge_windows(const struct drvmem_growth_in *in, const struct window *w,
			  struct drvmem_growth *g, uint64_t *ret_late_born)
{
	uint32_t i, late;

	while (g->windows < in->series->nr && in->series->point[g->windows].taken_ns <= in->ended_ns &&
	       in->ended_ns - in->series->point[g->windows].taken_ns >= g->mature_ns)
		g->windows++;
	late = g->windows - late_windows(g);
	for (i = 0; i < g->windows; i++) {
		/* an age is told in jiffies: one may seem born a window too early */
		g->windows_born += w[i].born || w[i].left;
		g->windows_left += w[i].left != 0;
		g->left += w[i].left;
		if (i < late)
			continue;
		*ret_late_born += w[i].born;
		g->left_late += w[i].left;
	}
}

/* How the number of live objects went. The highest that it was. */
static uint64_t judge_live(const struct drvmem_growth_in *in, struct drvmem_growth *g)
{
	double t[DRVMEM_SERIES_POINTS], live[DRVMEM_SERIES_POINTS];
	double high = 0, now;
	uint32_t i, n = 0;

	for (i = 0; i < in->series->nr; i++) {
		uint64_t at = in->series->point[i].taken_ns - in->started_ns;

		now = (double)drvmem_series__at(in->series, i, in->site).live_objects;
		if (now > high)
			high = now;
		if (high - now > (double)g->drop)
			g->drop = (uint64_t)(high - now);
		/* before that it rises in any case: nothing was live when the session began */
		if (at < g->mature_ns)
			continue;
		t[n] = (double)at / 1e9;
		live[n++] = now;
	}
	drvmem_trend(t, live, n, &g->trend);
	return (uint64_t)high;
}

static uint32_t find_against(const struct drvmem_growth_in *in, const struct drvmem_growth *g)
{
	uint64_t old = count_old(in, g->mature_ns);
	uint32_t a = 0;

	if (g->life.old_ns.st != DRVMEM_OK)
		a |= DRVMEM_AGAINST_UNLEARNT;
	if (g->life.reached_freed * 50 > g->life.reached)
		a |= DRVMEM_AGAINST_FREED_LATE;
	/* what is left of the last windows is what makes it grow */
	if (in->lost && in->lost >= g->left_late)
		a |= DRVMEM_AGAINST_LOSS;
	if (in->upper_bound || in->inferred * 10 > old)
		a |= DRVMEM_AGAINST_UPPER;
	if (in->shared)
		a |= DRVMEM_AGAINST_SHARED;
	if (old < DRVMEM_GROWTH_FEW)
		a |= DRVMEM_AGAINST_FEW;
	/* a batch that is kept, as when a device is made, is a step and no growth; the edge of a window makes two of it */
	if (g->windows_left * 4 <= g->windows_born * 3 || g->windows_left < DRVMEM_GROWTH_WINDOWS)
		a |= DRVMEM_AGAINST_GAPS;
	if (g->left_late * g->windows * 2 < g->left * late_windows(g))
		a |= DRVMEM_AGAINST_SLOWING;
	if (g->windows * 2 < in->series->nr)
		a |= DRVMEM_AGAINST_YOUNG;
	return a;
}

static enum drvmem_confidence confidence_of(const struct drvmem_growth *g)
{
	if (g->class == DRVMEM_GROWTH_SHORT ||
	    g->against & (DRVMEM_AGAINST_LOSS | DRVMEM_AGAINST_UPPER))
		return DRVMEM_CONFIDENCE_LOW;
	if (g->class != DRVMEM_GROWTH_GROWING)
		return DRVMEM_CONFIDENCE_MEDIUM;
	if (g->against & DRVMEM_AGAINST_FREED_LATE)
		return DRVMEM_CONFIDENCE_LOW;
	return g->against ? DRVMEM_CONFIDENCE_MEDIUM : DRVMEM_CONFIDENCE_HIGH;
}

static enum drvmem_growth_class class_of(const struct drvmem_growth *g, uint64_t late_born, uint64_t high)
{
	if (g->windows < DRVMEM_GROWTH_WINDOWS)
		return DRVMEM_GROWTH_SHORT;
	if (!g->left_late)
		return late_born ? DRVMEM_GROWTH_WARM_UP : DRVMEM_GROWTH_QUIET;
	if (g->drop >= DRVMEM_GROWTH_FEW && g->drop * 2 >= high && g->windows_left < g->windows_born)
		return DRVMEM_GROWTH_SAWTOOTH;
	if (g->trend.low > 0 && g->trend.p < SIGNIFICANT)
		return DRVMEM_GROWTH_GROWING;
	return DRVMEM_GROWTH_STEADY;
}

void drvmem_growth(const struct drvmem_growth_in *in, struct drvmem_growth *ret)
{
	struct window w[DRVMEM_SERIES_POINTS];
	uint64_t high, late_born = 0;

	memset(ret, 0, sizeof(*ret));
	drvmem_lifetime(in->life, in->living, in->nr_living, in->hz, &ret->life);
	ret->learnt = in->learn && ret->life.old_ns.st == DRVMEM_OK;
	ret->old_ns = ret->learnt ? ret->life.old_ns.v : in->older_ns;
	/* asked for less than what is usual: of that the windows say nothing */
	ret->mature_ns = ret->life.old_ns.st == DRVMEM_OK && ret->life.old_ns.v > ret->old_ns ?
			    ret->life.old_ns.v : ret->old_ns;
	ret->old = count_old(in, ret->old_ns);
	fill_windows(in, w);
	judge_windows(in, w, ret, &late_born);
	high = judge_live(in, ret);
	ret->class = class_of(ret, late_born, high);
	ret->against = find_against(in, ret);
	ret->confidence = confidence_of(ret);
}

bool drvmem_growth__is_sure(const struct drvmem_growth *g)
{
	return g->class == DRVMEM_GROWTH_GROWING && g->confidence == DRVMEM_CONFIDENCE_HIGH;
}

const char *drvmem_growth__name(enum drvmem_growth_class class)
{
	static const char *const names[] = {
		[DRVMEM_GROWTH_SHORT] = "too short", [DRVMEM_GROWTH_GROWING] = "growing",
		[DRVMEM_GROWTH_STEADY] = "steady", [DRVMEM_GROWTH_WARM_UP] = "warm-up",
		[DRVMEM_GROWTH_QUIET] = "quiet", [DRVMEM_GROWTH_SAWTOOTH] = "sawtooth",
	};

	return names[class];
}

const char *drvmem_confidence__name(enum drvmem_confidence c)
{
	static const char *const names[] = { "low", "medium", "high" };

	return names[c];
}

/* What each class was seen by. */
static void say_class(const struct drvmem_growth *g, struct drvmem_strbuf *out)
{
	char age[DRVMEM_UNIT_LEN];

	switch (g->class) {
	case DRVMEM_GROWTH_SHORT:
		drvmem_strbuf__printf(out, "%u of %u windows needed are older than %s: trace longer",
				      g->windows, DRVMEM_GROWTH_WINDOWS,
				      drvmem_fmt_duration(g->mature_ns, age, sizeof(age)));
		break;
	case DRVMEM_GROWTH_WARM_UP:
		drvmem_strbuf__printf(out, "of the last third of %u windows none is left", g->windows);
		break;
	case DRVMEM_GROWTH_QUIET:
		drvmem_strbuf__printf(out, "in the last third of %u windows none was allocated", g->windows);
		break;
	case DRVMEM_GROWTH_SAWTOOTH:
		drvmem_strbuf__printf(out, "%" PRIu64 " were freed in between, and of %u of %u windows none is left",
				      g->drop, g->windows_born - g->windows_left, g->windows_born);
		break;
	default:
		drvmem_strbuf__printf(out, "some of %u of %u windows are left; live objects %+.3g/s (%.3g to %.3g)",
				      g->windows_left, g->windows_born, g->trend.slope, g->trend.low,
				      g->trend.high);
	}
}

void drvmem_growth__why(const struct drvmem_growth *g, struct drvmem_strbuf *out)
{
	static const struct {
		uint32_t bit;
		const char *text;
	} against[] = {
		{ DRVMEM_AGAINST_UNLEARNT, "too few were freed to tell what is usual" },
		{ DRVMEM_AGAINST_FREED_LATE, "of those that became old some were freed" },
		{ DRVMEM_AGAINST_LOSS, "lost events could explain it" },
		{ DRVMEM_AGAINST_UPPER, "some frees of the cache cannot be seen" },
		{ DRVMEM_AGAINST_SHARED, "caches that are no driver's alone grow until memory is short" },
		{ DRVMEM_AGAINST_FEW, "they are few" },
		{ DRVMEM_AGAINST_GAPS, "of many windows none is left" },
		{ DRVMEM_AGAINST_SLOWING, "fewer and fewer are kept" },
		{ DRVMEM_AGAINST_YOUNG, "most of the session is younger than what is old: trace longer" },
	};
	char age[DRVMEM_UNIT_LEN];
	size_t i;

	drvmem_strbuf__printf(out, "%" PRIu64 " live longer than %s", g->old,
			      drvmem_fmt_duration(g->old_ns, age, sizeof(age)));
	if (g->learnt)
		drvmem_strbuf__printf(out, ", at least twice what 99 %% of the %" PRIu64 " freed ones did",
				      g->life.freed);
	drvmem_strbuf__append(out, "; ");
	say_class(g, out);
	for (i = 0; i < sizeof(against) / sizeof(against[0]) && g->class == DRVMEM_GROWTH_GROWING; i++)
		if (g->against & against[i].bit)
			drvmem_strbuf__printf(out, "; but %s", against[i].text);
}
