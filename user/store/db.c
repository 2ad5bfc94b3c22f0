// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/db.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "model/avail.h"

int drvmem_db_errno(sqlite3 *db, int rc)
{
	int sys = db ? sqlite3_system_errno(db) : 0;

	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_MISMATCH:
	case SQLITE_ERROR:	/* a table or column that is not there */
		return -EBADMSG;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return -EACCES;
	case SQLITE_CANTOPEN:
		return sys ? -sys : -ENOENT;
	case SQLITE_TOOBIG:
		return -EFBIG;
	case SQLITE_CONSTRAINT:
		return -EBADMSG;
	default:
		return sys ? -sys : -EIO;
	}
}

int drvmem_db__run(sqlite3 *db, const char *sql)
{
	return drvmem_db_errno(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

void drvmem_db__try(sqlite3 *db, const char *sql)
{
	sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int drvmem_db__number(sqlite3 *db, const char *sql, int64_t *ret)
{
	sqlite3_stmt *s;
	int e = drvmem_db__prepare(db, sql, &s), rc;

	if (e)
		return e;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(s, 0);
	e = rc == SQLITE_DONE ? -ENODATA : drvmem_db_errno(db, rc);
	sqlite3_finalize(s);
	return e;
}

int drvmem_db__prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret)
{
	return drvmem_db_errno(db, sqlite3_prepare_v2(db, sql, -1, ret, NULL));
}

int drvmem_db__step(sqlite3 *db, sqlite3_stmt *s)
{
	int rc = sqlite3_step(s);
	int e = drvmem_db_errno(db, rc);

	sqlite3_reset(s);
	return e;
}

/* Elements that are a column each: arrays of numbers are in streams only. */
static const char *names(struct drvmem_strbuf *b, const char *before, const struct drvmem_field *f, const char *as)
{
	drvmem_strbuf__append(b, before);
	for (; f->name; f++)
		drvmem_strbuf__printf(b, ",%s", as ? as : f->name);
	return drvmem_strbuf__str(b);
}

int drvmem_db__prepare_insert(sqlite3 *db, const char *table, const struct drvmem_field *f, sqlite3_stmt **ret)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = { 0 };

	drvmem_strbuf__printf(&b, "INSERT OR REPLACE INTO %s VALUES (", table);
	names(&b, "?", f, "?");
	drvmem_strbuf__append(&b, ")");
	return drvmem_strbuf__error(&b) ? -ENOMEM : drvmem_db__prepare(db, drvmem_strbuf__str(&b), ret);
}

int drvmem_db__prepare_where(sqlite3 *db, const char *table, const struct drvmem_field *f, const char *where,
			     sqlite3_stmt **ret)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = { 0 };

	names(&b, "SELECT id", f, NULL);
	drvmem_strbuf__printf(&b, " FROM %s %s%s", table, where ? "WHERE " : "ORDER BY id", where ? where : "");
	return drvmem_strbuf__error(&b) ? -ENOMEM : drvmem_db__prepare(db, drvmem_strbuf__str(&b), ret);
}

int drvmem_db__prepare_select(sqlite3 *db, const char *table, const struct drvmem_field *f, sqlite3_stmt **ret)
{
	return drvmem_db__prepare_where(db, table, f, NULL, ret);
}

/* A text with its addresses ("0x" and 8 digits or more) as "0x-". n bytes of to, always ended. */
static void hide_addresses(const char *text, char *to, size_t n)
{
	size_t digits, at = 0;

	while (*text && at + 3 < n) {
		if (text[0] == '0' && text[1] == 'x') {
			for (digits = 0; isxdigit((unsigned char)text[2 + digits]);)
				digits++;
			if (digits >= 8) {
				memcpy(to + at, "0x-", 3);
				at += 3;
				text += 2 + digits;
				continue;
			}
		}
		to[at++] = *text++;
	}
	to[at] = '\0';
}

static int bind_text(sqlite3_stmt *s, int col, unsigned int hide, const char *text)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = { 0 };
	size_t n = strlen(text) + 4;
	int rc;

	if (!(hide & DRVMEM_HIDE_ADDRESS) || !strstr(text, "0x"))
		return sqlite3_bind_text(s, col, text, -1, SQLITE_TRANSIENT);
	drvmem_strbuf__fill(&b, ' ', n);
	if (drvmem_strbuf__error(&b))
		return SQLITE_NOMEM;
	hide_addresses(text, b.s, n);
	rc = sqlite3_bind_text(s, col, b.s, -1, SQLITE_TRANSIENT);
	return rc;
}

static int bind_lines(sqlite3_stmt *s, int col, unsigned int hide, const char *const *line, uint16_t n)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = { 0 };
	uint16_t i;

	for (i = 0; i < n && line[i]; i++) {
		if (i)
			drvmem_strbuf__putc(&b, '\n');
		drvmem_strbuf__append(&b, line[i]);
	}
	return drvmem_strbuf__error(&b) ? SQLITE_NOMEM : bind_text(s, col, hide, drvmem_strbuf__str(&b));
}

static int bind_addresses(sqlite3_stmt *s, int col, const uint64_t *a, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n && a[i]; i++)
		;
	return sqlite3_bind_blob(s, col, a, (int)(i * sizeof(*a)), SQLITE_TRANSIENT);
}

static int bind_number(sqlite3_stmt *s, int col, const struct drvmem_field *f, const void *obj)
{
	uint64_t w[2];
	double d;
	struct drvmem_field one[2] = { *f, { 0 } };

	drvmem_fields__gather(one, obj, false, w);
	if (f->type == DRVMEM_FIELD_MAYBE)
		return w[0] == DRVMEM_OK ? sqlite3_bind_int64(s, col, (sqlite3_int64)w[1])
			: w[0] == DRVMEM_ABSENT ? sqlite3_bind_null(s, col)
			: sqlite3_bind_text(s, col, w[0] == DRVMEM_DENIED ? "denied" : "lost", -1, SQLITE_STATIC);
	if (f->type != DRVMEM_FIELD_F64)
		return sqlite3_bind_int64(s, col, (sqlite3_int64)w[0]);
	memcpy(&d, w, sizeof(d));
	return sqlite3_bind_double(s, col, d);
}

static int bind_one(sqlite3_stmt *s, int col, const struct drvmem_field *f, unsigned int hide, const void *obj)
{
	const char *p = (const char *)obj + f->offset;
	const char *text = p;

	if (f->hide & hide)
		return f->type == DRVMEM_FIELD_U64 ? sqlite3_bind_int64(s, col, 0) : sqlite3_bind_null(s, col);
	switch (f->type) {
	case DRVMEM_FIELD_STR:
		text = *(const char *const *)p;
		return text ? bind_text(s, col, hide, text) : sqlite3_bind_null(s, col);
	case DRVMEM_FIELD_TEXT:
		return bind_text(s, col, hide, text);
	case DRVMEM_FIELD_LINES:
		return bind_lines(s, col, hide, (const char *const *)p, f->n);
	case DRVMEM_FIELD_ADDRS:
		return bind_addresses(s, col, (const uint64_t *)p, f->n);
	default:
		return bind_number(s, col, f, obj);
	}
}

int drvmem_db__bind(sqlite3_stmt *s, int first, const struct drvmem_field *f, unsigned int hide, const void *obj)
{
	for (; f->name; f++)
		if (bind_one(s, first++, f, hide, obj) != SQLITE_OK)
			return -ENOMEM;
	return 0;
}

static const char *text_of(sqlite3_stmt *s, int col, struct drvmem_arena *arena, bool *oom)
{
	const char *in = (const char *)sqlite3_column_text(s, col), *out;

	if (!in)
		return NULL;
	out = drvmem_arena__str(arena, in);
	*oom |= !out;
	return out;
}

/* Lines of a text, each a string of its own. */
static void column_lines(sqlite3_stmt *s, int col, struct drvmem_arena *arena, const char **line, uint16_t n, bool *oom)
{
	const char *in = (const char *)sqlite3_column_text(s, col), *end;
	uint16_t i;

	for (i = 0; i < n && in && *in; i++) {
		end = strchrnul(in, '\n');
		line[i] = drvmem_arena__printf(arena, "%.*s", (int)(end - in), in);
		*oom |= !line[i];
		in = *end ? end + 1 : end;
	}
}

static void column_number(sqlite3_stmt *s, int col, const struct drvmem_field *f, void *obj)
{
	struct drvmem_field one[2] = { *f, { 0 } };
	int type = sqlite3_column_type(s, col);
	uint64_t w[2] = { 0 };
	const char *why;
	double d;

	if (f->type == DRVMEM_FIELD_F64) {
		d = sqlite3_column_double(s, col);
		memcpy(w, &d, sizeof(d));
	} else if (f->type == DRVMEM_FIELD_MAYBE) {
		why = type == SQLITE_TEXT ? (const char *)sqlite3_column_text(s, col) : "";
		w[0] = type == SQLITE_INTEGER ? DRVMEM_OK : why && !strcmp(why, "denied") ? DRVMEM_DENIED
			: why && *why ? DRVMEM_LOST : DRVMEM_ABSENT;
		w[1] = w[0] == DRVMEM_OK ? (uint64_t)sqlite3_column_int64(s, col) : 0;
	} else {
		w[0] = (uint64_t)sqlite3_column_int64(s, col);
	}
	drvmem_fields__scatter(one, w, obj);
}

int drvmem_db__column(sqlite3_stmt *s, int first, const struct drvmem_field *f, struct drvmem_arena *arena, void *obj)
{
	bool oom = false;
	const void *in;
	char *p;
	int n;

	for (; f->name && !oom; f++, first++) {
		p = (char *)obj + f->offset;
		switch (f->type) {
		case DRVMEM_FIELD_STR:
			*(const char **)p = text_of(s, first, arena, &oom);
			break;
		case DRVMEM_FIELD_TEXT:
			in = sqlite3_column_text(s, first);
			snprintf(p, f->n, "%s", in ? (const char *)in : "");
			break;
		case DRVMEM_FIELD_LINES:
			column_lines(s, first, arena, (const char **)p, f->n, &oom);
			break;
		case DRVMEM_FIELD_ADDRS:
			in = sqlite3_column_blob(s, first);
			n = sqlite3_column_bytes(s, first);
			n = n > f->n * 8 ? f->n * 8 : n;
			if (in)
				memcpy(p, in, (size_t)n);
			break;
		default:
			column_number(s, first, f, obj);
		}
	}
	return oom ? -ENOMEM : 0;
}
