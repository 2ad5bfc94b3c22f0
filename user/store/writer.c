// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fnv.h"
#include "model/owners.h"
#include "store/schema.h"

#define WHOLE_EVERY	64u
#define BUSY_STEP_MS	10
#define LATE_MS		100

int drvmem_store_fail(const char *path, const char *doing, int e, struct drvmem_err *err)
{
	drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot %s '%s' (%s)", doing,
			path, drvmem_errno_name(e));
	if (e == -ENOSPC)
		drvmem_err__remedy(err, "the disk is full: free some space, or bound the file by --max-size; all intervals "
					"recorded before are in it");
	return e;
}

static bool file_is_session(const char *path)
{
	sqlite3 *db = NULL;
	int64_t id = 0;
	bool is;

	is = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	     !drvmem_db__number(db, "PRAGMA application_id", &id) && id == DRVMEM_STORE_APP_ID;
	sqlite3_close(db);
	return is;
}

/* What lies beside a database in use goes with it. */
static void unlink_session(const char *path)
{
	static const char *const suffix[] = { "", "-wal", "-shm", "-journal" };
	char name[4096];
	uint32_t i;

	for (i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++)
		if (snprintf(name, sizeof(name), "%s%s", path, suffix[i]) < (int)sizeof(name))
			unlink(name);
}

/* The file that is there already: to be replaced, or why not. */
static int look_at_old(const struct drvmem_store_opts *o, struct drvmem_err *err)
{
	int fd = open(o->path, O_RDONLY | O_CLOEXEC), busy;
	bool empty;
	struct stat st;

	if (fd < 0)
		return drvmem_store_fail(o->path, "open", -errno, err);
	busy = flock(fd, LOCK_EX | LOCK_NB);
	empty = !fstat(fd, &st) && S_ISREG(st.st_mode) && !st.st_size;
	close(fd);
	if (busy) {
		drvmem_err__set(err, -EBUSY, DRVMEM_EXIT_USAGE, "another drvmem records into '%s'", o->path);
		drvmem_err__remedy(err, "choose another file, or end that recording first");
		return -EBUSY;
	}
	if (!empty && !file_is_session(o->path)) {
		drvmem_err__set(err, -EEXIST, DRVMEM_EXIT_USAGE, "'%s' exists and is no session of drvmem: it is not touched",
				o->path);
		drvmem_err__remedy(err, "choose another file");
		return -EEXIST;
	}
	if (!empty && !o->replace) {
		drvmem_err__set(err, -EEXIST, DRVMEM_EXIT_USAGE, "there is a session in '%s' already", o->path);
		drvmem_err__remedy(err, "choose another file, or give --replace to lose it");
		return -EEXIST;
	}
	unlink_session(o->path);
	return 0;
}

/* Makes the file and locks it. SQLite's own locks are of another kind: they do not meet. */
static int make_file(struct drvmem_store *st, struct drvmem_err *err)
{
	int e, tries;

	for (tries = 0; tries < 2 && st->lock < 0; tries++) {
		st->lock = open(st->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (st->lock >= 0)
			break;
		e = -errno;
		if (e != -EEXIST || tries)
			return drvmem_store_fail(st->path, "create", e, err);
		e = look_at_old(&st->o, err);
		if (e)
			return e;
	}
	if (flock(st->lock, LOCK_EX | LOCK_NB))
		return drvmem_store_fail(st->path, "lock", -errno, err);
	return 0;
}

/* Others that hold the file are waited for, for so long in one call of ours and no longer. */
static int wait_for_others(void *arg, int count)
{
	const struct timespec step = { .tv_nsec = BUSY_STEP_MS * 1000000 };
	struct drvmem_store *st = arg;

	(void)count;
	if (st->waited_ms >= DRVMEM_STORE_BUSY_MS)
		return 0;
	nanosleep(&step, NULL);
	st->waited_ms += BUSY_STEP_MS;
	return 1;
}

static int set_up(struct drvmem_store *st)
{
	char *sql;
	uint32_t i;
	int e;

	sqlite3_busy_handler(st->db, wait_for_others, st);
	sql = sqlite3_mprintf("PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = %d;"
			      "PRAGMA journal_mode = WAL; PRAGMA synchronous = %s; PRAGMA journal_size_limit = 4194304;"
			      "BEGIN; PRAGMA user_version = %d; %s INSERT INTO setting VALUES ('redacted', %d);",
			      DRVMEM_STORE_APP_ID, st->o.unsynced ? "OFF" : "FULL", DRVMEM_STORE_VERSION, drvmem_schema_sql, st->o.redact);
	if (!sql)
		return -ENOMEM;
	e = drvmem_db__run(st->db, sql);
	sqlite3_free(sql);
	for (i = 0; i < DRVMEM_NR_USES && !e; i++) {
		sql = sqlite3_mprintf("INSERT INTO allocator VALUES (%u, %Q)", i, drvmem_allocator_name((uint16_t)i));
		e = sql ? drvmem_db__run(st->db, sql) : -ENOMEM;
		sqlite3_free(sql);
	}
	return e ? e : drvmem_db__run(st->db, "COMMIT");
}

static int prepare(struct drvmem_store *st)
{
	uint32_t i;
	int e = drvmem_db__prepare_insert(st->db, "interval", drvmem_moment_fields, &st->interval);

	for (i = 0; i < DRVMEM_NR_THINGS && !e; i++)
		e = drvmem_db__prepare_insert(st->db, drvmem_things[i].table, drvmem_things[i].fixed, &st->thing[i]);
	if (!e)
		e = drvmem_db__prepare(st->db, "INSERT INTO frame VALUES (?,?,?)", &st->frame);
	if (!e)
		e = drvmem_db__prepare(st->db, "INSERT INTO objects VALUES (?,?,?)", &st->objects);
	if (!e)
		e = drvmem_db__prepare(st->db, "INSERT OR REPLACE INTO part VALUES (?,?,?)", &st->part);
	if (!e)
		e = drvmem_db__prepare(st->db, "INSERT OR REPLACE INTO holder VALUES (?,?)", &st->holder);
	if (!e)
		e = drvmem_db__prepare(st->db, "INSERT OR REPLACE INTO pool_source VALUES (?,?,?,?,?,?)", &st->source);
	if (!e)
		e = drvmem_db__prepare(st->db, "INSERT INTO series VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", &st->series);
	if (!e)
		e = drvmem_db__prepare(st->db, "INSERT OR REPLACE INTO site_now VALUES (?,?,?,?,?,?,?,?,?,?,?)", &st->now);
	if (!e)
		e = drvmem_db__prepare(st->db, "INSERT INTO mark VALUES (NULL,?,?,?,?)", &st->mark);
	if (!e)
		e = drvmem_db__prepare(st->db, "INSERT INTO note VALUES (?,?)", &st->note);
	return e ? e : drvmem_store_machine__prepare(st);
}

struct drvmem_store *drvmem_store__create(const struct drvmem_store_opts *o, struct drvmem_err *err)
{
	struct drvmem_store *st = calloc(1, sizeof(*st));
	int e;

	if (st) {
		st->lock = -1;
		st->path = strdup(o->path);
	}
	if (!st || !st->path) {
		free(st);
		drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	st->o = *o;
	st->o.path = st->path;
	st->hide = o->redact ? DRVMEM_HIDE_ADDRESS | DRVMEM_HIDE_HOST : 0;
	st->next = 1;
	drvmem_picture__init(&st->prev);
	drvmem_picture__init(&st->cur);
	drvmem_stream__init(&st->series_prev, 9);
	drvmem_stream__init(&st->series_cur, 9);
	e = make_file(st, err);
	if (!e) {
		e = drvmem_db_errno(st->db, sqlite3_open_v2(st->path, &st->db, SQLITE_OPEN_READWRITE, NULL));
		if (!e)
			e = set_up(st);
		if (!e)
			e = prepare(st);
		if (e)
			drvmem_store_fail(st->path, "begin a session in", e, err);
	}
	if (!e)
		return st;
	st->failed = true;
	(void)drvmem_store__close(st, NULL);
	return NULL;
}

static uint64_t hash_fixed(enum drvmem_thing t, const void *obj)
{
	const struct drvmem_field *f;
	uint64_t h = DRVMEM_FNV_INIT, w[2];
	const char *p, *text;

	for (f = drvmem_things[t].fixed; f->name; f++) {
		p = (const char *)obj + f->offset;
		text = f->type == DRVMEM_FIELD_STR ? *(const char *const *)p : f->type == DRVMEM_FIELD_TEXT ? p : NULL;
		if (f->type == DRVMEM_FIELD_ADDRS) {
			h = drvmem_fnv1a_more(h, p, f->n * sizeof(uint64_t));
		} else if (f->type == DRVMEM_FIELD_STR || f->type == DRVMEM_FIELD_TEXT) {
			h = drvmem_fnv1a_more(h, text ? text : "", text ? strlen(text) + 1 : 0);
		} else if (f->type != DRVMEM_FIELD_LINES) {	/* names of addresses that are in it */
			struct drvmem_field one[2] = { *f, { 0 } };

			drvmem_fields__gather(one, obj, false, w);
			h = drvmem_fnv1a_more(h, w, sizeof(*w));
		}
	}
	return h;
}

static bool has_place(enum drvmem_thing t)
{
	return t == DRVMEM_THING_INSTANCE || t == DRVMEM_THING_CACHE || t == DRVMEM_THING_SITE;
}

static int keep_fixed(void *arg, enum drvmem_thing t, const void *obj, uint64_t *id)
{
	struct drvmem_store *st = arg;
	uint64_t h = hash_fixed(t, obj), had;
	int e;

	if (!has_place(t)) {
		if (drvmem_table__get(&st->id[t], h, id))
			return 0;
		*id = drvmem_table__count(&st->id[t]) + 1;
		e = drvmem_table__put(&st->id[t], h, *id);
	} else {
		if (drvmem_table__get(&st->row[t], *id, &had) && had == h)
			return 0;
		e = drvmem_table__put(&st->row[t], *id, h);
	}
	if (!e && sqlite3_bind_int64(st->thing[t], 1, (sqlite3_int64)*id) != SQLITE_OK)
		e = -ENOMEM;
	if (!e)
		e = drvmem_db__bind(st->thing[t], 2, drvmem_things[t].fixed, st->hide, obj);
	return e ? e : drvmem_db__step(st->db, st->thing[t]);
}

static int put_session(struct drvmem_store *st, const struct drvmem_snapshot *s)
{
	sqlite3_stmt *in;
	int e = drvmem_db__prepare_insert(st->db, "session", drvmem_meta_fields, &in);

	if (e)
		return e;
	sqlite3_bind_int64(in, 1, 1);
	e = drvmem_db__bind(in, 2, drvmem_meta_fields, st->hide, &s->meta);
	if (!e)
		e = drvmem_db__step(st->db, in);
	sqlite3_finalize(in);
	return e;
}

/* What a session has once. */
static int put_beginning(struct drvmem_store *st, const struct drvmem_snapshot *s, const struct drvmem_store_more *more)
{
	int e = put_session(st, s);

	if (!e && s->baseline)
		e = drvmem_store_baseline(st, s->baseline);
	if (!e && more->system_start)
		e = drvmem_store_machine(st, 0, more->system_start);
	return e;
}

/* Notes are added to in a session, never taken away. */
static int put_notes(struct drvmem_store *st, const struct drvmem_snapshot *s)
{
	int e = 0;

	for (; st->notes < s->meta.nr_notes && !e; st->notes++) {
		if (sqlite3_bind_int64(st->note, 1, st->notes + 1) ||
		    sqlite3_bind_text(st->note, 2, s->meta.notes[st->notes], -1, SQLITE_STATIC))
			return -ENOMEM;
		e = drvmem_db__step(st->db, st->note);
	}
	return e;
}

static int put_interval(struct drvmem_store *st, const struct drvmem_snapshot *s, bool objects, bool pools)
{
	const struct drvmem_moment m = {
		.taken_ns = s->meta.taken_ns, .taken_unix = s->meta.taken_unix, .table_slots = s->meta.table_slots,
		.table_live = s->meta.table_live, .map_bytes = s->meta.map_bytes, .now_epoch = s->meta.now_epoch,
		.mark = s->meta.mark, .traced = s->meta.traced, .sampled = s->meta.sampled,
		.mempools_traced = s->mempools_traced, .has_objects = objects, .has_pools = pools, .loss = s->loss, .walks = s->walks,
		.cost = s->cost,
	};
	int e;

	if (sqlite3_bind_int64(st->interval, 1, st->next))
		return -ENOMEM;
	e = drvmem_db__bind(st->interval, 2, drvmem_moment_fields, st->hide, &m);
	return e ? e : drvmem_db__step(st->db, st->interval);
}

/* A blob of packed bytes, with a number before it. */
static int put_blob(struct drvmem_store *st, sqlite3_stmt *s, uint64_t number)
{
	int e;

	drvmem_pack__reset(&st->packed);
	e = drvmem_pack__compress(&st->raw, &st->packed);
	if (e)
		return e;
	if (sqlite3_bind_int64(s, 1, st->next) || sqlite3_bind_int64(s, 2, (sqlite3_int64)number) ||
	    sqlite3_bind_blob64(s, 3, st->packed.p, st->packed.len, SQLITE_STATIC))
		return -ENOMEM;
	return drvmem_db__step(st->db, s);
}

static int put_objects(struct drvmem_store *st, const struct drvmem_snapshot *s)
{
	struct drvmem_stream o;
	int e = drvmem_picture__objects(s, st->hide & DRVMEM_HIDE_ADDRESS, &o);
	/* an address that was freed and given out again while the list was read is in it twice, and is one row */
	size_t nr = o.nr;

	if (!e) {
		drvmem_pack__reset(&st->raw);
		drvmem_stream__encode(NULL, &o, &st->raw);
		e = drvmem_db__run(st->db, "DELETE FROM objects");
	}
	drvmem_stream__deinit(&o);
	return e ? e : put_blob(st, st->objects, nr);
}

int drvmem_store_holder(struct drvmem_store *st, uint64_t id, const char *text)
{
	static const struct drvmem_field name[] = { { "name", 0, 1, DRVMEM_FIELD_STR, 0 }, { NULL, 0, 0, 0, 0 } };
	int e = sqlite3_bind_int64(st->holder, 1, (sqlite3_int64)id) ? -ENOMEM : drvmem_db__bind(st->holder, 2, name, st->hide, &text);

	return e ? e : drvmem_db__step(st->db, st->holder);
}

static int put_sources(struct drvmem_store *st, const struct drvmem_pools *p)
{
	const struct drvmem_pool_source *o;
	uint32_t i;
	int e = 0, rc;

	for (i = 0; i < DRVMEM_NR_POOL_KINDS && !e; i++) {
		o = &p->source[i];
		rc = sqlite3_bind_int64(st->source, 1, i) | sqlite3_bind_int64(st->source, 2, o->st) |
		     sqlite3_bind_text(st->source, 3, o->from, -1, SQLITE_STATIC) |
		     (o->why ? sqlite3_bind_text(st->source, 4, o->why, -1, SQLITE_STATIC) : sqlite3_bind_null(st->source, 4)) |
		     sqlite3_bind_int64(st->source, 5, (sqlite3_int64)o->overflow) |
		     sqlite3_bind_int64(st->source, 6, (sqlite3_int64)p->readings);
		e = rc ? -ENOMEM : drvmem_db__step(st->db, st->source);
	}
	return e;
}

/* Pools that were not read are as they were. */
static int take_pools(struct drvmem_store *st, const struct drvmem_pools *pools)
{
	int e;

	if (!pools)
		return drvmem_stream__copy(&st->prev.s[DRVMEM_THING_POOL], &st->cur.s[DRVMEM_THING_POOL]);
	e = drvmem_picture__pools(&st->cur, pools, keep_fixed, st);
	return e ? e : put_sources(st, pools);
}

static int add(struct drvmem_store *st, const struct drvmem_snapshot *s, bool objects, bool whole,
	       const struct drvmem_store_more *more)
{
	int e;

	drvmem_picture__reset(&st->cur);
	e = drvmem_picture__take(&st->cur, s, st->hide & DRVMEM_HIDE_ADDRESS, keep_fixed, st);
	if (!e)
		e = take_pools(st, more->pools);
	if (!e && st->next == 1)
		e = put_beginning(st, s, more);
	if (!e && more->system)
		e = drvmem_store_machine(st, st->next, more->system);
	if (!e)
		e = put_notes(st, s);
	if (!e)
		e = put_interval(st, s, objects, more->pools != NULL);
	if (!e) {
		drvmem_pack__reset(&st->raw);
		drvmem_picture__encode(whole ? NULL : &st->prev, &st->cur, &st->raw);
		e = put_blob(st, st->frame, whole);
	}
	if (!e)
		e = drvmem_store_series(st, s, whole);
	if (!e && objects)
		e = put_objects(st, s);
	return e ? e : drvmem_store_habits(st, s, more);
}

/* What is in the log goes into the file: whoever copies it alone has all. */
static void checkpoint(struct drvmem_store *st)
{
	sqlite3_wal_checkpoint_v2(st->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static int put_mark(struct drvmem_store *st, const struct drvmem_store_mark *m)
{
	int rc = sqlite3_bind_int64(st->mark, 1, (sqlite3_int64)m->ns);

	rc |= sqlite3_bind_int64(st->mark, 2, (sqlite3_int64)m->unix_s);
	rc |= m->generation ? sqlite3_bind_int64(st->mark, 3, m->generation) : sqlite3_bind_null(st->mark, 3);
	rc |= m->text ? sqlite3_bind_text(st->mark, 4, m->text, -1, SQLITE_TRANSIENT) : sqlite3_bind_null(st->mark, 4);
	return rc ? -ENOMEM : drvmem_db__step(st->db, st->mark);
}

/* Marks that had to wait, in a transaction. */
static int put_waiting(struct drvmem_store *st)
{
	uint32_t i;
	int e = 0;

	for (i = 0; i < st->nr_waiting && !e; i++)
		e = put_mark(st, &st->waiting[i]);
	return e;
}

static void forget_waiting(struct drvmem_store *st)
{
	while (st->nr_waiting)
		free(st->waiting[--st->nr_waiting].text);
	free(st->waiting);
	st->waiting = NULL;
}

/* What others held up so far. */
static int put_hold_ups(struct drvmem_store *st)
{
	char sql[128];

	if (st->skipped == st->told_skipped && st->late == st->told_late)
		return 0;
	snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO setting VALUES ('skipped', %u), ('late', %u)", st->skipped, st->late);
	return drvmem_db__run(st->db, sql);
}

static int begin(struct drvmem_store *st)
{
	int e;

	st->waited_ms = 0;
	e = drvmem_db__run(st->db, "BEGIN IMMEDIATE");
	if (e == -EBUSY)
		st->skipped++;
	else if (st->waited_ms >= LATE_MS)
		st->late++;
	return e;
}

int drvmem_store__add(struct drvmem_store *st, const struct drvmem_snapshot *s, bool objects,
		      const struct drvmem_store_more *more, struct drvmem_err *err)
{
	static const struct drvmem_store_more no_more;
	uint32_t every = st->o.whole_every ? st->o.whole_every : WHOLE_EVERY;
	bool whole = st->next == 1 || st->force_whole || st->since_whole + 1 >= every;
	struct drvmem_picture swap;
	int e;

	if (st->failed)
		return drvmem_err__set(err, -EIO, DRVMEM_EXIT_INTERNAL, "the recording has ended with an error");
	e = begin(st);
	if (e == -EBUSY)
		return drvmem_store_fail(st->path, "record into", e, err);
	if (!e)
		e = put_waiting(st);
	if (!e)
		e = put_hold_ups(st);
	if (!e)
		e = add(st, s, objects, whole, more ? more : &no_more);
	if (!e)
		e = drvmem_db__run(st->db, "COMMIT");
	if (e) {
		drvmem_db__try(st->db, "ROLLBACK");
		st->failed = true;
		return drvmem_store_fail(st->path, "record into", e, err);
	}
	swap = st->prev;
	st->prev = st->cur;
	st->cur = swap;
	st->since_whole = whole ? 0 : st->since_whole + 1;
	st->force_whole = false;
	st->told_skipped = st->skipped;
	st->told_late = st->late;
	forget_waiting(st);
	st->next++;
	checkpoint(st);
	e = drvmem_store_retain(st, s->meta.taken_unix);
	if (e == -EBUSY)
		return 0;	/* they go the next time */
	if (e)
		drvmem_store_fail(st->path, "give up old intervals of", e, err);
	return e;
}

/* A copy for the next interval. */
static int keep_waiting(struct drvmem_store *st, const struct drvmem_store_mark *m)
{
	struct drvmem_store_mark *more = reallocarray(st->waiting, st->nr_waiting + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	st->waiting = more;
	more[st->nr_waiting] = *m;
	more[st->nr_waiting].text = m->text ? strdup(m->text) : NULL;
	if (m->text && !more[st->nr_waiting].text)
		return -ENOMEM;
	st->nr_waiting++;
	return 0;
}

int drvmem_store__mark(struct drvmem_store *st, uint64_t ns, uint64_t unix_s, uint32_t generation, const char *text,
		       struct drvmem_err *err)
{
	const struct drvmem_store_mark m = { ns, unix_s, generation, (char *)text };
	int e = -EBUSY;

	st->waited_ms = 0;
	if (!st->nr_waiting)	/* they are kept in their order */
		e = put_mark(st, &m);
	if (e == -EBUSY)
		e = keep_waiting(st, &m);
	return e ? drvmem_store_fail(st->path, "put a mark into", e, err) : 0;
}

uint32_t drvmem_store__skipped(const struct drvmem_store *st)
{
	return st->skipped;
}

uint32_t drvmem_store__late(const struct drvmem_store *st)
{
	return st->late;
}

int drvmem_store__remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), busy;

	if (fd < 0)
		return -errno;
	busy = flock(fd, LOCK_EX | LOCK_NB);
	if (!busy && file_is_session(path))
		unlink_session(path);
	else
		busy = busy ? -EBUSY : -EINVAL;
	close(fd);
	return busy;
}

uint64_t drvmem_store__nr(const struct drvmem_store *st)
{
	return (uint64_t)st->next - 1;
}

uint64_t drvmem_store__bytes(const struct drvmem_store *st)
{
	return st->bytes;
}

static void free_store(struct drvmem_store *st)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_THINGS; i++) {
		drvmem_table__deinit(&st->row[i]);
		drvmem_table__deinit(&st->id[i]);
	}
	drvmem_picture__deinit(&st->prev);
	drvmem_picture__deinit(&st->cur);
	drvmem_stream__deinit(&st->series_prev);
	drvmem_stream__deinit(&st->series_cur);
	drvmem_pack__deinit(&st->raw);
	drvmem_pack__deinit(&st->packed);
	forget_waiting(st);
	free(st->path);
	free(st);
}

int drvmem_store__close(struct drvmem_store *st, struct drvmem_err *err)
{
	sqlite3_stmt *s;
	int e = 0;

	if (!st)
		return 0;
	while (st->db && (s = sqlite3_next_stmt(st->db, NULL)))
		sqlite3_finalize(s);
	if (st->db && !st->failed) {
		st->waited_ms = 0;
		e = drvmem_db__run(st->db, "BEGIN IMMEDIATE");
		if (!e)
			e = put_waiting(st);
		if (!e)
			e = put_hold_ups(st);
		if (!e)
			e = drvmem_db__run(st->db, "INSERT OR REPLACE INTO setting VALUES ('ended', 1); COMMIT");
		if (!e)	/* a reader that is at it keeps the log: the file is as good with it */
			drvmem_db__try(st->db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
		if (e)
			drvmem_store_fail(st->path, "end the session in", e, err);
	}
	sqlite3_close(st->db);
	if (st->lock >= 0)
		close(st->lock);
	free_store(st);
	return e;
}
