// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/bufsize.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HELD_MAX	(1ull << 40)
#define LOOKS		64u	/* larger sizes that are looked at for one need */

/*
 * With the needs in order, who shares a size are neighbours. f[j] = bytes that the first j needs take with
 * so many sizes = the least of g[i] + (P[j] - P[i]) * h[j], where g is f of one size less, P[i] the number of
 * buffers of the first i needs and h[j] what the cheapest size from need j on takes: lines -P[i] * x + g[i],
 * asked at x = h[j]. P and h ascend, so that each line is looked at twice in all.
 */
struct work {
	const struct drvmem_bufsize_need *need;
	uint32_t n, k;
	uint64_t *before;	/* P, n + 1 */
	uint64_t *cheapest;	/* h, n + 1; of the first need 1 */
	uint32_t *size;		/* that takes so much, n + 1 */
	uint64_t *now, *last;	/* f, g: n + 1 */
	uint32_t *from;		/* k rows of n + 1: the i of the least */
	uint32_t *line;		/* of the hull, n + 1 */
};

/* The cheapest of a size and of those above it that are worth a look. */
static int look_up(struct work *w, uint64_t (*held)(const void *arg, uint32_t bytes, uint32_t *next), const void *arg)
{
	uint64_t best = UINT64_MAX, h;
	uint32_t j, size, next, looks, at = 0;

	for (j = w->n; j; j--) {
		size = w->need[j - 1].bytes;
		for (looks = 0; size && looks < LOOKS; looks++, size = next) {
			next = 0;
			h = held(arg, size, &next);
			if (!h || (next && next <= size))
				return -EINVAL;
			if (h > HELD_MAX)
				return -ERANGE;
			if (h > best)
				continue;
			best = h;
			at = size;
		}
		w->cheapest[j] = best;
		w->size[j] = at;
	}
	return 0;
}

/* Line b is nowhere the least, between a and c. */
static bool is_hidden(const struct work *w, uint32_t a, uint32_t b, uint32_t c)
{
	__int128 pa = w->before[a], pb = w->before[b], pc = w->before[c];
	__int128 ga = w->last[a], gb = w->last[b], gc = w->last[c];

	return (gc - ga) * (pb - pa) <= (gb - ga) * (pc - pa);
}

static __int128 at_line(const struct work *w, uint32_t i, uint64_t x)
{
	return (__int128)w->last[i] - (__int128)w->before[i] * x;
}

static int one_more(struct work *w, uint32_t row)
{
	uint32_t *from = w->from + (size_t)row * (w->n + 1), head = 0, tail = 0, j;
	__int128 sum;

	w->now[0] = 0;
	for (j = 1; j <= w->n; j++) {
		/* the first row has one line: nothing before */
		if (row || j == 1) {
			while (tail - head >= 2 && is_hidden(w, w->line[tail - 2], w->line[tail - 1], j - 1))
				tail--;
			w->line[tail++] = j - 1;
		}
		while (tail - head >= 2 && at_line(w, w->line[head + 1], w->cheapest[j]) <=
					   at_line(w, w->line[head], w->cheapest[j]))
			head++;
		sum = at_line(w, w->line[head], w->cheapest[j]) + (__int128)w->before[j] * w->cheapest[j];
		if (sum > INT64_MAX)
			return -ERANGE;
		w->now[j] = (uint64_t)sum;
		from[j] = w->line[head];
	}
	return 0;
}

/* The sizes of the row's answer, from the last need back. */
static void trace_back(const struct work *w, uint32_t row, struct drvmem_bufsize_set *ret)
{
	uint32_t j = w->n, i, r = row + 1;
	struct drvmem_bufsize_set back = { .held = w->now[w->n] };

	while (j) {
		i = w->from[(size_t)--r * (w->n + 1) + j];
		/* neighbours may have the same cheapest size */
		if (!back.n || back.size[back.n - 1] != w->size[j])
			back.size[back.n++] = w->size[j];
		back.count[back.n - 1] += w->before[j] - w->before[i];
		j = i;
	}
	ret->held = back.held;
	ret->n = back.n;
	for (i = 0; i < back.n; i++) {
		ret->size[i] = back.size[back.n - 1 - i];
		ret->count[i] = back.count[back.n - 1 - i];
	}
}

static int sum_up(struct work *w)
{
	uint32_t j;

	for (j = 1; j <= w->n; j++) {
		if (!w->need[j - 1].bytes || (j > 1 && w->need[j - 1].bytes <= w->need[j - 2].bytes))
			return -EINVAL;
		if (__builtin_add_overflow(w->before[j - 1], w->need[j - 1].count, &w->before[j]) ||
		    w->before[j] > INT64_MAX)
			return -ERANGE;
	}
	return 0;
}

static int solve(struct work *w, struct drvmem_bufsize_set *ret)
{
	uint64_t *swap;
	uint32_t row;
	int e = 0;

	for (row = 0; row < w->k && !e; row++) {
		e = one_more(w, row);
		if (!e)
			trace_back(w, row, &ret[row]);
		swap = w->last;
		w->last = w->now;
		w->now = swap;
	}
	return e;
}

int drvmem_bufsize(const struct drvmem_bufsize_need *need, uint32_t n, uint32_t k,
		   uint64_t (*held)(const void *arg, uint32_t bytes, uint32_t *next), const void *arg,
		   struct drvmem_bufsize_set *ret)
{
	struct work w = { .need = need, .n = n, .k = k };
	size_t m = (size_t)n + 1;
	int e;

	if (!n || !k || k > DRVMEM_BUFSIZE_MAX)
		return -EINVAL;
	memset(ret, 0, k * sizeof(*ret));
	w.before = calloc(m, sizeof(*w.before));
	w.cheapest = calloc(m, sizeof(*w.cheapest));
	w.size = calloc(m, sizeof(*w.size));
	w.now = calloc(m, sizeof(*w.now));
	w.last = calloc(m, sizeof(*w.last));
	w.from = calloc(m * k, sizeof(*w.from));
	w.line = calloc(m, sizeof(*w.line));
	e = w.before && w.cheapest && w.size && w.now && w.last && w.from && w.line ? 0 : -ENOMEM;
	if (!e)
		e = sum_up(&w);
	if (!e)
		e = look_up(&w, held, arg);
	if (!e)
		e = solve(&w, ret);
	free(w.before);
	free(w.cheapest);
	free(w.size);
	free(w.now);
	free(w.last);
	free(w.from);
	free(w.line);
	return e;
}
