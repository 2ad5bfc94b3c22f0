// SPDX-License-Identifier: GPL-2.0-or-later
#include "sysfixture.h"

#include "analysis/extfrag.h"
#include "analysis/pressure.h"
#include "analysis/reconcile.h"

#define KB(n) ((int64_t)(n) * 1024)
#define MB(n) ((int64_t)(n) * 1024 * 1024)

/* What must hold of any reading: all classes and the rest are MemTotal, to the byte. */
static void expect_adds_up(const struct drvmem_ram_result *r)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_RAM; i++) {
		if (r->class[i].bytes.st == DRVMEM_OK)
			sum += r->class[i].bytes.v;
		else
			assert_non_null(r->class[i].why);
	}
	assert_int_equal(r->sum, sum);
	assert_int_equal(r->unaccounted_st, DRVMEM_OK);
	assert_true((int64_t)r->total.bytes.v - (int64_t)sum == r->unaccounted);
}

static void reconcile_file(const char *file, struct drvmem_ram_result *ret)
{
	struct drvmem_sysmem *m = sysfix_meminfo(file);

	m->vmap_stack = DRVMEM_VMAP_STACK_YES;
	drvmem_reconcile(m, NULL, ret);
	expect_adds_up(ret);
	drvmem_sysmem__free(m);
}

/* By hand: MemTotal - (MemFree + AnonPages + Cached + Buffers + Slab + KReclaimable - SReclaimable +
 * VmallocUsed + PageTables + SecPageTables + WritebackTmp + Percpu + Hugetlb + GPU) of the file. */
static void each_kernel_adds_up(void **state)
{
	static const struct {
		const char *file;
		int64_t kb;
	} k[] = {
		{ "meminfo-5.10.txt", 475932 },
		{ "meminfo-6.1.txt", 118280 },
		{ "meminfo-6.12.txt", 313688 },
		{ "meminfo-7.2.txt", 632768 },
	};
	struct drvmem_ram_result r;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(k); i++) {
		reconcile_file(k[i].file, &r);
		assert_int_equal(r.unaccounted, KB(k[i].kb));
	}
}

static void the_recorded_machine_adds_up(void **state)
{
	struct drvmem_sysmem *m = sysfix_machine();
	struct drvmem_ram_result r;
	int64_t without;

	(void)state;
	drvmem_reconcile(m, NULL, &r);
	expect_adds_up(&r);
	/* nearly all is told: less than a hundredth is not */
	assert_in_range(r.unaccounted, 0, r.total.bytes.v / 100);
	without = r.unaccounted;
	m->err[DRVMEM_SYSFILE_ZONEINFO] = -EACCES;
	m->pcp = (struct drvmem_u64){ 12345, DRVMEM_DENIED };
	drvmem_reconcile(m, NULL, &r);
	expect_adds_up(&r);
	assert_int_equal(r.class[DRVMEM_RAM_FREE_PCP].bytes.st, DRVMEM_DENIED);
	assert_string_equal(r.class[DRVMEM_RAM_FREE_PCP].why, "permission denied");
	assert_true(r.unaccounted > without);
	drvmem_sysmem__free(m);
}

static void below_zero_is_told(void **state)
{
	struct drvmem_sysmem *m = sysfix_meminfo("meminfo-6.12.txt");
	struct drvmem_ram_result r;

	(void)state;
	m->mem[DRVMEM_MEM_FREE].v += (uint64_t)KB(313688) + 4096;
	drvmem_reconcile(m, NULL, &r);
	expect_adds_up(&r);
	assert_int_equal(r.unaccounted, -4096);
	drvmem_sysmem__free(m);
}

/* Stacks are in VmallocUsed or beside it; not knowing must not count them twice. */
static void stacks_and_images_in_vmalloc(void **state)
{
	struct drvmem_sysmem *m = sysfix_meminfo("meminfo-6.1.txt");
	struct drvmem_ram_result yes, no, unknown, r;

	(void)state;
	m->modules = (struct drvmem_u64){ KB(5000), DRVMEM_OK };
	m->err[DRVMEM_SYSFILE_MODULES] = 0;
	m->vmap_stack = DRVMEM_VMAP_STACK_YES;
	drvmem_reconcile(m, NULL, &yes);
	expect_adds_up(&yes);
	assert_int_equal(yes.class[DRVMEM_RAM_VMALLOC].bytes.v, KB(20000 - 2048 - 5000));
	assert_int_equal(yes.class[DRVMEM_RAM_KERNEL_STACK].bytes.v, KB(2048));
	assert_int_equal(yes.class[DRVMEM_RAM_MODULE_IMAGE].bytes.v, KB(5000));
	m->vmap_stack = DRVMEM_VMAP_STACK_UNKNOWN;
	drvmem_reconcile(m, NULL, &unknown);
	assert_int_equal(unknown.unaccounted, yes.unaccounted);
	m->vmap_stack = DRVMEM_VMAP_STACK_NO;
	drvmem_reconcile(m, NULL, &no);
	expect_adds_up(&no);
	assert_int_equal(no.unaccounted, yes.unaccounted - KB(2048));
	/* more images than VmallocUsed has room for: only what fits */
	m->modules.v = (uint64_t)KB(90000);
	m->vmap_stack = DRVMEM_VMAP_STACK_YES;
	drvmem_reconcile(m, NULL, &r);
	expect_adds_up(&r);
	assert_int_equal(r.class[DRVMEM_RAM_VMALLOC].bytes.v, 0);
	assert_int_equal(r.unaccounted, yes.unaccounted);
	drvmem_sysmem__free(m);
}

static void missing_is_not_zero(void **state)
{
	struct drvmem_ram_result r;

	(void)state;
	reconcile_file("meminfo-5.10.txt", &r);
	assert_int_equal(r.class[DRVMEM_RAM_SEC_PAGE_TABLES].bytes.st, DRVMEM_ABSENT);
	assert_int_equal(r.class[DRVMEM_RAM_GPU].bytes.st, DRVMEM_ABSENT);
	assert_int_equal(r.class[DRVMEM_RAM_PAGE_DIRECT].bytes.st, DRVMEM_ABSENT);
	assert_int_equal(r.part[DRVMEM_PART_CMA_USED].bytes.st, DRVMEM_ABSENT);
	assert_int_equal(r.class[DRVMEM_RAM_BOUNCE].bytes.st, DRVMEM_OK);
	reconcile_file("meminfo-6.12.txt", &r);
	assert_int_equal(r.part[DRVMEM_PART_CMA_USED].bytes.v, KB(5536));
	assert_int_equal(r.part[DRVMEM_PART_UNACCEPTED].bytes.v, KB(100000));
}

static void nothing_without_meminfo(void **state)
{
	struct drvmem_sysmem *m = drvmem_sysmem__new();
	struct drvmem_ram_result r;
	uint32_t i;

	(void)state;
	m->page_size = 4096;
	m->err[DRVMEM_SYSFILE_MEMINFO] = -EACCES;
	for (i = 0; i < DRVMEM_NR_MEM; i++)
		m->mem[i].st = DRVMEM_DENIED;
	drvmem_reconcile(m, NULL, &r);
	assert_int_equal(r.unaccounted_st, DRVMEM_DENIED);
	assert_string_equal(r.unaccounted_why, "permission denied");
	assert_int_equal(r.sum, 0);
	drvmem_sysmem__free(m);
	/* MemTotal alone is not enough either */
	m = sysfix_meminfo("meminfo-6.1.txt");
	m->mem[DRVMEM_MEM_FREE].st = DRVMEM_ABSENT;
	drvmem_reconcile(m, NULL, &r);
	assert_int_equal(r.unaccounted_st, DRVMEM_ABSENT);
	assert_non_null(r.unaccounted_why);
	drvmem_sysmem__free(m);
}

static void the_first_percpu_chunk_is_outside(void **state)
{
	struct drvmem_sysmem *m = sysfix_meminfo("meminfo-6.1.txt");
	struct drvmem_ram_result a, b;

	(void)state;
	drvmem_reconcile(m, NULL, &a);
	m->percpu_boot = (struct drvmem_u64){ (uint64_t)KB(424), DRVMEM_OK };
	m->err[DRVMEM_SYSFILE_BOOTLOG] = 0;
	drvmem_reconcile(m, NULL, &b);
	expect_adds_up(&b);
	assert_int_equal(b.class[DRVMEM_RAM_PERCPU].bytes.v, KB(1200 - 424));
	assert_int_equal(b.unaccounted, a.unaccounted + KB(424));
	drvmem_sysmem__free(m);
}

/* What drivers hold directly is taken off unaccounted, but for pages that have a line of their own. */
static void pages_of_drivers(void **state)
{
	struct drvmem_sysmem *m = sysfix_meminfo("meminfo-6.12.txt");
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_ram_result none, r;

	(void)state;
	sysfix_hold(s, fix_module(s, "leaky", 1, 0), DRVMEM_ALLOC_PAGE, "leaky_open+0x1", (uint64_t)MB(64));
	sysfix_hold(s, fix_module(s, "kvm", 2, 0), DRVMEM_ALLOC_PAGE, "kvm_mmu+0x1", (uint64_t)MB(5));
	sysfix_hold(s, fix_module(s, "virtio-balloon", 3, 0), DRVMEM_ALLOC_PAGE, "fill+0x1", (uint64_t)MB(3));
	sysfix_hold(s, 0, DRVMEM_ALLOC_PAGE, "core+0x1", (uint64_t)MB(7));
	sysfix_hold(s, fix_module(s, "nic", 4, 0), DRVMEM_ALLOC_DMA, "nic_ring+0x1", (uint64_t)MB(2));
	sysfix_hold(s, 4, DRVMEM_ALLOC_SLAB, "nic_ring+0x2", (uint64_t)MB(9));
	s->meta.traced = 1u << DRVMEM_ALLOC_SLAB;
	drvmem_reconcile(m, s, &none);
	assert_int_equal(none.class[DRVMEM_RAM_PAGE_DIRECT].bytes.st, DRVMEM_ABSENT);
	assert_int_equal(none.class[DRVMEM_RAM_DMA].bytes.st, DRVMEM_ABSENT);
	s->meta.traced |= 1u << DRVMEM_ALLOC_PAGE | 1u << DRVMEM_ALLOC_DMA;
	drvmem_reconcile(m, s, &r);
	expect_adds_up(&r);
	assert_int_equal(r.class[DRVMEM_RAM_PAGE_DIRECT].bytes.v, MB(64));
	assert_int_equal(r.class[DRVMEM_RAM_DMA].bytes.v, MB(2));
	assert_int_equal(r.part[DRVMEM_PART_PAGE_ELSEWHERE].bytes.v, MB(8));
	assert_int_equal(r.unaccounted, none.unaccounted - MB(66));
	assert_false(r.class[DRVMEM_RAM_PAGE_DIRECT].estimated);
	s->meta.sampled = true;
	drvmem_reconcile(m, s, &r);
	assert_true(r.class[DRVMEM_RAM_PAGE_DIRECT].estimated);
	drvmem_snapshot__free(s);
	drvmem_sysmem__free(m);
}

/* 5.10 has no SecPageTables: what kvm holds is in no class but this one. */
static void a_line_that_the_kernel_lacks(void **state)
{
	struct drvmem_sysmem *m = sysfix_meminfo("meminfo-5.10.txt");
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_ram_result r;

	(void)state;
	sysfix_hold(s, fix_module(s, "kvm", 1, 0), DRVMEM_ALLOC_PAGE, "kvm_mmu+0x1", (uint64_t)MB(5));
	sysfix_hold(s, fix_module(s, "virtio_balloon", 2, 0), DRVMEM_ALLOC_PAGE, "fill+0x1", (uint64_t)MB(3));
	s->meta.traced = 1u << DRVMEM_ALLOC_PAGE;
	drvmem_reconcile(m, s, &r);
	expect_adds_up(&r);
	assert_int_equal(r.class[DRVMEM_RAM_PAGE_DIRECT].bytes.v, MB(5));
	assert_int_equal(r.part[DRVMEM_PART_PAGE_ELSEWHERE].bytes.v, MB(3));
	drvmem_snapshot__free(s);
	drvmem_sysmem__free(m);
}

/* Another way to the kernel's number: count the blocks that serve the order, as it does. */
static uint32_t kernels_index(const struct drvmem_zone *z, uint32_t order)
{
	uint64_t free = 0, suitable = 0;
	uint32_t o;

	for (o = 0; o < z->nr_orders; o++) {
		free += z->free[o] << o;
		if (o >= order)
			suitable += z->free[o] << (o - order);
	}
	return free ? (uint32_t)((free - (suitable << order)) * 1000 / free) : 1000;
}

static void fragmentation_as_the_kernel(void **state)
{
	struct drvmem_zone empty = { .nr_orders = 11 }, z = { .nr_orders = 3, .free = { 4, 2, 1 } };
	struct drvmem_sysmem *m = sysfix_machine();
	struct drvmem_extfrag f;
	uint32_t i, o;

	(void)state;
	drvmem_extfrag(&empty, &f);
	assert_int_equal(f.free_pages, 0);
	assert_int_equal(f.unusable[0], 1000);
	drvmem_extfrag(&z, &f);
	assert_int_equal(f.free_pages, 12);
	assert_int_equal(f.unusable[0], 0);
	assert_int_equal(f.unusable[1], 333);
	assert_int_equal(f.unusable[2], 666);
	for (i = 0; i < m->nr_zones; i++) {
		drvmem_extfrag(&m->zones[i], &f);
		for (o = 0; o < m->zones[i].nr_orders; o++)
			assert_int_equal(f.unusable[o], kernels_index(&m->zones[i], o));
	}
	drvmem_sysmem__free(m);
}

/* A machine that stood still for a tenth of 10 s while 1000 MiB became unavailable. */
static enum drvmem_pressure judge(uint64_t some_us, int64_t drop_mb, uint64_t driver_mb, uint32_t traced,
				  const char **ret_why)
{
	struct drvmem_sysmem *a = sysfix_meminfo("meminfo-7.2.txt"), *b = sysfix_meminfo("meminfo-7.2.txt");
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_pressure_result r;

	b->taken_ns = a->taken_ns + 10 * FIX_S;
	a->psi.some_us = (struct drvmem_u64){ 5, DRVMEM_OK };
	b->psi.some_us = (struct drvmem_u64){ 5 + some_us, DRVMEM_OK };
	b->mem[DRVMEM_MEM_AVAILABLE].v -= (uint64_t)MB(drop_mb);
	sysfix_hold(s, fix_module(s, "leaky", 1, 0), DRVMEM_ALLOC_SLAB, "a+0x1", (uint64_t)MB(driver_mb));
	sysfix_hold(s, 0, DRVMEM_ALLOC_SLAB, "core+0x1", (uint64_t)MB(5000));
	s->meta.traced = traced;
	drvmem_pressure_judge(a, b, s, &r);
	assert_int_equal(r.drop_bytes, MB(drop_mb));
	assert_int_equal(r.drivers_bytes, MB(driver_mb));
	assert_int_equal(r.some_ppm, some_us / 10);
	*ret_why = r.why;
	drvmem_snapshot__free(s);
	drvmem_sysmem__free(a);
	drvmem_sysmem__free(b);
	return r.verdict;
}

static void is_a_driver_the_cause(void **state)
{
	const uint32_t all = (1u << DRVMEM_NR_ALLOCATORS) - 1, slab = 1u << DRVMEM_ALLOC_SLAB;
	const char *why;

	(void)state;
	assert_int_equal(judge(9000, 1000, 900, all, &why), DRVMEM_PRESSURE_NONE);
	assert_int_equal(judge(1000000, 1000, 500, slab, &why), DRVMEM_PRESSURE_DRIVER);
	assert_null(why);
	assert_int_equal(judge(1000000, 1000, 499, slab, &why), DRVMEM_PRESSURE_PART);
	assert_int_equal(judge(1000000, 1000, 99, all, &why), DRVMEM_PRESSURE_NOT_DRIVER);
	assert_int_equal(judge(1000000, 1000, 99, slab, &why), DRVMEM_PRESSURE_UNKNOWN);
	assert_non_null(strstr(why, "not every allocator"));
	assert_int_equal(judge(1000000, 10, 99, all, &why), DRVMEM_PRESSURE_UNKNOWN);
	assert_non_null(strstr(why, "did not drop"));
	assert_int_equal(judge(1000000, -500, 99, all, &why), DRVMEM_PRESSURE_UNKNOWN);
}

static void no_psi_no_verdict(void **state)
{
	struct drvmem_sysmem *a = sysfix_meminfo("meminfo-7.2.txt"), *b = sysfix_meminfo("meminfo-7.2.txt");
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_pressure_result r;

	(void)state;
	b->taken_ns += 10 * FIX_S;
	b->err[DRVMEM_SYSFILE_PSI] = -EOPNOTSUPP;
	drvmem_pressure_judge(a, b, s, &r);
	assert_int_equal(r.verdict, DRVMEM_PRESSURE_UNKNOWN);
	assert_non_null(strstr(r.why, "psi=1"));
	assert_int_equal(r.top_owner, UINT32_MAX);
	b->err[DRVMEM_SYSFILE_PSI] = -ENOENT;
	drvmem_pressure_judge(a, b, s, &r);
	assert_non_null(strstr(r.why, "no PSI"));
	/* too short a time */
	a->psi.some_us = b->psi.some_us = (struct drvmem_u64){ 1, DRVMEM_OK };
	b->taken_ns = a->taken_ns;
	drvmem_pressure_judge(a, b, s, &r);
	assert_int_equal(r.verdict, DRVMEM_PRESSURE_UNKNOWN);
	assert_int_equal(r.some_ppm, 0);
	drvmem_snapshot__free(s);
	drvmem_sysmem__free(a);
	drvmem_sysmem__free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kernel_adds_up),
		cmocka_unit_test(the_recorded_machine_adds_up),
		cmocka_unit_test(below_zero_is_told),
		cmocka_unit_test(stacks_and_images_in_vmalloc),
		cmocka_unit_test(missing_is_not_zero),
		cmocka_unit_test(nothing_without_meminfo),
		cmocka_unit_test(the_first_percpu_chunk_is_outside),
		cmocka_unit_test(pages_of_drivers),
		cmocka_unit_test(a_line_that_the_kernel_lacks),
		cmocka_unit_test(fragmentation_as_the_kernel),
		cmocka_unit_test(is_a_driver_the_cause),
		cmocka_unit_test(no_psi_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
