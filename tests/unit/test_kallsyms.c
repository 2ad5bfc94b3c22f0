// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "symbol/symbol.h"

#define MODS "kallsyms-modules.txt"

static struct drvmem_symtab *parse_data(const char *name)
{
	struct drvmem_symtab *t = NULL;
	size_t len;
	char *text = unit_data(name, &len);
	int ret = drvmem_symtab__parse(text, len, &t);

	free(text);	/* the table keeps nothing of it */
	assert_int_equal(ret, 0);
	return t;
}

static struct drvmem_symtab *parse_text(const char *s, size_t n)
{
	struct drvmem_symtab *t = NULL;
	char *text = unit_exact(s, n);
	int ret = drvmem_symtab__parse(text, n, &t);

	free(text);
	assert_int_equal(ret, 0);
	return t;
}

static void expect_format(const struct drvmem_symtab *t, uint64_t addr, const char *want)
{
	char buf[128];

	drvmem_symtab__format(t, addr, true, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void a_real_excerpt(void **state)
{
	struct drvmem_symtab *t = parse_data("kallsyms-6.18-vmlinux.txt");
	const struct drvmem_sym *s = drvmem_symtab__by_name(t, "kmem_cache_free", NULL);
	uint64_t prev = 0;

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->type, 'T');
	assert_null(s->module);
	assert_ptr_equal(drvmem_symtab__find(t, s->addr), s);
	assert_ptr_equal(drvmem_symtab__find(t, s->addr + 0x40), s);
	assert_int_equal(drvmem_symtab__skipped(t), 0);
	assert_in_range(drvmem_symtab__count(t), 60, 181);
	for (size_t i = 0; i < drvmem_symtab__count(t); i++) {
		const struct drvmem_sym *x = drvmem_symtab__at(t, i);

		assert_true(x->addr >= prev);
		assert_true(strncmp(x->name, "__pfx_", 6) != 0);
		prev = x->addr;
	}
	assert_null(drvmem_symtab__at(t, drvmem_symtab__count(t)));
	drvmem_symtab__free(t);
}

static void images_are_kept_apart(void **state)
{
	struct drvmem_symtab *t = parse_data(MODS);

	(void)state;
	expect_format(t, 0xffffffffc0701010, "e1000_open+0x10 [e1000e]");
	/* nvme's text follows e1000e's at once: the last function ends there */
	expect_format(t, 0xffffffffc0702fff, "e1000_close+0x7ff [e1000e]");
	expect_format(t, 0xffffffffc0703000, "nvme_probe+0x0 [nvme]");
	/* behind the last symbol of a module only a page counts */
	expect_format(t, 0xffffffffc0703fff, "nvme_probe+0xfff [nvme]");
	expect_format(t, 0xffffffffc0704000, "0xffffffffc0704000");
	expect_format(t, 0xffffffffc06013ff, "ext4_weak+0xfff [ext4]");
	expect_format(t, 0xffffffffc0601400, "0xffffffffc0601400");
	/* .init.text far from .text is no continuation of it */
	expect_format(t, 0xffffffffc0bd4fff, "0xffffffffc0bd4fff");
	expect_format(t, 0xffffffffc0bd5001, "init_once+0x1 [e1000e]");
	drvmem_symtab__free(t);
}

static void pseudo_modules_are_marked(void **state)
{
	struct drvmem_symtab *t = parse_data(MODS);
	const struct drvmem_sym *s;

	(void)state;
	s = drvmem_symtab__find(t, 0xffffffffc0900100);
	assert_true(s->pseudo);
	assert_string_equal(s->module, "bpf");
	/* an image of BPF may be longer than a page */
	expect_format(t, 0xffffffffc0903fff, "bpf_prog_6deef7357e7b4530_sd_fw_egress+0x3fff [bpf]");
	expect_format(t, 0xffffffffc0913fff, "bpf_prog_2f9c1a7d6b5e4038_alloc+0xffff [bpf]");
	expect_format(t, 0xffffffffc0914000, "0xffffffffc0914000");
	assert_true(drvmem_symtab__by_name(t, "ftrace_trampoline", "__builtin__ftrace")->pseudo);
	assert_true(drvmem_symtab__by_name(t, "kprobe_insn_page", "__builtin__kprobes")->pseudo);
	assert_false(drvmem_symtab__by_name(t, "e1000_open", "e1000e")->pseudo);
	drvmem_symtab__free(t);
}

static void the_first_alias_is_shown(void **state)
{
	struct drvmem_symtab *t = parse_data(MODS);

	(void)state;
	assert_string_equal(drvmem_symtab__find(t, 0xffffffff81000010)->name, "_stext");
	assert_string_equal(drvmem_symtab__find(t, 0xffffffffc0703010)->name, "nvme_probe");
	assert_non_null(drvmem_symtab__by_name(t, "nvme_probe_alias", "nvme"));
	drvmem_symtab__free(t);
}

static void end_markers_cover_nothing(void **state)
{
	struct drvmem_symtab *t = parse_data(MODS);

	(void)state;
	expect_format(t, 0xffffffff814003ff, "slab_free_one+0x1ff");
	expect_format(t, 0xffffffff81400400, "0xffffffff81400400");
	expect_format(t, 0xffffffff82000000, "0xffffffff82000000");
	expect_format(t, 0xffffffff83010000, "0xffffffff83010000");
	assert_int_equal(drvmem_symtab__by_name(t, "_etext", NULL)->addr, 0xffffffff81400400);
	expect_format(t, 0, "0x0");
	expect_format(t, UINT64_MAX, "0xffffffffffffffff");
	drvmem_symtab__free(t);
}

static void names_belong_to_an_image(void **state)
{
	struct drvmem_symtab *t = parse_data(MODS);

	(void)state;
	assert_int_equal(drvmem_symtab__by_name(t, "init_once", NULL)->addr, 0xffffffff83000040);
	assert_int_equal(drvmem_symtab__by_name(t, "init_once", "ext4")->addr, 0xffffffffc0600000);
	assert_int_equal(drvmem_symtab__by_name(t, "init_once", "e1000e")->addr,
			 0xffffffffc0bd5000);
	assert_null(drvmem_symtab__by_name(t, "init_once", "nvme"));
	assert_null(drvmem_symtab__by_name(t, "e1000_open", NULL));
	assert_null(drvmem_symtab__by_name(t, "e1000_driver", "e1000e"));	/* data */
	assert_null(drvmem_symtab__by_name(t, "init_onc", NULL));
	drvmem_symtab__free(t);
}

/* A gap of exactly the bound still belongs to the function in front, one byte more does not. */
static void the_gap_bound_is_exact(void **state)
{
	static const char text[] = "1000 t a [m]\n101000 t b [m]\n201001 t c [m]\n";
	struct drvmem_symtab *t = parse_text(text, sizeof(text) - 1);

	(void)state;
	expect_format(t, 0x100fff, "a+0xfffff [m]");
	expect_format(t, 0x101fff, "b+0xfff [m]");
	expect_format(t, 0x102000, "0x102000");
	drvmem_symtab__free(t);
}

static void of_equal_names_the_lowest_is_found(void **state)
{
	static const char text[] = "2000 t dup\n1000 t dup\n3000 t dup\n";
	struct drvmem_symtab *t = parse_text(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(drvmem_symtab__count(t), 3);
	assert_int_equal(drvmem_symtab__by_name(t, "dup", NULL)->addr, 0x1000);
	drvmem_symtab__free(t);
}

static void data_symbols_by_lookup(void **state)
{
	static const char *const names[] = { "modules", "_stext", "disabled", "e1000_driver", "bpf]", "" };
	uint64_t addr[UNIT_NR(names)];
	size_t len, i;
	char *text = unit_data(MODS, &len);

	(void)state;
	drvmem_kallsyms_lookup(text, len, names, UNIT_NR(names), addr);
	assert_int_equal(addr[0], 0xffffffff82a1c0e0);
	assert_int_equal(addr[1], 0xffffffff81000000);
	for (i = 2; i < UNIT_NR(names); i++)
		assert_int_equal(addr[i], 0);
	addr[0] = 1;
	drvmem_kallsyms_lookup(text, 0, names, 1, addr);
	assert_int_equal(addr[0], 0);
	free(text);
}

static void hidden_addresses_are_an_error(void **state)
{
	static const char *const modules = "modules";
	uint64_t addr = 1;
	struct drvmem_symtab *t = NULL;
	size_t len;
	char *text = unit_data("kallsyms-hidden.txt", &len);

	(void)state;
	assert_int_equal(drvmem_symtab__parse(text, len, &t), -EACCES);
	assert_null(t);
	drvmem_kallsyms_lookup(text, len, &modules, 1, &addr);
	assert_int_equal(addr, 0);
	free(text);
}

static void empty_text_is_an_empty_table(void **state)
{
	struct drvmem_symtab *t = parse_text("", 0);

	(void)state;
	assert_int_equal(drvmem_symtab__count(t), 0);
	assert_null(drvmem_symtab__find(t, 0x1000));
	assert_null(drvmem_symtab__by_name(t, "x", NULL));
	drvmem_symtab__free(t);
	drvmem_symtab__free(NULL);
	assert_null(drvmem_symtab__find(NULL, 1));
	assert_null(drvmem_symtab__by_name(NULL, "x", NULL));
	expect_format(NULL, 0x12, "0x12");
}

static void malformed_lines_are_counted(void **state)
{
	static const char text[] =
		"ffffffff81000000 T good\n"
		"\n"
		"ffffffff8100\n"
		"ffffffff81000010 T\n"
		"ffffffff81000010 T \n"
		"xyz T name\n"
		"11112222333344445 T seventeen_digits\n"
		"ffffffff81000020  T two_blanks\n"
		"ffffffff81000030 TT long_type\n"
		"ffffffff81000040 T name [unclosed\n"
		"ffffffff81000050 T name []\n"
		"ffffffff81000060 T name [mod] rest\n"
		"ffffffff81000070 T name rest\n"
		"ffffffff81000080 T nul\0inside\n"
		"ffffffff81000090 T name [m\0d]\n"
		"ffffffff810000a0 T spaces  [mod]  \n"
		"ffffffff810000b0 t cr\r\n"
		"81000000 t short_address\n"
		"ffffffff810000c0 t cut_o";
	struct drvmem_symtab *t = parse_text(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(drvmem_symtab__count(t), 5);
	assert_int_equal(drvmem_symtab__skipped(t), 13);
	assert_non_null(drvmem_symtab__by_name(t, "spaces", "mod"));
	assert_non_null(drvmem_symtab__by_name(t, "cr", NULL));
	assert_int_equal(drvmem_symtab__at(t, 0)->addr, 0x81000000);
	assert_non_null(drvmem_symtab__by_name(t, "cut_o", NULL));
	drvmem_symtab__free(t);
}

static void names_longer_than_any_are_skipped(void **state)
{
	char *text = malloc(5000);
	struct drvmem_symtab *t;
	int n;

	(void)state;
	for (int len = 1022; len <= 1025; len++) {
		n = snprintf(text, 5000, "1000 t %0*d\n", len, 0);
		t = parse_text(text, (size_t)n);
		assert_int_equal(drvmem_symtab__count(t), len <= 1023);
		drvmem_symtab__free(t);
	}
	free(text);
}

static void every_truncation_is_survived(void **state)
{
	size_t len;
	char *text = unit_data(MODS, &len);

	(void)state;
	for (size_t n = 0; n < len; n++)
		drvmem_symtab__free(parse_text(text, n));
	free(text);
}

static void this_kernels_table_is_read(void **state)
{
	struct drvmem_symtab *t;
	int ret = drvmem_symtab__load(&t);

	(void)state;
	if (ret) {
		print_message("no addresses in /proc/kallsyms here (%d)\n", ret);
		assert_true(ret == -EACCES || ret == -ENOENT);
		skip();
	}
	assert_in_range(drvmem_symtab__count(t), 1000, 10000000);
	assert_int_equal(drvmem_symtab__skipped(t), 0);
	assert_non_null(drvmem_symtab__by_name(t, "_stext", NULL));
	drvmem_symtab__free(t);
}

static void format_respects_the_buffer(void **state)
{
	struct drvmem_symtab *t = parse_data(MODS);
	char *buf = unit_exact("zzzzz", 5);

	(void)state;
	drvmem_symtab__format(t, 0xffffffffc0701010, true, buf, 5);
	assert_string_equal(buf, "e100");
	drvmem_symtab__format(t, 0xffffffffc0701010, false, buf, 1);
	assert_string_equal(buf, "");
	free(buf);
	drvmem_symtab__free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_excerpt),
		cmocka_unit_test(images_are_kept_apart),
		cmocka_unit_test(pseudo_modules_are_marked),
		cmocka_unit_test(the_first_alias_is_shown),
		cmocka_unit_test(end_markers_cover_nothing),
		cmocka_unit_test(names_belong_to_an_image),
		cmocka_unit_test(the_gap_bound_is_exact),
		cmocka_unit_test(of_equal_names_the_lowest_is_found),
		cmocka_unit_test(data_symbols_by_lookup),
		cmocka_unit_test(hidden_addresses_are_an_error),
		cmocka_unit_test(empty_text_is_an_empty_table),
		cmocka_unit_test(malformed_lines_are_counted),
		cmocka_unit_test(names_longer_than_any_are_skipped),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(this_kernels_table_is_read),
		cmocka_unit_test(format_respects_the_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
