/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SQLite as the store uses it: its errors as ours, statements by text, rows by tables of fields. */
#ifndef DRVMEM_STORE_DB_H
#define DRVMEM_STORE_DB_H

#include <sqlite3.h>

#include "base/err.h"
#include "model/arena.h"
#include "store/field.h"

/* -errno of a result code: -ENOSPC, -EIO, -EBADMSG (damaged, or no database), -EBUSY, -EROFS, -ENOMEM, ... */
int drvmem_db_errno(sqlite3 *db, int rc);
/* Runs statements without results. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_db__run(sqlite3 *db, const char *sql);
/* The same where a failure changes nothing that matters. */
void drvmem_db__try(sqlite3 *db, const char *sql);
/* A number that a statement gives. 0, -ENODATA (no row), or -errno. */
DRVMEM_MUST_CHECK int drvmem_db__number(sqlite3 *db, const char *sql, int64_t *ret);
DRVMEM_MUST_CHECK int drvmem_db__prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret);
/* Runs a bound statement that gives no row, and makes it ready for the next. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_db__step(sqlite3 *db, sqlite3_stmt *s);

/* "INSERT OR REPLACE INTO table VALUES (?,...)" of an id and the fields. */
DRVMEM_MUST_CHECK int drvmem_db__prepare_insert(sqlite3 *db, const char *table, const struct drvmem_field *f,
						sqlite3_stmt **ret);
/* hide: DRVMEM_HIDE_* not to write; with addresses also those in texts. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_db__bind(sqlite3_stmt *s, int first, const struct drvmem_field *f, unsigned int hide,
				      const void *obj);
/* "SELECT id, fields FROM table ORDER BY id". */
DRVMEM_MUST_CHECK int drvmem_db__prepare_select(sqlite3 *db, const char *table, const struct drvmem_field *f,
						sqlite3_stmt **ret);
/* The same with "WHERE where" instead (and its own order); NULL = all. */
DRVMEM_MUST_CHECK int drvmem_db__prepare_where(sqlite3 *db, const char *table, const struct drvmem_field *f,
					       const char *where, sqlite3_stmt **ret);
/* Columns of the current row, from first on, into obj; texts into the arena. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_db__column(sqlite3_stmt *s, int first, const struct drvmem_field *f,
					struct drvmem_arena *arena, void *obj);
#endif /* DRVMEM_STORE_DB_H */
