// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "store/writer.h"

static int file_bytes(struct drvmem_store *st, uint64_t *ret)
{
	int64_t pages = 0, free_pages = 0, size = 0;
	int e = drvmem_db__number(st->db, "PRAGMA page_count", &pages);

	if (!e)
		e = drvmem_db__number(st->db, "PRAGMA freelist_count", &free_pages);
	if (!e)
		e = drvmem_db__number(st->db, "PRAGMA page_size", &size);
	*ret = (uint64_t)((pages - free_pages) * size);
	return e;
}

/* The machine is not read at every interval: the last reading before the first that stays is of that one too. */
#define READ_BEFORE "(SELECT coalesce(max(id), 0) FROM system WHERE id <= ?)"

/* All before an interval, whose frame is whole. What things are called stays. */
static int forget_before(struct drvmem_store *st, int64_t interval)
{
	static const char *const tables[] = { "DELETE FROM interval WHERE id < ?", "DELETE FROM frame WHERE interval < ?",
					      "DELETE FROM objects WHERE interval < ?",
					      "DELETE FROM series WHERE interval < ?",
					      /* that of the beginning stays: what happened since is told by it */
					      "DELETE FROM system WHERE id > 0 AND id < " READ_BEFORE,
					      "DELETE FROM zone WHERE interval > 0 AND interval < " READ_BEFORE,
					      "DELETE FROM pageblocks WHERE interval > 0 AND interval < " READ_BEFORE };
	sqlite3_stmt *s;
	uint32_t i;
	int e = drvmem_db__run(st->db, "BEGIN IMMEDIATE");

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]) && !e; i++) {
		e = drvmem_db__prepare(st->db, tables[i], &s);
		if (e)
			break;
		sqlite3_bind_int64(s, 1, interval);
		e = drvmem_db__step(st->db, s);
		sqlite3_finalize(s);
	}
	if (!e)
		e = drvmem_db__run(st->db, "INSERT OR REPLACE INTO setting VALUES ('forgot', 1)");
	if (!e)
		e = drvmem_db__run(st->db, "COMMIT");
	if (e)
		drvmem_db__try(st->db, "ROLLBACK");
	return e ? e : drvmem_db__run(st->db, "PRAGMA incremental_vacuum");
}

/* The second whole frame: all before it can go. -ENODATA: there is none. */
static int second_whole(struct drvmem_store *st, int64_t *ret_interval, int64_t *ret_unix)
{
	int e = drvmem_db__number(st->db, "SELECT interval FROM frame WHERE whole = 1 ORDER BY interval LIMIT 1 OFFSET 1",
				  ret_interval);

	if (!e)
		e = drvmem_db__number(st->db, "SELECT taken_unix FROM interval WHERE id = (SELECT interval FROM frame "
				      "WHERE whole = 1 ORDER BY interval LIMIT 1 OFFSET 1)", ret_unix);
	return e;
}

int drvmem_store_retain(struct drvmem_store *st, uint64_t now_unix)
{
	int64_t interval, taken;
	bool old, large;
	int e = file_bytes(st, &st->bytes);

	while (!e) {
		large = st->o.max_bytes && st->bytes > st->o.max_bytes;
		if (!large && !st->o.max_age_s)
			return 0;
		e = second_whole(st, &interval, &taken);
		if (e == -ENODATA) {
			st->force_whole |= large;	/* then the next time there is something to give up */
			return 0;
		}
		old = st->o.max_age_s && !e && (uint64_t)taken + st->o.max_age_s < now_unix;
		if (e || (!large && !old))
			return e;
		e = forget_before(st, interval);
		if (!e)
			e = file_bytes(st, &st->bytes);
	}
	return e;
}
