// SPDX-License-Identifier: GPL-2.0-or-later
/* What advice needs beside snapshots: laps, phases of modules, the kernel's rules of slabs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/reader.h"
#include "store/writer.h"

#define LAPS_WIDTH	(1 + DRVMEM_LAPS_MAX)
#define PART_MAX	(1u << 30)

int drvmem_store_part(struct drvmem_store *st, const char *kind, struct drvmem_stream *s)
{
	int e = drvmem_stream__seal(s);

	drvmem_pack__reset(&st->raw);
	drvmem_pack__reset(&st->packed);
	if (!e) {
		drvmem_stream__encode(NULL, s, &st->raw);
		e = drvmem_pack__compress(&st->raw, &st->packed);
	}
	if (!e && (sqlite3_bind_text(st->part, 1, kind, -1, SQLITE_STATIC) || sqlite3_bind_int64(st->part, 2, st->next) ||
		   sqlite3_bind_blob64(st->part, 3, st->packed.p, st->packed.len, SQLITE_STATIC)))
		e = -ENOMEM;
	if (!e)
		e = drvmem_db__step(st->db, st->part);
	drvmem_stream__deinit(s);
	return e;
}

/* A row for each site, and one of key UINT64_MAX for the laps themselves. */
static int put_laps(struct drvmem_store *st, const struct drvmem_laps *l)
{
	struct drvmem_stream s;
	uint64_t *w;
	uint32_t i, j;

	drvmem_stream__init(&s, LAPS_WIDTH);
	for (i = 0; i < l->nr; i++) {
		w = drvmem_stream__add(&s, l->v[i].site);
		if (!w)
			break;
		*w++ = l->v[i].first;
		for (j = 0; j < DRVMEM_LAPS_MAX && j <= l->nr_laps; j++)
			w[j] = l->v[i].most[j];
	}
	w = drvmem_stream__add(&s, UINT64_MAX);
	if (w)
		memcpy(w, (uint64_t[]){ l->nr_laps, l->merged, l->pending }, 3 * sizeof(*w));
	return drvmem_store_part(st, "laps", &s);
}

static int put_phases(struct drvmem_store *st, const struct drvmem_phases *p)
{
	struct drvmem_stream s;
	uint64_t *w;
	uint32_t i;

	drvmem_stream__init(&s, drvmem_fields__width(drvmem_phase_fields));
	for (i = 0; i < DRVMEM_MAX_MODULES; i++) {
		w = p->v[i].seen ? drvmem_stream__add(&s, i) : NULL;
		if (w)
			drvmem_fields__gather(drvmem_phase_fields, &p->v[i], false, w);
	}
	return drvmem_store_part(st, "phases", &s);
}

static int put_slub(struct drvmem_store *st, const struct drvmem_slub_rules *r)
{
	struct drvmem_stream s;
	uint64_t *w;

	drvmem_stream__init(&s, drvmem_fields__width(drvmem_slub_fields));
	w = drvmem_stream__add(&s, 0);
	if (w)
		drvmem_fields__gather(drvmem_slub_fields, r, false, w);
	return drvmem_store_part(st, "slub", &s);
}

int drvmem_store_habits(struct drvmem_store *st, const struct drvmem_snapshot *s, const struct drvmem_store_more *more)
{
	int e = more->laps ? put_laps(st, more->laps) : 0;

	if (!e && more->phases)
		e = put_phases(st, more->phases);
	if (!e && more->slub)
		e = put_slub(st, more->slub);
	if (!e && more->verdicts && more->verdicts->reader)
		e = drvmem_store_judged(st, s, more->verdicts);
	return e;
}

int drvmem_stored_stream(struct drvmem_stored *r, const char *kind, uint32_t width, size_t max, struct drvmem_stream *s)
{
	struct drvmem_pack raw = { 0 };
	int e = drvmem_stored_part(r, kind, PART_MAX, &raw);

	drvmem_stream__init(s, width);
	if (!e)
		e = drvmem_stream__decode_all(s, &raw, max);
	drvmem_pack__deinit(&raw);
	return e;
}

static int get_laps(struct drvmem_stored *r, struct drvmem_laps *l)
{
	struct drvmem_stream s;
	const uint64_t *w;
	uint32_t i, j;
	int e = drvmem_stored_stream(r, "laps", LAPS_WIDTH, DRVMEM_MAX_SITES + 1, &s);

	w = e ? NULL : drvmem_stream__find(&s, UINT64_MAX);
	if (!e && (!w || w[0] > DRVMEM_LAPS_MAX || w[1] > UINT32_MAX || w[2] > UINT32_MAX))
		e = -EBADMSG;
	if (!e)
		*l = (struct drvmem_laps){ .v = calloc(s.nr, sizeof(*l->v)), .cap = (uint32_t)s.nr,
					   .nr_laps = (uint32_t)w[0], .merged = (uint32_t)w[1], .pending = (uint32_t)w[2] };
	if (!e && !l->v)
		e = -ENOMEM;
	for (i = 0; i + 1 < s.nr && !e; i++) {
		w = s.word + i * s.width;
		l->v[i].site = (uint32_t)s.key[i];
		l->v[i].first = (uint32_t)w[0];
		l->v[i].most = calloc(DRVMEM_LAPS_MAX, sizeof(*l->v[i].most));
		l->nr++;
		if (!l->v[i].most)
			e = -ENOMEM;
		for (j = 0; j < DRVMEM_LAPS_MAX && !e; j++)
			l->v[i].most[j] = (uint32_t)w[1 + j];
		if (w[0] > DRVMEM_LAPS_MAX)
			e = -EBADMSG;
	}
	drvmem_stream__deinit(&s);
	return e;
}

static int get_phases(struct drvmem_stored *r, struct drvmem_phases *p)
{
	struct drvmem_stream s;
	size_t i;
	int e = drvmem_stored_stream(r, "phases", drvmem_fields__width(drvmem_phase_fields), DRVMEM_MAX_MODULES, &s);

	for (i = 0; i < s.nr && !e; i++) {
		if (s.key[i] >= DRVMEM_MAX_MODULES)
			e = -EBADMSG;
		else
			drvmem_fields__scatter(drvmem_phase_fields, s.word + i * s.width, &p->v[s.key[i]]);
	}
	drvmem_stream__deinit(&s);
	return e;
}

static int get_slub(struct drvmem_stored *r, struct drvmem_slub_rules *rules)
{
	struct drvmem_stream s;
	const uint64_t *w;
	int e = drvmem_stored_stream(r, "slub", drvmem_fields__width(drvmem_slub_fields), 1, &s);

	w = e ? NULL : drvmem_stream__find(&s, 0);
	if (w)
		drvmem_fields__scatter(drvmem_slub_fields, w, rules);
	/* what the calculator divides by, or shifts by */
	if (!e && (!w || !rules->page_size || !rules->word || !rules->cache_line || rules->max_order > 20 ||
		   rules->min_order > rules->max_order))
		e = -EBADMSG;
	drvmem_stream__deinit(&s);
	return e;
}

int drvmem_stored__habits(struct drvmem_stored *r, struct drvmem_laps *laps, struct drvmem_phases *phases,
			  struct drvmem_slub_rules *slub, struct drvmem_err *err)
{
	int e = get_laps(r, laps);

	if (!e)
		e = get_phases(r, phases);
	if (!e)
		e = get_slub(r, slub);
	if (e != -ENODATA)
		return e ? drvmem_stored_damaged(r, e, err) : 0;
	drvmem_err__set(err, e, DRVMEM_EXIT_USAGE, "the session was not recorded for advice");
	drvmem_err__remedy(err, "record with --advise, which keeps the sizes of every site and what follows what");
	return e;
}
