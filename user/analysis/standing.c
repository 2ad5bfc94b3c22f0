// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/standing.h"

#include <inttypes.h>

#include "base/units.h"

#define SIGNIFICANT	0.05
#define POINTS_MIN	6u	/* fewer never are significant, or are by chance too often */
#define PART		10u	/* of an owner's bytes, from which on it may be named by what is not sure */

/* A moment that long ago at which nothing had been allocated here, while tracing went on for as long before. */
static bool is_new(const struct drvmem_standing_in *in)
{
	uint32_t i;

	if (!in->series || in->now_ns - in->started_ns < 2 * DRVMEM_STANDING_NEW_NS)
		return false;
	for (i = in->series->nr; i--;)
		if (in->now_ns > in->series->point[i].taken_ns &&
		    in->now_ns - in->series->point[i].taken_ns >= DRVMEM_STANDING_NEW_NS)
			return !drvmem_series__at(in->series, i, in->site).allocs;
	return false;
}

/* Without ages: the live objects of the later two thirds, since they rise at first in any case. */
static void judge_counts(const struct drvmem_standing_in *in, struct drvmem_standing_is *ret)
{
	double t[DRVMEM_SERIES_POINTS], live[DRVMEM_SERIES_POINTS];
	uint32_t i, n = 0;

	for (i = in->series ? in->series->nr / 3 : 0; in->series && i < in->series->nr; i++) {
		t[n] = (double)(in->series->point[i].taken_ns - in->started_ns) / 1e9;
		live[n++] = (double)drvmem_series__at(in->series, i, in->site).live_objects;
	}
	ret->points = n;
	if (n < POINTS_MIN) {
		ret->word = DRVMEM_STANDING_SHORT;
		return;
	}
	drvmem_trend(t, live, n, &ret->trend);
	if (ret->trend.low > 0 && ret->trend.p < SIGNIFICANT)
		ret->word = DRVMEM_STANDING_GROWING;
}

static void judge_growth(const struct drvmem_standing_in *in, struct drvmem_standing_is *ret)
{
	if (!in->growth) {
		judge_counts(in, ret);
	} else if (in->growth->class == DRVMEM_GROWTH_SHORT) {
		ret->word = DRVMEM_STANDING_SHORT;
	} else if (in->growth->class == DRVMEM_GROWTH_GROWING) {
		ret->word = DRVMEM_STANDING_GROWING;
		ret->confidence = in->growth->confidence;
	}
	if (ret->word == DRVMEM_STANDING_STABLE &&
	    in->allocs >= DRVMEM_STANDING_TURNS * (uint64_t)in->live_objects)
		ret->word = DRVMEM_STANDING_CHURN;
}

void drvmem_standing(const struct drvmem_standing_in *in, struct drvmem_standing_is *ret)
{
	*ret = (struct drvmem_standing_is){ .word = DRVMEM_STANDING_STABLE };
	if (in->live_objects <= 0)
		ret->word = DRVMEM_STANDING_NONE;
	else if (in->lost)
		ret->word = DRVMEM_STANDING_LOST;
	else if (in->unloaded_ns)
		ret->word = in->now_ns - in->unloaded_ns < DRVMEM_STANDING_GRACE_NS ? DRVMEM_STANDING_UNLOADING :
										       DRVMEM_STANDING_LEFTOVER;
	else if (in->reclaimable)
		ret->word = DRVMEM_STANDING_CACHE;
	else if (in->sampled)	/* no sample of it a minute ago: that is not none */
		ret->word = DRVMEM_STANDING_SAMPLED;
	else if (is_new(in))
		ret->word = DRVMEM_STANDING_NEW;
	else
		judge_growth(in, ret);
}

const char *drvmem_standing__name(const struct drvmem_standing_is *k)
{
	static const char *const names[DRVMEM_NR_STANDINGS] = {
		[DRVMEM_STANDING_NONE] = "-",		[DRVMEM_STANDING_SAMPLED] = "sampled",
		[DRVMEM_STANDING_SHORT] = "too short",
		[DRVMEM_STANDING_STABLE] = "stable",	[DRVMEM_STANDING_CHURN] = "churn",
		[DRVMEM_STANDING_NEW] = "new",		[DRVMEM_STANDING_CACHE] = "cache*",
		[DRVMEM_STANDING_UNLOADING] = "unloading", [DRVMEM_STANDING_LEFTOVER] = "leftover",
		[DRVMEM_STANDING_LOST] = "lost",
	};
	static const char *const growing[] = { "growing low", "growing medium", "growing high" };

	return k->word == DRVMEM_STANDING_GROWING ? growing[k->confidence] : names[k->word];
}

static void say_counts(const struct drvmem_standing_is *k, struct drvmem_strbuf *out)
{
	if (k->points < POINTS_MIN)
		drvmem_strbuf__append(out, "the ages of its objects are not known of this moment, and it is too early to "
				      "tell by the counts alone");
	else
		drvmem_strbuf__printf(out, "live objects %+.3g/s (%.3g to %.3g); the ages are not known of this moment, "
				      "so nothing tells whether old ones stay", k->trend.slope, k->trend.low,
				      k->trend.high);
}

void drvmem_standing__why(const struct drvmem_standing_in *in, const struct drvmem_standing_is *k,
			  struct drvmem_strbuf *out)
{
	char age[DRVMEM_UNIT_LEN];

	drvmem_strbuf__append(out, in->sampled ? "estimated from samples: " : "");
	drvmem_strbuf__printf(out, "%" PRIu64 " allocated, %" PRIu64 " freed, %s%" PRId64 " live; ", in->allocs, in->frees,
			      in->upper_bound ? "at most " : "", in->live_objects);
	switch (k->word) {
	case DRVMEM_STANDING_NONE:
		drvmem_strbuf__append(out, "nothing is left");
		return;
	case DRVMEM_STANDING_LOST:
		drvmem_strbuf__printf(out, "a scan of memory found nobody who holds %" PRIu32 " of them; ", in->lost);
		break;
	case DRVMEM_STANDING_UNLOADING:
	case DRVMEM_STANDING_LEFTOVER:
		drvmem_strbuf__printf(out, "the module was unloaded %s ago; ",
				      drvmem_fmt_duration(in->now_ns - in->unloaded_ns, age, sizeof(age)));
		break;
	case DRVMEM_STANDING_CACHE:
		drvmem_strbuf__append(out, "the cache gives back when memory is short; ");
		break;
	case DRVMEM_STANDING_NEW:
		drvmem_strbuf__append(out, "a minute ago nothing had been allocated here; ");
		break;
	default:
		break;
	}
	if (in->sampled)
		drvmem_strbuf__append(out, "sampled: ages of single objects are not known");
	else if (in->growth)
		drvmem_growth__why(in->growth, out);
	else
		say_counts(k, out);
}

void drvmem_standing_of__add(struct drvmem_standing_of *o, const struct drvmem_standing_is *k, int64_t live_bytes)
{
	uint64_t bytes = live_bytes > 0 ? (uint64_t)live_bytes : 0;

	if (k->word == DRVMEM_STANDING_NONE)
		return;
	o->bytes[k->word][k->confidence] += bytes;
	o->sites[k->word][k->confidence]++;
	o->all += bytes;
}

/* What is surely so goes first, then a growth that may be a leak, if it is of a part that counts. */
static bool wins(const struct drvmem_standing_of *o, uint32_t word, uint32_t c)
{
	if (!o->sites[word][c])
		return false;
	if (word > DRVMEM_STANDING_GROWING || c == DRVMEM_CONFIDENCE_HIGH)
		return true;
	return c == DRVMEM_CONFIDENCE_MEDIUM && o->bytes[word][c] * PART >= o->all;
}

struct drvmem_standing_is drvmem_standing_of__word(const struct drvmem_standing_of *o)
{
	struct drvmem_standing_is best = { .word = DRVMEM_STANDING_NONE };
	uint32_t word, c;

	for (word = DRVMEM_NR_STANDINGS; word-- > DRVMEM_STANDING_GROWING;)
		for (c = DRVMEM_CONFIDENCE_HIGH + 1; c--;)
			if (wins(o, word, c))
				return (struct drvmem_standing_is){ .word = (enum drvmem_standing)word,
								    .confidence = (enum drvmem_confidence)c };
	for (word = DRVMEM_STANDING_NONE + 1; word <= DRVMEM_STANDING_GROWING; word++)
		for (c = 0; c <= DRVMEM_CONFIDENCE_HIGH; c++)
			if (o->sites[word][c] && (best.word == DRVMEM_STANDING_NONE ||
						  o->bytes[word][c] > o->bytes[best.word][best.confidence]))
				best = (struct drvmem_standing_is){ .word = (enum drvmem_standing)word,
								    .confidence = (enum drvmem_confidence)c };
	return best;
}
