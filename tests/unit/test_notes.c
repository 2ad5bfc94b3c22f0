// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <elf.h>
#include <errno.h>

#include "source/notes.h"

#define ID "0102030405060708090a0b0c0d0e0f1011121314"

struct notes {
	char buf[1024];
	size_t len;
};

/* Appends a note with a body of desc_len bytes 1, 2, 3 ... */
static void add_note(struct notes *n, const char *name, uint32_t type, uint32_t desc_len)
{
	Elf64_Nhdr h = { (uint32_t)strlen(name) + 1, desc_len, type };

	memcpy(n->buf + n->len, &h, sizeof(h));
	n->len += sizeof(h);
	memset(n->buf + n->len, 0, 256);
	strcpy(n->buf + n->len, name);
	n->len += (h.n_namesz + 3) & ~3u;
	for (uint32_t i = 0; i < desc_len; i++)
		n->buf[n->len + i] = (char)(i + 1);
	n->len += (desc_len + 3) & ~3u;
}

static int build_id(const void *data, size_t len, char *hex, size_t size)
{
	char *exact = unit_exact(data, len);
	int ret = drvmem_notes__build_id(exact, len, hex, size);

	free(exact);
	return ret;
}

static void found_behind_other_notes(void **state)
{
	char hex[DRVMEM_BUILD_ID_HEX];
	struct notes n = {0};

	(void)state;
	add_note(&n, "Linux", 0x101, 1);
	add_note(&n, "Xen", 19, 12);
	add_note(&n, "GNU", NT_GNU_ABI_TAG, 16);
	add_note(&n, "Linux", NT_GNU_BUILD_ID, 20);	/* the type of another name */
	assert_int_equal(build_id(n.buf, n.len, hex, sizeof(hex)), -ENOENT);
	add_note(&n, "GNU", NT_GNU_BUILD_ID, 20);
	add_note(&n, "Linux", 0, 3);
	assert_int_equal(build_id(n.buf, n.len, hex, sizeof(hex)), 0);
	assert_string_equal(hex, ID);
}

static void short_and_long_ids(void **state)
{
	char hex[DRVMEM_BUILD_ID_HEX] = "old", even[DRVMEM_BUILD_ID_HEX + 1];
	struct notes n = {0};

	(void)state;
	add_note(&n, "GNU", NT_GNU_BUILD_ID, 8);
	assert_int_equal(build_id(n.buf, n.len, hex, sizeof(hex)), 0);
	assert_string_equal(hex, "0102030405060708");
	n.len = 0;
	add_note(&n, "GNU", NT_GNU_BUILD_ID, 32);
	assert_int_equal(build_id(n.buf, n.len, hex, sizeof(hex)), 0);
	assert_string_equal(hex, ID);
	assert_int_equal(build_id(n.buf, n.len, hex, 40), -EINVAL);
	assert_int_equal(build_id(n.buf, n.len, even, sizeof(even)), 0);
	assert_string_equal(even, ID);
	n.len = 0;
	add_note(&n, "GNU", NT_GNU_BUILD_ID, 0);
	assert_int_equal(build_id(n.buf, n.len, hex, sizeof(hex)), -EINVAL);
	n.len = 0;
	add_note(&n, "GNU", NT_GNU_BUILD_ID, 65);
	assert_int_equal(build_id(n.buf, n.len, hex, sizeof(hex)), -EINVAL);
	assert_string_equal(hex, ID);
}

static void sizes_that_lie(void **state)
{
	static const uint32_t lies[] = { 5, 100, 0x7fffffff, 0xfffffffd, 0xffffffff };
	char hex[DRVMEM_BUILD_ID_HEX];

	(void)state;
	for (size_t i = 0; i < UNIT_NR(lies); i++) {
		struct notes n = {0};

		add_note(&n, "GNU", NT_GNU_BUILD_ID, 20);
		memcpy(n.buf, &lies[i], 4);	/* name size */
		assert_int_equal(build_id(n.buf, n.len, hex, sizeof(hex)), -EINVAL);
		n.len = 0;
		add_note(&n, "GNU", NT_GNU_BUILD_ID, 20);
		if (lies[i] > 20) {
			memcpy(n.buf + 4, &lies[i], 4);	/* body size */
			assert_int_equal(build_id(n.buf, n.len, hex, sizeof(hex)), -EINVAL);
		}
	}
}

static void every_truncation_is_survived(void **state)
{
	char hex[DRVMEM_BUILD_ID_HEX];
	struct notes n = {0};

	(void)state;
	add_note(&n, "Linux", 0x101, 1);
	add_note(&n, "GNU", NT_GNU_BUILD_ID, 20);
	for (size_t len = 0; len < n.len; len++)
		assert_true(build_id(n.buf, len, hex, sizeof(hex)) < 0);
	assert_int_equal(build_id(n.buf, n.len, hex, sizeof(hex)), 0);
	/* a body whose padding is missing at the end of the file */
	n.len = 0;
	add_note(&n, "Linux", 0, 5);
	assert_int_equal(build_id(n.buf, n.len - 3, hex, sizeof(hex)), -ENOENT);
}

static void loaders_check_names(void **state)
{
	char hex[DRVMEM_BUILD_ID_HEX];
	char longest[300];
	int ret;

	(void)state;
	memset(longest, 'm', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(drvmem_notes__module_build_id("", hex, sizeof(hex)), -EINVAL);
	assert_int_equal(drvmem_notes__module_build_id("..", hex, sizeof(hex)), -EINVAL);
	assert_int_equal(drvmem_notes__module_build_id("a/b", hex, sizeof(hex)), -EINVAL);
	assert_int_equal(drvmem_notes__module_build_id(longest, hex, sizeof(hex)), -EINVAL);
	assert_int_equal(drvmem_notes__module_build_id("no_such_module", hex, sizeof(hex)), -ENOENT);
	ret = drvmem_notes__kernel_build_id(hex, sizeof(hex));
	assert_true(ret == 0 || ret == -ENOENT || ret == -EACCES);
	if (!ret)
		assert_in_range(strlen(hex), 16, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_behind_other_notes),
		cmocka_unit_test(short_and_long_ids),
		cmocka_unit_test(sizes_that_lie),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(loaders_check_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
