// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/glob.h"

#include <errno.h>
#include <stddef.h>

/* p is behind '['. Returns the character behind the closing ']', or NULL. */
static const char *class_end(const char *p)
{
	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')	/* first member: a literal */
		p++;
	for (; *p && *p != ']'; p++) {
		if (*p == '\\' && !*++p)
			return NULL;
	}
	return *p ? p + 1 : NULL;
}

int drvmem_glob__check(const char *pattern)
{
	const char *p = pattern;

	if (!*p)
		return -EINVAL;
	while (*p) {
		if (*p == '[') {
			p = class_end(p + 1);
			if (!p)
				return -EINVAL;
			continue;
		}
		if (*p == '\\' && !*++p)
			return -EINVAL;
		p++;
	}
	return 0;
}

static unsigned char fold(char c, bool dash)
{
	return (unsigned char)(dash && c == '-' ? '_' : c);
}

/* One member character of a class, quoted or not; moves p behind it. */
static char class_char(const char **p)
{
	if (**p == '\\')
		(*p)++;
	return *(*p)++;
}

/* p is behind '[', end behind ']' (class_end). */
static bool class_has(const char *p, const char *end, char c, bool dash)
{
	bool negate = *p == '!' || *p == '^';
	bool found = false;
	const char *last = end - 1;

	if (negate)
		p++;
	while (p < last) {
		char lo = class_char(&p);
		char hi = lo;

		if (*p == '-' && p + 1 < last) {
			p++;
			hi = class_char(&p);
		}
		/* a range is compared as written: folding its ends could invert it */
		if ((lo == hi && fold(c, dash) == fold(lo, dash)) ||
		    ((unsigned char)c >= (unsigned char)lo && (unsigned char)c <= (unsigned char)hi))
			found = true;
	}
	return found != negate;
}

/* Matches one character c against the element at p. Returns what is behind it, or NULL. */
static const char *match_one(const char *p, char c, bool dash)
{
	const char *end;

	if (*p == '?')
		return p + 1;
	if (*p == '[') {
		end = class_end(p + 1);
		return class_has(p + 1, end, c, dash) ? end : NULL;
	}
	if (*p == '\\')
		p++;
	return *p && fold(*p, dash) == fold(c, dash) ? p + 1 : NULL;
}

/* Back-tracking to the latest '*' only is enough: an earlier one can absorb no more than it. */
static bool match_glob(const char *p, const char *s, bool dash)
{
	const char *star = NULL, *resume = NULL;

	if (drvmem_glob__check(p))
		return false;
	for (;;) {
		const char *next;

		if (*p == '*') {
			star = ++p;
			resume = s;
			continue;
		}
		if (!*s) {
			if (!*p)
				return true;
			return false;
		}
		next = match_one(p, *s, dash);
		if (next) {
			p = next;
			s++;
			continue;
		}
		if (!star)
			return false;
		p = star;
		s = ++resume;
	}
}

bool drvmem_glob__match(const char *pattern, const char *name)
{
	return match_glob(pattern, name, false);
}

bool drvmem_glob__match_module(const char *pattern, const char *name)
{
	return match_glob(pattern, name, true);
}

bool drvmem_glob__match_list(const struct drvmem_strlist *patterns, const char *name)
{
	if (!patterns || !patterns->n)
		return true;
	for (uint32_t i = 0; i < patterns->n; i++) {
		if (match_glob(patterns->v[i], name, false))
			return true;
	}
	return false;
}
