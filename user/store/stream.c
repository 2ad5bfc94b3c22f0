// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One moment's difference: number of entries, then each: key - key before it, 0 = the row is gone, else 1 and
 * the words that differ as pairs (words skipped + 1, difference), ended by 0.
 */
#include "store/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

void drvmem_stream__init(struct drvmem_stream *s, uint32_t width)
{
	*s = (struct drvmem_stream){ .width = width };
}

void drvmem_stream__deinit(struct drvmem_stream *s)
{
	free(s->key);
	free(s->word);
	*s = (struct drvmem_stream){ .width = s->width };
}

void drvmem_stream__reset(struct drvmem_stream *s)
{
	s->nr = 0;
	s->oom = false;
}

static bool grow(struct drvmem_stream *s)
{
	size_t cap = s->cap ? s->cap * 2 : 16;
	uint64_t *k, *w;

	k = reallocarray(s->key, cap, sizeof(*k));
	if (k)
		s->key = k;
	w = reallocarray(s->word, cap, s->width * sizeof(*w));
	if (w)
		s->word = w;
	if (k && w)
		s->cap = cap;
	return k && w;
}

uint64_t *drvmem_stream__add(struct drvmem_stream *s, uint64_t key)
{
	uint64_t *w;

	if (s->oom || (s->nr == s->cap && !grow(s))) {
		s->oom = true;
		return NULL;
	}
	s->key[s->nr] = key;
	w = s->word + s->nr++ * s->width;
	memset(w, 0, s->width * sizeof(*w));
	return w;
}

static void add_copy(struct drvmem_stream *s, uint64_t key, const uint64_t *word)
{
	uint64_t *w = drvmem_stream__add(s, key);

	if (w)
		memcpy(w, word, s->width * sizeof(*w));
}

struct order {
	uint64_t key;
	size_t at;
};

static int cmp_order(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

static bool in_order(const struct drvmem_stream *s)
{
	size_t i;

	for (i = 1; i < s->nr; i++)
		if (s->key[i - 1] >= s->key[i])
			return false;
	return true;
}

int drvmem_stream__seal(struct drvmem_stream *s)
{
	struct drvmem_stream out;
	struct order *o;
	size_t i;

	if (s->oom)
		return -ENOMEM;
	if (in_order(s))
		return 0;
	o = reallocarray(NULL, s->nr, sizeof(*o));
	if (!o)
		return -ENOMEM;
	for (i = 0; i < s->nr; i++)
		o[i] = (struct order){ s->key[i], i };
	qsort(o, s->nr, sizeof(*o), cmp_order);
	drvmem_stream__init(&out, s->width);
	for (i = 0; i < s->nr; i++)
		if (!i || o[i].key != o[i - 1].key)
			add_copy(&out, o[i].key, s->word + o[i].at * s->width);
	free(o);
	if (out.oom) {
		drvmem_stream__deinit(&out);
		return -ENOMEM;
	}
	drvmem_stream__deinit(s);
	*s = out;
	return 0;
}

const uint64_t *drvmem_stream__find(const struct drvmem_stream *s, uint64_t key)
{
	size_t lo = 0, hi = s->nr, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->key[mid] < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->nr && s->key[lo] == key ? s->word + lo * s->width : NULL;
}

static void put_key(struct drvmem_pack *to, uint64_t key, uint64_t *last)
{
	drvmem_pack__u64(to, key - *last);
	*last = key;
}

static void put_words(struct drvmem_pack *to, const uint64_t *was, const uint64_t *now, uint32_t width)
{
	uint32_t i, next = 0;
	uint64_t before;

	for (i = 0; i < width; i++) {
		before = was ? was[i] : 0;
		if (now[i] == before)
			continue;
		drvmem_pack__u64(to, i - next + 1);
		drvmem_pack__diff(to, now[i] - before);
		next = i + 1;
	}
	drvmem_pack__u64(to, 0);
}

int drvmem_stream__copy(const struct drvmem_stream *from, struct drvmem_stream *to)
{
	size_t i;

	drvmem_stream__reset(to);
	for (i = 0; i < from->nr; i++)
		add_copy(to, from->key[i], from->word + i * from->width);
	return drvmem_stream__seal(to);
}

/* The next key of either, or false. *ret_p, *ret_c: its rows; NULL where it has none. */
static bool next_pair(const struct drvmem_stream *prev, const struct drvmem_stream *cur, size_t *p, size_t *c,
		      uint64_t *ret_key, const uint64_t **ret_p, const uint64_t **ret_c)
{
	bool has_p = prev && *p < prev->nr, has_c = *c < cur->nr;

	*ret_p = *ret_c = NULL;
	if (!has_p && !has_c)
		return false;
	*ret_key = !has_c || (has_p && prev->key[*p] < cur->key[*c]) ? prev->key[*p] : cur->key[*c];
	if (has_p && prev->key[*p] == *ret_key)
		*ret_p = prev->word + (*p)++ * prev->width;
	if (has_c && cur->key[*c] == *ret_key)
		*ret_c = cur->word + (*c)++ * cur->width;
	return true;
}

void drvmem_stream__encode(const struct drvmem_stream *prev, const struct drvmem_stream *cur, struct drvmem_pack *to)
{
	size_t p = 0, c = 0, bytes = cur->width * sizeof(*cur->word);
	uint64_t key, last = 0, n = 0;
	const uint64_t *was, *now;

	while (next_pair(prev, cur, &p, &c, &key, &was, &now))
		n += !was || !now || memcmp(was, now, bytes);
	drvmem_pack__u64(to, n);
	for (p = c = 0; next_pair(prev, cur, &p, &c, &key, &was, &now);) {
		if (was && now && !memcmp(was, now, bytes))
			continue;
		put_key(to, key, &last);
		drvmem_pack__u64(to, now != NULL);
		if (now)
			put_words(to, was, now, cur->width);
	}
}

static int get_words(struct drvmem_unpack *from, uint64_t *w, uint32_t width)
{
	uint64_t skip, at = 0;

	while ((skip = drvmem_unpack__u64(from)) != 0) {
		if (skip > width - at)
			return -EBADMSG;
		at += skip;
		w[at - 1] += drvmem_unpack__diff(from);
	}
	return from->failed ? -EBADMSG : 0;
}

/* The rows of s with keys below key (all where last), from *at on, into out. */
static void copy_below(const struct drvmem_stream *s, size_t *at, uint64_t key, bool all, struct drvmem_stream *out)
{
	for (; *at < s->nr && (all || s->key[*at] < key); (*at)++)
		add_copy(out, s->key[*at], s->word + *at * s->width);
}

static int decode_into(const struct drvmem_stream *s, struct drvmem_unpack *from, size_t max,
		       struct drvmem_stream *out)
{
	uint64_t n = drvmem_unpack__u64(from), i, key = 0, kind, *w;
	size_t at = 0;
	bool had;
	int e;

	for (i = 0; i < n && !from->failed; i++) {
		uint64_t step = drvmem_unpack__u64(from);

		if ((i && !step) || key + step < key)
			return -EBADMSG;
		key += step;
		kind = drvmem_unpack__u64(from);
		copy_below(s, &at, key, false, out);
		had = at < s->nr && s->key[at] == key;
		if (kind > 1 || (!kind && !had) || out->nr >= max)
			return -EBADMSG;
		at += had;
		if (!kind)
			continue;
		w = drvmem_stream__add(out, key);
		if (!w)
			return -ENOMEM;
		if (had)
			memcpy(w, s->word + (at - 1) * s->width, s->width * sizeof(*w));
		e = get_words(from, w, s->width);
		if (e)
			return e;
	}
	copy_below(s, &at, 0, true, out);
	if (from->failed || out->nr > max)
		return -EBADMSG;
	return out->oom ? -ENOMEM : 0;
}

int drvmem_stream__decode(struct drvmem_stream *s, struct drvmem_unpack *from, size_t max)
{
	struct drvmem_stream out;
	int e;

	drvmem_stream__init(&out, s->width);
	e = decode_into(s, from, max, &out);
	if (e) {
		drvmem_stream__deinit(&out);
		return e;
	}
	drvmem_stream__deinit(s);
	*s = out;
	return 0;
}

int drvmem_stream__decode_all(struct drvmem_stream *s, const struct drvmem_pack *from, size_t max)
{
	struct drvmem_unpack u = { .p = from->p, .len = from->len };
	int e = drvmem_stream__decode(s, &u, max);

	return e ? e : drvmem_unpack__done(&u) ? 0 : -EBADMSG;
}
