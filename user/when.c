// SPDX-License-Identifier: GPL-2.0-or-later
#include "when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/opt.h"

static int no_moment(const struct drvmem_stored *s, const char *text, const char *why, struct drvmem_err *err)
{
	const struct drvmem_stored_info *i = drvmem_stored__info(s);
	time_t from = (time_t)i->moment[0].taken_unix, to = (time_t)i->moment[i->nr - 1].taken_unix;
	char a[32], b[32];
	struct tm tm;

	strftime(a, sizeof(a), "%Y-%m-%d %H:%M:%S", localtime_r(&from, &tm));
	strftime(b, sizeof(b), "%Y-%m-%d %H:%M:%S", localtime_r(&to, &tm));
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s': %s", text, why);
	drvmem_err__remedy(err, "the session has %u intervals from %s to %s, and %u marks", i->nr, a, b, i->nr_marks);
	return -EINVAL;
}

/* Forms of date and time; a time alone is of the day that *tm holds. */
static bool parse_clock(const char *text, struct tm *tm)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
					     "%H:%M:%S", "%H:%M" };
	const char *end;
	struct tm try;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		try = *tm;
		try.tm_sec = 0;
		end = strptime(text, forms[i], &try);
		if (end && !*end) {
			*tm = try;
			tm->tm_isdst = -1;
			return true;
		}
	}
	return false;
}

/* Seconds of the clock that a text means, or why not. */
static const char *parse(const struct drvmem_stored_info *i, const char *text, uint64_t *ret)
{
	const struct drvmem_moment *first = &i->moment[0], *last = &i->moment[i->nr - 1];
	uint64_t start = first->taken_unix - (first->taken_ns - i->meta->started_ns) / 1000000000u, ns;
	time_t at = (time_t)last->taken_unix;
	struct tm tm;

	if (*text == '@')
		return drvmem_parse_u64(text + 1, ret) ? "is not @ and seconds" : NULL;
	if (*text == '+' || *text == '-') {
		if (drvmem_parse_duration(text + 1, &ns))
			return "is not a sign and a duration";
		*ret = *text == '+' ? start + ns / 1000000000u : last->taken_unix - ns / 1000000000u;
		return NULL;
	}
	localtime_r(&at, &tm);
	if (!parse_clock(text, &tm))
		return "is no time, and no mark has this text";
	at = mktime(&tm);
	if (at < 0)
		return "is no time";
	*ret = (uint64_t)at;
	return NULL;
}

/* A mark begins an interval: the one that was over at that moment. The last mark of that text; nr = there is none. */
static uint32_t find_mark(const struct drvmem_stored_info *i, const char *text)
{
	uint32_t m, at;

	for (m = i->nr_marks; m; m--) {
		if (!i->mark[m - 1].text || strcmp(i->mark[m - 1].text, text))
			continue;
		for (at = 0; at < i->nr - 1 && i->moment[at].taken_ns < i->mark[m - 1].taken_ns;)
			at++;
		return at;
	}
	return i->nr;
}

int drvmem_when__find(const struct drvmem_stored *s, const char *text, uint32_t *ret, struct drvmem_err *err)
{
	const struct drvmem_stored_info *i = drvmem_stored__info(s);
	uint64_t unix_s = 0;
	uint32_t at = find_mark(i, text);
	const char *why;

	if (at < i->nr) {
		*ret = at;
		return 0;
	}
	why = parse(i, text, &unix_s);
	if (why)
		return no_moment(s, text, why, err);
	at = drvmem_stored__at(s, unix_s);
	if (at == i->nr)
		return no_moment(s, text, "is before the first interval", err);
	*ret = at;
	return 0;
}

int drvmem_when__window(const struct drvmem_stored *s, const char *text, uint32_t *ret_from, uint32_t *ret_to,
			struct drvmem_err *err)
{
	const struct drvmem_stored_info *i = drvmem_stored__info(s);
	const char *dots = strstr(text, "..");
	uint32_t from = 0, to = i->nr - 1;
	char a[256];
	int e = 0;

	if (!dots || (size_t)(dots - text) >= sizeof(a))
		return no_moment(s, text, "is not A..B", err);
	snprintf(a, sizeof(a), "%.*s", (int)(dots - text), text);
	if (*a)
		e = drvmem_when__find(s, a, &from, err);
	if (!e && dots[2])
		e = drvmem_when__find(s, dots + 2, &to, err);
	if (e)
		return e;
	if (from >= to)
		return no_moment(s, text, "no interval lies between", err);
	*ret_from = from;
	*ret_to = to;
	return 0;
}
