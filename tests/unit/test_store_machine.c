// SPDX-License-Identifier: GPL-2.0-or-later
/* What a session keeps of the whole machine and of what was there before tracing; others that hold its file. */
#include "storefixture.h"
#include "sysfixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "model/since.h"
#include "store/machine.h"

static struct drvmem_sysmem *later(uint64_t ns)
{
	struct drvmem_sysmem *m = sysfix_machine();

	m->taken_ns = ns;
	m->err[DRVMEM_SYSFILE_BOOTLOG] = -EACCES;
	m->percpu_boot.st = DRVMEM_DENIED;
	m->vmap_stack = DRVMEM_VMAP_STACK_YES;
	m->stack_pages = 77;
	return m;
}

static void same_machine(const struct drvmem_sysmem *a, const struct drvmem_sysmem *b)
{
	struct drvmem_sysmem x = *a, y = *b;
	uint32_t i;

	assert_int_equal(a->nr_zones, b->nr_zones);
	assert_int_equal(a->nr_blocks, b->nr_blocks);
	for (i = 0; i < a->nr_zones; i++)
		assert_memory_equal(&a->zones[i], &b->zones[i], sizeof(*a->zones));
	for (i = 0; i < a->nr_blocks; i++) {
		assert_int_equal(a->blocks[i].node, b->blocks[i].node);
		assert_string_equal(a->blocks[i].name, b->blocks[i].name);
		assert_memory_equal(a->blocks[i].n, b->blocks[i].n, sizeof(a->blocks[i].n));
		assert_int_equal(a->blocks[i].other, b->blocks[i].other);
	}
	x.zones = y.zones = NULL;
	x.blocks = y.blocks = NULL;
	assert_memory_equal(&x, &y, sizeof(x));
}

static void add_with(struct drvmem_store *st, uint32_t step, const struct drvmem_store_more *more,
		     const struct drvmem_baseline *b)
{
	struct drvmem_snapshot *s = machine(step);
	struct drvmem_err err = { 0 };

	s->baseline = b;
	if (drvmem_store__add(st, s, false, more, &err))
		fail_msg("%s", err.what);
	drvmem_snapshot__free(s);
}

static void expect_system(struct drvmem_stored *r, uint32_t i, const struct drvmem_sysmem *want)
{
	struct drvmem_err err = { 0 };
	struct drvmem_sysmem *m = NULL;

	if (drvmem_stored__system(r, i, &m, &err))
		fail_msg("interval %u: %s", i, err.what);
	same_machine(want, m);
	drvmem_sysmem__free(m);
}

/* Every figure, and of an interval that was not read with, the reading before; old ones go but for what is needed. */
static void machine_comes_back(void **state)
{
	struct drvmem_sysmem *a = later(FIX_S), *b = later(20 * FIX_S), *c = later(90 * FIX_S);
	const struct drvmem_store_more first = { .system_start = a, .system = b }, more = { .system = c, .system_start = c };
	struct drvmem_stored *r;
	struct drvmem_store *st;
	uint32_t i;

	(void)state;
	b->mem[DRVMEM_MEM_FREE].v += 4096;
	b->vm[DRVMEM_VM_OOM_KILL] = (struct drvmem_u64){ 0, DRVMEM_ABSENT };
	c->mem[DRVMEM_MEM_FREE].v += 8192;
	c->psi.full_us = (struct drvmem_u64){ 0, DRVMEM_LOST };
	st = create((struct drvmem_store_opts){ .max_age_s = 20, .whole_every = 4 });
	add_with(st, 0, &first, NULL);
	add_with(st, 1, NULL, NULL);
	add_with(st, 2, &more, NULL);
	r = open_it();
	expect_system(r, DRVMEM_STORED_START, a);
	expect_system(r, 0, b);
	expect_system(r, 1, b);
	expect_system(r, 2, c);
	drvmem_stored__free(r);
	for (i = 3; i < 60; i++)
		add_with(st, i, NULL, NULL);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	r = open_it();
	assert_true(drvmem_stored__info(r)->forgot && drvmem_stored__info(r)->nr < 40);
	expect_system(r, DRVMEM_STORED_START, a);
	expect_system(r, 0, c);
	drvmem_stored__free(r);
	clean();
	drvmem_sysmem__free(a);
	drvmem_sysmem__free(b);
	drvmem_sysmem__free(c);
}

static struct drvmem_baseline *some_baseline(void)
{
	struct drvmem_baseline *b = drvmem_baseline__new();

	assert_non_null(b);
	b->part[DRVMEM_BASE_SLAB].bytes = drvmem_some(900);
	b->part[DRVMEM_BASE_SLAB].named = drvmem_some(300);
	b->part[DRVMEM_BASE_PERCPU].bytes.st = DRVMEM_DENIED;
	b->spread_named = 5;
	b->bpf_map_bytes = drvmem_some(7);
	b->bpf_maps = 2;
	b->devres_asked = true;
	b->devres_count = drvmem_some(1);
	b->devres_bytes = drvmem_some(64);
	b->devices = 12;
	b->skipped = 3;
	b->rows = calloc(2, sizeof(*b->rows));
	b->devs = calloc(1, sizeof(*b->devs));
	assert_true(b->rows && b->devs);
	b->rows[0] = (struct drvmem_baseline_row){ .owner = "e1000e", .module = true, .areas = 2, .vmalloc_bytes = 200,
						   .image_bytes = drvmem_some(4096), .devres_count = 1, .devres_bytes = 64 };
	b->rows[1] = (struct drvmem_baseline_row){ .owner = "kernel", .what = "cache anon_vma", .caches = 1, .slab_bytes = 300,
						   .image_bytes = { 0, DRVMEM_ABSENT }, .allocinfo_bytes = { 0, DRVMEM_DENIED } };
	b->devs[0] = (struct drvmem_baseline_dev){ "0000:00:03.0", "e1000e", NULL, 1, 64 };
	b->nr_rows = 2;
	b->nr_devs = 1;
	return b;
}

static void same_text(const char *a, const char *b)
{
	assert_true(a ? b && !strcmp(a, b) : !b);
}

static void baseline_comes_back(void **state)
{
	struct drvmem_baseline *a = some_baseline(), x, y;
	const struct drvmem_baseline *b;
	struct drvmem_snapshot *s;
	struct drvmem_store *st;
	struct drvmem_stored *r;
	uint32_t i;

	(void)state;
	st = create((struct drvmem_store_opts){ 0 });
	add_with(st, 0, NULL, a);
	add_with(st, 1, NULL, NULL);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	r = open_it();
	assert_int_equal(drvmem_stored__snapshot(r, 1, &s, NULL), 0);
	b = s->baseline;
	assert_non_null(b);
	x = *a;
	y = *b;
	x.rows = y.rows = NULL;
	x.devs = y.devs = NULL;
	x.arena = y.arena = NULL;
	assert_memory_equal(&x, &y, sizeof(x));
	for (i = 0; i < 2; i++) {
		same_text(a->rows[i].owner, b->rows[i].owner);
		same_text(a->rows[i].what, b->rows[i].what);
		assert_int_equal(drvmem_baseline_row__bytes(&a->rows[i]), drvmem_baseline_row__bytes(&b->rows[i]));
		assert_int_equal(a->rows[i].image_bytes.st, b->rows[i].image_bytes.st);
		assert_int_equal(a->rows[i].allocinfo_bytes.st, b->rows[i].allocinfo_bytes.st);
	}
	same_text(a->devs[0].driver, b->devs[0].driver);
	same_text(a->devs[0].owner, b->devs[0].owner);
	drvmem_snapshot__free(s);
	drvmem_stored__free(r);
	drvmem_baseline__free(a);
	clean();
}

/* Columns of the tables are the fields, and called as the kernel calls them. */
static void schema_fits(void **state)
{
	static const struct { const char *table; const struct drvmem_field *f; } all[] = {
		{ "system", drvmem_system_fields }, { "zone", drvmem_zone_fields }, { "pageblocks", drvmem_blocks_fields },
		{ "baseline", drvmem_baseline_fields }, { "baseline_owner", drvmem_baseline_row_fields },
		{ "baseline_device", drvmem_baseline_dev_fields },
	};
	const struct drvmem_field *f;
	sqlite3_stmt *q;
	sqlite3 *db;
	char sql[128];
	size_t i;

	(void)state;
	assert_int_equal(drvmem_store__close(create((struct drvmem_store_opts){ 0 }), NULL), 0);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (i = 0; i < UNIT_NR(all); i++) {
		snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s') WHERE name != 'id' ORDER BY cid", all[i].table);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
		for (f = all[i].f; f->name; f++) {
			assert_int_equal(sqlite3_step(q), SQLITE_ROW);
			assert_string_equal((const char *)sqlite3_column_text(q, 0), f->name);
		}
		assert_int_equal(sqlite3_step(q), SQLITE_DONE);
		sqlite3_finalize(q);
	}
	sqlite3_close(db);
	for (f = drvmem_system_fields; f->offset < offsetof(struct drvmem_sysmem, mem); f++)
		;
	for (i = 0; i < DRVMEM_NR_MEM; i++, f++) {
		assert_string_equal(f->name, drvmem_mem_names[i]);
		assert_int_equal(f->offset, offsetof(struct drvmem_sysmem, mem) + i * sizeof(struct drvmem_u64));
	}
	for (i = 0; i < DRVMEM_NR_VM; i++, f++) {
		assert_string_equal(f->name, drvmem_vm_names[i]);
		assert_int_equal(f->offset, offsetof(struct drvmem_sysmem, vm) + i * sizeof(struct drvmem_u64));
	}
	clean();
}

static void run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3 *other(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

/* A file of the first version is read as before, and what it lacks was not recorded: no zeros. */
static void version_1(void **state)
{
	struct drvmem_sysmem *m = later(FIX_S), *none = NULL;
	const struct drvmem_store_more more = { .system = m, .system_start = m };
	struct drvmem_baseline *b = some_baseline();
	struct drvmem_store *st = create((struct drvmem_store_opts){ 0 });
	struct drvmem_err err = { 0 };
	struct drvmem_snapshot *s;
	struct drvmem_stored *r;
	sqlite3 *db;

	(void)state;
	add_with(st, 0, &more, b);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	db = other();
	run_sql(db, "DROP TABLE system; DROP TABLE zone; DROP TABLE pageblocks; DROP TABLE baseline; DROP TABLE baseline_owner;"
		    "DROP TABLE baseline_device; ALTER TABLE interval DROP COLUMN cost_events;"
		    "ALTER TABLE interval DROP COLUMN walks_rare;"
		    "ALTER TABLE interval DROP COLUMN cost_span_ns; PRAGMA user_version = 1");
	sqlite3_close(db);
	r = open_it();
	assert_int_equal(drvmem_stored__info(r)->version, 1);
	assert_int_equal(drvmem_stored__snapshot(r, 0, &s, NULL), 0);
	assert_null(s->baseline);
	assert_true(s->nr_sites > 0);
	assert_int_equal(s->cost.span_ns, 0);
	drvmem_snapshot__free(s);
	assert_int_equal(drvmem_stored__system(r, 0, &none, &err), -ENODATA);
	assert_null(none);
	assert_non_null(strstr(err.what, "were not recorded"));
	assert_non_null(strstr(err.remedy, "an older drvmem"));
	drvmem_stored__free(r);
	drvmem_sysmem__free(m);
	drvmem_baseline__free(b);
	clean();
}

/* Who holds the file for long costs an interval and a bounded time, no more; and that is told. */
static void held_up(void **state)
{
	struct drvmem_store *st = create((struct drvmem_store_opts){ .unsynced = true });
	struct drvmem_snapshot *s = machine(2);
	struct drvmem_err err = { 0 };
	struct drvmem_stored *r;
	uint64_t began, took;
	sqlite3 *db;

	(void)state;
	add(st, 1, false);
	db = other();
	run_sql(db, "BEGIN IMMEDIATE");
	began = drvmem_now_ns();
	assert_int_equal(drvmem_store__add(st, s, false, NULL, &err), -EBUSY);
	took = drvmem_now_ns() - began;
	assert_true(took >= DRVMEM_STORE_BUSY_MS * 1000000ull);
	assert_int_equal(drvmem_store__mark(st, 5, 6, 0, "while it was held", NULL), 0);
	assert_int_equal(drvmem_store__skipped(st), 1);
	run_sql(db, "COMMIT");
	/* one that only looks, for as long as it likes, is in nobody's way */
	run_sql(db, "BEGIN; SELECT count(*) FROM interval");
	add(st, 3, true);
	add(st, 4, true);
	assert_int_equal(drvmem_store__mark(st, 7, 8, 0, "after", NULL), 0);
	assert_int_equal(drvmem_store__skipped(st), 1);
	assert_int_equal(drvmem_store__late(st), 0);
	run_sql(db, "COMMIT");
	sqlite3_close(db);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	r = open_it();
	assert_int_equal(drvmem_stored__info(r)->skipped, 1);
	assert_int_equal(drvmem_stored__info(r)->nr, 3);
	assert_int_equal(drvmem_stored__info(r)->nr_marks, 2);
	assert_string_equal(drvmem_stored__info(r)->mark[0].text, "while it was held");
	drvmem_stored__free(r);
	drvmem_snapshot__free(s);
	clean();
}

/* Where memory cannot be shared, what is in the file itself is read, and that its log was not. */
static void no_shared_memory(void **state)
{
	struct drvmem_stored *r;
	char shm[80];
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (!pid) {
		struct drvmem_store *st = create((struct drvmem_store_opts){ 0 });

		add(st, 1, true);
		add(st, 2, true);
		_exit(0);	/* the log stays */
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	snprintf(shm, sizeof(shm), "%s-shm", path);
	unlink(shm);
	assert_int_equal(symlink(shm, shm), 0);	/* it cannot be opened */
	r = open_it();
	assert_true(drvmem_stored__info(r)->log_unread);
	assert_int_equal(drvmem_stored__info(r)->nr, 2);
	drvmem_stored__free(r);
	clean();
}

/* Files that can go, and files that cannot. */
static void removed(void **state)
{
	struct drvmem_store *st = create((struct drvmem_store_opts){ 0 });
	FILE *f;

	(void)state;
	add(st, 1, false);
	assert_int_equal(drvmem_store__remove(path), -EBUSY);
	assert_int_equal(drvmem_store__close(st, NULL), 0);
	assert_int_equal(drvmem_store__remove(path), 0);
	assert_int_equal(drvmem_store__remove(path), -ENOENT);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("precious, and not ours", f);
	fclose(f);
	assert_int_equal(drvmem_store__remove(path), -EINVAL);
	assert_int_equal(access(path, F_OK), 0);
	clean();
}

/* Parts of a session: what happened adds up over them, what is live is live. */
static void parts(void **state)
{
	struct drvmem_snapshot *a = machine(4), *b = machine(9), show[2];
	struct drvmem_since since = { 0 };
	uint32_t i;

	(void)state;
	a->loss.table_full = 3;
	b->loss.table_full = 4;
	assert_int_equal(drvmem_since__show(&since, a, &show[0]), 0);
	assert_int_equal(show[0].meta.started_ns, a->meta.started_ns);
	assert_int_equal(show[0].meta.nr_notes, a->meta.nr_notes);
	assert_int_equal(drvmem_since__begin(&since, a), 0);
	assert_int_equal(drvmem_since__show(&since, b, &show[1]), 0);
	assert_true(b->nr_sites > 3);
	for (i = 0; i < b->nr_sites; i++) {
		assert_int_equal(show[0].sites[i].c.allocs + show[1].sites[i].c.allocs, b->sites[i].c.allocs);
		assert_int_equal(show[0].sites[i].c.alloc_bytes + show[1].sites[i].c.alloc_bytes, b->sites[i].c.alloc_bytes);
		assert_int_equal(show[1].sites[i].c.live_bytes, b->sites[i].c.live_bytes);
		assert_int_equal(show[1].sites[i].c.held_bytes, b->sites[i].c.held_bytes);
		assert_true(show[1].sites[i].c.allocs <= b->sites[i].c.allocs);
	}
	assert_int_equal(show[0].loss.events + show[1].loss.events, b->loss.events);
	assert_int_equal(show[1].loss.table_full, 1);
	assert_int_equal(show[1].meta.started_ns, a->meta.taken_ns);
	assert_int_equal(show[1].meta.nr_notes, b->meta.nr_notes + 2);
	assert_non_null(strstr(show[1].meta.notes[0], "continues a recording"));
	assert_non_null(strstr(show[1].meta.notes[1], "lower bound"));
	assert_string_equal(show[1].meta.notes[2], b->meta.notes[0]);
	drvmem_since__release(&show[1]);
	/* the beginning of a part is a snapshot in which nothing happened, and all is held */
	assert_int_equal(drvmem_since__show(&since, a, &show[1]), 0);
	for (i = 0; i < a->nr_sites; i++) {
		assert_int_equal(show[1].sites[i].c.allocs + show[1].sites[i].c.frees, 0);
		assert_int_equal(show[1].sites[i].c.live_objects, a->sites[i].c.live_objects);
	}
	drvmem_since__release(&show[1]);
	drvmem_since__release(&show[0]);
	drvmem_since__deinit(&since);
	drvmem_snapshot__free(a);
	drvmem_snapshot__free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machine_comes_back), cmocka_unit_test(baseline_comes_back), cmocka_unit_test(schema_fits),
		cmocka_unit_test(version_1), cmocka_unit_test(held_up), cmocka_unit_test(no_shared_memory),
		cmocka_unit_test(removed), cmocka_unit_test(parts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
