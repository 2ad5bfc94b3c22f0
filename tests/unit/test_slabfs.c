// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/slabfs.h"

/* Directory listing recorded as "name [target]" lines. */
static struct drvmem_slabfs *recorded(void)
{
	struct drvmem_slabfs *fs = drvmem_slabfs__new();
	size_t len;
	char *text = unit_data("slabdir-6.18.txt", &len);
	char *copy = malloc(len + 1);

	assert_non_null(fs);
	memcpy(copy, text, len);
	copy[len] = '\0';
	for (char *l = strtok(copy, "\n"); l; l = strtok(NULL, "\n")) {
		char *space = strchr(l, ' ');

		if (space)
			*space++ = '\0';
		assert_int_equal(drvmem_slabfs__add(fs, l, space), 0);
	}
	drvmem_slabfs__seal(fs);
	free(copy);
	free(text);
	return fs;
}

static void merged_caches_know_each_other(void **state)
{
	struct drvmem_slabfs *fs = recorded();
	char *aliases = NULL;

	(void)state;
	assert_string_equal(drvmem_slabfs__target(fs, "skbuff_ext_cache"), ":0000192");
	assert_int_equal(drvmem_slabfs__aliases(fs, "skbuff_ext_cache", &aliases), 0);
	assert_non_null(aliases);
	assert_null(strstr(aliases, "skbuff_ext_cache"));
	assert_null(strstr(aliases, ":0"));
	/* all eight names of the directory, without the one asked for */
	{
		unsigned int commas = 0;

		for (const char *p = aliases; *p; p++)
			commas += *p == ',';
		assert_int_equal(commas, 6);
	}
	free(aliases);
	drvmem_slabfs__free(fs);
}

static void a_cache_of_its_own_has_no_aliases(void **state)
{
	struct drvmem_slabfs *fs = recorded();
	char *aliases = (char *)"unchanged";

	(void)state;
	assert_string_equal(drvmem_slabfs__target(fs, "skbuff_head_cache"), "skbuff_head_cache");
	assert_int_equal(drvmem_slabfs__aliases(fs, "no_such_cache", &aliases), -ENOENT);
	assert_string_equal(aliases, "unchanged");
	assert_int_equal(drvmem_slabfs__aliases(fs, "skbuff_head_cache", &aliases), 0);
	assert_null(aliases);
	drvmem_slabfs__free(fs);
}

static void aliases_are_sorted(void **state)
{
	struct drvmem_slabfs *fs = drvmem_slabfs__new();
	char *aliases;

	(void)state;
	assert_int_equal(drvmem_slabfs__add(fs, "zeta", ":0000200"), 0);
	assert_int_equal(drvmem_slabfs__add(fs, ":0000200", NULL), 0);
	assert_int_equal(drvmem_slabfs__add(fs, "alpha", "../slab/:0000200"), 0);
	assert_int_equal(drvmem_slabfs__add(fs, "mid", ":0000200"), 0);
	assert_int_equal(drvmem_slabfs__add(fs, "other", ":0000201"), 0);
	drvmem_slabfs__seal(fs);
	assert_int_equal(drvmem_slabfs__aliases(fs, "mid", &aliases), 0);
	assert_string_equal(aliases, "alpha,zeta");
	free(aliases);
	/* asked by the directory itself: every name */
	assert_int_equal(drvmem_slabfs__aliases(fs, ":0000200", &aliases), 0);
	assert_string_equal(aliases, "alpha,mid,zeta");
	free(aliases);
	assert_int_equal(drvmem_slabfs__aliases(fs, "other", &aliases), 0);
	assert_null(aliases);
	drvmem_slabfs__free(fs);
}

/* Every number of entries, for the two indices to grow together. */
static void any_number_of_entries(void **state)
{
	char name[32];

	(void)state;
	for (int n = 0; n < 64; n++) {
		struct drvmem_slabfs *fs = drvmem_slabfs__new();

		for (int i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "cache%d", i);
			assert_int_equal(drvmem_slabfs__add(fs, name, ":0000064"), 0);
		}
		drvmem_slabfs__seal(fs);
		for (int i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "cache%d", i);
			assert_string_equal(drvmem_slabfs__target(fs, name), ":0000064");
		}
		drvmem_slabfs__free(fs);
	}
}

static void bad_entries_are_refused(void **state)
{
	struct drvmem_slabfs *fs = drvmem_slabfs__new();
	char name[400];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(drvmem_slabfs__add(fs, "", NULL), -EINVAL);
	assert_int_equal(drvmem_slabfs__add(fs, "a", ""), -EINVAL);
	assert_int_equal(drvmem_slabfs__add(fs, "a", "dir/"), -EINVAL);
	assert_int_equal(drvmem_slabfs__add(fs, name, NULL), -EINVAL);
	drvmem_slabfs__seal(fs);
	assert_null(drvmem_slabfs__target(fs, "a"));
	drvmem_slabfs__free(fs);
	drvmem_slabfs__free(NULL);
}

static void attribute_numbers(void **state)
{
	uint64_t v = 9;

	(void)state;
	assert_int_equal(drvmem_slabfs__parse_number("256\n", 4, &v), 0);
	assert_int_equal(v, 256);
	assert_int_equal(drvmem_slabfs__parse_number("784 N0=700 N1=84\n", 17, &v), 0);
	assert_int_equal(v, 784);
	assert_int_equal(drvmem_slabfs__parse_number("", 0, &v), -EINVAL);
	assert_int_equal(drvmem_slabfs__parse_number("\n", 1, &v), -EINVAL);
	assert_int_equal(drvmem_slabfs__parse_number("x\n", 2, &v), -EINVAL);
	assert_int_equal(v, 784);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* By the letters of an id; a cache that is never merged has none. */
static void whether_a_cache_is_accounted(void **state)
{
	static const struct { const char *name, *target; enum drvmem_avail st; uint64_t v; } t[] = {
		{ "plain", ":0000192", DRVMEM_OK, 0 }, { "charged", ":A-0000192", DRVMEM_OK, 1 },
		{ "both", ":aA-0001144", DRVMEM_OK, 1 }, { "reclaimed", ":a-0000104", DRVMEM_OK, 0 },
		{ "ALONE-A", NULL, DRVMEM_ABSENT, 0 },
	};
	struct drvmem_slabfs *fs = drvmem_slabfs__new();
	struct drvmem_u64 v;
	size_t i;

	(void)state;
	assert_non_null(fs);
	for (i = 0; i < UNIT_NR(t); i++)
		assert_int_equal(drvmem_slabfs__add(fs, t[i].name, t[i].target), 0);
	drvmem_slabfs__seal(fs);
	for (i = 0; i < UNIT_NR(t); i++) {
		v = drvmem_slabfs__accounted(fs, t[i].name);
		assert_int_equal(v.st, t[i].st);
		assert_int_equal(v.v, t[i].v);
	}
	assert_int_equal(drvmem_slabfs__accounted(fs, "nobody").st, DRVMEM_ABSENT);
	drvmem_slabfs__free(fs);
}

static void a_directory_is_read(void **state)
{
	char dir[] = "/tmp/drvmem-slabfs-XXXXXX", cache[64], link[64], path[128];
	static const char *const files[] = { "object_size", "slab_size", "order", "align", "destroy_by_rcu", "ctor" };
	struct drvmem_slabattr attr;
	struct drvmem_slabfs *fs;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(cache, sizeof(cache), "%s/:0000200", dir);
	snprintf(link, sizeof(link), "%s/mycache", dir);
	assert_int_equal(mkdir(cache, 0755), 0);
	assert_int_equal(symlink(":0000200", link), 0);
	write_file(cache, "object_size", "192\n");
	write_file(cache, "slab_size", "200\n");
	write_file(cache, "order", "garbage\n");
	write_file(cache, "align", "64\n");
	write_file(cache, "destroy_by_rcu", "1\n");
	write_file(cache, "ctor", "\n");
	assert_int_equal(drvmem_slabfs__load(dir, &fs), 0);
	assert_string_equal(drvmem_slabfs__target(fs, "mycache"), ":0000200");
	drvmem_slabfs__free(fs);
	assert_int_equal(drvmem_slabfs__read_attr(dir, "mycache", &attr), 0);
	assert_int_equal(attr.object_size.v, 192);
	assert_int_equal(attr.slab_size.v, 200);
	assert_int_equal(attr.order.st, DRVMEM_ABSENT);
	assert_int_equal(attr.align.v, 64);
	assert_int_equal(attr.by_rcu.v, 1);
	assert_false(attr.has_ctor);
	write_file(cache, "ctor", "0xffffffff81000000\n");
	assert_int_equal(drvmem_slabfs__read_attr(dir, "mycache", &attr), 0);
	assert_true(attr.has_ctor);
	assert_string_equal(attr.ctor_module, "");
	assert_int_equal(attr.objs_per_slab.st, DRVMEM_ABSENT);
	assert_int_equal(drvmem_slabfs__read_attr(dir, "none", &attr), -ENOENT);
	assert_int_equal(drvmem_slabfs__read_attr(dir, "../x", &attr), -EINVAL);
	assert_int_equal(drvmem_slabfs__read_attr(dir, "", &attr), -EINVAL);
	assert_int_equal(drvmem_slabfs__load("/no/such/dir", &fs), -ENOENT);
	for (size_t i = 0; i < UNIT_NR(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", cache, files[i]);
		unlink(path);
	}
	unlink(link);
	assert_int_equal(rmdir(cache), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merged_caches_know_each_other),
		cmocka_unit_test(a_cache_of_its_own_has_no_aliases),
		cmocka_unit_test(aliases_are_sorted),
		cmocka_unit_test(any_number_of_entries),
		cmocka_unit_test(bad_entries_are_refused),
		cmocka_unit_test(attribute_numbers),
		cmocka_unit_test(whether_a_cache_is_accounted),
		cmocka_unit_test(a_directory_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
