// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "store/db.h"
#include "store/picture.h"
#include "store/reader.h"
#include "store/store.h"

#define FRAME_MAX	(1u << 30)	/* bytes of a frame, unpacked */
#define OBJECTS_MAX	(1u << 27)	/* rows */
#define BUSY_MS		5000
#define BUSY_STEP_MS	10
#define TICK_STEPS	20000	/* of SQLite's machine: some milliseconds */

struct drvmem_stored {
	sqlite3 *db;
	sqlite3_stmt *holder;	/* NULL until somebody asks */
	char *path;
	struct drvmem_progress *progress;	/* NULL: nobody is told */
	uint32_t waited_ms;
	struct drvmem_arena *arena;
	struct drvmem_fixed fixed;
	struct drvmem_meta meta;
	struct drvmem_baseline *baseline;	/* NULL: not recorded */
	struct drvmem_moment *moment;
	int64_t *interval;		/* ids, by index */
	struct drvmem_stored_mark *mark;
	struct drvmem_stored_info info;
	struct drvmem_picture at;	/* of interval index `have` */
	uint32_t have;			/* UINT32_MAX = of none */
	uint32_t cap, mark_cap;
};

static int bad_file(const char *path, int e, const char *what, struct drvmem_err *err)
{
	drvmem_err__set(err, e, e == -ENOENT || e == -EISDIR ? DRVMEM_EXIT_USAGE : DRVMEM_EXIT_INTERNAL,
			"cannot read the session '%s': %s (%s)", path, what, drvmem_errno_name(e));
	return e;
}

int drvmem_stored_damaged(const struct drvmem_stored *s, int e, struct drvmem_err *err)
{
	if (e == -ENOMEM)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
	bad_file(s->path, e, e == -EBADMSG ? "it is damaged" : "it cannot be read", err);
	if (e == -EBADMSG)
		drvmem_err__remedy(err, "'sqlite3 FILE .recover' may save some of its tables");
	return e;
}

/* Foreign, newer, or ours. */
static int check_kind(struct drvmem_stored *s, struct drvmem_err *err)
{
	int64_t id = 0, version = 0;
	int e = drvmem_db__number(s->db, "PRAGMA application_id", &id);

	if (e == -EBADMSG)
		return bad_file(s->path, e, "it is no SQLite database, or its beginning is damaged", err);
	if (!e)
		e = drvmem_db__number(s->db, "PRAGMA user_version", &version);
	if (e)
		return drvmem_stored_damaged(s, e, err);
	if (id != DRVMEM_STORE_APP_ID)
		return bad_file(s->path, -EBADMSG, "it is a database of another program", err);
	s->info.version = (uint32_t)version;
	if (version >= 1 && version <= DRVMEM_STORE_VERSION)
		return 0;
	if (!version && s->info.log_unread) {
		e = bad_file(s->path, -ENODATA, "all it has is in the log beside it, which cannot be used here", err);
		drvmem_err__remedy(err, "copy both files to a directory that you can write to");
		return e;
	}
	e = bad_file(s->path, -EPROTO, version < 1 ? "it has no version of its format" : "it was written by a newer drvmem", err);
	drvmem_err__remedy(err, "its format is %lld, this drvmem reads 1 to %d: use the drvmem that wrote it, or a newer one",
			   (long long)version, DRVMEM_STORE_VERSION);
	return e;
}

static int read_things(struct drvmem_stored *s, enum drvmem_thing t)
{
	const struct drvmem_thing_def *d = &drvmem_things[t];
	sqlite3_stmt *q;
	int e = drvmem_db__prepare_select(s->db, d->table, d->fixed, &q), rc = SQLITE_DONE;
	void *row;

	while (!e && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		row = drvmem_fixed__add(&s->fixed, t, (uint64_t)sqlite3_column_int64(q, 0));
		e = row ? drvmem_db__column(q, 1, d->fixed, s->fixed.arena, row) : -ENOMEM;
	}
	if (!e)
		e = drvmem_db_errno(s->db, rc);
	sqlite3_finalize(q);
	return e;
}

static int read_session(struct drvmem_stored *s)
{
	sqlite3_stmt *q;
	int e = drvmem_db__prepare_select(s->db, "session", drvmem_meta_fields, &q), rc;

	if (e)
		return e;
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		e = drvmem_db__column(q, 1, drvmem_meta_fields, s->arena, &s->meta);
	else
		e = rc == SQLITE_DONE ? -ENODATA : drvmem_db_errno(s->db, rc);
	sqlite3_finalize(q);
	if (!e && (!s->meta.page_size || !s->meta.hz || !s->meta.kernel || !s->meta.arch || !s->meta.version ||
		   !s->meta.table_kind))
		e = -EBADMSG;
	if (!s->meta.hostname)
		s->meta.hostname = "(hidden)";
	return e;
}

static int read_notes(struct drvmem_stored *s)
{
	const uint32_t max = sizeof(s->meta.notes) / sizeof(s->meta.notes[0]);
	sqlite3_stmt *q;
	int e = drvmem_db__prepare(s->db, "SELECT text FROM note ORDER BY id", &q), rc = SQLITE_DONE;
	const char *text;

	while (!e && s->meta.nr_notes < max && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(q, 0);
		text = drvmem_arena__str(s->arena, text ? text : "");
		if (text)
			s->meta.notes[s->meta.nr_notes++] = text;
		else
			e = -ENOMEM;
	}
	if (!e)
		e = drvmem_db_errno(s->db, rc);
	sqlite3_finalize(q);
	return e;
}

static const struct drvmem_field *moment_fields(const struct drvmem_stored *s)
{
	return s->info.version < 3 ? drvmem_moment_fields_2 : drvmem_moment_fields;
}

static int add_moment(struct drvmem_stored *s, sqlite3_stmt *q)
{
	uint32_t cap = s->cap ? s->cap * 2 : 64;
	struct drvmem_moment *m;
	int64_t *ids;

	if (s->info.nr == s->cap) {
		m = reallocarray(s->moment, cap, sizeof(*m));
		if (m)
			s->moment = m;
		ids = reallocarray(s->interval, cap, sizeof(*ids));
		if (ids)
			s->interval = ids;
		if (!m || !ids)
			return -ENOMEM;
		s->cap = cap;
	}
	s->interval[s->info.nr] = sqlite3_column_int64(q, 0);
	m = &s->moment[s->info.nr++];
	*m = (struct drvmem_moment){ 0 };
	return drvmem_db__column(q, 1, moment_fields(s), s->arena, m);
}

/* Of the lists of objects only the last is kept. */
static int read_listed(struct drvmem_stored *s)
{
	int64_t listed = 0;
	int e = drvmem_db__number(s->db, "SELECT max(interval) FROM objects", &listed);
	uint32_t i;

	for (i = 0; i < s->info.nr && !e; i++)
		s->moment[i].has_objects = s->interval[i] == listed;
	return e;
}

static int read_moments(struct drvmem_stored *s)
{
	sqlite3_stmt *q;
	int e = drvmem_db__prepare_select(s->db, "interval", moment_fields(s), &q), rc = SQLITE_DONE;

	while (!e && (rc = sqlite3_step(q)) == SQLITE_ROW)
		e = add_moment(s, q);
	if (!e)
		e = drvmem_db_errno(s->db, rc);
	sqlite3_finalize(q);
	if (!e)
		e = s->info.nr ? read_listed(s) : -ENODATA;
	return e;
}

static int read_marks(struct drvmem_stored *s)
{
	sqlite3_stmt *q;
	struct drvmem_stored_mark *m;
	int e = drvmem_db__prepare(s->db, "SELECT taken_ns, taken_unix, generation, text FROM mark ORDER BY id", &q);
	int rc = SQLITE_DONE;
	const char *text;

	while (!e && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (s->info.nr_marks == s->mark_cap) {
			s->mark_cap = s->mark_cap ? s->mark_cap * 2 : 16;
			m = reallocarray(s->mark, s->mark_cap, sizeof(*m));
			if (!m) {
				e = -ENOMEM;
				break;
			}
			s->mark = m;
		}
		text = (const char *)sqlite3_column_text(q, 3);
		s->mark[s->info.nr_marks++] = (struct drvmem_stored_mark){
			(uint64_t)sqlite3_column_int64(q, 0), (uint64_t)sqlite3_column_int64(q, 1),
			(uint32_t)sqlite3_column_int64(q, 2), drvmem_arena__str(s->arena, text),
		};
	}
	if (!e)
		e = drvmem_db_errno(s->db, rc);
	sqlite3_finalize(q);
	return e;
}

static uint32_t setting(const struct drvmem_stored *s, const char *sql)
{
	int64_t v = 0;

	return drvmem_db__number(s->db, sql, &v) || v < 0 || v > UINT32_MAX ? 0 : (uint32_t)v;
}

/* All but the frames, in a transaction that lasts: a recorder may be at work, and give up what we go by. */
static int read_all(struct drvmem_stored *s)
{
	uint32_t t;
	int e = drvmem_db__run(s->db, "BEGIN");

	if (!e)
		e = read_session(s);
	if (!e)
		e = read_notes(s);
	if (!e)
		e = read_moments(s);
	if (!e)
		e = read_marks(s);
	for (t = 0; t < DRVMEM_NR_THINGS && !e; t++)
		e = read_things(s, (enum drvmem_thing)t);
	if (!e && s->info.version >= 2)
		e = drvmem_stored_baseline(s, &s->baseline);
	if (e)
		return e;
	s->info.ended = setting(s, "SELECT value FROM setting WHERE name = 'ended'");
	s->info.redacted = setting(s, "SELECT value FROM setting WHERE name = 'redacted'");
	s->info.forgot = setting(s, "SELECT value FROM setting WHERE name = 'forgot'");
	s->info.skipped = setting(s, "SELECT value FROM setting WHERE name = 'skipped'");
	s->info.late = setting(s, "SELECT value FROM setting WHERE name = 'late'");
	return 0;
}

static bool has_log(const char *path)
{
	char *log = sqlite3_mprintf("%s-wal", path);
	bool has = log && !access(log, F_OK);

	sqlite3_free(log);
	return has;
}

static int at_work(void *arg)
{
	struct drvmem_stored *s = arg;

	drvmem_progress__tick(s->progress);
	return 0;
}

/* Another program holds the file, which is waited for, but not for ever. */
static int wait_for_others(void *arg, int count)
{
	const struct timespec step = { .tv_nsec = BUSY_STEP_MS * 1000000 };
	struct drvmem_stored *s = arg;

	if (!count)
		s->waited_ms = 0;
	if (s->waited_ms >= BUSY_MS)
		return 0;
	nanosleep(&step, NULL);
	s->waited_ms += BUSY_STEP_MS;
	drvmem_progress__tick(s->progress);
	return 1;
}

static void be_patient(struct drvmem_stored *s)
{
	sqlite3_busy_handler(s->db, wait_for_others, s);
	sqlite3_progress_handler(s->db, TICK_STEPS, at_work, s);
}

/* Something is read, which takes the memory that readers and writers share. */
static int try_db(struct drvmem_stored *s)
{
	int64_t n;
	int e = sqlite3_db_readonly(s->db, "main") ? -EROFS : 0;

	be_patient(s);
	return e ? e : drvmem_db__number(s->db, "PRAGMA schema_version", &n);
}

/*
 * A session that ended is one file. One that was killed, or goes on, has a log beside it, for which SQLite
 * writes a little, and shares memory; where that is not allowed (a read-only medium, a directory of another user, a
 * file system without shared memory) the file is read as it is, which lacks at most what the log has.
 */
static int open_db(struct drvmem_stored *s)
{
	_cleanup_strbuf_ struct drvmem_strbuf uri = { 0 };
	const char *p;
	int rc, e;

	rc = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE, NULL);
	e = rc == SQLITE_OK ? try_db(s) : drvmem_db_errno(s->db, rc);
	if (!e || e == -EBUSY || e == -EBADMSG || e == -ENOMEM)
		return e == -EBADMSG ? 0 : e;	/* no database: whoever reads on tells */
	sqlite3_close(s->db);
	s->db = NULL;
	s->info.log_unread = has_log(s->path);
	drvmem_strbuf__append(&uri, "file:");
	for (p = s->path; *p; p++)
		drvmem_strbuf__printf(&uri, strchr("%?#", *p) ? "%%%02x" : "%c", (unsigned char)*p);
	drvmem_strbuf__append(&uri, "?immutable=1");
	if (drvmem_strbuf__error(&uri))
		return -ENOMEM;
	rc = sqlite3_open_v2(drvmem_strbuf__str(&uri), &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	if (rc == SQLITE_OK)
		be_patient(s);
	return drvmem_db_errno(s->db, rc);
}

static int open_session(struct drvmem_stored *s, struct drvmem_err *err)
{
	int e = access(s->path, R_OK) ? -errno : open_db(s);

	if (e)
		return bad_file(s->path, e, e == -ENOENT ? "there is no such file" : e == -EBUSY ?
				"another program holds it" : "it cannot be opened", err);
	e = check_kind(s, err);
	if (e)
		return e;
	e = read_all(s);
	if (e != -ENODATA)
		return e ? drvmem_stored_damaged(s, e, err) : 0;
	bad_file(s->path, e, "it has no interval", err);
	drvmem_err__remedy(err, "the recording ended before its first interval was over: record again, for longer");
	return e;
}

struct drvmem_stored *drvmem_stored__open(const char *path, struct drvmem_err *err)
{
	return drvmem_stored__open_telling(path, NULL, err);
}

struct drvmem_stored *drvmem_stored__open_telling(const char *path, struct drvmem_progress *p, struct drvmem_err *err)
{
	struct drvmem_stored *s = calloc(1, sizeof(*s));

	if (s) {
		s->progress = p;
		drvmem_picture__init(&s->at);
		s->have = UINT32_MAX;
		s->path = strdup(path);
		s->arena = drvmem_arena__new();
		s->fixed.arena = drvmem_arena__new();
	}
	if (!s || !s->path || !s->arena || !s->fixed.arena) {
		drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
		drvmem_stored__free(s);
		return NULL;
	}
	if (open_session(s, err)) {
		drvmem_stored__free(s);
		return NULL;
	}
	s->info.path = s->path;
	s->info.meta = &s->meta;
	s->info.moment = s->moment;
	s->info.mark = s->mark;
	return s;
}

void drvmem_stored__free(struct drvmem_stored *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->holder);
	sqlite3_close(s->db);
	drvmem_picture__deinit(&s->at);
	drvmem_fixed__deinit(&s->fixed);
	drvmem_baseline__free(s->baseline);
	drvmem_arena__free(s->arena);
	free(s->moment);
	free(s->interval);
	free(s->mark);
	free(s->path);
	free(s);
}

const struct drvmem_stored_info *drvmem_stored__info(const struct drvmem_stored *s)
{
	return &s->info;
}

/* The blob of an interval, unpacked. *ret_number: what is beside it. -ENODATA: there is none. */
static int read_blob(struct drvmem_stored *s, const char *sql, uint32_t i, struct drvmem_pack *ret, uint64_t *ret_number)
{
	sqlite3_stmt *q;
	int e = drvmem_db__prepare(s->db, sql, &q), rc;

	if (e)
		return e;
	sqlite3_bind_int64(q, 1, s->interval[i]);
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		*ret_number = (uint64_t)sqlite3_column_int64(q, 0);
		e = drvmem_pack__decompress(sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1), FRAME_MAX, ret);
	} else {
		e = rc == SQLITE_DONE ? -ENODATA : drvmem_db_errno(s->db, rc);
	}
	sqlite3_finalize(q);
	return e;
}

/* The frame of one interval onto what is there; *ret_whole: it needs none before it, and was applied to nothing. */
static int apply_frame(struct drvmem_stored *s, uint32_t i, bool only_whole, bool *ret_whole)
{
	struct drvmem_pack raw = { 0 };
	uint64_t whole = 0;
	int e = read_blob(s, "SELECT whole, data FROM frame WHERE interval = ?", i, &raw, &whole);

	*ret_whole = whole != 0;
	if (!e && whole)
		drvmem_picture__reset(&s->at);
	if (!e && (whole || !only_whole))
		e = drvmem_picture__decode(&s->at, &raw);
	drvmem_pack__deinit(&raw);
	return e == -ENODATA ? -EBADMSG : e;
}

/* The streams of an interval: from those before it when they are there, else from the last whole frame on. */
static int seek(struct drvmem_stored *s, uint32_t i)
{
	uint32_t from = i;
	bool whole = false;
	int e = 0;

	if (s->have == i)
		return 0;
	if (s->have != UINT32_MAX && s->have < i && i - s->have <= 64) {
		from = s->have + 1;
	} else {
		s->have = UINT32_MAX;
		while (!(e = apply_frame(s, from, true, &whole)) && !whole && from)
			from--;
		if (e || !whole)
			return e ? e : -EBADMSG;
		from++;
	}
	for (; from <= i && !e; from++) {
		drvmem_progress__tick(s->progress);
		e = apply_frame(s, from, false, &whole);
	}
	s->have = e ? UINT32_MAX : i;
	return e;
}

/* -ENODATA: they are not kept of this interval. */
static int read_objects(struct drvmem_stored *s, uint32_t i, struct drvmem_stream *ret)
{
	struct drvmem_pack raw = { 0 };
	uint64_t nr;
	int e = read_blob(s, "SELECT nr, data FROM objects WHERE interval = ?", i, &raw, &nr);

	if (!e)
		e = drvmem_stream__decode_all(ret, &raw, OBJECTS_MAX);
	if (!e && ret->nr != nr)
		e = -EBADMSG;
	drvmem_pack__deinit(&raw);
	return e;
}

int drvmem_stored__snapshot(struct drvmem_stored *s, uint32_t i, struct drvmem_snapshot **ret, struct drvmem_err *err)
{
	struct drvmem_stream objects;
	bool have = false;
	int e = seek(s, i);

	drvmem_stream__init(&objects, drvmem_fields__width(drvmem_object_fields));
	if (!e && s->moment[i].has_objects) {
		e = read_objects(s, i, &objects);
		have = !e;
		e = e == -ENODATA ? 0 : e;
	}
	if (!e)
		e = drvmem_picture__show(&s->at, have ? &objects : NULL, &s->fixed, &s->meta, &s->moment[i], ret);
	drvmem_stream__deinit(&objects);
	if (e)
		return drvmem_stored_damaged(s, e, err);
	(*ret)->baseline = s->baseline;
	return 0;
}

sqlite3 *drvmem_stored_db(const struct drvmem_stored *s)
{
	return s->db;
}

int64_t drvmem_stored_interval(const struct drvmem_stored *s, uint32_t i)
{
	return s->interval[i];
}

int drvmem_stored_part(struct drvmem_stored *s, const char *kind, size_t max, struct drvmem_pack *ret)
{
	sqlite3_stmt *q;
	int e = drvmem_db__prepare(s->db, "SELECT data FROM part WHERE kind = ?", &q), rc;

	if (e)
		return e;
	sqlite3_bind_text(q, 1, kind, -1, SQLITE_STATIC);
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		e = drvmem_pack__decompress(sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0), max, ret);
	else
		e = rc == SQLITE_DONE ? -ENODATA : drvmem_db_errno(s->db, rc);
	sqlite3_finalize(q);
	return e;
}

int drvmem_stored_holder(struct drvmem_stored *r, uint64_t id, struct drvmem_arena *arena, const char **ret)
{
	int e = 0, rc;

	if (!r->holder)
		e = drvmem_db__prepare(r->db, "SELECT name FROM holder WHERE id = ?", &r->holder);
	if (e)
		return e;
	sqlite3_bind_int64(r->holder, 1, (sqlite3_int64)id);
	rc = sqlite3_step(r->holder);
	*ret = rc == SQLITE_ROW ? drvmem_arena__str(arena, (const char *)sqlite3_column_text(r->holder, 0)) : NULL;
	e = drvmem_db_errno(r->db, rc);
	sqlite3_reset(r->holder);
	return e ? e : *ret ? 0 : -EBADMSG;
}

static int read_sources(struct drvmem_stored *s, struct drvmem_pools *p)
{
	struct drvmem_pool_source *o;
	sqlite3_stmt *q;
	int e = drvmem_db__prepare(s->db, "SELECT kind, state, origin, why, overflow, readings FROM pool_source", &q), rc = SQLITE_DONE;
	int64_t kind, state;

	while (!e && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		kind = sqlite3_column_int64(q, 0);
		state = sqlite3_column_int64(q, 1);
		if (kind < 0 || kind >= DRVMEM_NR_POOL_KINDS || state < 0 || state > DRVMEM_LOST) {
			e = -EBADMSG;
			break;
		}
		o = &p->source[kind];
		o->st = (enum drvmem_avail)state;
		o->from = drvmem_pools__str(p, (const char *)sqlite3_column_text(q, 2));
		o->why = drvmem_pools__str(p, (const char *)sqlite3_column_text(q, 3));
		o->overflow = (uint64_t)sqlite3_column_int64(q, 4);
		p->readings = (uint64_t)sqlite3_column_int64(q, 5);
		if (!o->from)
			e = -EBADMSG;
	}
	if (!e)
		e = drvmem_db_errno(s->db, rc);
	sqlite3_finalize(q);
	return e;
}

/* Pools are not read at every interval: how old these are is told with them. */
static void tell_age(const struct drvmem_stored *s, uint32_t i, struct drvmem_pools *p)
{
	uint32_t at = i + 1;

	while (at && !s->moment[at - 1].has_pools)
		at--;
	if (!at)
		drvmem_pools__note(p, "the pools were read before the first interval that this session has, or never");
	else if (at <= i)
		drvmem_pools__note(p, "the pools were read %.0f s before this interval",
				   (double)(s->moment[i].taken_ns - s->moment[at - 1].taken_ns) / 1e9);
}

int drvmem_stored__pools(struct drvmem_stored *s, uint32_t i, struct drvmem_pools **ret, struct drvmem_err *err)
{
	struct drvmem_pools *p = NULL;
	int e = seek(s, i);

	if (!e)
		e = drvmem_picture__show_pools(&s->at, &s->fixed, &p);
	if (!e)
		e = read_sources(s, p);
	if (e) {
		drvmem_pools__free(p);
		return drvmem_stored_damaged(s, e, err);
	}
	tell_age(s, i, p);
	*ret = p;
	return 0;
}

uint32_t drvmem_stored__at(const struct drvmem_stored *s, uint64_t unix_s)
{
	uint32_t i;

	for (i = s->info.nr; i; i--)
		if (s->moment[i - 1].taken_unix <= unix_s)
			return i - 1;
	return s->info.nr;
}
