// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "source/kconfig.h"

static void values_of_a_real_file(void **state)
{
	size_t len;
	char *text = unit_data("kconfig-6.18.txt", &len);
	char v[64] = "old";
	uint64_t n = 7;

	(void)state;
	assert_int_equal(drvmem_kconfig__get_u64(text, len, "CONFIG_HZ", &n), 0);
	assert_int_equal(n, 250);
	assert_int_equal(drvmem_kconfig__get_u64(text, len, "CONFIG_PHYSICAL_START", &n), 0);
	assert_int_equal(n, 0x1000000);
	assert_int_equal(drvmem_kconfig__get_u64(text, len, "CONFIG_KALLSYMS", &n), -EINVAL);
	assert_int_equal(drvmem_kconfig__get(text, len, "CONFIG_KALLSYMS", v, sizeof(v)), 0);
	assert_string_equal(v, "y");
	assert_int_equal(drvmem_kconfig__get(text, len, "CONFIG_MODULES", v, sizeof(v)), 0);
	assert_string_equal(v, "n");
	assert_int_equal(drvmem_kconfig__get(text, len, "CONFIG_LOCALVERSION", v, sizeof(v)), 0);
	assert_string_equal(v, "-test");
	/* neither a longer nor a shorter name answers */
	assert_int_equal(drvmem_kconfig__get(text, len, "CONFIG_KALLSYM", v, sizeof(v)), -ENOENT);
	assert_int_equal(drvmem_kconfig__get(text, len, "CONFIG_MODULE", v, sizeof(v)), -ENOENT);
	assert_int_equal(drvmem_kconfig__get(text, len, "CONFIG_NONE", v, sizeof(v)), -ENOENT);
	assert_string_equal(v, "-test");
	for (size_t cut = 0; cut < len; cut++) {
		char *exact = unit_exact(text, cut);

		(void)!drvmem_kconfig__get(exact, cut, "CONFIG_FPROBE", v, sizeof(v));
		free(exact);
	}
	free(text);
}

static int get(const char *line, char *v, size_t size)
{
	char *text = unit_exact(line, strlen(line));
	int ret = drvmem_kconfig__get(text, strlen(line), "CONFIG_X", v, size);

	free(text);
	return ret;
}

static void quotes_and_malformed_values(void **state)
{
	char v[8] = "old";

	(void)state;
	assert_int_equal(get("CONFIG_X=\"a \\\"b\\\\\"\n", v, sizeof(v)), 0);
	assert_string_equal(v, "a \"b\\");
	assert_int_equal(get("CONFIG_X=\"\"\n", v, sizeof(v)), 0);
	assert_string_equal(v, "");
	strcpy(v, "old");
	assert_int_equal(get("CONFIG_X=\n", v, sizeof(v)), -EINVAL);
	assert_int_equal(get("CONFIG_X=\"open\n", v, sizeof(v)), -EINVAL);
	assert_int_equal(get("CONFIG_X=\"\n", v, sizeof(v)), -EINVAL);
	assert_int_equal(get("CONFIG_X=\"12345678\"\n", v, sizeof(v)), -ENAMETOOLONG);
	assert_int_equal(get("CONFIG_X=12345678\n", v, sizeof(v)), -ENAMETOOLONG);
	assert_int_equal(get(" CONFIG_X=y\n", v, sizeof(v)), -ENOENT);
	assert_int_equal(get("# CONFIG_X is set\n", v, sizeof(v)), -ENOENT);
	assert_int_equal(get("# CONFIG_X is not set maybe\n", v, sizeof(v)), -ENOENT);
	assert_int_equal(get("#CONFIG_X=y", v, sizeof(v)), -ENOENT);
	assert_int_equal(get("", v, sizeof(v)), -ENOENT);
	assert_int_equal(get("CONFIG_X=y", v, 0), -EINVAL);
	assert_string_equal(v, "old");
	assert_int_equal(get("CONFIG_X=y", v, 2), 0);
	assert_string_equal(v, "y");
	assert_int_equal(get("# CONFIG_X is not set", v, sizeof(v)), 0);
	assert_string_equal(v, "n");
}

static void write_file(const char *path, const char *mode, const char *text, size_t n)
{
	gzFile f = gzopen(path, mode);

	assert_non_null(f);
	assert_int_equal(gzwrite(f, text, (unsigned int)n), n);
	assert_int_equal(gzclose(f), Z_OK);
}

/* The same content, packed and not ("T": without compression). */
static void packed_and_plain_files(void **state)
{
	static const char *const modes[] = { "wb", "wbT" };
	char path[] = "/tmp/drvmem-kconfig-XXXXXX", *text = NULL;
	int fd = mkstemp(path);
	size_t len = 7, n;
	char *want = unit_data("kconfig-6.18.txt", &n);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < UNIT_NR(modes); i++) {
		write_file(path, modes[i], want, n);
		assert_int_equal(drvmem_kconfig__read(path, n - 1, &text, &len), -EFBIG);
		assert_null(text);
		assert_int_equal(len, 7);
		assert_int_equal(drvmem_kconfig__read(path, n, &text, &len), 0);
		assert_int_equal(len, n);
		assert_memory_equal(text, want, n);
		assert_int_equal(text[n], 0);
		free(text);
		text = NULL;
		len = 7;
	}
	write_file(path, "wb", want, n);
	assert_int_equal(ftruncate(fd, 200), 0);
	assert_int_equal(drvmem_kconfig__read(path, n, &text, &len), -EIO);
	assert_int_equal(drvmem_kconfig__read("/no/such/file", n, &text, &len), -ENOENT);
	assert_null(text);
	close(fd);
	unlink(path);
	free(want);
}

static void this_kernel(void **state)
{
	char *text;
	size_t len;
	uint64_t hz;
	int ret = drvmem_kconfig__load(&text, &len);

	(void)state;
	if (ret == -ENOENT || ret == -EACCES) {
		print_message("no kernel configuration is published here\n");
		skip();
	}
	assert_int_equal(ret, 0);
	assert_int_equal(strlen(text), len);
	assert_int_equal(drvmem_kconfig__get_u64(text, len, "CONFIG_HZ", &hz), 0);
	assert_in_range(hz, 24, 1200);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_a_real_file),
		cmocka_unit_test(quotes_and_malformed_values),
		cmocka_unit_test(packed_and_plain_files),
		cmocka_unit_test(this_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
