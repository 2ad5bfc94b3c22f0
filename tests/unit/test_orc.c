// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "session/orc.h"

#define STEXT 0xffffffff81000000ULL
#define IP_TABLE 0xffffffff82000000ULL
#define ORC_TABLE 0xffffffff82800000ULL
#define NR 4096u

/* A kernel: the two tables, read at their addresses. */
static struct {
	int32_t ip[NR + 1];		/* one more: words are read eight bytes at a time */
	uint8_t orc[NR * 6 + 8];
	int error;			/* of every read from here on */
	unsigned int reads;
} mem;

static int read_word(void *arg, uint64_t addr, uint64_t *ret)
{
	(void)arg;
	mem.reads++;
	if (mem.error)
		return mem.error;
	*ret = 0;
	if (addr >= IP_TABLE && addr < IP_TABLE + NR * 4)
		memcpy(ret, (char *)mem.ip + (addr - IP_TABLE), 8);
	else if (addr >= ORC_TABLE && addr < ORC_TABLE + NR * 6)
		memcpy(ret, mem.orc + (addr - ORC_TABLE), 8);
	else
		fail_msg("read of 0x%llx", (unsigned long long)addr);
	return 0;
}

static void put_rule(uint32_t i, uint16_t sp_reg, uint16_t bp_reg)
{
	uint16_t rule[3] = { 16, (uint16_t)-16, (uint16_t)(sp_reg | bp_reg << 4 | 2 << 8) };

	memcpy(mem.orc + i * 6, rule, sizeof(rule));
}

/* Functions of 32 bytes; of 7 rules one uses the frame pointer, most find it saved. */
static void make(uint16_t sp, uint16_t bp, uint16_t prev_sp)
{
	uint32_t i;

	memset(&mem, 0, sizeof(mem));
	for (i = 0; i < NR; i++) {
		mem.ip[i] = (int32_t)(STEXT + i * 32 - (IP_TABLE + i * 4));
		put_rule(i, i % 7 ? sp : bp, i % 3 ? prev_sp : 0);
	}
}

static const struct drvmem_ksyms there = {
	.stext = STEXT, .etext = STEXT + NR * 32, .orc_ip = IP_TABLE, .orc_ip_end = IP_TABLE + NR * 4,
	.orc = ORC_TABLE, .replaced = { 1, 2 }, .trace_run = { [4] = { STEXT, STEXT + 32 } },
};

static void test_registers_as_up_to_6_18(void **state)
{
	struct drvmem_orc o;
	const char *why;

	(void)state;
	make(5, 4, 1);
	assert_int_equal(drvmem_orc__make(&there, DRVMEM_ORC_END, read_word, NULL, &o, &why), 0);
	assert_string_equal(why, "");
	assert_int_equal(o.n, NR);
	assert_int_equal(o.form, DRVMEM_ORC_END);
	assert_int_equal(o.reg_sp, 5);
	assert_int_equal(o.reg_prev_sp, 1);
	assert_int_equal(o.reg_bp_indirect, 8);
	assert_int_equal(o.replaced[1], 2);
	assert_int_equal(o.trace_run[4].lo, STEXT);
	assert_in_range(mem.reads, 100, 2000);	/* a sample, not the table */
}

static void test_registers_as_from_7_1(void **state)
{
	struct drvmem_orc o;
	const char *why;

	(void)state;
	make(3, 4, 8);
	assert_int_equal(drvmem_orc__make(&there, DRVMEM_ORC_SIGNAL, read_word, NULL, &o, &why), 0);
	assert_int_equal(o.form, DRVMEM_ORC_SIGNAL);
	assert_int_equal(o.reg_sp, 3);
	assert_int_equal(o.reg_prev_sp, 8);
	assert_int_equal(o.reg_bp_indirect, 10);
}

/* What is not known is refused with a reason, never guessed. */
static void expect_refused(const struct drvmem_ksyms *k, enum drvmem_orc_form form, int error)
{
	struct drvmem_orc o = { .n = 77 };
	const char *why = NULL;

	assert_int_equal(drvmem_orc__make(k, form, read_word, NULL, &o, &why), error);
	assert_true(why && *why);
	assert_int_equal(o.n, 77);
}

static void test_other_forms_are_refused(void **state)
{
	(void)state;
	make(5, 4, 1);
	expect_refused(&there, DRVMEM_ORC_NONE, -ENOTSUP);
	make(6, 4, 1);		/* another numbering */
	expect_refused(&there, DRVMEM_ORC_SIGNAL, -ENOTSUP);
	make(5, 4, 9);		/* half of a known one */
	expect_refused(&there, DRVMEM_ORC_SIGNAL, -ENOTSUP);
	make(5, 4, 1);		/* not in order */
	mem.ip[NR / 2] = (int32_t)(STEXT - 4096 - (IP_TABLE + NR / 2 * 4));
	expect_refused(&there, DRVMEM_ORC_SIGNAL, -ENOTSUP);
	make(5, 4, 1);
	mem.error = -EPERM;
	expect_refused(&there, DRVMEM_ORC_SIGNAL, -EPERM);
}

static void test_hidden_or_odd_symbols_are_refused(void **state)
{
	struct drvmem_ksyms k = there;

	(void)state;
	make(5, 4, 1);
	k.orc = 0;
	expect_refused(&k, DRVMEM_ORC_SIGNAL, -ENOENT);
	k = there;
	k.orc_ip_end = k.orc_ip + 40;	/* ten rules are not a kernel's */
	expect_refused(&k, DRVMEM_ORC_SIGNAL, -ENOTSUP);
	k.orc_ip_end = k.orc_ip - 40;
	expect_refused(&k, DRVMEM_ORC_SIGNAL, -ENOTSUP);
	k = there;
	memset(k.trace_run, 0, sizeof(k.trace_run));
	expect_refused(&k, DRVMEM_ORC_SIGNAL, -ENOTSUP);
}

/* Who wants the two walks compared is told that there is one only, and why. */
static void test_nothing_to_compare_is_an_error(void **state)
{
	struct drvmem_err err = {};

	(void)state;
	assert_int_equal(drvmem_orc__cannot_verify("kernel symbols are hidden", &err), -ENOTSUP);
	assert_int_equal(err.exit, DRVMEM_EXIT_CANNOT_RUN);
	assert_string_equal(err.what, "--walk verify has nothing to compare with the kernel's unwinder: kernel symbols are hidden");
	assert_non_null(strstr(err.remedy, "CAP_SYSLOG"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers_as_up_to_6_18),
		cmocka_unit_test(test_registers_as_from_7_1),
		cmocka_unit_test(test_other_forms_are_refused),
		cmocka_unit_test(test_hidden_or_odd_symbols_are_refused),
		cmocka_unit_test(test_nothing_to_compare_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
