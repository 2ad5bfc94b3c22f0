// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/units.h"

#include <inttypes.h>
#include <stdio.h>

/* v * 10^digits / unit, rounded half up, without overflow. */
static uint64_t scaled(uint64_t v, uint64_t unit, uint64_t ten)
{
	return (uint64_t)(((unsigned __int128)v * ten + unit / 2) / unit);
}

/* v / unit with as many decimals as keep it short: two when fine and < 10, one below 1000. */
static void print_scaled(char *buf, size_t size, uint64_t v, uint64_t unit, const char *suffix,
			 unsigned int max_decimals, uint64_t one_below)
{
	uint64_t x = scaled(v, unit, 100);

	if (max_decimals >= 2 && x < 1000) {
		snprintf(buf, size, "%" PRIu64 ".%02" PRIu64 "%s", x / 100, x % 100, suffix);
		return;
	}
	x = scaled(v, unit, 10);
	if (x < one_below * 10) {
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 "%s", x / 10, x % 10, suffix);
		return;
	}
	snprintf(buf, size, "%" PRIu64 "%s", scaled(v, unit, 1), suffix);
}

const char *drvmem_fmt_bytes(uint64_t bytes, char *buf, size_t size)
{
	static const char *const suffix[] = { "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
	uint64_t unit = 1024;
	unsigned int i = 0;

	if (bytes < 1024) {
		snprintf(buf, size, "%" PRIu64, bytes);
		return buf;
	}
	/* tested after rounding: 1048575 is 1.0Mi, never 1024Ki */
	while (i < 5 && scaled(bytes, unit, 1) >= 1024) {
		unit *= 1024;
		i++;
	}
	print_scaled(buf, size, bytes, unit, suffix[i], i >= 2 ? 2 : 1, 1000);
	return buf;
}

const char *drvmem_fmt_count(uint64_t n, char *buf, size_t size)
{
	static const char *const suffix[] = { "k", "M", "G", "T", "P", "E" };
	uint64_t unit = 1000;
	unsigned int i = 0;

	if (n < 10000) {
		snprintf(buf, size, "%" PRIu64, n);
		return buf;
	}
	while (i < 5 && scaled(n, unit, 1) >= 1000) {
		unit *= 1000;
		i++;
	}
	print_scaled(buf, size, n, unit, suffix[i], 1, 100);
	return buf;
}

static const char *with_sign(int64_t v, char *buf, size_t size,
			     const char *(*fmt)(uint64_t, char *, size_t))
{
	/* INT64_MIN has no positive counterpart: negate as unsigned */
	uint64_t magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	if (!v || size < 2)
		return fmt(magnitude, buf, size);
	buf[0] = v < 0 ? '-' : '+';
	fmt(magnitude, buf + 1, size - 1);
	return buf;
}

const char *drvmem_fmt_bytes_delta(int64_t bytes, char *buf, size_t size)
{
	return with_sign(bytes, buf, size, drvmem_fmt_bytes);
}

const char *drvmem_fmt_count_delta(int64_t n, char *buf, size_t size)
{
	return with_sign(n, buf, size, drvmem_fmt_count);
}

static const struct {
	const char *suffix;
	uint64_t ns;
	uint64_t next;	/* how many of them make the next unit */
} time_units[] = {
	{ "ns", 1, 1000 }, { "us", 1000, 1000 }, { "ms", 1000000, 1000 },
	{ "s", 1000000000ull, 60 }, { "m", 60000000000ull, 60 },
	{ "h", 3600000000000ull, 24 }, { "d", 86400000000000ull, UINT64_MAX },
};

const char *drvmem_fmt_duration(uint64_t ns, char *buf, size_t size)
{
	unsigned int i = 0;

	while (scaled(ns, time_units[i].ns, 1) >= time_units[i].next)
		i++;
	if (i == 0)
		snprintf(buf, size, "%" PRIu64 "ns", ns);
	else
		print_scaled(buf, size, ns, time_units[i].ns, time_units[i].suffix, 1, 10);
	return buf;
}

const char *drvmem_fmt_size_exact(uint64_t bytes, char *buf, size_t size)
{
	static const char suffix[] = "KMGTPE";
	int i = -1;

	while (i < 5 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		i++;
	}
	if (i < 0)
		snprintf(buf, size, "%" PRIu64, bytes);
	else
		snprintf(buf, size, "%" PRIu64 "%c", bytes, suffix[i]);
	return buf;
}

const char *drvmem_fmt_duration_exact(uint64_t ns, char *buf, size_t size)
{
	unsigned int i = sizeof(time_units) / sizeof(time_units[0]) - 1;

	while (i > 0 && ns % time_units[i].ns)
		i--;
	if (!ns)
		i = 3;	/* "0s" rather than "0d" */
	snprintf(buf, size, "%" PRIu64 "%s", ns / time_units[i].ns, time_units[i].suffix);
	return buf;
}
