// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "source/reading.h"

static const char areas[] =
	"0x00000000aa-0x00000000ab   20480 irq_init_percpu_irqstack+0xca/0x100 vmap\n"
	"0x00000000ab-0x00000000ac    8192 acpi_os_map_iomem+0x1bc/0x1e0 phys=0x00000000000a0000 ioremap\n"
	"0x00000000d2-0x00000000d3   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4\n"
	"0x00000000d4-0x00000000d5 2097152 pcpu_get_vm_areas+0x0/0x700 vmalloc\n"
	"0x00000000d6-0x00000000d7 8392704 bpf_map_area_alloc+0x1/0x2 pages=2048 vmalloc vpages N0=2048\n"
	"0x00000000d8-0x00000000d9   16384 unpurged vm_area\n";

static struct drvmem_reading *parsed(const char *text)
{
	struct drvmem_reading *r = drvmem_reading__new();
	char *exact = unit_exact(text, strlen(text));

	assert_non_null(r);
	assert_int_equal(drvmem_reading__parse_areas(exact, strlen(text), r), 0);
	drvmem_reading__seal(r);
	free(exact);
	return r;
}

static void only_areas_with_memory_of_their_own_count(void **state)
{
	struct drvmem_reading *r = parsed(areas);

	(void)state;
	assert_int_equal(r->nr_areas, 2);
	assert_int_equal(r->area_pages, 2052);
	assert_int_equal(r->mapping_bytes, 20480 + 8192);
	drvmem_reading__unref(r);
}

static void malformed_areas_are_left_out(void **state)
{
	struct drvmem_reading *r = parsed("\n\nvmalloc\n0x1-0x2 vmalloc\n0x1-0x2 16384 z+0x1/0x2 pages= vmalloc\n"
					  "0x1-0x2 16384 z+0x1/0x2 pages=99999999999999999999 vmalloc\n"
					  "x y z pages=3 vmalloc\n0x1-0x2 16384 z+0x1/0x2 pages=3 vmalloc");

	(void)state;
	assert_int_equal(r->nr_areas, 1);
	assert_int_equal(r->area_pages, 3);
	drvmem_reading__unref(r);
	r = parsed("");
	assert_int_equal(r->nr_areas, 0);
	drvmem_reading__unref(r);
}

static void areas_that_went_are_found(void **state)
{
	struct drvmem_reading *a = parsed("0x1-0x2 12288 f+0x1/0x2 pages=1 vmalloc\n"
					  "0x3-0x4 12288 f+0x1/0x2 pages=2 vmalloc\n"
					  "0x0-0x0 8192 g+0x1/0x2 pages=1 vmalloc\n"
					  "0x0-0x0 8192 g+0x1/0x2 pages=1 vmalloc\n"
					  "0x7-0x8 8192 g+0x1/0x2 pages=1 vmalloc\n");
	/* the pages an area has are not what tells it from others, its caller's place is */
	struct drvmem_reading *b = parsed("0x3-0x4 12288 f+0x1/0x2 pages=1 vmalloc\n"
					  "0x5-0x6 32768 f+0x1/0x2 pages=7 vmalloc\n"
					  "0x0-0x0 8192 g+0x1/0x2 pages=1 vmalloc\n"
					  "0x7-0x8 8192 g+0x2/0x2 pages=1 vmalloc\n");

	(void)state;
	/* 1-2, 7-8, and one of the two whose addresses are hidden */
	assert_int_equal(drvmem_reading__areas_gone(a, b), 3);
	assert_int_equal(drvmem_reading__areas_gone(b, a), 8);
	drvmem_reading__unref(a);
	drvmem_reading__unref(b);
}

/* One text for both files: each takes its own lines. */
static void numbers_by_name(void **state)
{
	static const char text[] = "MemFree: 1 kB\nPercpu:             2080 kB\nPercpuX: 7 kB\n"
				   "nr_free_pages 123\nSUnreclaim: x kB\nSReclaimable: 5 MB\n"
				   "KReclaimable: 18446744073709551615 kB\n";
	struct drvmem_kernel_texts t = { .err = { -ENOENT, -ENOENT, 0, 0 } };
	struct drvmem_reading *r;
	unsigned int i;

	(void)state;
	for (i = DRVMEM_TEXT_MEMINFO; i <= DRVMEM_TEXT_VMSTAT; i++) {
		t.len[i] = sizeof(text) - 1;
		t.text[i] = unit_exact(text, t.len[i]);
	}
	assert_int_equal(drvmem_reading__parse(&t, "/nowhere", NULL, &r), 0);
	assert_int_equal(r->mem[DRVMEM_MEM_PERCPU].v, 2080 * 1024);
	assert_int_equal(r->mem[DRVMEM_MEM_PERCPU].st, DRVMEM_OK);
	assert_int_equal(r->vm[DRVMEM_VM_FREE_PAGES].v, 123);
	assert_int_equal(r->vm[DRVMEM_VM_FREE_PAGES].st, DRVMEM_OK);
	assert_int_equal(r->mem[DRVMEM_MEM_VMALLOC_USED].st, DRVMEM_ABSENT);
	assert_int_equal(r->mem[DRVMEM_MEM_SUNRECLAIM].st, DRVMEM_ABSENT);
	assert_int_equal(r->mem[DRVMEM_MEM_SRECLAIMABLE].st, DRVMEM_ABSENT);
	assert_int_equal(r->mem[DRVMEM_MEM_KRECLAIMABLE].st, DRVMEM_ABSENT);
	drvmem_reading__unref(r);
	drvmem_kernel_texts__deinit(&t);
}

static void what_cannot_be_read_is_said(void **state)
{
	struct drvmem_kernel_texts t = { .err = { -EACCES, -EPERM, -ENOENT, -EIO } };
	struct drvmem_reading *r;

	(void)state;
	assert_int_equal(drvmem_reading__parse(&t, "/nowhere", NULL, &r), 0);
	assert_int_equal(r->slabs_st, DRVMEM_DENIED);
	assert_int_equal(r->areas_st, DRVMEM_DENIED);
	assert_int_equal(r->mem[DRVMEM_MEM_PERCPU].st, DRVMEM_ABSENT);
	assert_int_equal(r->vm[DRVMEM_VM_FREE_PAGES].st, DRVMEM_ABSENT);
	drvmem_reading__unref(r);
}

static void a_real_slabinfo_without_sysfs(void **state)
{
	struct drvmem_kernel_texts t = { .err = { 0, -ENOENT, -ENOENT, -ENOENT } };
	struct drvmem_reading *r, *again;

	(void)state;
	t.text[DRVMEM_TEXT_SLABINFO] = unit_data("slabinfo-6.18.txt", &t.len[DRVMEM_TEXT_SLABINFO]);
	assert_int_equal(drvmem_reading__parse(&t, "/nowhere", NULL, &r), 0);
	assert_int_equal(r->slabs_st, DRVMEM_OK);
	assert_in_range(r->nr_slabs, 20, 1000);
	assert_int_equal(r->slabs[0].cpu_partial.st, DRVMEM_ABSENT);
	assert_int_equal(drvmem_reading__slack(r, &r->slabs[0]).st, DRVMEM_ABSENT);
	/* the layout of a cache that is known is not looked up again */
	r->slabs[0].cpu_partial = (struct drvmem_u64){ 30, DRVMEM_OK };
	assert_int_equal(drvmem_reading__parse(&t, "/nowhere", r, &again), 0);
	assert_int_equal(again->slabs[0].cpu_partial.v, 30);
	assert_int_equal(again->slabs[1].cpu_partial.st, DRVMEM_ABSENT);
	drvmem_reading__unref(again);
	drvmem_reading__unref(r);
	drvmem_kernel_texts__deinit(&t);
}

/* 2 CPUs, 64 objects to a slab, cpu_partial 120: the numbers of kmalloc-64 on 6.18. */
static void free_objects_that_cpus_keep(void **state)
{
	struct drvmem_reading r = { .nr_cpus = 2, .nr_nodes = 1, .cpu_slabs = true,
				    .partial_counts_slabs = true };
	struct drvmem_slab_reading s = { .objs_per_slab = 64, .cpu_partial = { 120, DRVMEM_OK },
					 .sheaf_capacity = { 0, DRVMEM_OK } };

	(void)state;
	assert_int_equal(drvmem_reading__slack(&r, &s).v, 2 * (64 + 4 * 64));
	/* before 5.16 the list was limited by the objects that slabs brought */
	r.partial_counts_slabs = false;
	assert_int_equal(drvmem_reading__slack(&r, &s).v, 2 * (64 + 121 * 64));
	s.cpu_partial.v = 0;
	assert_int_equal(drvmem_reading__slack(&r, &s).v, 2 * 64);
	/* sheaves only: three of each CPU, ten of the barn and one more for each CPU */
	r.cpu_slabs = false;
	s.sheaf_capacity.v = 60;
	assert_int_equal(drvmem_reading__slack(&r, &s).v, 2 * 180 + 12 * 60);
	s.sheaf_capacity.st = DRVMEM_DENIED;
	assert_int_equal(drvmem_reading__slack(&r, &s).st, DRVMEM_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_areas_with_memory_of_their_own_count),
		cmocka_unit_test(malformed_areas_are_left_out),
		cmocka_unit_test(areas_that_went_are_found),
		cmocka_unit_test(numbers_by_name),
		cmocka_unit_test(what_cannot_be_read_is_said),
		cmocka_unit_test(a_real_slabinfo_without_sysfs),
		cmocka_unit_test(free_objects_that_cpus_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
