// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define SMALL		(1ull << 40)	/* no kernel address is below */

static inline uint64_t bit_of(uint64_t v)
{
	return ((v >> 12) * 0x9E3779B97F4A7C15ull) >> (64 - DRVMEM_SEARCH_BITS_SHIFT);
}

static inline bool may_hit(const struct drvmem_search *s, uint64_t v)
{
	uint64_t b = bit_of(v);

	return s->bits[b >> 6] >> (b & 63) & 1;
}

int drvmem_search__init(struct drvmem_search *s)
{
	*s = (struct drvmem_search){ .min = UINT64_MAX, .small_min = UINT64_MAX };
	s->bits = calloc(1, DRVMEM_SEARCH_BITS_BYTES);
	return s->bits ? 0 : -ENOMEM;
}

void drvmem_search__deinit(struct drvmem_search *s)
{
	if (s->key)
		explicit_bzero(s->key, s->cap * sizeof(*s->key));
	free(s->key);
	free(s->bits);
	*s = (struct drvmem_search){ 0 };
}

int drvmem_search__add(struct drvmem_search *s, const struct drvmem_key *k)
{
	struct drvmem_key *v;
	size_t cap;

	if (k->hi <= k->lo)
		return -ERANGE;
	if (s->nr == s->cap) {
		/* not realloc: it would leave a copy behind that nobody wipes */
		cap = s->cap ? s->cap * 2 : 1024;
		v = malloc(cap * sizeof(*v));
		if (!v)
			return -ENOMEM;
		if (s->key) {
			memcpy(v, s->key, s->nr * sizeof(*v));
			explicit_bzero(s->key, s->cap * sizeof(*v));
		}
		free(s->key);
		s->key = v;
		s->cap = cap;
	}
	s->key[s->nr++] = *k;
	return 0;
}

static int cmp_lo(const void *a, const void *b)
{
	const struct drvmem_key *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

void drvmem_search__seal(struct drvmem_search *s)
{
	const struct drvmem_key *k;
	uint64_t page, b;
	size_t i;

	qsort(s->key, s->nr, sizeof(*s->key), cmp_lo);
	for (i = 0; i < s->nr; i++) {
		k = &s->key[i];
		s->key[i].max_hi = i && s->key[i - 1].max_hi > k->hi ? s->key[i - 1].max_hi : k->hi;
		for (page = k->lo >> 12; page <= (k->hi - 1) >> 12; page++) {
			b = bit_of(page << 12);
			s->bits[b >> 6] |= 1ull << (b & 63);
		}
		if (k->lo < SMALL) {
			s->small_min = k->lo < s->small_min ? k->lo : s->small_min;
			s->small_max = k->hi - 1 > s->small_max ? k->hi - 1 : s->small_max;
		} else {
			s->min = k->lo < s->min ? k->lo : s->min;
			s->max = k->hi - 1 > s->max ? k->hi - 1 : s->max;
		}
	}
}

static inline bool in_small(const struct drvmem_search *s, uint64_t v)
{
	return v - s->small_min <= s->small_max - s->small_min;
}

static size_t search_plain(const struct drvmem_search *s, const uint64_t *w, size_t from, size_t n,
			   uint16_t *ret)
{
	bool large = s->min <= s->max, small = s->small_min <= s->small_max;
	size_t i, nr = 0;

	for (i = from; i < n; i++)
		if (((large && w[i] - s->min <= s->max - s->min) || (small && in_small(s, w[i]))) &&
		    may_hit(s, w[i]))
			ret[nr++] = (uint16_t)i;
	return nr;
}

#ifdef __x86_64__
/* Eight words a step; there is no unsigned comparison, so both sides are moved by 2^63. */
__attribute__((target("avx2")))
static size_t search_avx2(const struct drvmem_search *s, const uint64_t *w, size_t n, uint16_t *ret)
{
	const uint64_t half = 1ull << 63;
	const __m256i min = _mm256_set1_epi64x((long long)s->min);
	const __m256i bias = _mm256_set1_epi64x((long long)half);
	const __m256i top = _mm256_set1_epi64x((long long)((s->max - s->min) ^ half));
	size_t i, nr = 0;

	for (i = 0; i + 8 <= n; i += 8) {
		__m256i a = _mm256_loadu_si256((const void *)(w + i));
		__m256i b = _mm256_loadu_si256((const void *)(w + i + 4));
		unsigned int out;

		a = _mm256_cmpgt_epi64(_mm256_xor_si256(_mm256_sub_epi64(a, min), bias), top);
		b = _mm256_cmpgt_epi64(_mm256_xor_si256(_mm256_sub_epi64(b, min), bias), top);
		out = (unsigned int)_mm256_movemask_pd(_mm256_castsi256_pd(a)) |
		      (unsigned int)_mm256_movemask_pd(_mm256_castsi256_pd(b)) << 4;
		for (out ^= 0xff; out; out &= out - 1) {
			size_t at = i + (size_t)__builtin_ctz(out);

			if (may_hit(s, w[at]))
				ret[nr++] = (uint16_t)at;
		}
	}
	return nr + search_plain(s, w, i, n, ret + nr);
}
#endif

size_t drvmem_search__words(const struct drvmem_search *s, const uint64_t *w, size_t n, uint16_t *ret)
{
#ifdef __x86_64__
	/* percpu offsets are in a range of their own */
	if (s->small_min > s->small_max && s->min <= s->max && __builtin_cpu_supports("avx2"))
		return search_avx2(s, w, n, ret);
#endif
	return search_plain(s, w, 0, n, ret);
}

const struct drvmem_key *drvmem_search__find(const struct drvmem_search *s, uint64_t v, size_t *at)
{
	size_t lo = 0, hi = s->nr, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->key[mid].lo <= v)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* the last one that begins at or before v, and those before that */
	while (*at < lo && s->key[lo - 1 - *at].max_hi > v) {
		const struct drvmem_key *k = &s->key[lo - 1 - (*at)++];

		if (v < k->hi)
			return k;
	}
	return NULL;
}
