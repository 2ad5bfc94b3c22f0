// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX	(1u << 20)	/* of a file that may be damaged */

/* A row under an id; 0 = the next free one. */
static int put_row(struct drvmem_store *st, sqlite3_stmt *q, int64_t id, const struct drvmem_field *f, const void *obj)
{
	int e = id && sqlite3_bind_int64(q, 1, id) != SQLITE_OK ? -ENOMEM : drvmem_db__bind(q, 2, f, st->hide, obj);

	return e ? e : drvmem_db__step(st->db, q);
}

static int put_rows(struct drvmem_store *st, const char *table, const struct drvmem_field *f, const void *v, uint32_t nr,
		    size_t size)
{
	sqlite3_stmt *q;
	uint32_t i;
	int e = drvmem_db__prepare_insert(st->db, table, f, &q);

	for (i = 0; i < nr && !e; i++)
		e = put_row(st, q, (int64_t)i + 1, f, (const char *)v + i * size);
	sqlite3_finalize(q);
	return e;
}

int drvmem_store_machine__prepare(struct drvmem_store *st)
{
	int e = drvmem_db__prepare_insert(st->db, "system", drvmem_system_fields, &st->system);

	if (!e)
		e = drvmem_db__prepare_insert(st->db, "zone", drvmem_zone_fields, &st->zone);
	return e ? e : drvmem_db__prepare_insert(st->db, "pageblocks", drvmem_blocks_fields, &st->blocks);
}

int drvmem_store_machine(struct drvmem_store *st, int64_t interval, const struct drvmem_sysmem *m)
{
	struct drvmem_zone_row z = { .interval = (uint64_t)interval };
	struct drvmem_blocks_row b = { .interval = (uint64_t)interval };
	uint32_t i;
	int e = sqlite3_bind_int64(st->system, 1, interval) ? -ENOMEM :
		drvmem_db__bind(st->system, 2, drvmem_system_fields, st->hide, m);

	if (!e)
		e = drvmem_db__step(st->db, st->system);
	for (i = 0; i < m->nr_zones && !e; i++) {
		z.v = m->zones[i];
		e = put_row(st, st->zone, 0, drvmem_zone_fields, &z);
	}
	for (i = 0; i < m->nr_blocks && !e; i++) {
		b.v = m->blocks[i];
		e = put_row(st, st->blocks, 0, drvmem_blocks_fields, &b);
	}
	return e;
}

int drvmem_store_baseline(struct drvmem_store *st, const struct drvmem_baseline *b)
{
	int e = put_rows(st, "baseline", drvmem_baseline_fields, b, 1, sizeof(*b));

	if (!e)
		e = put_rows(st, "baseline_owner", drvmem_baseline_row_fields, b->rows, b->nr_rows, sizeof(*b->rows));
	return e ? e : put_rows(st, "baseline_device", drvmem_baseline_dev_fields, b->devs, b->nr_devs, sizeof(*b->devs));
}

/* Rows of an interval (0 = of any), as an array that the caller frees. 0, -ENOMEM, -EBADMSG, ... */
static int get_rows(struct drvmem_stored *r, const char *table, const struct drvmem_field *f, const char *where,
		    int64_t interval, struct drvmem_arena *arena, size_t size, void **ret, uint32_t *ret_nr)
{
	sqlite3 *db = drvmem_stored_db(r);
	char *v = NULL, *more;
	uint32_t nr = 0, cap = 0;
	sqlite3_stmt *q;
	int e = drvmem_db__prepare_where(db, table, f, where, &q), rc = SQLITE_DONE;

	if (!e && where && sqlite3_bind_int64(q, 1, interval))
		e = -ENOMEM;
	while (!e && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (nr == cap) {
			cap = cap ? cap * 2 : 16;
			more = cap <= ROWS_MAX ? reallocarray(v, cap, size) : NULL;
			if (!more) {
				e = cap <= ROWS_MAX ? -ENOMEM : -EBADMSG;
				break;
			}
			v = more;
		}
		memset(v + nr * size, 0, size);
		e = drvmem_db__column(q, 1, f, arena, v + nr++ * size);
	}
	if (!e)
		e = drvmem_db_errno(db, rc);
	sqlite3_finalize(q);
	if (e) {
		free(v);
		return e;
	}
	*ret = v;
	*ret_nr = nr;
	return 0;
}

static int get_zones(struct drvmem_stored *r, int64_t interval, struct drvmem_sysmem *m)
{
	struct drvmem_zone_row *z = NULL;
	struct drvmem_blocks_row *b = NULL;
	uint32_t nz = 0, nb = 0, i;
	int e = get_rows(r, "zone", drvmem_zone_fields, "interval = ?", interval, NULL, sizeof(*z), (void **)&z, &nz);

	if (!e)
		e = get_rows(r, "pageblocks", drvmem_blocks_fields, "interval = ?", interval, NULL, sizeof(*b), (void **)&b, &nb);
	if (!e) {
		m->zones = calloc(nz + 1, sizeof(*m->zones));
		m->blocks = calloc(nb + 1, sizeof(*m->blocks));
		e = m->zones && m->blocks ? 0 : -ENOMEM;
	}
	for (i = 0; i < nz && !e; i++) {
		m->zones[m->nr_zones++] = z[i].v;
		e = z[i].v.nr_orders <= DRVMEM_MAX_ORDERS ? 0 : -EBADMSG;
	}
	for (i = 0; i < nb && !e; i++)
		m->blocks[m->nr_blocks++] = b[i].v;
	free(z);
	free(b);
	return e;
}

/* The last reading at or before an interval. -ENODATA: there is none. */
static int get_system(struct drvmem_stored *r, int64_t interval, struct drvmem_sysmem **ret)
{
	sqlite3 *db = drvmem_stored_db(r);
	struct drvmem_sysmem *m;
	int64_t id = 0;
	sqlite3_stmt *q;
	int e = drvmem_db__prepare_where(db, "system", drvmem_system_fields, "id <= ? ORDER BY id DESC LIMIT 1", &q), rc;

	if (e)
		return e;
	sqlite3_bind_int64(q, 1, interval);
	rc = sqlite3_step(q);
	m = rc == SQLITE_ROW ? drvmem_sysmem__new() : NULL;
	if (m) {
		id = sqlite3_column_int64(q, 0);
		e = drvmem_db__column(q, 1, drvmem_system_fields, NULL, m);
	} else {
		e = rc == SQLITE_ROW ? -ENOMEM : rc == SQLITE_DONE ? -ENODATA : drvmem_db_errno(db, rc);
	}
	sqlite3_finalize(q);
	if (!e && (!m->page_size || m->vmap_stack > DRVMEM_VMAP_STACK_YES))
		e = -EBADMSG;
	if (!e)
		e = get_zones(r, id, m);
	if (e) {
		drvmem_sysmem__free(m);
		return e;
	}
	*ret = m;
	return 0;
}

int drvmem_stored__system(struct drvmem_stored *s, uint32_t i, struct drvmem_sysmem **ret, struct drvmem_err *err)
{
	bool has = drvmem_stored__info(s)->version >= 2;
	int e = has ? get_system(s, i == DRVMEM_STORED_START ? 0 : drvmem_stored_interval(s, i), ret) : -ENODATA;

	if (e != -ENODATA)
		return e ? drvmem_stored_damaged(s, e, err) : 0;
	drvmem_err__set(err, e, DRVMEM_EXIT_USAGE, "'%s' does not have the figures of the whole machine: they were not recorded",
			drvmem_stored__info(s)->path);
	drvmem_err__remedy(err, has ? "the first reading comes with the first interval: ask for a later moment" :
			   "it was written by an older drvmem, whose sessions have none: record again");
	return e;
}

int drvmem_stored_baseline(struct drvmem_stored *s, struct drvmem_baseline **ret)
{
	struct drvmem_baseline *b = drvmem_baseline__new(), *one = NULL;
	struct drvmem_arena *arena = b ? b->arena : NULL;
	uint32_t n = 0, i;
	int e = b ? get_rows(s, "baseline", drvmem_baseline_fields, NULL, 0, arena, sizeof(*b), (void **)&one, &n) : -ENOMEM;

	if (!e && n != 1)
		e = n ? -EBADMSG : -ENODATA;
	if (!e) {
		*b = *one;
		b->arena = arena;
		e = get_rows(s, "baseline_owner", drvmem_baseline_row_fields, NULL, 0, arena, sizeof(*b->rows), (void **)&b->rows,
			     &b->nr_rows);
	}
	if (!e)
		e = get_rows(s, "baseline_device", drvmem_baseline_dev_fields, NULL, 0, arena, sizeof(*b->devs), (void **)&b->devs,
			     &b->nr_devs);
	for (i = 0; !e && i < b->nr_rows; i++)
		if (!b->rows[i].owner)
			e = -EBADMSG;
	for (i = 0; !e && i < b->nr_devs; i++)
		if (!b->devs[i].device)
			e = -EBADMSG;
	if (!e && b->devres_count.st != DRVMEM_OK && !b->devres_why)
		e = -EBADMSG;
	free(one);
	if (e) {
		drvmem_baseline__free(b);
		return e == -ENODATA ? 0 : e;
	}
	*ret = b;
	return 0;
}
