// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "store/writer.h"

/* Words of a row of the series, in the order of the columns. */
static void counts_words(const struct drvmem_counts *c, uint64_t *w)
{
	const uint64_t v[] = {
		(uint64_t)c->live_bytes, (uint64_t)c->live_objects, (uint64_t)c->held_bytes, c->allocs, c->frees,
		c->alloc_bytes, c->free_bytes, c->failures, (uint64_t)c->rcu_pending,
	};

	memcpy(w, v, sizeof(v));
}

#define SERIES_WORDS 9

static int sum_owners(const struct drvmem_snapshot *s, struct drvmem_stream *ret)
{
	struct drvmem_stream all;
	uint64_t *w, one[SERIES_WORDS];
	size_t i, j;
	int e;

	/* a row for each site, in the order of the owners, then those of one owner are added up */
	drvmem_stream__init(&all, SERIES_WORDS);
	for (i = 0; i < s->nr_sites; i++) {
		w = drvmem_stream__add(&all, ((uint64_t)s->sites[i].owner << 8 | s->sites[i].allocator) << 32 | i);
		if (w)
			counts_words(&s->sites[i].c, w);
	}
	e = drvmem_stream__seal(&all);
	for (i = 0, w = NULL; i < all.nr && !e; i++) {
		if (!i || all.key[i] >> 32 != all.key[i - 1] >> 32)
			w = drvmem_stream__add(ret, all.key[i] >> 32);
		if (!w) {
			e = -ENOMEM;
			break;
		}
		memcpy(one, all.word + i * SERIES_WORDS, sizeof(one));
		for (j = 0; j < SERIES_WORDS; j++)
			w[j] += one[j];
	}
	drvmem_stream__deinit(&all);
	return e ? e : drvmem_stream__seal(ret);
}

static int put_row(struct drvmem_store *st, uint64_t key, const uint64_t *w)
{
	int i, rc = sqlite3_bind_int64(st->series, 1, st->next);

	rc |= sqlite3_bind_int64(st->series, 2, (sqlite3_int64)(key >> 8));
	rc |= sqlite3_bind_int64(st->series, 3, (sqlite3_int64)(key & 0xff));
	for (i = 0; i < SERIES_WORDS; i++)
		rc |= sqlite3_bind_int64(st->series, 4 + i, (sqlite3_int64)w[i]);
	return rc ? -ENOMEM : drvmem_db__step(st->db, st->series);
}

static int put_now(struct drvmem_store *st, const struct drvmem_sitesnap *t)
{
	uint64_t w[SERIES_WORDS];
	int i, rc = sqlite3_bind_int64(st->now, 1, t->id);

	counts_words(&t->c, w);
	for (i = 0; i < SERIES_WORDS; i++)
		rc |= sqlite3_bind_int64(st->now, 2 + i, (sqlite3_int64)w[i]);
	rc |= t->peak_bytes.st == DRVMEM_OK ? sqlite3_bind_int64(st->now, 2 + i, (sqlite3_int64)t->peak_bytes.v)
					   : sqlite3_bind_null(st->now, 2 + i);
	return rc ? -ENOMEM : drvmem_db__step(st->db, st->now);
}

/* Sites whose words are not those of the frame before. */
static int put_sites(struct drvmem_store *st, const struct drvmem_snapshot *s)
{
	const struct drvmem_stream *prev = &st->prev.s[DRVMEM_THING_SITE], *cur = &st->cur.s[DRVMEM_THING_SITE];
	const uint64_t *was, *now;
	uint32_t i;
	int e = 0;

	for (i = 0; i < s->nr_sites && !e; i++) {
		was = drvmem_stream__find(prev, s->sites[i].id);
		now = drvmem_stream__find(cur, s->sites[i].id);
		if (!was || !now || memcmp(was, now, cur->width * sizeof(*now)))
			e = put_now(st, &s->sites[i]);
	}
	return e;
}

int drvmem_store_series(struct drvmem_store *st, const struct drvmem_snapshot *s, bool whole)
{
	struct drvmem_stream *cur = &st->series_cur;
	const uint64_t *was, *w;
	struct drvmem_stream swap;
	size_t i;
	int e;

	drvmem_stream__reset(cur);
	e = sum_owners(s, cur);
	for (i = 0; i < cur->nr && !e; i++) {
		w = cur->word + i * cur->width;
		was = drvmem_stream__find(&st->series_prev, cur->key[i]);
		if (whole || !was || memcmp(was, w, SERIES_WORDS * sizeof(*w)))
			e = put_row(st, cur->key[i], w);
	}
	if (!e)
		e = put_sites(st, s);
	swap = st->series_prev;
	st->series_prev = *cur;
	*cur = swap;
	return e;
}
