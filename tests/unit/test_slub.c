// SPDX-License-Identifier: GPL-2.0-or-later
/* SLUB's arithmetic. Every cache of a running kernel is compared in tests/bpf/test_slub.c. */
#include "unit.h"

#include "analysis/slub.h"

#define RELEASE(a, b)	((a) << 16 | (b) << 8)
#define X86_LINE	64

static struct drvmem_slub_rules rules(uint32_t release, uint32_t cpus)
{
	struct drvmem_slub_rules r;

	drvmem_slub_rules(release, 4096, cpus, cpus, X86_LINE, &r);
	return r;
}

static struct drvmem_slub_layout of_size(const struct drvmem_slub_rules *r, uint32_t size)
{
	struct drvmem_slub_layout l;

	assert_true(drvmem_slub(r, &(struct drvmem_slub_cache){ .object_size = size }, &l));
	assert_int_equal(l.objects * l.size + l.slack, 4096u << l.order);
	return l;
}

/* As /sys/kernel/slab of Debian's kernels has them with two CPUs. */
static void orders_of_size_classes(void **state)
{
	static const uint32_t order[][2] = { { 8, 0 }, { 64, 0 }, { 96, 0 }, { 192, 0 }, { 256, 0 }, { 512, 1 },
					     { 1024, 2 }, { 2048, 3 }, { 4096, 3 }, { 8192, 3 } };
	struct drvmem_slub_rules r;
	uint32_t i, release;

	(void)state;
	for (release = RELEASE(5, 10); release <= RELEASE(7, 2); release += RELEASE(0, 1)) {
		r = rules(release, 2);
		for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
			struct drvmem_slub_layout l = of_size(&r, order[i][0]);

			if (l.order != order[i][1])
				fail_msg("%u bytes: order %u", order[i][0], l.order);
		}
	}
}

/* More CPUs want more objects of a slab, which ends at the costly order. */
static void more_cpus_more_objects(void **state)
{
	struct drvmem_slub_rules two = rules(RELEASE(6, 12), 2), many = rules(RELEASE(6, 12), 64);

	(void)state;
	assert_int_equal(two.min_objects, 12);
	assert_int_equal(many.min_objects, 32);
	assert_int_equal(of_size(&two, 256).order, 0);
	assert_int_equal(of_size(&many, 256).order, 1);
	assert_int_equal(of_size(&many, 4096).order, 3);
	assert_int_equal(of_size(&many, 4096).objects, 8);
	/* larger than a slab of the costly order: one object */
	assert_int_equal(of_size(&many, 40000).order, 4);
	assert_int_equal(of_size(&many, 40000).objects, 1);
}

/* 5.10 goes by the CPUs that could come, 5.11 and later by those that are there. */
static void whose_cpus(void **state)
{
	struct drvmem_slub_rules r;

	(void)state;
	drvmem_slub_rules(RELEASE(5, 10), 4096, 2, 128, X86_LINE, &r);
	assert_int_equal(r.min_objects, 36);
	drvmem_slub_rules(RELEASE(6, 1), 4096, 2, 128, X86_LINE, &r);
	assert_int_equal(r.min_objects, 12);
	drvmem_slub_rules(RELEASE(6, 1), 4096, 1, 128, X86_LINE, &r);
	assert_int_equal(r.min_objects, 36);
}

static void room_of_an_object(void **state)
{
	struct drvmem_slub_rules r = rules(RELEASE(6, 12), 2);
	struct drvmem_slub_layout l;

	(void)state;
	assert_true(drvmem_slub(&r, &(struct drvmem_slub_cache){ .object_size = 65 }, &l));
	assert_int_equal(l.size, 72);
	assert_true(drvmem_slub(&r, &(struct drvmem_slub_cache){ .object_size = 64, .pointer_outside = true }, &l));
	assert_int_equal(l.size, 72);
	assert_true(drvmem_slub(&r, &(struct drvmem_slub_cache){ .object_size = 65, .hwcache_align = true }, &l));
	assert_int_equal(l.size, 128);
	/* of small ones several share a line */
	assert_true(drvmem_slub(&r, &(struct drvmem_slub_cache){ .object_size = 20, .hwcache_align = true }, &l));
	assert_int_equal(l.size, 32);
	assert_int_equal(l.align, 32);
	assert_true(drvmem_slub(&r, &(struct drvmem_slub_cache){ .object_size = 20, .align = 4 }, &l));
	assert_int_equal(l.align, 8);
	assert_false(drvmem_slub(&r, &(struct drvmem_slub_cache){ .object_size = 0 }, &l));
	assert_false(drvmem_slub(&r, &(struct drvmem_slub_cache){ .object_size = (4 << 20) + 1 }, &l));
	assert_true(drvmem_slub(&r, &(struct drvmem_slub_cache){ .object_size = 4 << 20 }, &l));
	assert_int_equal(l.order, 10);
}

static void what_a_kmalloc_takes(void **state)
{
	static const uint32_t want[][2] = { { 1, 8 }, { 9, 16 }, { 65, 96 }, { 97, 128 }, { 129, 192 },
					    { 193, 256 }, { 8192, 8192 } };
	struct drvmem_slub_rules r = rules(RELEASE(6, 12), 2);
	uint32_t class[DRVMEM_SLUB_CLASSES], i;
	bool pages;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(drvmem_slub__kmalloc(&r, want[i][0], &pages), want[i][1]);
		assert_false(pages);
	}
	assert_int_equal(drvmem_slub__kmalloc(&r, 8193, &pages), 16384);
	assert_true(pages);
	assert_int_equal(drvmem_slub__kmalloc(&r, 4 << 20, &pages), 4 << 20);
	assert_int_equal(drvmem_slub__kmalloc(&r, (4 << 20) + 1, &pages), 0);
	assert_int_equal(drvmem_slub__classes(&r, class), 13);
	r.kmalloc_min = 64;	/* where DMA wants lines of its own */
	assert_int_equal(drvmem_slub__kmalloc(&r, 65, &pages), 128);
	assert_int_equal(drvmem_slub__kmalloc(&r, 129, &pages), 192);
	r.kmalloc_min = 128;
	assert_int_equal(drvmem_slub__kmalloc(&r, 129, &pages), 256);
	r.kmalloc_min = 8;
	r.page_size = 65536;
	assert_int_equal(drvmem_slub__classes(&r, class), DRVMEM_SLUB_CLASSES);
	assert_int_equal(class[DRVMEM_SLUB_CLASSES - 1], 131072);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_of_size_classes),
		cmocka_unit_test(more_cpus_more_objects),
		cmocka_unit_test(whose_cpus),
		cmocka_unit_test(room_of_an_object),
		cmocka_unit_test(what_a_kmalloc_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
