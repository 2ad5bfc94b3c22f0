// SPDX-License-Identifier: GPL-2.0-or-later
#include "sysfixture.h"

#include "source/bootlog.h"
#include "source/sysmem.h"
#include "source/vmallocinfo.h"

static int meminfo(const char *s, size_t n, struct drvmem_u64 *ret, uint64_t *skipped)
{
	char *text = unit_exact(s, n);
	uint32_t i;
	int err;

	for (i = 0; i < DRVMEM_NR_MEM; i++)
		ret[i] = (struct drvmem_u64){ 0, DRVMEM_ABSENT };
	*skipped = 0;
	err = drvmem_meminfo__parse(text, n, ret, skipped);
	free(text);
	return err;
}

static void meminfo_of_each_kernel(void **state)
{
	static const struct {
		const char *file;
		uint64_t total_kb;
		bool sec, unaccepted, balloon, gpu, zswap;
	} k[] = {
		{ "meminfo-5.10.txt", 4030464, false, false, false, false, false },
		{ "meminfo-6.1.txt", 2014292, true, false, false, false, true },
		{ "meminfo-6.12.txt", 8123456, true, true, false, false, true },
		{ "meminfo-7.2.txt", 16277768, true, true, true, true, true },
	};
	struct drvmem_sysmem *m;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(k); i++) {
		m = sysfix_meminfo(k[i].file);
		assert_int_equal(m->mem[DRVMEM_MEM_TOTAL].v, k[i].total_kb * 1024);
		assert_int_equal(m->mem[DRVMEM_MEM_SEC_PAGE_TABLES].st == DRVMEM_OK, k[i].sec);
		assert_int_equal(m->mem[DRVMEM_MEM_UNACCEPTED].st == DRVMEM_OK, k[i].unaccepted);
		assert_int_equal(m->mem[DRVMEM_MEM_BALLOON].st == DRVMEM_OK, k[i].balloon);
		assert_int_equal(m->mem[DRVMEM_MEM_GPU_ACTIVE].st == DRVMEM_OK, k[i].gpu);
		assert_int_equal(m->mem[DRVMEM_MEM_ZSWAP].st == DRVMEM_OK, k[i].zswap);
		assert_int_equal(m->mem[DRVMEM_MEM_PERCPU].st, DRVMEM_OK);
		assert_int_equal(m->mem[DRVMEM_MEM_CORRUPTED].st, DRVMEM_OK);
		assert_int_equal(m->mem[DRVMEM_MEM_HUGETLB].st, DRVMEM_OK);
		assert_int_equal(m->skipped, 0);
		drvmem_sysmem__free(m);
	}
}

static void malformed_meminfo(void **state)
{
	static const char text[] = "MemTotal: 100 kB\n"
				   "MemTotal: 200 kB\n"			/* twice */
				   "MemFree: 10\n"			/* no unit */
				   "Cached: -1 kB\n"
				   "Slab 5 kB\n"			/* no colon */
				   "Buffers: 7 kB more\n"
				   "Shmem: 18446744073709551615 kB\n"	/* more than there can be */
				   "Percpu:\n"
				   "SomethingNew: x y z\n"		/* not ours */
				   "PercpuX: 7 kB\n"			/* nor is this */
				   "VmallocUsed: x kB\n"
				   "SUnreclaim: 5 MB\n"
				   "SReclaimable:             2080 kB\n"
				   "AnonPages:\t\t 3 kB";
	struct drvmem_u64 v[DRVMEM_NR_MEM];
	uint64_t skipped;

	(void)state;
	assert_int_equal(meminfo(text, sizeof(text) - 1, v, &skipped), 0);
	assert_int_equal(v[DRVMEM_MEM_TOTAL].v, 100 * 1024);
	assert_int_equal(v[DRVMEM_MEM_ANON].v, 3 * 1024);
	assert_int_equal(v[DRVMEM_MEM_FREE].st, DRVMEM_ABSENT);
	assert_int_equal(v[DRVMEM_MEM_CACHED].st, DRVMEM_ABSENT);
	assert_int_equal(v[DRVMEM_MEM_BUFFERS].st, DRVMEM_ABSENT);
	assert_int_equal(v[DRVMEM_MEM_SHMEM].st, DRVMEM_ABSENT);
	assert_int_equal(v[DRVMEM_MEM_PERCPU].st, DRVMEM_ABSENT);
	assert_int_equal(v[DRVMEM_MEM_VMALLOC_USED].st, DRVMEM_ABSENT);
	assert_int_equal(v[DRVMEM_MEM_SUNRECLAIM].st, DRVMEM_ABSENT);
	assert_int_equal(v[DRVMEM_MEM_SRECLAIMABLE].v, 2080 * 1024);
	assert_int_equal(v[DRVMEM_MEM_SRECLAIMABLE].st, DRVMEM_OK);
	assert_int_equal(skipped, 9);
	assert_int_equal(meminfo("", 0, v, &skipped), -EINVAL);
	assert_int_equal(meminfo("x\n:\n", 4, v, &skipped), -EINVAL);
}

static void vmstat_sums_zones(void **state)
{
	static const char text[] = "pgfault 100\nallocstall_dma 1\nallocstall_normal 20\n"
				   "allocstall_movable 300\npgmajfault x\npgfault 5\npgmajfaults 9\n"
				   "oom_kill 2 3\nnr_zspages 7\nnr_free_pages 123\nallocstall_x 18446744073709551615\n";
	struct drvmem_sysmem *m = drvmem_sysmem__new();
	char *t = unit_exact(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(drvmem_vmstat__parse(t, sizeof(text) - 1, m->vm, &m->skipped), 0);
	assert_int_equal(m->vm[DRVMEM_VM_PGFAULT].v, 100);
	assert_int_equal(m->vm[DRVMEM_VM_ALLOCSTALL].v, 321);
	assert_int_equal(m->vm[DRVMEM_VM_ZSPAGES].v, 7);
	assert_int_equal(m->vm[DRVMEM_VM_FREE_PAGES].v, 123);
	assert_int_equal(m->vm[DRVMEM_VM_PGMAJFAULT].st, DRVMEM_ABSENT);
	assert_int_equal(m->vm[DRVMEM_VM_OOM_KILL].st, DRVMEM_ABSENT);
	assert_int_equal(m->skipped, 4);
	free(t);
	drvmem_sysmem__free(m);
}

static void the_recorded_machine(void **state)
{
	struct drvmem_sysmem *m = sysfix_machine();

	(void)state;
	assert_int_equal(m->skipped, 0);
	assert_int_equal(m->mem[DRVMEM_MEM_TOTAL].v, 24684092ull * 1024);
	assert_int_equal(m->vm[DRVMEM_VM_PGFAULT].st, DRVMEM_OK);
	assert_int_equal(m->vm[DRVMEM_VM_REFAULT_FILE].st, DRVMEM_OK);
	assert_int_equal(m->vm[DRVMEM_VM_COW_KSM].st, DRVMEM_OK);
	assert_int_equal(m->nr_zones, 3);
	assert_string_equal(m->zones[2].name, "Normal");
	assert_int_equal(m->zones[2].nr_orders, 11);
	assert_int_equal(m->nr_blocks, 3);
	assert_string_equal(m->blocks[1].name, "DMA32");
	assert_int_equal(m->blocks[1].n[DRVMEM_BLOCK_MOVABLE].v, 1528);
	assert_int_equal(m->blocks[1].n[DRVMEM_BLOCK_UNMOVABLE].v, 0);
	assert_int_equal(m->blocks[1].n[DRVMEM_BLOCK_UNMOVABLE].st, DRVMEM_OK);
	assert_int_equal(m->blocks[1].n[DRVMEM_BLOCK_CMA].st, DRVMEM_ABSENT);
	assert_int_equal(m->psi.some_us.v, 1000);
	assert_int_equal(m->psi.full_us.v, 400);
	assert_true(m->pcp.v > 0);
	drvmem_sysmem__free(m);
}

static void malformed_zones(void **state)
{
	static const char buddy[] = "Node 0, zone      DMA      1      0\n"
				    "Node x, zone      DMA      1      0\n"
				    "Node 0, zone\n"
				    "Node 0, zone   Normal\n"
				    "Node 1, zone  Movable      1      x\n"
				    "Node 1, zone  AnExtremelyLongName 1\n"
				    "Node 1, zone  Many 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"
				    "Node 1, zone  Huge 18446744073709551615\n";
	struct drvmem_zone *z;
	uint64_t skipped = 0;
	char *t = unit_exact(buddy, sizeof(buddy) - 1);
	uint32_t n;

	(void)state;
	assert_int_equal(drvmem_buddyinfo__parse(t, sizeof(buddy) - 1, &z, &n, &skipped), 0);
	assert_int_equal(n, 1);
	assert_int_equal(skipped, 7);
	free(z);
	free(t);
	assert_int_equal(drvmem_buddyinfo__parse("x\n", 2, &z, &n, &skipped), -EINVAL);
}

/* With page_owner a second table follows, and overflowed counts of the first have a '>'. */
static void pageblocks_before_other_tables(void **state)
{
	static const char text[] =
		"Page block order: 9\nPages per block:  512\n\n"
		"Free pages count per migrate type at order       0      1 \n"
		"Node    0, zone   Normal, type    Unmovable >100000    42 \n\n"
		"Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic          CMA      Strange      Isolate \n"
		"Node 0, zone   Normal            1            2            3            4            5            6            7 \n"
		"Node 1, zone   Normal            1            2 \n"
		"Node 1, zone  Movable            1            2            3            4            5            6            7            8\n"
		"\nNumber of mixed blocks     Unmovable\nNode 0, zone   Normal            9\n";
	struct drvmem_blocks *b;
	uint64_t skipped = 0;
	char *t = unit_exact(text, sizeof(text) - 1);
	uint32_t n;

	(void)state;
	assert_int_equal(drvmem_pagetypeinfo__parse(t, sizeof(text) - 1, &b, &n, &skipped), 0);
	assert_int_equal(n, 1);
	assert_int_equal(skipped, 2);
	assert_int_equal(b[0].n[DRVMEM_BLOCK_UNMOVABLE].v, 1);
	assert_int_equal(b[0].n[DRVMEM_BLOCK_CMA].v, 5);
	assert_int_equal(b[0].n[DRVMEM_BLOCK_ISOLATE].v, 7);
	assert_int_equal(b[0].other, 6);
	free(b);
	free(t);
	assert_int_equal(drvmem_pagetypeinfo__parse("Page block order: 9\n", 20, &b, &n, &skipped), -EINVAL);
}

static void psi_with_a_line_missing(void **state)
{
	struct drvmem_psi p = { { 0, DRVMEM_ABSENT }, { 0, DRVMEM_ABSENT } };

	(void)state;
	assert_int_equal(drvmem_psi__parse("some avg10=1.00 total=77", 24, &p), 0);
	assert_int_equal(p.some_us.v, 77);
	assert_int_equal(p.full_us.st, DRVMEM_ABSENT);
	assert_int_equal(drvmem_psi__parse("full total=x\nnone total=1\n", 26, &p), -EINVAL);
	assert_int_equal(drvmem_psi__parse("", 0, &p), -EINVAL);
}

static void vmalloc_areas(void **state)
{
	static const char text[] =
		"0x0000000000000001-0x0000000000000002   20480 dup_task_struct+0x5f/0x1b0 pages=4 vmalloc N0=4\n"
		"0x0000000000000001-0x0000000000000002   36864 load_module+0x5f/0x1b0 pages=8 vmalloc N0=8\n"
		"what\n";
	struct drvmem_sysmem *m = drvmem_sysmem__new();
	const enum drvmem_sysfile f = DRVMEM_SYSFILE_VMALLOCINFO;

	(void)state;
	assert_int_equal(drvmem_sysmem__take(m, f, text, sizeof(text) - 1), 0);
	assert_int_equal(m->err[f], 0);
	assert_int_equal(m->area_pages, 12);
	assert_int_equal(m->stack_pages, 4);
	assert_int_equal(m->skipped, 1);
	/* not a line of it: then nothing is known */
	assert_int_equal(drvmem_sysmem__take(m, f, "\n", 1), -EINVAL);
	assert_int_equal(drvmem_sysmem__take(m, f, "what\n", 5), -EINVAL);
	assert_int_equal(m->err[f], -EINVAL);
	assert_int_equal(drvmem_sysmem__take(m, f, "0x1-0x2 8192 unpurged vm_area", 29), 0);
	assert_int_equal(m->area_pages, 0);
	assert_int_equal(drvmem_sysmem__take(m, DRVMEM_SYSFILE_BOOTLOG, "", 0), -EINVAL);
	drvmem_sysmem__free(m);
}

static void the_first_percpu_chunk(void **state)
{
	static const struct {
		const char *log;
		int err;
		uint64_t pages;
	} k[] = {
		{ "<6>[    0.1] percpu: Embedded 53 pages/cpu s185496 r0 d31592 u1048576\n", 0, 53 },
		{ "<6>[    0.1] percpu: 14 4K pages/cpu s26048 r8192 d20800\n", 0, 14 },
		{ "<6>x\n<6>[    0.0] setup_percpu: NR_CPUS:256 nr_cpumask_bits:2\n", -ENOENT, 0 },
		{ "<6>[    0.1] percpu: Embedded x pages/cpu\n", -ENOENT, 0 },
		{ "<6>[    0.1] percpu:\n", -ENOENT, 0 },
		{ "", -ENOENT, 0 },
	};
	uint64_t pages = 0;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(k); i++) {
		char *t = unit_exact(k[i].log, strlen(k[i].log));

		assert_int_equal(drvmem_bootlog__percpu(t, strlen(k[i].log), &pages), k[i].err);
		if (!k[i].err)
			assert_int_equal(pages, k[i].pages);
		free(t);
	}
}

static void cut_anywhere(void **state)
{
	static const char *const files[] = { "meminfo-7.2.txt", "vmstat-6.18.txt", "buddyinfo-6.18.txt",
					     "pagetypeinfo-6.18.txt", "zoneinfo-6.18.txt",
					     "vmallocinfo-6.18.txt" };
	struct drvmem_vmallocinfo *a;
	struct drvmem_blocks *b;
	struct drvmem_sysmem *m = drvmem_sysmem__new();
	struct drvmem_zone *z;
	uint64_t v;
	uint32_t n;
	size_t i, len, cut;
	char *text, *t;

	(void)state;
	for (i = 0; i < UNIT_NR(files); i++) {
		text = unit_data(files[i], &len);
		for (cut = 0; cut <= len && cut < 2500; cut++) {
			t = unit_exact(text, cut);
			(void)!drvmem_meminfo__parse(t, cut, m->mem, &m->skipped);
			(void)!drvmem_vmstat__parse(t, cut, m->vm, &m->skipped);
			(void)!drvmem_zoneinfo__parse_pcp(t, cut, &v, &m->skipped);
			if (!drvmem_vmallocinfo__parse(t, cut, &a))
				drvmem_vmallocinfo__free(a);
			if (!drvmem_buddyinfo__parse(t, cut, &z, &n, &m->skipped))
				free(z);
			if (!drvmem_pagetypeinfo__parse(t, cut, &b, &n, &m->skipped))
				free(b);
			free(t);
		}
		free(text);
	}
	drvmem_sysmem__free(m);
}

static void this_kernel_is_read(void **state)
{
	struct drvmem_sysmem *m;
	uint32_t i;

	(void)state;
	assert_int_equal(drvmem_sysmem__load(&m), 0);
	assert_int_equal(m->err[DRVMEM_SYSFILE_MEMINFO], 0);
	assert_int_equal(m->mem[DRVMEM_MEM_TOTAL].st, DRVMEM_OK);
	assert_true(m->mem[DRVMEM_MEM_TOTAL].v > m->mem[DRVMEM_MEM_FREE].v);
	assert_int_equal(m->skipped, 0);
	for (i = 0; i < DRVMEM_NR_SYSFILE; i++)
		if (m->err[i])
			print_message("%s: %d\n", drvmem_sysfile_names[i], m->err[i]);
	drvmem_sysmem__free(m);
}

/* What two moments are compared by, and nothing of what takes long to read. */
static void a_start_is_read(void **state)
{
	struct drvmem_sysmem *m;
	uint32_t i;

	(void)state;
	assert_int_equal(drvmem_sysmem__load_start(&m), 0);
	assert_int_equal(m->mem[DRVMEM_MEM_AVAILABLE].st, DRVMEM_OK);
	assert_int_equal(m->vm[DRVMEM_VM_PGFAULT].st, DRVMEM_OK);
	assert_true(m->taken_ns > 0);
	for (i = 0; i < DRVMEM_NR_SYSFILE; i++)
		if (i != DRVMEM_SYSFILE_MEMINFO && i != DRVMEM_SYSFILE_VMSTAT && i != DRVMEM_SYSFILE_PSI)
			assert_int_equal(m->err[i], -ENOENT);
	assert_int_equal(m->pcp.st, DRVMEM_ABSENT);
	assert_int_equal(m->modules.st, DRVMEM_ABSENT);
	assert_int_equal(m->nr_zones, 0);
	assert_null(m->zones);
	drvmem_sysmem__free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meminfo_of_each_kernel),
		cmocka_unit_test(malformed_meminfo),
		cmocka_unit_test(vmstat_sums_zones),
		cmocka_unit_test(the_recorded_machine),
		cmocka_unit_test(malformed_zones),
		cmocka_unit_test(pageblocks_before_other_tables),
		cmocka_unit_test(psi_with_a_line_missing),
		cmocka_unit_test(vmalloc_areas),
		cmocka_unit_test(the_first_percpu_chunk),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(this_kernel_is_read),
		cmocka_unit_test(a_start_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
