// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "source/modules.h"

static struct drvmem_procmods *parse_text(const char *s, size_t n)
{
	struct drvmem_procmods *m = NULL;
	char *text = unit_exact(s, n);
	int ret = drvmem_procmods__parse(text, n, &m);

	free(text);
	assert_int_equal(ret, 0);
	return m;
}

static struct drvmem_procmods *parse_data(const char *name)
{
	size_t len;
	char *text = unit_data(name, &len);
	struct drvmem_procmods *m = parse_text(text, len);

	free(text);
	return m;
}

static void a_real_list(void **state)
{
	struct drvmem_procmods *m = parse_data("modules-6.1.txt");
	const struct drvmem_procmod *x;

	(void)state;
	assert_int_equal(m->n, 10);
	assert_int_equal(m->skipped, 0);
	assert_string_equal(m->v[0].name, "nft_chain_nat");
	x = drvmem_procmods__find(m, "nf_conntrack");
	assert_int_equal(x->size, 188416);
	assert_int_equal(x->refs, 3);
	assert_int_equal(x->addr, 0xffffffffc0aff000);
	assert_int_equal(x->state, DRVMEM_MODSTATE_LIVE);
	drvmem_procmods__free(m);
}

static void states_references_and_hidden_addresses(void **state)
{
	struct drvmem_procmods *m = parse_data("modules-6.1.txt");

	(void)state;
	assert_int_equal(drvmem_procmods__find(m, "e1000e")->state, DRVMEM_MODSTATE_LOADING);
	assert_int_equal(drvmem_procmods__find(m, "snd_hda_intel")->state,
			 DRVMEM_MODSTATE_UNLOADING);
	assert_int_equal(drvmem_procmods__find(m, "snd_hda_intel")->refs, -1);
	assert_int_equal(drvmem_procmods__find(m, "dm_mod")->addr, 0);
	assert_ptr_equal(drvmem_procmods__find(m, "snd-hda-intel"),
			 drvmem_procmods__find(m, "snd_hda_intel"));
	assert_null(drvmem_procmods__find(m, "snd_hda"));
	assert_null(drvmem_procmods__find(m, "nvme_core_x"));
	drvmem_procmods__free(m);
	m = parse_data("modules-no-unload.txt");
	assert_int_equal(m->n, 2);
	assert_int_equal(m->v[0].refs, -1);
	drvmem_procmods__free(m);
}

static void malformed_lines_are_counted(void **state)
{
	static const char text[] =
		"short 16384 4 - Live\n"
		"negative -1 4 - Live 0xffffffffc0b5d000\n"
		"huge 99999999999999999999 4 - Live 0xffffffffc0b5d000\n"
		"refs 16384 4294967296 - Live 0xffffffffc0b5d000\n"
		"refs 16384 2147483648 - Live 0xffffffffc0b5d000\n"
		"addr 16384 4 - Live 0xzz\n"
		"a_name_that_is_longer_than_any_module_name_can_be_in_the_kernel_at_all 1 0 - Live 0x0\n"
		"n\0l 1 0 - Live 0x0\n"
		"\n"
		"  good\t1 0 - Strange 0x0 (OE) more words\n"
		"many 1 2147483647 - Live 0x0\n"
		"last 1 0 - Live 0x1";
	struct drvmem_procmods *m = parse_text(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(m->n, 3);
	assert_int_equal(drvmem_procmods__find(m, "many")->refs, INT32_MAX);
	assert_int_equal(m->skipped, 8);
	assert_int_equal(drvmem_procmods__find(m, "good")->state, DRVMEM_MODSTATE_UNKNOWN);
	assert_int_equal(drvmem_procmods__find(m, "last")->addr, 1);
	drvmem_procmods__free(m);
}

static void empty_and_truncated(void **state)
{
	struct drvmem_procmods *m = parse_text("", 0);
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(m->n, 0);
	assert_null(drvmem_procmods__find(m, "x"));
	drvmem_procmods__free(m);
	drvmem_procmods__free(NULL);
	text = unit_data("modules-6.1.txt", &len);
	for (size_t n = 0; n < len; n++)
		drvmem_procmods__free(parse_text(text, n));
	free(text);
}

static void a_kernel_without_modules_is_told_apart(void **state)
{
	struct drvmem_procmods *m = NULL;
	int ret = drvmem_procmods__load(&m);

	(void)state;
	assert_true(ret == 0 || ret == -ENOENT || ret == -EACCES);
	if (!ret)
		drvmem_procmods__free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_list),
		cmocka_unit_test(states_references_and_hidden_addresses),
		cmocka_unit_test(malformed_lines_are_counted),
		cmocka_unit_test(empty_and_truncated),
		cmocka_unit_test(a_kernel_without_modules_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
