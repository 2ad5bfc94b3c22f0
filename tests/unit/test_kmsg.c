// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "source/kmsg.h"

/* As if read in one piece; what is left open is ended. */
static void feed(const char *lines, size_t len, struct drvmem_kreports *r)
{
	struct drvmem_kmsg_parser p = { 0 };
	char *exact = unit_exact(lines, len);

	memset(r, 0, sizeof(*r));
	assert_int_equal(drvmem_kmsg__parse(&p, exact, len, r), 0);
	assert_int_equal(drvmem_kmsg__finish(&p, r), 0);
	free(exact);
}

static void feed_text(const char *lines, struct drvmem_kreports *r)
{
	feed(lines, strlen(lines), r);
}

/* Recorded on 6.12 with slub_debug=FZU,kmalloc-64 and KFENCE, from a driver that uses memory wrongly. */
static void recorded_reports(void **state)
{
	struct drvmem_kreports r;
	size_t len;
	char *text = unit_data("kmsg-6.12.txt", &len);

	(void)state;
	feed(text, len, &r);
	free(text);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.total[DRVMEM_KREPORT_KFENCE], 2);
	assert_int_equal(r.total[DRVMEM_KREPORT_SLUB], 1);
	assert_int_equal(r.total[DRVMEM_KREPORT_KASAN] + r.total[DRVMEM_KREPORT_INJECTED], 0);
	assert_int_equal(r.lost_records, 0);
	assert_string_equal(r.v[0].what, "use-after-free read");
	assert_string_equal(r.v[0].where, "read_after_free+0x12 [drvmem_test]");
	assert_string_equal(r.v[0].frame[3], "full_proxy_write+0x54");
	assert_int_equal(r.v[0].nr_modules, 1);
	assert_string_equal(r.v[0].module[0], "drvmem_test");
	assert_int_equal(r.v[1].kind, DRVMEM_KREPORT_SLUB);
	assert_string_equal(r.v[1].what, "kmalloc Redzone overwritten");
	assert_string_equal(r.v[1].where, "kmalloc-64");
	/* "Allocated in", then its stack; "? write_beyond" is no frame for sure */
	assert_string_equal(r.v[1].frame[0], "misuse+0x67 [drvmem_test]");
	/* what "Modules linked in:" lists is not named by it */
	assert_int_equal(r.v[1].nr_modules, 1);
	assert_string_equal(r.v[2].what, "memory corruption");
	assert_string_equal(r.v[2].where, "write_beyond+0xe [drvmem_test]");
	assert_true(drvmem_kreport__names(&r.v[2], "drvmem-test"));
	assert_true(drvmem_kreport__names(&r.v[2], "drvmem_*"));
	assert_false(drvmem_kreport__names(&r.v[2], "9p"));
	assert_string_equal(drvmem_kreport__frame_of(&r.v[1], "drvmem_test"), "misuse+0x67 [drvmem_test]");
	assert_null(drvmem_kreport__frame_of(&r.v[1], "overlay"));
	drvmem_kreports__deinit(&r);
}

/* The same in pieces of one line each, and every line after the first a thousand further on: all between are lost. */
static void pieces_and_gaps(void **state)
{
	struct drvmem_kmsg_parser p = { 0 };
	struct drvmem_kreports r = { 0 };
	size_t len, at, n;
	char *text = unit_data("kmsg-6.12.txt", &len);

	(void)state;
	for (at = 0; at < len; at += n) {
		n = (size_t)((char *)memchr(text + at, '\n', len - at) + 1 - (text + at));
		assert_int_equal(drvmem_kmsg__parse(&p, text + at, n, &r), 0);
	}
	assert_int_equal(drvmem_kmsg__parse(&p, "6,595,1,-;behind it\n", 20, &r), 0);
	assert_int_equal(r.n, 3);	/* each has its end in the text, and a record behind it */
	assert_int_equal(r.lost_records, 0);
	free(text);
	assert_int_equal(drvmem_kmsg__parse(&p, "6,2000,1,-;a\n SUBSYSTEM=x\n6,2001,2,-;b\n6,2004,3,-;c\n", 51, &r), 0);
	assert_int_equal(r.lost_records, 2000 - 596 + 2);
	drvmem_kreports__deinit(&r);
}

#define RULE_TEXT "=================================================================="
#define RULE "3,1,1,-;" RULE_TEXT "\n"

static void kasan(void **state)
{
	struct drvmem_kreports r;

	(void)state;
	feed_text(RULE "3,2,1,-;BUG: KASAN: slab-out-of-bounds in memcpy_orig+0x1e/0x140\n"
		  "3,3,1,-,caller=T12;Write of size 1 at addr ffff88800 by task insmod/12\n"
		  "4,4,1,-;Call Trace:\n4,5,1,-; <TASK>\n4,6,1,-; dump_stack_lvl+0x5d/0x80\n"
		  "4,7,1,-; ? old_drv_open+0x5/0x80 [old_drv]\n"
		  "4,8,1,-; drv_open+0x1f/0x80 [drv 0123456789abcdef0123456789abcdef01234567]\n"
		  "4,9,1,-; </TASK>\n3,10,1,-;\n4,11,1,-;Allocated by task 12:\n4,12,1,-; drv_init+0x9/0x80 [drv]\n"
		  "3,13,1,-;==================================================================\n"
		  "4,14,1,-;other_open+0x1/0x2 [other]\n", &r);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.v[0].kind, DRVMEM_KREPORT_KASAN);
	assert_string_equal(r.v[0].what, "slab-out-of-bounds");
	assert_string_equal(r.v[0].where, "memcpy_orig+0x1e");
	assert_int_equal(r.v[0].nr_modules, 1);
	assert_int_equal(r.v[0].nr_frames, 3);
	assert_string_equal(r.v[0].frame[1], "drv_open+0x1f [drv]");
	assert_string_equal(r.v[0].frame[2], "drv_init+0x9 [drv]");
	drvmem_kreports__deinit(&r);
}

static void slub_of_older_kernels(void **state)
{
	struct drvmem_kreports r;

	(void)state;
	feed_text("3,1,1,-;BUG kmalloc-16 (Not tainted): Right Redzone overwritten\n"
		  "3,2,1,-;INFO: Allocated in drv_open+0x97/0x440 [drv] age=10 cpu=13 pid=8\n"
		  "3,3,1,-;Allocated in drv_open+0x97/0x440 [drv] age=10 cpu=13 pid=8\n"
		  "3,4,1,-;FIX kmalloc-16: Restoring Right Redzone\n3,5,1,-;x+0x1/0x2 [late]\n"
		  "3,6,1,-;BUG: unable to handle page fault for address: 00\n"
		  "3,7,1,-;BUG mine (whatever): it is nobody's report\n", &r);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.v[0].what, "Right Redzone overwritten");
	assert_string_equal(r.v[0].where, "kmalloc-16");
	assert_int_equal(r.v[0].nr_modules, 1);
	assert_string_equal(r.v[0].module[0], "drv");
	drvmem_kreports__deinit(&r);
}

#define INJECTED(seq, off)										\
	"5," #seq "0,1,-;FAULT_INJECTION: forcing a failure.\\x0aname failslab, interval 1, probability 100, space 0, times -1\n" \
	"4," #seq "1,1,-;CPU: 0 UID: 0 PID: 160 Comm: bash Not tainted 6.12.0 #1\n"			\
	"4," #seq "2,1,-;Call Trace:\n4," #seq "3,1,-; <TASK>\n4," #seq "4,1,-; should_fail_ex+0x4d3/0x5c0\n" \
	"4," #seq "5,1,-; ? x+0x1/0x2 [other]\n4," #seq "6,1,-; drv_take+" #off "/0x80 [drv]\n"		\
	"4," #seq "7,1,-; </TASK>\n"

static void failures_that_were_injected(void **state)
{
	struct drvmem_kreports r;

	(void)state;
	feed_text(INJECTED(1, 0x10) INJECTED(2, 0x10) INJECTED(3, 0x20)
		  "4,38,1,-;late+0x1/0x2 [late]\n", &r);
	assert_int_equal(r.total[DRVMEM_KREPORT_INJECTED], 3);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.v[0].count, 2);
	assert_string_equal(r.v[0].what, "failslab");
	assert_string_equal(drvmem_kreport__frame_of(&r.v[1], "drv"), "drv_take+0x20 [drv]");
	assert_int_equal(r.v[1].nr_modules, 1);
	drvmem_kreports__deinit(&r);
	/* without marks around the trace, as on 5.10, it ends with the first that is no frame */
	feed_text("5,1,1,-;FAULT_INJECTION: forcing a failure.\\x0aname fail_page_alloc, interval 1\n4,2,1,-;Call Trace:\n"
		  "4,3,1,-; drv_take+0x1/0x80 [drv]\n4,4,1,-;RIP: 0033:0x7f46\n4,5,1,-; late+0x1/0x2 [late]\n", &r);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.v[0].what, "fail_page_alloc");
	assert_int_equal(r.v[0].nr_frames, 1);
	drvmem_kreports__deinit(&r);
}

/* Reports without end: as many as are kept, and the others counted. */
static void more_than_is_kept(void **state)
{
	struct drvmem_kmsg_parser p = { 0 };
	struct drvmem_kreports r = { 0 };
	char line[256];
	uint32_t i;

	(void)state;
	/* failures on purpose, however many differ, take no room of errors */
	for (i = 0; i < DRVMEM_KREPORTS_MAX + 5; i++) {
		struct drvmem_kreport injected = { .kind = DRVMEM_KREPORT_INJECTED };

		snprintf(injected.where, sizeof(injected.where), "g%u+0x1 [drv]", i);
		assert_int_equal(drvmem_kreports__add(&r, &injected), 0);
	}
	assert_int_equal(r.n, DRVMEM_KREPORTS_MAX);
	assert_int_equal(r.unkept, 0);
	for (i = 0; i < DRVMEM_KREPORTS_MAX + 10; i++) {
		snprintf(line, sizeof(line), "3,%u,1,-;BUG: KFENCE: invalid free in f%u+0x1/0x2 [drv]\n", i + 1, i);
		assert_int_equal(drvmem_kmsg__parse(&p, line, strlen(line), &r), 0);
	}
	assert_int_equal(drvmem_kmsg__finish(&p, &r), 0);
	assert_int_equal(r.n, 2 * DRVMEM_KREPORTS_MAX);
	assert_int_equal(r.unkept, 10);
	assert_int_equal(r.total[DRVMEM_KREPORT_KFENCE], DRVMEM_KREPORTS_MAX + 10);
	drvmem_kreports__deinit(&r);
}

static void texts_that_are_too_long(void **state)
{
	struct drvmem_kreports r;
	char line[4096];
	int n = snprintf(line, sizeof(line), "3,1,1,-;BUG: KASAN: ");

	(void)state;
	memset(line + n, 'x', 1500);
	snprintf(line + n + 1500, sizeof(line) - (size_t)n - 1500, " in y+0x1/0x2 [drv]\n");
	feed_text(line, &r);
	assert_int_equal(strlen(r.v[0].what), DRVMEM_KREPORT_TEXT - 1);
	drvmem_kreports__deinit(&r);
	n = snprintf(line, sizeof(line), "3,1,1,-;BUG: KASAN: a in ");
	memset(line + n, 'f', 400);
	n += 400;
	n += snprintf(line + n, sizeof(line) - (size_t)n, "+0x1/0x2 [");
	memset(line + n, 'm', 400);
	snprintf(line + n + 400, sizeof(line) - (size_t)n - 400, "]\n");
	feed_text(line, &r);
	assert_int_equal(r.n, 1);
	assert_true(strlen(r.v[0].where) < DRVMEM_KREPORT_TEXT);
	assert_int_equal(r.v[0].nr_modules, 0);
	drvmem_kreports__deinit(&r);
}

/* A file stands for the device: what was in it before does not count, and a line may come in two parts. */
static void what_comes_after_it_was_opened(void **state)
{
	static const char old[] = "3,1,1,-;BUG: KFENCE: invalid free in f+0x1/0x2 [drv]\n" RULE;
	static const char more[] = "3,7,1,-;BUG: KFENCE: invalid read in g+0x1/0x2 [drv]\n3,8,1,-;====";
	struct drvmem_kreports r = { 0 };
	struct drvmem_kmsg *k;
	char path[] = "/tmp/drvmem-kmsg.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, old, sizeof(old) - 1), sizeof(old) - 1);
	assert_int_equal(drvmem_kmsg__open(path, &k), 0);
	assert_int_equal(drvmem_kmsg__read(k, &r), 0);
	assert_int_equal(r.n, 0);
	assert_int_equal(write(fd, more, sizeof(more) - 1), sizeof(more) - 1);
	assert_int_equal(drvmem_kmsg__read(k, &r), 0);
	assert_int_equal(r.n, 0);
	assert_int_equal(write(fd, "======\n6,9,1,-;x\n", 17), 17);
	assert_int_equal(drvmem_kmsg__read(k, &r), 0);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.v[0].where, "g+0x1 [drv]");
	assert_int_equal(drvmem_kmsg__end(k, &r), 0);
	assert_int_equal(r.n, 1);
	drvmem_kmsg__free(k);
	drvmem_kreports__deinit(&r);
	close(fd);
	unlink(path);
	assert_int_equal(drvmem_kmsg__open(path, &k), -ENOENT);
}

/* Records of two reports of a caller each, in any order: whatever it is, each has its own frames. */
static void two_callers_in_any_order(void **state)
{
	static const char *const a[] = { RULE_TEXT, "BUG: KASAN: double-free in free_it+0x1/0x2 [drv]", "Call Trace:",
					 " a_one+0x1/0x9 [drv]", " a_two+0x1/0x9", RULE_TEXT };
	static const char *const b[] = { "[Right Redzone overwritten] 0xff-0xff @offset=1", RULE_TEXT,
					 "BUG kmalloc-64 (Not tainted): Object corrupt", " b_one+0x1/0x9 [other]",
					 "FIX kmalloc-64: Restoring" };
	struct drvmem_kmsg_parser p;
	struct drvmem_kreports r;
	uint32_t order, i, na, nb;
	char line[256];

	(void)state;
	for (order = 0; order < 1u << 11; order++) {
		memset(&p, 0, sizeof(p));
		memset(&r, 0, sizeof(r));
		for (i = na = nb = 0; i < 11; i++) {
			bool of_a = nb == 5 || (na < 6 && order & 1u << i);

			snprintf(line, sizeof(line), "3,%u,1,-,caller=%s;%s\n", i + 1, of_a ? "T12" : "C1", of_a ? a[na++] : b[nb++]);
			assert_int_equal(drvmem_kmsg__parse(&p, line, strlen(line), &r), 0);
		}
		assert_int_equal(r.n, 2);	/* without __finish: each saw its own end */
		i = r.v[0].kind == DRVMEM_KREPORT_KASAN ? 0 : 1;
		assert_int_equal(r.v[i].nr_frames, 2);
		assert_string_equal(r.v[i].frame[0], "a_one+0x1 [drv]");
		assert_string_equal(r.v[i].frame[1], "a_two+0x1");
		assert_int_equal(r.v[i].nr_modules, 1);
		assert_false(r.v[i].mixed || r.v[!i].mixed);
		assert_string_equal(r.v[!i].what, "Right Redzone overwritten");
		assert_int_equal(r.v[!i].nr_frames, 1);
		assert_string_equal(r.v[!i].module[0], "other");
		drvmem_kreports__deinit(&r);
	}
}

/* More callers than have room: the first ends, none is lost. */
static void many_callers(void **state)
{
	struct drvmem_kmsg_parser p = { 0 };
	struct drvmem_kreports r = { 0 };
	char line[128];
	uint32_t i;

	(void)state;
	for (i = 0; i < 3 * DRVMEM_KMSG_OPEN; i++) {
		snprintf(line, sizeof(line), "3,%u,1,-,caller=C%u;BUG: KASAN: x in f%u+0x1/0x2\n", i + 1, i, i);
		assert_int_equal(drvmem_kmsg__parse(&p, line, strlen(line), &r), 0);
	}
	assert_int_equal(r.n, 2 * DRVMEM_KMSG_OPEN);
	assert_int_equal(drvmem_kmsg__finish(&p, &r), 0);
	assert_int_equal(r.n, 3 * DRVMEM_KMSG_OPEN);
	drvmem_kreports__deinit(&r);
}

/* Without callers: one that falls into another is told, and nothing of either is lost. */
static void mixed_without_callers(void **state)
{
	struct drvmem_kreports r;

	(void)state;
	feed_text(RULE "3,2,1,-;BUG: KFENCE: invalid read in f+0x1/0x2 [drv]\n3,3,1,-; a_one+0x1/0x9 [drv]\n"
		  "3,4,1,-;==========\n3,5,1,-;BUG: KASAN: x in g+0x1/0x2 [other]\n3,6,1,-; a_two+0x1/0x9 [drv]\n"
		  "3,7,1,-; b_one+0x1/0x9 [other]\n3,8,1,-;==========\n3,9,1,-; b_two+0x1/0x9 [other]\n"
		  "3,10,1,-;==========\n3,11,1,-;text\n3,12,1,-; late+0x1/0x9 [late]\n", &r);
	assert_int_equal(r.n, 2);
	assert_true(r.v[0].mixed && r.v[1].mixed);
	assert_string_equal(r.v[0].where, "f+0x1 [drv]");
	assert_string_equal(r.v[1].where, "g+0x1 [other]");
	assert_true(drvmem_kreport__names(&r.v[0], "drv") && drvmem_kreport__names(&r.v[1], "other"));
	assert_int_equal(r.v[0].nr_frames, 3);
	assert_int_equal(r.v[1].nr_frames, 3);	/* what came after the first rule is its own */
	assert_false(drvmem_kreport__names(&r.v[0], "late") || drvmem_kreport__names(&r.v[1], "late"));
	drvmem_kreports__deinit(&r);
	/* one after the other: two rules, or something between */
	feed_text(RULE "3,2,1,-;BUG: KFENCE: a in f+0x1/0x2 [drv]\n" RULE RULE "3,5,1,-;BUG: KFENCE: b in g+0x1/0x2 [other]\n"
		  RULE "3,6,1,-;Disabling lock debugging\n" RULE "3,8,1,-;BUG: KASAN: c in h+0x1/0x2 [third]\n", &r);
	assert_int_equal(r.n, 3);
	assert_false(r.v[0].mixed || r.v[1].mixed || r.v[2].mixed);
	assert_int_equal(r.v[0].nr_modules, 1);
	drvmem_kreports__deinit(&r);
	/* another's rule with a frame behind it ends nothing; a warning of another CPU makes frames unsure */
	feed_text("3,1,1,-;BUG: KASAN: a in f+0x1/0x2 [drv]\n3,2,1,-;==========\n3,3,1,-; a+0x1/0x2 [drv]\n"
		  "3,4,1,-;------------[ cut here ]------------\n3,5,1,-; w+0x1/0x2 [warns]\n3,6,1,-;==========\n", &r);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.v[0].nr_frames, 2);
	assert_true(r.v[0].mixed);
	drvmem_kreports__deinit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_reports), cmocka_unit_test(pieces_and_gaps), cmocka_unit_test(kasan),
		cmocka_unit_test(slub_of_older_kernels), cmocka_unit_test(failures_that_were_injected),
		cmocka_unit_test(more_than_is_kept), cmocka_unit_test(texts_that_are_too_long),
		cmocka_unit_test(what_comes_after_it_was_opened), cmocka_unit_test(two_callers_in_any_order),
		cmocka_unit_test(many_callers), cmocka_unit_test(mixed_without_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
