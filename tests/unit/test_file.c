// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/drvmem-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	(void)state;
	while (d && (e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	return rmdir(dir);
}

static const char *in_dir(const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static unsigned int count_files(void)
{
	unsigned int n = 0;
	DIR *d = opendir(dir);

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void expect_content(const char *path, const char *want)
{
	char *buf;
	size_t len;

	assert_int_equal(drvmem_file__read(path, 1 << 20, &buf, &len), 0);
	assert_int_equal(len, strlen(want));
	assert_string_equal(buf, want);
	free(buf);
}

static void limits_are_exact(void **state)
{
	char *text = malloc(10001), *buf = NULL;
	size_t len = 99;

	(void)state;
	memset(text, 'x', 10000);
	text[10000] = '\0';
	assert_int_equal(drvmem_file__write_atomic(in_dir("f"), text, 10000), 0);
	assert_int_equal(drvmem_file__read(in_dir("f"), 9999, &buf, &len), -EFBIG);
	assert_null(buf);
	assert_int_equal(len, 99);
	assert_int_equal(drvmem_file__read(in_dir("f"), 10000, &buf, &len), 0);
	assert_string_equal(buf, text);
	free(buf);
	assert_int_equal(drvmem_file__read(in_dir("f"), 0, &buf, NULL), -EFBIG);
	assert_int_equal(drvmem_file__write_atomic(in_dir("f"), "", 0), 0);
	assert_int_equal(drvmem_file__read(in_dir("f"), 0, &buf, &len), 0);
	assert_int_equal(len, 0);
	assert_string_equal(buf, "");
	free(buf);
	free(text);
}

static void proc_files_have_no_size(void **state)
{
	char *buf;
	size_t len;

	(void)state;
	assert_int_equal(drvmem_file__read("/proc/self/status", DRVMEM_FILE_SMALL, &buf, &len), 0);
	assert_in_range(len, 100, DRVMEM_FILE_SMALL);
	assert_int_equal(strlen(buf), len);
	free(buf);
	assert_int_equal(drvmem_file__read("/proc/no/such", 10, &buf, &len), -ENOENT);
	assert_int_equal(drvmem_file__read("/proc", 10, &buf, &len), -EISDIR);
	/* endless: the limit ends it */
	assert_int_equal(drvmem_file__read("/dev/zero", 100000, &buf, &len), -EFBIG);
}

static void write_replaces_whole_files(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(drvmem_file__write_atomic(in_dir("a"), "first", 5), 0);
	expect_content(in_dir("a"), "first");
	umask(077);	/* a collector under another user must be able to read it */
	assert_int_equal(drvmem_file__write_atomic(in_dir("a"), "2", 1), 0);
	umask(022);
	expect_content(in_dir("a"), "2");
	assert_int_equal(stat(in_dir("a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void a_link_stays_a_link(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(drvmem_file__write_atomic(in_dir("real"), "x", 1), 0);
	assert_int_equal(symlink("real", in_dir("link")), 0);
	assert_int_equal(drvmem_file__write_atomic(in_dir("link"), "y", 1), 0);
	assert_int_equal(lstat(in_dir("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	expect_content(in_dir("real"), "y");
}

static void a_device_is_written_in_place(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(drvmem_file__write_atomic("/dev/null", "x", 1), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(drvmem_file__write_atomic("/dev/full", "x", 1), -ENOSPC);
}

static void failures_leave_nothing_behind(void **state)
{
	unsigned int before = count_files();

	(void)state;
	assert_int_equal(drvmem_file__write_atomic(in_dir("no/such/f"), "x", 1), -ENOENT);
	assert_int_equal(drvmem_file__write_atomic(dir, "x", 1), -EISDIR);
	assert_int_equal(drvmem_file__write_atomic("", "x", 1), -ENOENT);
	assert_int_equal(count_files(), before);
}

static void put_old(const char *name, time_t age_s)
{
	const struct timespec t[2] = { { time(NULL) - age_s, 0 }, { time(NULL) - age_s, 0 } };
	int fd = open(in_dir(name), O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, t), 0);
	close(fd);
}

/* What a killed run left goes with the next write; what may still be written, and what is not ours, stays. */
static void leftovers_are_removed(void **state)
{
	(void)state;
	put_old("m.prom.drvmem-a1B2c3", 3600);
	put_old("m.prom.drvmem-d4E5f6", 5);
	put_old("m.prom.backup", 3600);
	put_old("m.prom.drvmem-toolong", 3600);
	put_old("n.prom.drvmem-a1B2c3", 3600);
	assert_int_equal(drvmem_file__write_atomic(in_dir("m.prom"), "x\n", 2), 0);
	expect_content(in_dir("m.prom"), "x\n");
	assert_int_equal(access(in_dir("m.prom.drvmem-a1B2c3"), F_OK), -1);
	assert_int_equal(access(in_dir("m.prom.drvmem-d4E5f6"), F_OK), 0);
	assert_int_equal(access(in_dir("m.prom.backup"), F_OK), 0);
	assert_int_equal(access(in_dir("m.prom.drvmem-toolong"), F_OK), 0);
	assert_int_equal(access(in_dir("n.prom.drvmem-a1B2c3"), F_OK), 0);
	for (const char *const *p = (const char *const[]){ "m.prom", "m.prom.drvmem-d4E5f6", "m.prom.backup",
			"m.prom.drvmem-toolong", "n.prom.drvmem-a1B2c3", NULL }; *p; p++)
		unlink(in_dir(*p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_exact),
		cmocka_unit_test(proc_files_have_no_size),
		cmocka_unit_test(write_replaces_whole_files),
		cmocka_unit_test(a_link_stays_a_link),
		cmocka_unit_test(a_device_is_written_in_place),
		cmocka_unit_test(failures_leave_nothing_behind),
		cmocka_unit_test(leftovers_are_removed),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
