// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions written and read again: what comes back is what was added, whatever happens in between. */
#include "storefixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "render/json.h"

static char *as_json(struct drvmem_snapshot *s, size_t *ret_len)
{
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	char *text = fix_text(ret_len, assert_int_equal(drvmem_json__report(v, out), 0));

	drvmem_scope__free(v);
	return text;
}

static int cmp_object(const void *a, const void *b)
{
	const struct drvmem_object *x = a, *y = b;

	return x->inverted < y->inverted ? -1 : x->inverted > y->inverted;
}

static void same_objects(const struct drvmem_snapshot *a, const struct drvmem_snapshot *b)
{
	uint32_t i, n = a->nr_objects;
	struct drvmem_object *x = malloc((n ? n : 1) * sizeof(*x)), *y = malloc((n ? n : 1) * sizeof(*y));

	assert_int_equal(n, b->nr_objects);
	memcpy(x, a->objects, n * sizeof(*x));
	memcpy(y, b->objects, n * sizeof(*y));
	qsort(x, n, sizeof(*x), cmp_object);
	qsort(y, n, sizeof(*y), cmp_object);
	for (i = 0; i < n; i++) {
		assert_int_equal(x[i].inverted, y[i].inverted);
		assert_int_equal(x[i].age_ns, y[i].age_ns);
		assert_int_equal(x[i].asked, y[i].asked);
		assert_int_equal(x[i].site, y[i].site);
		assert_int_equal(x[i].cache, y[i].cache);
		assert_int_equal(x[i].flags, y[i].flags);
	}
	free(x);
	free(y);
}

static void same_reading(const struct drvmem_reading *a, const struct drvmem_reading *b)
{
	uint32_t i;

	assert_non_null(b);
	assert_int_equal(a->nr_slabs, b->nr_slabs);
	assert_int_equal(a->nr_areas, b->nr_areas);
	assert_int_equal(a->area_pages, b->area_pages);
	for (i = 0; i < a->nr_slabs; i++) {
		assert_string_equal(a->slabs[i].name, b->slabs[i].name);
		assert_int_equal(a->slabs[i].active, b->slabs[i].active);
		assert_int_equal(a->slabs[i].sheaf_capacity.st, b->slabs[i].sheaf_capacity.st);
	}
	for (i = 0; i < a->nr_areas; i++) {
		assert_int_equal(a->areas[i].id, b->areas[i].id);
		assert_int_equal(a->areas[i].pages, b->areas[i].pages);
	}
	for (i = 0; i < DRVMEM_NR_MEM; i++) {
		assert_int_equal(a->mem[i].st, b->mem[i].st);
		if (a->mem[i].st == DRVMEM_OK)
			assert_int_equal(a->mem[i].v, b->mem[i].v);
	}
	for (i = 0; i < DRVMEM_NR_VM; i++)
		assert_int_equal(a->vm[i].v, b->vm[i].v);
}

static void same_snapshot(struct drvmem_snapshot *a, struct drvmem_snapshot *b, bool objects)
{
	size_t na, nb, i;
	char *ta, *tb;

	assert_int_equal(a->nr_sites, b->nr_sites);
	for (i = 0; i < a->nr_sites; i++) {
		assert_int_equal(a->sites[i].id, b->sites[i].id);
		assert_memory_equal(&a->sites[i].c, &b->sites[i].c, sizeof(a->sites[i].c));
		assert_memory_equal(&a->gens[i], &b->gens[i], sizeof(a->gens[i]));
	}
	for (i = 0; i < DRVMEM_NR_WHEN; i++)
		same_reading(a->kernel[i], b->kernel[i]);
	assert_int_equal(a->nr_mempools, b->nr_mempools);
	assert_int_equal(a->mempools[0].low_water, b->mempools[0].low_water);
	assert_string_equal(a->mempools[0].frame[0], b->mempools[0].frame[0]);
	assert_int_equal(a->syncs[0].for_device, b->syncs[0].for_device);
	assert_int_equal(a->exact[0].now_bytes, b->exact[0].now_bytes);
	if (!objects)	/* what is derived of them differs */
		return;
	same_objects(a, b);
	ta = as_json(a, &na);
	tb = as_json(b, &nb);
	assert_string_equal(ta, tb);
	free(ta);
	free(tb);
}

static void check_at(struct drvmem_stored *r, uint32_t i, uint32_t step, bool objects)
{
	struct drvmem_snapshot *want = machine(step), *got = NULL;
	struct drvmem_err err = { 0 };

	if (drvmem_stored__snapshot(r, i, &got, &err))
		fail_msg("interval %u: %s", i, err.what);
	same_snapshot(want, got, objects);
	drvmem_snapshot__free(want);
	drvmem_snapshot__free(got);
}

/* Every interval, in any order, and the last with its objects: what a report says of it is the same to the byte. */
static void comes_back(void **state)
{
	const struct drvmem_stored_info *info;
	struct drvmem_store *st;
	struct drvmem_stored *r;
	uint32_t i;

	(void)state;
	st = create((struct drvmem_store_opts){ .whole_every = 7 });
	for (i = 0; i < 40; i++) {
		add(st, i, i % 5 == 4);
		if (i == 20)
			assert_int_equal(drvmem_store__mark(st, 123, 1700000099, 2, "after the patch", NULL), 0);
	}
	assert_int_equal(drvmem_store__nr(st), 40);
	r = open_it();		/* while it is written */
	assert_false(drvmem_stored__info(r)->ended);
	assert_int_equal(drvmem_stored__info(r)->nr, 40);
	check_at(r, 39, 39, true);
	drvmem_stored__free(r);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	r = open_it();
	info = drvmem_stored__info(r);
	assert_true(info->ended);
	assert_int_equal(info->nr, 40);
	assert_int_equal(info->nr_marks, 1);
	assert_string_equal(info->mark[0].text, "after the patch");
	for (i = 0; i < 40; i++)
		check_at(r, i, i, i == 39);
	rnd_state = 5;
	for (i = 0; i < 30; i++) {
		uint32_t at = (i * 17 + 3) % 40;

		check_at(r, at, at, at == 39);
	}
	assert_int_equal(drvmem_stored__at(r, info->moment[3].taken_unix), 3);
	assert_int_equal(drvmem_stored__at(r, info->moment[0].taken_unix - 1), 40);
	drvmem_stored__free(r);
	clean();
}

/* The tables that anybody reads add up to what the snapshots say. */
static void series_add_up(void **state)
{
	struct drvmem_snapshot *s = machine(39);
	struct drvmem_store *st;
	sqlite3 *db;
	sqlite3_stmt *q;
	int64_t live = 0;
	uint32_t i;

	(void)state;
	st = create((struct drvmem_store_opts){ .whole_every = 7 });
	for (i = 0; i < 40; i++)
		add(st, i, false);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	for (i = 0; i < s->nr_sites; i++)
		live += s->sites[i].c.live_bytes;
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT sum(live_bytes) FROM series s WHERE interval = (SELECT max(interval) "
		"FROM series WHERE owner = s.owner AND allocator = s.allocator)", -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int64(q, 0), live);
	sqlite3_finalize(q);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT sum(live_bytes) FROM live", -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int64(q, 0), live);
	sqlite3_finalize(q);
	sqlite3_close(db);
	drvmem_snapshot__free(s);
	clean();
}

/* Columns of the schema are the fields that are written into them. */
static void schema_fits(void **state)
{
	static const struct { const char *table; const struct drvmem_field *f; } more[] = {
		{ "session", drvmem_meta_fields }, { "interval", drvmem_moment_fields },
	};
	const struct drvmem_field *f;
	const char *table;
	sqlite3 *db;
	sqlite3_stmt *q;
	char sql[128];
	size_t i;

	(void)state;
	assert_int_equal(drvmem_store__close(create((struct drvmem_store_opts){ 0 }), NULL), 0);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (i = 0; i < DRVMEM_NR_THINGS + UNIT_NR(more); i++) {
		table = i < DRVMEM_NR_THINGS ? drvmem_things[i].table : more[i - DRVMEM_NR_THINGS].table;
		f = i < DRVMEM_NR_THINGS ? drvmem_things[i].fixed : more[i - DRVMEM_NR_THINGS].f;
		snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s') WHERE name != 'id' ORDER BY cid", table);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
		for (; f->name; f++) {
			assert_int_equal(sqlite3_step(q), SQLITE_ROW);
			assert_string_equal((const char *)sqlite3_column_text(q, 0), f->name);
		}
		assert_int_equal(sqlite3_step(q), SQLITE_DONE);
		sqlite3_finalize(q);
	}
	sqlite3_close(db);
	clean();
}

static void expect_no_open(const char *why)
{
	struct drvmem_err err = { 0 };

	assert_null(drvmem_stored__open(path, &err));
	assert_int_not_equal(err.code, 0);
	if (!strstr(err.what, why))
		fail_msg("'%s' is not in '%s'", why, err.what);
}

static void write_file(const void *p, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

static void run_sql(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void no_sessions(void **state)
{
	(void)state;
	clean();
	expect_no_open("there is no such file");
	write_file("hello, this is no database, but text that is long enough to look at: 0123456789 0123456789 0123456789", 100);
	expect_no_open("it is no SQLite database");
	write_file("", 0);
	expect_no_open("another program");
	clean();
	run_sql("CREATE TABLE t (a)");
	expect_no_open("another program");
	clean();
	assert_int_equal(drvmem_store__close(create((struct drvmem_store_opts){ 0 }), NULL), 0);
	expect_no_open("it has no interval");
	run_sql("PRAGMA user_version = 4");
	expect_no_open("written by a newer drvmem");
	run_sql("PRAGMA user_version = 0");
	expect_no_open("no version of its format");
	clean();
}

static void never_in_the_way(void **state)
{
	struct drvmem_store_opts o = { .path = path };
	struct drvmem_err err = { 0 };
	struct drvmem_store *st;

	(void)state;
	st = create(o);
	add(st, 1, true);
	o.replace = true;	/* not one that is being written */
	assert_null(drvmem_store__create(&o, &err));
	assert_int_equal(err.code, -EBUSY);
	add(st, 2, true);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	o.replace = false;
	err = (struct drvmem_err){ 0 };
	assert_null(drvmem_store__create(&o, &err));
	assert_int_equal(err.code, -EEXIST);
	drvmem_stored__free(open_it());
	o.replace = true;
	st = create(o);
	assert_int_equal(drvmem_store__nr(st), 0);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	write_file("precious", 8);
	err = (struct drvmem_err){ 0 };
	assert_null(drvmem_store__create(&o, &err));
	assert_int_equal(err.code, -EEXIST);
	assert_non_null(strstr(err.what, "no session of drvmem"));
	clean();
}

/* Old intervals go, the rest is as it was. */
static void keeps_to_its_limits(void **state)
{
	struct drvmem_store *st;
	struct drvmem_stored *r;
	const struct drvmem_stored_info *info;
	uint32_t i, step;

	(void)state;
	st = create((struct drvmem_store_opts){ .max_age_s = 20, .whole_every = 4 });
	for (i = 0; i < 60; i++)
		add(st, i, i % 5 == 4);
	r = open_it();
	info = drvmem_stored__info(r);
	assert_true(info->forgot);
	assert_in_range(info->nr, 21, 20 + 2 * 4 + 1);
	for (i = 0; i < info->nr; i++) {
		step = 60 - info->nr + i;
		check_at(r, i, step, step == 59);
	}
	drvmem_stored__free(r);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	clean();

	st = create((struct drvmem_store_opts){ .max_bytes = 160000 });
	for (i = 0; i < 120; i++)
		add(st, i, false);
	assert_true(drvmem_store__bytes(st) <= 160000);
	r = open_it();
	info = drvmem_stored__info(r);
	assert_true(info->forgot && info->nr >= 2 && info->nr < 120);
	check_at(r, info->nr - 1, 119, false);
	check_at(r, 0, 120 - info->nr, false);
	drvmem_stored__free(r);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	clean();
}

/* What the reader says of the last interval that the writer said it added, after it was killed somewhere. */
static void survives_kill(void **state)
{
	uint32_t round, i, told;
	struct drvmem_stored *r;
	int fd[2], status;
	pid_t pid;

	(void)state;
	for (round = 0; round < 10; round++) {
		clean();
		assert_int_equal(pipe(fd), 0);
		pid = fork();
		if (!pid) {
			struct drvmem_store_opts o = { .path = path, .whole_every = 5 };
			struct drvmem_store *st = drvmem_store__create(&o, NULL);

			for (i = 0; i < 100000; i++) {
				struct drvmem_snapshot *s = machine(i);

				if (drvmem_store__add(st, s, i % 3 == 0, NULL, NULL))
					_exit(1);
				drvmem_snapshot__free(s);
				i++;
				if (write(fd[1], &i, sizeof(i)) != sizeof(i))
					_exit(2);
				i--;
			}
			_exit(3);
		}
		close(fd[1]);
		for (i = 0; i < 1 + round * 3; i++)
			assert_int_equal(read(fd[0], &told, sizeof(told)), sizeof(told));
		kill(pid, SIGKILL);
		while (read(fd[0], &i, sizeof(i)) == sizeof(i))
			told = i;
		close(fd[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		r = open_it();
		i = drvmem_stored__info(r)->nr;
		assert_in_range(i, told, told + 1);
		assert_false(drvmem_stored__info(r)->ended);
		check_at(r, i - 1, i - 1, drvmem_stored__info(r)->moment[i - 1].has_objects);
		check_at(r, 0, 0, false);
		drvmem_stored__free(r);
	}
	clean();
}

/* A file that cannot grow: an error, and all before it is there. */
static void full_disk(void **state)
{
	struct rlimit was, limit = { 400000, 400000 };
	struct drvmem_err err = { 0 };
	struct drvmem_snapshot *s;
	struct drvmem_store *st;
	struct drvmem_stored *r;
	uint32_t i = 0;
	int e = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	limit.rlim_max = was.rlim_max;
	st = create((struct drvmem_store_opts){ .whole_every = 1 });
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (i = 0; !e && i < 10000; i++) {
		s = machine(i);
		e = drvmem_store__add(st, s, false, NULL, &err);
		drvmem_snapshot__free(s);
	}
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_not_equal(e, 0);
	assert_non_null(strstr(err.what, "cannot record into"));
	s = machine(i);
	assert_int_not_equal(drvmem_store__add(st, s, false, NULL, NULL), 0);	/* it stays ended */
	drvmem_snapshot__free(s);
	drvmem_store__close(st, NULL);
	r = open_it();
	assert_int_equal(drvmem_stored__info(r)->nr, i - 1);
	assert_true(i > 3);
	check_at(r, i - 2, i - 2, false);
	drvmem_stored__free(r);
	clean();
}

static bool has_text(const char *data, size_t n, const char *text)
{
	return memmem(data, n, text, strlen(text)) != NULL;
}

/* A redacted file holds no address and no host name, not in its frames either. */
static void redacted(void **state)
{
	struct drvmem_snapshot *s;
	struct drvmem_store *st;
	struct drvmem_stored *r;
	size_t n, i;
	char *data;
	FILE *f;

	(void)state;
	st = create((struct drvmem_store_opts){ .redact = true });
	add(st, 3, true);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	f = fopen(path, "r");
	data = malloc(1u << 22);
	n = fread(data, 1, 1u << 22, f);
	fclose(f);
	assert_false(has_text(data, n, "0xffffffff8"));
	assert_true(has_text(data, n, "0x-"));
	assert_false(has_text(data, n, "\xff\xff\xff\xff\x81"));
	assert_false(has_text(data, n, "\x81\xff\xff\xff\xff"));
	free(data);
	r = open_it();
	assert_true(drvmem_stored__info(r)->redacted);
	assert_string_equal(drvmem_stored__info(r)->meta->hostname, "(hidden)");
	assert_int_equal(drvmem_stored__snapshot(r, 0, &s, NULL), 0);
	for (i = 0; i < s->nr_sites; i++)
		assert_int_equal(s->sites[i].call_site, 0);
	for (i = 0; i < s->nr_objects; i++)
		assert_true(s->objects[i].inverted < s->nr_objects);
	assert_true(s->nr_objects > 0);
	drvmem_snapshot__free(s);
	drvmem_stored__free(r);
	clean();
}

/* An address that came twice while the list was read is one object, and no damage. */
static void twice(void **state)
{
	struct drvmem_store *st = create((struct drvmem_store_opts){ 0 });
	struct drvmem_snapshot *s = machine(3);
	struct drvmem_stored *r;
	uint32_t n = s->nr_objects;

	(void)state;
	assert_true(n > 1);
	s->objects[n - 1].inverted = s->objects[0].inverted;
	assert_int_equal(drvmem_store__add(st, s, true, NULL, NULL), 0);
	drvmem_snapshot__free(s);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	r = open_it();
	assert_int_equal(drvmem_stored__snapshot(r, 0, &s, NULL), 0);
	assert_int_equal(s->nr_objects, n - 1);
	drvmem_snapshot__free(s);
	drvmem_stored__free(r);
	clean();
}

/* Any damage: an error or a snapshot whose parts fit together, never more. */
static void damaged(void **state)
{
	struct drvmem_snapshot *s;
	struct drvmem_stored *r;
	struct drvmem_scope *v;
	struct drvmem_store *st;
	char *good, *bad;
	uint32_t i, k, refused = 0;
	size_t n;
	FILE *f;

	(void)state;
	st = create((struct drvmem_store_opts){ .whole_every = 3 });
	for (i = 0; i < 7; i++)
		add(st, i, i == 6);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	f = fopen(path, "r");
	good = malloc(1u << 22);
	n = fread(good, 1, 1u << 22, f);
	fclose(f);
	bad = malloc(n);
	for (i = 0; i < 400; i++) {
		struct drvmem_err err = { 0 };

		rnd_state = i + 1;
		memcpy(bad, good, n);
		for (k = 0; k < 1 + i % 20; k++)
			bad[rnd((uint32_t)n)] ^= (char)(1 + rnd(255));
		write_file(bad, i % 4 ? n : rnd((uint32_t)n));
		r = drvmem_stored__open(path, &err);
		refused += !r;
		assert_true(r || *err.what);
		for (k = 0; r && k < drvmem_stored__info(r)->nr; k++) {
			err = (struct drvmem_err){ 0 };
			if (drvmem_stored__snapshot(r, k, &s, &err)) {
				assert_true(*err.what);
				refused++;
				continue;
			}
			if (!drvmem_scope__new(NULL, s, NULL, &v))
				drvmem_scope__free(v);
			drvmem_snapshot__free(s);
		}
		drvmem_stored__free(r);
	}
	assert_true(refused > 100);
	free(good);
	free(bad);
	clean();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back), cmocka_unit_test(series_add_up),
		cmocka_unit_test(schema_fits), cmocka_unit_test(no_sessions), cmocka_unit_test(never_in_the_way),
		cmocka_unit_test(keeps_to_its_limits), cmocka_unit_test(survives_kill), cmocka_unit_test(full_disk),
		cmocka_unit_test(redacted), cmocka_unit_test(twice), cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
