/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strict reader of OpenMetrics 1.0 text, of what drvmem may write: fails the test at the first line that a
 * server might take otherwise than it is meant. Knows nothing of drvmem's metrics.
 */
#ifndef DRVMEM_TESTS_OMCHECK_H
#define DRVMEM_TESTS_OMCHECK_H

#include <ctype.h>
#include <math.h>
#include <stdbool.h>

#include "unit.h"

#define OM_MAX 20000u

struct om {
	char family[128], type[16], unit[16];
	bool samples, help;
	char **seen;		/* name and labels of each sample, then names of families that ended */
	uint32_t n;
	char **families;
	uint32_t nr_families;
	double bucket;		/* cumulative count of the bucket before; -1 = none */
	double le, count;
	bool inf, sum;
};

static inline char *om_dup(const char *s, size_t n)
{
	char *p = strndup(s, n);

	assert_non_null(p);
	return p;
}

static inline size_t om_name_len(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return isdigit((unsigned char)s[0]) ? 0 : n;
}

static inline bool om_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n >= k && !strcmp(s + n - k, suffix);
}

static inline void om_end_family(struct om *o, const char *line)
{
	if (!o->family[0])
		return;
	if (!o->samples || !o->type[0] || !o->help)
		fail_msg("family %s without samples, type or help before: %s", o->family, line);
	if (o->unit[0] && !(om_ends(o->family, o->unit) && o->family[strlen(o->family) - strlen(o->unit) - 1] == '_'))
		fail_msg("unit %s of %s is not the end of its name", o->unit, o->family);
	if (!strcmp(o->type, "histogram") && !o->inf)
		fail_msg("histogram %s without le=\"+Inf\"", o->family);
	for (uint32_t i = 0; i < o->nr_families; i++)
		if (!strcmp(o->families[i], o->family))
			fail_msg("family %s twice", o->family);
	assert_true(o->nr_families < OM_MAX);
	o->families[o->nr_families++] = om_dup(o->family, strlen(o->family));
}

static inline void om_meta(struct om *o, const char *line)
{
	char key[8], name[128];
	int at = 0;

	if (sscanf(line, "# %7[A-Z] %127[A-Za-z0-9_] %n", key, name, &at) != 2 || !at || !line[at])
		fail_msg("not a heading: %s", line);
	if (strcmp(name, o->family)) {
		om_end_family(o, line);
		snprintf(o->family, sizeof(o->family), "%s", name);
		o->type[0] = o->unit[0] = 0;
		o->samples = o->help = o->inf = o->sum = false;
		o->bucket = -1;
	}
	if (o->samples)
		fail_msg("heading behind samples: %s", line);
	if (!strcmp(key, "HELP") && !o->help)
		o->help = true;
	else if (!strcmp(key, "TYPE") && !o->type[0])
		snprintf(o->type, sizeof(o->type), "%s", line + at);
	else if (!strcmp(key, "UNIT") && !o->unit[0])
		snprintf(o->unit, sizeof(o->unit), "%s", line + at);
	else
		fail_msg("heading twice, or unknown: %s", line);
	if (strcmp(key, "HELP") && strpbrk(line + at, " \t"))
		fail_msg("more than a word: %s", line);
	if (!strcmp(key, "HELP") && strpbrk(line + at, "\\\""))
		fail_msg("to be escaped: %s", line);
}

/* One label; *ret_le is set of le. Returns what is behind it. */
static inline const char *om_label(const char *s, const char *line, double *ret_le)
{
	size_t n = om_name_len(s);
	bool le = n == 2 && !strncmp(s, "le", 2);
	char *end;

	if (!n || s[n] != '=' || s[n + 1] != '"')
		fail_msg("not a label: %s", line);
	s += n + 2;
	if (le) {
		*ret_le = strtod(s, &end);
		if (*end != '"')
			fail_msg("le is no number: %s", line);
	}
	for (; *s != '"'; s++) {
		if (!*s || (unsigned char)*s < ' ')
			fail_msg("label without an end: %s", line);
		if (*s == '\\' && !strchr("\\\"n", *++s))
			fail_msg("unknown escape: %s", line);
	}
	return s + 1;
}

/* What follows the family's name in the name of a sample must fit its type. */
static inline void om_suffix(const struct om *o, const char *suffix, const char *line)
{
	static const char *const allowed[][5] = {
		{ "gauge", "", NULL }, { "counter", "_total", NULL }, { "info", "_info", NULL },
		{ "histogram", "_bucket", "_sum", "_count", NULL },
	};

	for (size_t i = 0; i < UNIT_NR(allowed); i++) {
		if (strcmp(allowed[i][0], o->type))
			continue;
		for (size_t k = 1; allowed[i][k]; k++)
			if (!strcmp(allowed[i][k], suffix))
				return;
	}
	fail_msg("a %s may not have '%s': %s", o->type, suffix, line);
}

/* Buckets of one label set are side by side, rising, and end with +Inf, which is the count. */
static inline void om_histogram(struct om *o, const char *suffix, double le, double value, const char *line)
{
	if (!strcmp(suffix, "_bucket")) {
		if (isnan(le))
			fail_msg("bucket without le: %s", line);
		if (o->bucket < 0)
			o->le = -INFINITY;
		if (isinf(o->le) && o->le > 0)	/* the next label set */
			o->bucket = -1, o->le = -INFINITY;
		if (le <= o->le || value < o->bucket)
			fail_msg("buckets do not rise: %s", line);
		o->le = le;
		o->bucket = value;
		o->inf |= isinf(le);
		o->sum = false;
	} else if (!strcmp(suffix, "_sum")) {
		o->sum = true;
	} else if (!o->sum || !isinf(o->le) || value != o->bucket) {
		fail_msg("count without sum, or not that of +Inf: %s", line);
	}
}

static inline void om_sample(struct om *o, const char *line)
{
	size_t n = om_name_len(line), f = strlen(o->family);
	const char *s = line + n;
	char suffix[16], *end;
	double value, le = NAN;

	if (!f || n < f || strncmp(line, o->family, f) || n - f >= sizeof(suffix))
		fail_msg("sample outside of its family %s: %s", o->family, line);
	snprintf(suffix, sizeof(suffix), "%.*s", (int)(n - f), line + f);
	om_suffix(o, suffix, line);
	if (*s == '{') {
		do
			s = om_label(s + 1, line, &le);
		while (*s == ',');
		if (*s++ != '}')
			fail_msg("labels without an end: %s", line);
	}
	for (uint32_t i = 0; i < o->n; i++)
		if (strlen(o->seen[i]) == (size_t)(s - line) && !strncmp(o->seen[i], line, (size_t)(s - line)))
			fail_msg("twice: %s", line);
	assert_true(o->n < OM_MAX);
	o->seen[o->n++] = om_dup(line, (size_t)(s - line));
	if (*s != ' ' || isspace((unsigned char)s[1]))
		fail_msg("no value: %s", line);
	value = strtod(s + 1, &end);
	if (*end || isnan(value))	/* no timestamp, no exemplar */
		fail_msg("not a number alone: %s", line);
	if (strcmp(o->type, "gauge") && value < 0)
		fail_msg("a %s below 0: %s", o->type, line);
	if (!strcmp(o->type, "info") && value != 1)
		fail_msg("an info that is not 1: %s", line);
	if (!strcmp(o->type, "histogram"))
		om_histogram(o, suffix, le, value, line);
	o->samples = true;
}

/* The whole text; returns how many samples it has. */
static inline uint32_t om_check(const char *text)
{
	struct om o = { .seen = calloc(OM_MAX, sizeof(*o.seen)), .families = calloc(OM_MAX, sizeof(*o.families)),
			.bucket = -1 };
	bool eof = false;
	const char *next;
	uint32_t n;

	assert_true(o.seen && o.families);
	for (; *text; text = next) {
		char *line;

		next = strchr(text, '\n');
		if (!next || eof)
			fail_msg("%s", eof ? "text behind # EOF" : "the last line has no end");
		line = om_dup(text, (size_t)(next++ - text));
		if (!strcmp(line, "# EOF"))
			eof = true;
		else if (line[0] == '#')
			om_meta(&o, line);
		else
			om_sample(&o, line);
		free(line);
	}
	if (!eof)
		fail_msg("no # EOF");
	om_end_family(&o, "the end");
	for (uint32_t i = 0; i < o.n; i++)
		free(o.seen[i]);
	for (uint32_t i = 0; i < o.nr_families; i++)
		free(o.families[i]);
	n = o.n;
	free(o.seen);
	free(o.families);
	return n;
}

#endif /* DRVMEM_TESTS_OMCHECK_H */
