// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers as people write them. Integer arithmetic only: no locale, no rounding surprises. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/opt.h"

#define NS_PER_S 1000000000ull
/* Digits of a fraction that count: frac * mult then fits 128 bits. More are read and dropped. */
#define FRAC_DIGITS 18

/* A number read off the front of a string: whole + frac / 10^digits. */
struct number {
	uint64_t whole;
	uint64_t frac;
	uint64_t scale;	/* power of ten under frac; 1 = no fraction */
};

struct unit {
	const char *name;
	uint64_t mult;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int read_u64(const char **ps, uint64_t *ret)
{
	const char *s = *ps;
	uint64_t v = 0;

	if (!is_digit(*s))
		return -EINVAL;
	for (; is_digit(*s); s++) {
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return -ERANGE;
	}
	*ps = s;
	*ret = v;
	return 0;
}

static int read_number(const char **ps, struct number *ret)
{
	struct number n = { .scale = 1 };
	const char *s = *ps;
	unsigned int digits = 0;
	int err;

	err = read_u64(&s, &n.whole);
	if (err)
		return err;
	if (*s == '.') {
		s++;
		if (!is_digit(*s))
			return -EINVAL;
		for (; is_digit(*s); s++) {
			if (digits++ >= FRAC_DIGITS)
				continue;
			n.frac = n.frac * 10 + (uint64_t)(*s - '0');
			n.scale *= 10;
		}
	}
	*ps = s;
	*ret = n;
	return 0;
}

/* n * mult, fraction rounded down. */
static int scale_number(const struct number *n, uint64_t mult, uint64_t *ret)
{
	uint64_t part = (uint64_t)((unsigned __int128)n->frac * mult / n->scale);
	uint64_t v;

	if (__builtin_mul_overflow(n->whole, mult, &v) || __builtin_add_overflow(v, part, &v))
		return -ERANGE;
	*ret = v;
	return 0;
}

int drvmem_parse_u64(const char *s, uint64_t *ret)
{
	uint64_t v;
	int err;

	err = read_u64(&s, &v);
	if (err)
		return err;
	if (*s)
		return -EINVAL;
	*ret = v;
	return 0;
}

/* "", B, K, k, Ki, KB, KiB, ...: always powers of 1024, as the kernel counts. -1 = not a unit. */
static int size_shift(const char *s)
{
	static const char prefix[] = "kmgtpe";
	const char *p;
	int shift;

	if (!*s || !strcmp(s, "B") || !strcmp(s, "b"))
		return 0;
	p = strchr(prefix, tolower((unsigned char)*s));
	if (!p)
		return -1;
	shift = 10 * (int)(p - prefix + 1);
	s++;
	if (*s == 'i')
		s++;
	if (*s == 'B' || *s == 'b')
		s++;
	return *s ? -1 : shift;
}

int drvmem_parse_size(const char *s, uint64_t *ret_bytes)
{
	struct number n;
	int err, shift;

	err = read_number(&s, &n);
	if (err)
		return err;
	shift = size_shift(s);
	if (shift < 0 || (shift == 0 && n.scale > 1))
		return -EINVAL;
	return scale_number(&n, 1ull << shift, ret_bytes);
}

static const struct unit duration_units[] = {
	/* descending: a compound names each unit once, large to small */
	{ "d", 86400 * NS_PER_S }, { "h", 3600 * NS_PER_S }, { "m", 60 * NS_PER_S },
	{ "s", NS_PER_S }, { "ms", 1000000 }, { "us", 1000 }, { "ns", 1 },
};

/* Index of the unit at *ps, which is moved behind it; -1 = none. "min" is a minute too. */
static int read_duration_unit(const char **ps)
{
	const char *s = *ps;
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	if (n == 3 && !strncmp(s, "min", 3)) {
		*ps = s + n;
		return 2;
	}
	for (size_t i = 0; i < sizeof(duration_units) / sizeof(duration_units[0]); i++) {
		if (n == strlen(duration_units[i].name) && !strncmp(s, duration_units[i].name, n)) {
			*ps = s + n;
			return (int)i;
		}
	}
	return -1;
}

int drvmem_parse_duration(const char *s, uint64_t *ret_ns)
{
	uint64_t total = 0, part;
	int err, unit, last = -1;
	struct number n;

	do {
		err = read_number(&s, &n);
		if (err)
			return err;
		if (!*s && last < 0)
			return scale_number(&n, NS_PER_S, ret_ns);
		unit = read_duration_unit(&s);
		if (unit <= last || (n.scale > 1 && *s))
			return -EINVAL;	/* unknown, out of order, or "1.5h30m" */
		err = scale_number(&n, duration_units[unit].mult, &part);
		if (err)
			return err;
		if (__builtin_add_overflow(total, part, &total))
			return -ERANGE;
		last = unit;
	} while (*s);
	*ret_ns = total;
	return 0;
}
