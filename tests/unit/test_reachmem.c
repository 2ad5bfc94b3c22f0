// SPDX-License-Identifier: GPL-2.0-or-later
/* What the reachability scan finds in a small kernel's memory: reachmem.h. */
#include "reachask.h"

/* A word in a page of nobody, in a slab object, by the struct page; and none. */
static void test_plain(void **state)
{
	uint64_t cache;
	uint32_t lost, page, slab, by_page;

	(void)state;
	begin();
	cache = fm_cache("some", 64, 0x1234);
	fm_slab(20, cache);
	fm_slab(21, cache);
	lost = ask(fm_va(20, 0), 64, DRVMEM_ALLOC_SLAB);
	page = ask(fm_va(20, 8), 64, DRVMEM_ALLOC_SLAB);
	slab = ask(fm_va(20, 16), 64, DRVMEM_ALLOC_SLAB);
	by_page = ask_pages(30, 1, 8192);
	fm_put(50, 5, fm_va(20, 8) + 63);
	fm_put(21, 10, fm_va(20, 16));
	fm_put(21, 20, FM_VMEMMAP + 31 * 64 + 2);
	judge();
	assert_class(lost, DEFINITELY_LOST);
	assert_class(page, POSSIBLY_LOST);
	assert_class(slab, REACHABLE);
	assert_int_equal(verdicts[slab].holder.kind, DRVMEM_HOLDER_SLAB);
	assert_string_equal(verdicts[slab].holder.name, "some");
	assert_int_equal(verdicts[slab].holder.offset, 16);
	assert_class(by_page, REACHABLE);
}

/* What user space maps of a block need not be its first page. */
static void test_every_page_of_a_block(void **state)
{
	uint32_t mapped, lost, free, parted;

	(void)state;
	begin();
	mapped = ask_pages(32, 2, 16384);
	lost = ask_pages(36, 2, 16384);
	free = ask_pages(40, 2, 16384);
	parted = ask_pages(44, 2, 8192);
	fm.kind[34] = DRVMEM_KPAGE_MAPPED;
	fm.kind[43] = DRVMEM_KPAGE_FREE;
	fm.kind[44] = fm.kind[45] = DRVMEM_KPAGE_FREE;
	judge();
	assert_class(mapped, REACHABLE);
	assert_int_equal(verdicts[mapped].holder.kind, DRVMEM_HOLDER_USER);
	assert_class(lost, DEFINITELY_LOST);
	assert_class(free, FREED);
	assert_class(parted, DEFINITELY_LOST);
	/* a page that cannot be judged: nothing is said of the block */
	fm.kind[39] = DRVMEM_KPAGE_BAD;
	judge();
	assert_class(lost, UNKNOWN);
}

/*
 * What a freed object says is dead, but where objects are not zeroed a live one may still have a free
 * pointer: its words hold.
 */
static void test_free_objects(void **state)
{
	uint64_t zeroed, typesafe, constructed;
	uint32_t freed, by_freed, by_typesafe, by_constructed;

	(void)state;
	begin();
	zeroes();
	zeroed = fm_cache("zeroed", 64, 0x1111222233334444);
	typesafe = fm_cache("typesafe", 64, 0x2222333344445555);
	fm_field(typesafe, FM_C_FLAGS, FM_UNZEROED);
	constructed = fm_cache("constructed", 64, 0x3333444455556666);
	fm_field(constructed, FM_C_CTOR, 0x81000000);
	fm_slab(20, zeroed);
	fm_slab(21, typesafe);
	fm_slab(22, constructed);
	freed = ask(fm_va(20, 0), 64, DRVMEM_ALLOC_SLAB);
	by_freed = ask(fm_va(20, 8), 64, DRVMEM_ALLOC_SLAB);
	by_typesafe = ask(fm_va(20, 16), 64, DRVMEM_ALLOC_SLAB);
	by_constructed = ask(fm_va(20, 24), 64, DRVMEM_ALLOC_SLAB);
	fm_free(fm_va(20, 0), zeroed, fm_va(20, 32));
	fm_free(fm_va(20, 32), zeroed, 0);
	fm_free(fm_va(21, 0), typesafe, fm_va(21, 8));
	fm_free(fm_va(22, 0), constructed, fm_va(22, 8));
	fm_put(20, 33, fm_va(20, 8));
	fm_put(21, 1, fm_va(20, 16));
	fm_put(22, 1, fm_va(20, 24));
	judge();
	assert_class(freed, FREED);
	assert_class(by_freed, DEFINITELY_LOST);
	assert_int_equal(verdicts[by_freed].dead, 1);
	assert_class(by_typesafe, REACHABLE);
	assert_class(by_constructed, REACHABLE);
	/* where flags cannot be read nothing is known to be dead */
	fm.k.l.cache_flags = -1;
	judge();
	assert_class(by_freed, REACHABLE);
}

/* With slub_debug objects have a guard in front of them: the free pointer is that much further on. */
static void test_guarded_objects(void **state)
{
	uint64_t cache;
	uint32_t held, old;

	(void)state;
	begin();
	cache = fm_cache("guarded", 192, 0x1234);
	fm_field(cache, FM_C_OBJECT, 64);
	fm_field(cache, FM_C_PAD, 64);
	fm_field(cache, FM_C_OFFSET, 72);
	fm_slab(20, cache);
	held = ask(fm_va(20, 24 + 8), 64, DRVMEM_ALLOC_SLAB);
	old = ask(fm_va(20, 48 + 8), 64, DRVMEM_ALLOC_SLAB);
	fm_put(20, 9, fm_va(20, 24 + 8));	/* in the object, 8 bytes from its start */
	fm_put(20, 17, fm_va(20, 48 + 8));	/* the free pointer */
	judge();
	assert_class(held, REACHABLE);
	assert_class(old, DEFINITELY_LOST);
}

/* Thousands of caches: each is known when it is met again. */
static void test_many_caches(void **state)
{
	static uint8_t kind[FM_PAGES];
	struct drvmem_kslab s;
	struct drvmem_kmem_port *p;
	struct drvmem_kcell cell;
	uint32_t i, round;

	(void)state;
	begin();
	assert_int_equal(drvmem_kmem_port__new(&fm.k, &p), 0);
	assert_int_equal(drvmem_kslab__init(&s, &fm.k, p, kind), 0);
	kind[20] = DRVMEM_KPAGE_SLAB;
	for (i = 0; i < 100 * 64; i++) {	/* 100 pages of them, each of cells of its own size */
		fm_u32(100 * 4096 + i * 64 + FM_C_SIZE, 8 + i * 8 % 4096);
		fm_u32(100 * 4096 + i * 64 + FM_C_OBJECT, 8);
	}
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 100 * 64; i++) {
			*fm_page(20, FM_PAGE_CACHE) = fm_va(100, i * 8);
			assert_true(drvmem_kslab__cell(&s, 20 * 4096 + 4088, &cell));
			assert_int_equal(cell.cache->addr, fm_va(100, i * 8));
			assert_int_equal(cell.cache->size, 8 + i * 8 % 4096);
		}
		assert_int_equal(s.nr, 6400);
	}
	drvmem_kslab__deinit(&s);
	drvmem_kmem_port__free(p);
}

/* A stack of 32 KiB (KASAN): what lies below its pointer is dead, what lies above is not. */
static void test_large_stack(void **state)
{
	uint64_t cache;
	uint32_t held, dead;

	(void)state;
	begin();
	cache = fm_cache("some", 64, 0x1234);
	fm_slab(20, cache);
	fm_task(70, 80, 8, 5 * 4096 + 512, 1);
	held = ask(fm_va(20, 0), 64, DRVMEM_ALLOC_SLAB);
	dead = ask(fm_va(20, 8), 64, DRVMEM_ALLOC_SLAB);
	fm_put(86, 7, fm_va(20, 0));
	fm_put(84, 7, fm_va(20, 8));
	fm_put(85, 63, fm_va(20, 8));
	judge();
	assert_class(held, REACHABLE);
	assert_int_equal(verdicts[held].holder.kind, DRVMEM_HOLDER_STACK);
	assert_string_equal(verdicts[held].holder.name, "worker");
	assert_class(dead, DEFINITELY_LOST);
	/* while it runs its pointer is not known */
	fm_u32(70 * 4096 + FM_T_ON_CPU, 1);
	judge();
	assert_class(dead, REACHABLE);
}

/* Our own stack holds what we look for; that of a task which has our number in another namespace is not ours. */
static void test_own_stack(void **state)
{
	uint64_t cache;
	uint32_t held;

	(void)state;
	begin();
	cache = fm_cache("some", 64, 0x1234);
	fm_slab(20, cache);
	fm_task(70, 80, 4, 4096, 4711);
	held = ask(fm_va(20, 0), 64, DRVMEM_ALLOC_SLAB);
	fm_put(82, 7, fm_va(20, 0));
	judge();
	assert_class(held, REACHABLE);
	/* by BPF the task that is known is ours */
	fm.k.bpf = true;
	judge();
	assert_class(held, DEFINITELY_LOST);
	fm.k.l.task_tgid = -1;
	judge();
	assert_class(held, REACHABLE);
}

/* Memory that came or went, and pages of which nothing is known: what may be there holds everything. */
static void test_changed_memory(void **state)
{
	uint32_t lost;

	(void)state;
	begin();
	lost = ask_pages(30, 0, 4096);
	judge();
	assert_class(lost, DEFINITELY_LOST);
	fm.other_ram = true;
	judge();
	assert_class(lost, POSSIBLY_LOST);
	assert_true(verdicts[lost].cut);
	fm.other_ram = false;
	fm.missing = 1;
	judge();
	assert_class(lost, POSSIBLY_LOST);
	/* objects in memory that is not known yet */
	nr_objects = 0;
	fm.missing = 0;
	lost = ask(FM_BASE + FM_PAGES * 4096ull + 64, 64, DRVMEM_ALLOC_SLAB);
	ask_pages(FM_PAGES, 0, 4096);
	ask_pages(FM_PAGES - 1, 1, 8192);
	judge();
	assert_class(lost, UNKNOWN);
	assert_class(lost + 1, UNKNOWN);
	assert_class(lost + 2, UNKNOWN);
}

/* What there is no room for is not looked for, and the others are as ever. */
static void test_bound(void **state)
{
	static uint64_t offset[400000];
	uint32_t first, second, lost, area;
	uint64_t i;

	(void)state;
	begin();
	for (i = 0; i < 400000; i++)
		offset[i] = FM_BASE + (1ull << 30) + i * 65536;
	fm.k.cpu_offset = offset;
	fm.k.nr_cpus = 400000;
	first = ask(1ull << 57 | 0x1000, 8, DRVMEM_ALLOC_PERCPU);
	second = ask(1ull << 57 | 0x2000, 8, DRVMEM_ALLOC_PERCPU);
	area = ask(FM_VMALLOC, 8ull << 30, DRVMEM_ALLOC_VMALLOC);
	lost = ask_pages(30, 0, 4096);
	fm_put(40, 0, 0x1004);
	judge();
	assert_class(first, POSSIBLY_LOST);
	assert_class(second, UNKNOWN);
	assert_class(area, UNKNOWN);
	assert_class(lost, DEFINITELY_LOST);
}

/* What a list of pieces of memory describes is held by it, and nothing else on that page. */
static void test_described(void **state)
{
	uint64_t cache, page = FM_VMEMMAP + 20 * 64;
	uint32_t sg, vec, beside, behind;

	(void)state;
	begin();
	cache = fm_cache("some", 256, 0x1234);
	fm_slab(20, cache);
	fm_slab(21, cache);
	sg = ask(fm_va(20, 32), 256, DRVMEM_ALLOC_SLAB);
	vec = ask(fm_va(20, 64), 256, DRVMEM_ALLOC_SLAB);
	beside = ask(fm_va(20, 96), 256, DRVMEM_ALLOC_SLAB);
	behind = ask(fm_va(20, 480), 256, DRVMEM_ALLOC_SLAB);
	fm_put(21, 0, page | 2);
	fm_put(21, 1, 256 | 64ull << 32);	/* offset, length */
	fm_put(21, 4, page);
	fm_put(21, 5, 200 | 520ull << 32);	/* length, offset */
	/* a list of slabs, and a pointer into the struct page */
	fm_put(21, 8, page);
	fm_put(21, 9, FM_VMEMMAP + 24 * 64);
	fm_put(21, 12, page + 8);
	fm_put(21, 13, 1 | 4096ull << 32);
	judge();
	assert_class(sg, REACHABLE);
	assert_class(vec, REACHABLE);
	assert_class(beside, DEFINITELY_LOST);
	assert_class(behind, DEFINITELY_LOST);
}

/* What descriptors of a block's own pages have of it holds nothing; one of another page does. */
static void test_own_descriptor(void **state)
{
	uint32_t own, other, behind;

	(void)state;
	begin();
	own = ask_pages(20, 1, 8192);
	other = ask_pages(30, 1, 8192);
	behind = ask_pages(40, 0, 4096);
	*fm_page(20, 40) = fm_va(20, 0);
	*fm_page(21, 40) = fm_va(20, 5);
	*fm_page(60, 40) = fm_va(30, 0);
	*fm_page(41, 40) = fm_va(40, 0);
	judge();
	assert_class(own, DEFINITELY_LOST);
	assert_class(other, REACHABLE);
	assert_class(behind, REACHABLE);
}

/* An area's own records hold nothing; a driver's structure that looks like one does. */
static void test_area_records(void **state)
{
	const uint64_t area = FM_VMALLOC + (1ull << 30), len = 8192, caller = 0xffffffff81234567ull;
	uint64_t vmaps, cells;
	uint32_t lost, i;

	(void)state;
	for (i = 0; i < 4; i++) {
		begin();
		fm_task(70, 80, 4, 0, 1);	/* has the offsets of struct vm_struct */
		fm.k.l.vmap_vm = 56;
		fm.k.l.vmap_list = 40;
		fm.alias[100] = area;
		fm.alias[101] = area + 4096;
		vmaps = fm_cache("vmap_area", 64, 1);
		cells = fm_cache("kmalloc-64", 64, 1);
		fm_slab(20, vmaps);
		fm_slab(21, cells);
		fm_put(20, 0, area);
		fm_put(20, 1, area + len + 4096);
		fm_put(20, 7, fm_va(21, 0));
		fm_put(21, 1, area);
		fm_put(21, 2, len + 4096);
		fm_put(21, 3, 2);
		fm_put(21, 4, fm_va(60, 0));
		fm_put(21, 5, 2);
		fm_put(21, 7, caller);
		/* the free range before it, on its list */
		fm_put(20, 8, area - 65536);
		fm_put(20, 9, area);
		fm_put(20, 13, fm_va(20, 21));
		fm_put(20, 14, fm_va(20, 21));
		fm_put(20, 22, fm_va(20, 13));
		lost = ask(area, len, DRVMEM_ALLOC_VMALLOC);
		if (i == 1)	/* begin and end of a buffer in a cache that is one with that of areas */
			fm_put(20, 24, area), fm_put(20, 25, area + len);
		if (i == 2) {	/* device, buffer, size, count, pages: no caller */
			memcpy(&fm.ram[21][8], &fm.ram[21][0], 64);
			fm_put(21, 15, 0);
		}
		if (i == 3)	/* another number of pages */
			memcpy(&fm.ram[21][8], &fm.ram[21][0], 64), fm_put(21, 13, 1);
		judge();
		assert_int_equal(verdicts[lost].class, i ? DRVMEM_REACH_REACHABLE : DRVMEM_REACH_DEFINITELY_LOST);
	}
}

/* A chunk knows where it begins, and so does its area; a driver that has the address of a CPU's copy holds it. */
static void test_chunk_base(void **state)
{
	static uint64_t offset[1];
	const uint64_t chunk = FM_VMALLOC + (1ull << 30);
	uint64_t cells;
	uint32_t lost, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin();
		fm_task(70, 80, 4, 0, 1);
		fm.k.l.chunk_base = 32;
		fm.k.l.chunk_data = 48;
		fm.alias[100] = chunk;
		offset[0] = chunk - 0x1000;
		fm.k.cpu_offset = offset;
		fm.k.nr_cpus = 1;
		cells = fm_cache("kmalloc-64", 64, 1);
		fm_slab(21, cells);
		fm_put(21, 1, chunk);		/* struct vm_struct */
		fm_put(21, 2, 65536);
		fm_put(21, 3, 2);
		fm_put(21, 7, 0xffffffff81234567ull);
		fm_put(21, 8 + 4, chunk);	/* struct pcpu_chunk */
		fm_put(21, 8 + 6, fm_va(60, 0));
		fm_put(60, 0, fm_va(21, 0));
		lost = ask(1ull << 57 | 0x1000, 64, DRVMEM_ALLOC_PERCPU);
		if (i)
			fm_put(21, 16 + 4, chunk);
		judge();
		assert_int_equal(verdicts[lost].class, i ? DRVMEM_REACH_REACHABLE : DRVMEM_REACH_DEFINITELY_LOST);
	}
}

static uint64_t moved;

/* While the first page is read the word moves to memory that was free, and to where a stack was not used. */
static void move_to_new_page(void)
{
	fm.kind[90] = DRVMEM_KPAGE_OTHER;
	fm_put(90, 5, moved);
}

static void move_down_the_stack(void)
{
	*fm_at(70 * 4096 + FM_T_SP) = FM_VMALLOC + 256;
	fm_put(80, 64, moved);
}

static void end_task(void)
{
	fm.kind[80] = DRVMEM_KPAGE_OTHER;
	*fm_at(70 * 4096 + FM_T_STACK) = 0;
	fm_put(80, 64, moved);
}

/* Before each pass the word is nowhere to be seen. */
static void hide(void)
{
	fm.kind[90] = DRVMEM_KPAGE_FREE;
	*fm_at(70 * 4096 + FM_T_SP) = FM_VMALLOC + 8192 + 256;
	*fm_at(70 * 4096 + FM_T_STACK) = FM_VMALLOC;
	memset(fm.ram[80], 0, 4096);
}

static void test_moves(void **state)
{
	static void (*const moves[])(void) = { NULL, move_to_new_page, move_down_the_stack, end_task };
	static const enum drvmem_reach_class class[] = {
		DRVMEM_REACH_DEFINITELY_LOST, DRVMEM_REACH_POSSIBLY_LOST, DRVMEM_REACH_REACHABLE, DRVMEM_REACH_REACHABLE,
	};
	uint64_t cache;
	uint32_t o, i;

	(void)state;
	for (i = 0; i < 4; i++) {
		begin();
		cache = fm_cache("some", 64, 0x1234);
		fm_slab(20, cache);
		fm_task(70, 80, 4, 8192 + 256, 1);
		o = ask(fm_va(20, 0), 64, DRVMEM_ALLOC_SLAB);
		moved = fm_va(20, 0);
		fm.before = hide;
		fm.meanwhile = moves[i];
		judge();
		assert_int_equal(verdicts[o].class, class[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_every_page_of_a_block),
		cmocka_unit_test(test_free_objects),
		cmocka_unit_test(test_guarded_objects),
		cmocka_unit_test(test_many_caches),
		cmocka_unit_test(test_large_stack),
		cmocka_unit_test(test_own_stack),
		cmocka_unit_test(test_changed_memory),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_described),
		cmocka_unit_test(test_own_descriptor),
		cmocka_unit_test(test_area_records),
		cmocka_unit_test(test_chunk_base),
		cmocka_unit_test(test_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
