// SPDX-License-Identifier: GPL-2.0-or-later
/* Free objects that arrays keep (source/ksheaf.h), in a small kernel's memory: reachmem.h. */
#include "reachask.h"

/* Each of these is held by the cell of its number, on page 21; cells are where a kernel may have free ones. */
enum { IN_MAIN, IN_SPARE, ON_NODE, ABOVE_COUNT, IN_RCU_FREE, IN_NONE, NR_HOLDERS };

/* Their cache. */
static uint64_t sheaves(void)
{
	const uint64_t head = fm_va(FM_BARNS, FM_B_FULL / 8);
	uint64_t cache, some;
	uint32_t i;

	begin();
	zeroes();
	cache = fm_cache("holders", 64, 0x1111222233334444);
	some = fm_cache("some", 64, 0x2222333344445555);
	fm_slab(20, some);
	fm_slab(21, cache);
	fm_sheaves(cache);
	for (i = 0; i < NR_HOLDERS; i++) {
		ask(fm_va(20, i * 8), 64, DRVMEM_ALLOC_SLAB);
		fm_put(21, i * 8 + 1, fm_va(20, i * 8));
	}
	*fm_cpu(0, FM_P_MAIN) = fm_sheaf(0, cache, 2, fm_va(21, IN_MAIN * 8));
	fm_put(FM_KMALLOC, FM_S_OBJECTS / 8 + 2, fm_va(21, ABOVE_COUNT * 8));
	*fm_cpu(0, FM_P_SPARE) = fm_sheaf(1, cache, 0, 0);
	*fm_cpu(1, FM_P_MAIN) = FM_BASE;	/* nobody's */
	*fm_cpu(1, FM_P_SPARE) = fm_sheaf(2, cache, 3, fm_va(21, IN_SPARE * 8));
	*fm_cpu(1, FM_P_RCU_FREE) = fm_sheaf(3, cache, 1, fm_va(21, IN_RCU_FREE * 8));
	fm_list_add(fm_sheaf(4, cache, 1, fm_va(21, 32 * 8)), head);
	fm_list_add(fm_sheaf(5, cache, 4, fm_va(21, ON_NODE * 8)), head);
	return cache;
}

static void assert_holders(uint32_t free, enum drvmem_reach_class class)
{
	for (uint32_t i = 0; i < NR_HOLDERS; i++)
		assert_int_equal(verdicts[i].class, free >> i & 1 ? class : DRVMEM_REACH_REACHABLE);
}

/* A free object that an array keeps holds nothing, whatever it says; any other does. */
static void test_sheaves(void **state)
{
	const uint32_t of_cpus = 1u << IN_MAIN | 1u << IN_SPARE, all = of_cpus | 1u << ON_NODE;
	uint64_t cache = sheaves();

	(void)state;
	judge();
	assert_holders(all, DRVMEM_REACH_DEFINITELY_LOST);
	assert_int_equal(verdicts[IN_MAIN].dead, 1);
	assert_string_equal(verdicts[IN_NONE].holder.name, "holders");
	/* the node's arrays as 6.18 has them */
	fm.k.l.cache_barns = -1;
	judge();
	assert_holders(of_cpus, DRVMEM_REACH_DEFINITELY_LOST);
	fm.k.l.cache_nodes = FM_C_NODE;
	fm.k.l.node_barn = 40;
	fm_put(122, 5, fm_va(FM_BARNS, 0));
	*fm_at(cache - FM_BASE + FM_C_NODE) = fm_va(122, 0);
	judge();
	assert_holders(all, DRVMEM_REACH_DEFINITELY_LOST);
	/* where nothing is zeroed, a free object is told like any other */
	syms.init_on_alloc = 0;
	judge();
	assert_holders(all, DRVMEM_REACH_POSSIBLY_LOST);
	assert_int_equal(verdicts[ON_NODE].holder.kind, DRVMEM_HOLDER_FREE_SLOT);
	zeroes();
	/* what a constructor made stays; a free pointer is not needed */
	fm_field(cache, FM_C_CTOR, 0x81000000);
	judge();
	assert_holders(0, DRVMEM_REACH_REACHABLE);
	fm_field(cache, FM_C_CTOR, 0);
	fm_field(cache, FM_C_FLAGS, FM_UNZEROED);
	judge();
	assert_holders(all, DRVMEM_REACH_DEFINITELY_LOST);
	/* a kernel without */
	fm.k.l.cache_sheaves = -1;
	judge();
	assert_holders(0, DRVMEM_REACH_REACHABLE);
}

/* What is no array, or no more, or cannot be read: holders are live, and the scan ends. */
static void test_broken_sheaves(void **state)
{
	const uint64_t first = FM_KMALLOC * 4096ull, head = FM_BARNS * 4096ull + FM_B_FULL;
	static const uint64_t nowhere[] = { 8, FM_BASE + FM_PAGES * 4096ull, FM_VMALLOC, UINT64_MAX - 7, FM_BASE + 12 };
	uint64_t cache, four, five;
	uint32_t i;

	(void)state;
	for (i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
		cache = sheaves();
		*fm_cpu(0, FM_P_MAIN) = *fm_cpu(1, FM_P_SPARE) = *fm_at(head) = nowhere[i];
		judge();
		assert_holders(0, DRVMEM_REACH_REACHABLE);
		*fm_at(cache - FM_BASE + FM_C_NODE) = *fm_at(cache - FM_BASE + FM_C_SHEAVES) = nowhere[i];
		judge();
		assert_holders(0, DRVMEM_REACH_REACHABLE);
	}
	/* another cache's, and a count that none has */
	cache = sheaves();
	*fm_at(first + FM_S_CACHE) = cache + 64;
	fm_u32(first + 2 * 512 + FM_S_SIZE, UINT32_MAX);
	fm_u32(first + 5 * 512 + FM_S_SIZE, 0x10000);
	judge();
	assert_holders(0, DRVMEM_REACH_REACHABLE);
	/* the list goes round and never comes back to its head, which is not where the arrays come from */
	sheaves();
	four = first + 4 * 512;
	five = first + 5 * 512;
	*fm_at(five) = FM_BASE + four;
	*fm_at(five + FM_S_OBJECTS + 3 * 8) = 0;
	judge();
	assert_holders(1u << IN_MAIN | 1u << IN_SPARE, DRVMEM_REACH_DEFINITELY_LOST);
	/* a list that does not lead back is not the node's any more */
	sheaves();
	*fm_at(five + FM_S_LIST + 8) = 0xffffffff81234567ull;
	judge();
	assert_holders(1u << IN_MAIN | 1u << IN_SPARE, DRVMEM_REACH_DEFINITELY_LOST);
}

/* What was found before is only where to look: objects are taken from arrays and arrays change hands. */
static void test_changing_sheaves(void **state)
{
	const uint64_t first = FM_KMALLOC * 4096ull, until = drvmem_now_ns() + 20000000000ull;
	static uint8_t kind[FM_PAGES];
	struct drvmem_ksheaves s;
	struct drvmem_kslab slab;
	struct drvmem_kmem_port *p;
	struct drvmem_kcell cell, late;

	(void)state;
	sheaves();
	memcpy(kind, fm.kind, sizeof(kind));
	assert_int_equal(drvmem_kmem_port__new(&fm.k, &p), 0);
	assert_int_equal(drvmem_kslab__init(&slab, &fm.k, p, kind), 0);
	drvmem_ksheaf__init(&s, &fm.k, p);
	assert_true(drvmem_kslab__cell(&slab, 21 * 4096 + IN_MAIN * 64, &cell));
	assert_true(drvmem_kslab__cell(&slab, 21 * 4096 + ABOVE_COUNT * 64, &late));
	assert_true(drvmem_ksheaf__has(&s, &cell));
	assert_true(drvmem_ksheaf__bytes(&s) > 0);
	fm_u32(first + FM_S_SIZE, 1);			/* taken */
	assert_false(drvmem_ksheaf__has(&s, &cell));
	fm_u32(first + FM_S_SIZE, 2);
	assert_true(drvmem_ksheaf__has(&s, &cell));
	*fm_cpu(0, FM_P_MAIN) = 0;			/* waits for RCU */
	*fm_cpu(0, FM_P_RCU_FREE) = FM_BASE + first;
	assert_false(drvmem_ksheaf__has(&s, &cell));
	*fm_cpu(0, FM_P_RCU_FREE) = 0;			/* the node's now */
	fm_list_add(FM_BASE + first, fm_va(FM_BARNS, FM_B_FULL / 8));
	assert_true(drvmem_ksheaf__has(&s, &cell));
	*fm_at(first + FM_S_CACHE) = 0;			/* given back */
	assert_false(drvmem_ksheaf__has(&s, &cell));
	/* one that is freed later is found when arrays are read again, which is not at once */
	fm_sheaf(2, cell.cache->addr, 4, fm_va(21, ABOVE_COUNT * 8));
	while (!drvmem_ksheaf__has(&s, &late))
		assert_true(drvmem_now_ns() < until);
	drvmem_ksheaf__deinit(&s);
	drvmem_kslab__deinit(&slab);
	drvmem_kmem_port__free(p);
}

/* Objects in memory that was the cache's before, which arrays still name; and one in what only looks like an array. */
static void test_old_entries(void **state)
{
	enum { MAIN, SPARE, RCU_FREE, EMPTY, NOBODYS, NR_ENTRIES };
	static const uint32_t array[NR_ENTRIES] = { 0, 1, 3, 6, 7 };
	uint64_t cache = sheaves();
	uint32_t i;

	(void)state;
	fm_slab(FM_CACHES, fm_cache("kmem_cache", 64, 0x99));
	fm_list_add(fm_sheaf(6, cache, 0, 0), fm_va(FM_BARNS, FM_B_EMPTY / 8));
	fm_sheaf(7, cache, 1, fm_va(21, 40 * 8));
	nr_objects = 0;
	for (i = 0; i < NR_ENTRIES; i++) {
		ask_pages(30 + i, 0, 4096);
		fm_put(FM_KMALLOC, array[i] * 64 + FM_S_OBJECTS / 8 + 5, fm_va(30 + i, 0));
	}
	judge();
	for (i = 0; i < NR_ENTRIES; i++)
		assert_int_equal(verdicts[i].class, i == NOBODYS ? DRVMEM_REACH_REACHABLE : DRVMEM_REACH_DEFINITELY_LOST);
	/* what is in front of the entries is the array's own */
	fm_put(FM_KMALLOC, FM_S_OBJECTS / 8 - 1, fm_va(30, 0));
	judge();
	assert_class(MAIN, REACHABLE);
	fm.k.l.sheaves_rcu = fm.k.l.barn_empty = -1;
	judge();
	assert_class(RCU_FREE, REACHABLE);
	assert_class(EMPTY, REACHABLE);
	assert_class(SPARE, DEFINITELY_LOST);
	/* it names what is no cache */
	fm_slab(FM_CACHES, cache);
	judge();
	assert_class(SPARE, REACHABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sheaves),
		cmocka_unit_test(test_broken_sheaves),
		cmocka_unit_test(test_changing_sheaves),
		cmocka_unit_test(test_old_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
