// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <unistd.h>

#include "source/procstatus.h"

static int parse_text(const char *s, size_t n, struct drvmem_procstatus *ret)
{
	char *text = unit_exact(s, n);
	int err = drvmem_procstatus__parse(text, n, ret);

	free(text);
	return err;
}

static void a_container_is_recognised(void **state)
{
	struct drvmem_procstatus st;
	size_t len;
	char *text = unit_data("procstatus-container.txt", &len);

	(void)state;
	assert_int_equal(parse_text(text, len, &st), 0);
	assert_int_equal(st.cap_effective.v, 0xa80425fb);
	assert_int_equal(st.cap_bounding.v, 0xa80425fb);
	assert_int_equal(st.seccomp.v, 2);
	assert_int_equal(st.no_new_privs.v, 1);
	assert_int_equal(st.pid_depth.v, 3);
	assert_int_equal(st.ns_pid.v, 5);
	for (size_t n = 0; n < len; n++)
		(void)!parse_text(text, n, &st);
	free(text);
}

static void missing_fields_are_absent(void **state)
{
	static const char text[] = "CapEff:\t0000000000000000\n";
	struct drvmem_procstatus st;

	(void)state;
	assert_int_equal(parse_text(text, sizeof(text) - 1, &st), 0);
	assert_int_equal(st.cap_effective.st, DRVMEM_OK);
	assert_int_equal(st.cap_effective.v, 0);
	assert_int_equal(st.seccomp.st, DRVMEM_ABSENT);
	assert_int_equal(st.pid_depth.st, DRVMEM_ABSENT);
	assert_int_equal(st.ns_pid.st, DRVMEM_ABSENT);
}

static void malformed_values_are_absent(void **state)
{
	static const char text[] = "CapEff:\tzz\nSeccomp:\t-1\nNSpid:\t\nNSpid:\t1 x\nNoNewPrivs:\n"
				   "CapBnd:\t11112222333344445\nseccomp:\t1\nSeccomp_filters:\t3\n";
	static const char one[] = "CapEff:\tzz\nSeccomp:   2  \n";
	struct drvmem_procstatus st;

	(void)state;
	memset(&st, 0x5a, sizeof(st));
	assert_int_equal(parse_text(text, sizeof(text) - 1, &st), -EINVAL);
	assert_int_equal(((unsigned char *)&st)[0], 0x5a);
	assert_int_equal(parse_text("", 0, &st), -EINVAL);
	assert_int_equal(parse_text(one, sizeof(one) - 1, &st), 0);
	assert_int_equal(st.seccomp.v, 2);
	assert_int_equal(st.cap_effective.st, DRVMEM_ABSENT);
}

static void this_process(void **state)
{
	struct drvmem_procstatus st;

	(void)state;
	assert_int_equal(drvmem_procstatus__load(&st), 0);
	assert_int_equal(st.cap_effective.st, DRVMEM_OK);
	if (st.ns_pid.st == DRVMEM_OK)
		assert_int_equal(st.ns_pid.v, getpid());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container_is_recognised),
		cmocka_unit_test(missing_fields_are_absent),
		cmocka_unit_test(malformed_values_are_absent),
		cmocka_unit_test(this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
