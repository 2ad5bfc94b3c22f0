// SPDX-License-Identifier: GPL-2.0-or-later
/* Classes from the words of two passes; the search for words; what pages are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <elf.h>

#include "analysis/reach.h"
#include "source/kmem_map.h"
#include "source/kpages.h"
#include "source/search.h"

#define NR 8

struct scene {
	struct drvmem_reach_pass a, b;
	struct drvmem_reach_target ta[NR], tb[NR];
	struct drvmem_reach_edge edge[64];
	struct drvmem_reach_verdict v[NR];
};

/* Objects 0..7, all judged, nothing holds any; both passes see the same edges. */
static void setup(struct scene *s)
{
	uint32_t i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < NR; i++)
		s->ta[i].judged = s->tb[i].judged = true;
	s->a = (struct drvmem_reach_pass){ .target = s->ta, .nr = NR, .edge = s->edge };
	s->b = (struct drvmem_reach_pass){ .target = s->tb, .nr = NR, .edge = s->edge };
}

static void edge(struct scene *s, uint32_t from, uint32_t to)
{
	s->edge[s->a.nr_edges] = (struct drvmem_reach_edge){ from, to };
	s->b.nr_edges = ++s->a.nr_edges;
}

static void name(struct drvmem_reach_target *t, enum drvmem_holder_kind kind)
{
	t->named = true;
	t->holder.kind = (uint8_t)kind;
}

static void judge(struct scene *s)
{
	assert_int_equal(drvmem_reach__judge(&s->a, &s->b, s->v), 0);
}

static void test_lost_and_held(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	name(&s.ta[0], DRVMEM_HOLDER_MODULE);
	name(&s.tb[0], DRVMEM_HOLDER_MODULE);
	edge(&s, 0, 1);		/* held by a held one */
	edge(&s, 1, 2);
	edge(&s, 3, 4);		/* 3 is lost, 4 with it */
	edge(&s, 4, 5);
	s.ta[6].unnamed = s.tb[6].unnamed = 2;
	s.ta[6].holder.kind = s.tb[6].holder.kind = DRVMEM_HOLDER_PAGE;
	edge(&s, 6, 7);
	judge(&s);
	assert_int_equal(s.v[0].class, DRVMEM_REACH_REACHABLE);
	assert_int_equal(s.v[0].holder.kind, DRVMEM_HOLDER_MODULE);
	assert_int_equal(s.v[2].class, DRVMEM_REACH_REACHABLE);
	assert_int_equal(s.v[2].holder.kind, DRVMEM_HOLDER_OBJECT);
	assert_int_equal(s.v[2].holder.object, 1);
	assert_int_equal(s.v[3].class, DRVMEM_REACH_DEFINITELY_LOST);
	assert_int_equal(s.v[3].holder.kind, DRVMEM_HOLDER_NONE);
	assert_int_equal(s.v[4].class, DRVMEM_REACH_INDIRECTLY_LOST);
	assert_int_equal(s.v[5].class, DRVMEM_REACH_INDIRECTLY_LOST);
	assert_int_equal(s.v[5].holder.object, 4);
	assert_int_equal(s.v[6].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_int_equal(s.v[6].holder.kind, DRVMEM_HOLDER_PAGE);
	assert_int_equal(s.v[7].class, DRVMEM_REACH_POSSIBLY_LOST);
}

/* Of a ring that nobody holds one is the head, whatever hangs on it comes with it. */
static void test_ring(void **state)
{
	struct scene s;
	uint32_t i, heads = 0;

	(void)state;
	setup(&s);
	edge(&s, 0, 1);
	edge(&s, 1, 2);
	edge(&s, 2, 0);
	edge(&s, 2, 3);
	for (i = 4; i < NR; i++)
		name(&s.ta[i], DRVMEM_HOLDER_KERNEL);
	judge(&s);
	for (i = 0; i < 4; i++)
		heads += s.v[i].class == DRVMEM_REACH_DEFINITELY_LOST;
	assert_int_equal(heads, 1);
	assert_int_equal(s.v[0].class, DRVMEM_REACH_DEFINITELY_LOST);
	assert_int_equal(s.v[3].class, DRVMEM_REACH_INDIRECTLY_LOST);
	/* one pass is enough to be held */
	assert_int_equal(s.v[4].class, DRVMEM_REACH_REACHABLE);
}

/* What may have another reason is not called lost. */
static void test_doubts(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	s.tb[0].sum = 1;			/* written to in between */
	s.ta[1].maybe_free = s.tb[1].maybe_free = true;
	s.tb[2].free = true;
	s.ta[3].judged = s.tb[3].judged = false;
	edge(&s, 3, 4);				/* nothing speaks against its holder */
	edge(&s, 2, 5);				/* what a freed object says */
	s.ta[6].dead = s.tb[6].dead = 3;
	judge(&s);
	assert_int_equal(s.v[0].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_true(s.v[0].changed);
	assert_int_equal(s.v[1].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_true(s.v[1].maybe_free);
	assert_int_equal(s.v[2].class, DRVMEM_REACH_FREED);
	assert_int_equal(s.v[3].class, DRVMEM_REACH_UNKNOWN);
	assert_int_equal(s.v[4].class, DRVMEM_REACH_REACHABLE);
	assert_int_equal(s.v[5].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_int_equal(s.v[6].class, DRVMEM_REACH_DEFINITELY_LOST);
	assert_int_equal(s.v[6].dead, 3);
	s.ta[7].by_number = s.tb[7].by_number = true;
	judge(&s);
	assert_int_equal(s.v[7].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_true(s.v[7].by_number);
	/* words between objects that could not be kept */
	s.b.edges_cut = true;
	judge(&s);
	assert_int_equal(s.v[6].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_true(s.v[6].cut);
}

/* What a doubtful object holds is as doubtful, and has no reason of its own. */
static void test_doubts_are_passed_on(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	s.tb[0].sum = 1;
	edge(&s, 0, 1);
	edge(&s, 1, 2);
	s.ta[3].by_number = s.tb[3].by_number = true;
	edge(&s, 3, 4);
	s.tb[5].free = true;			/* between the passes */
	edge(&s, 5, 6);
	judge(&s);
	assert_int_equal(s.v[1].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_false(s.v[1].changed);
	assert_int_equal(s.v[1].holder.object, 0);
	assert_int_equal(s.v[2].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_int_equal(s.v[4].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_false(s.v[4].by_number);
	assert_int_equal(s.v[5].class, DRVMEM_REACH_FREED);
	assert_int_equal(s.v[6].class, DRVMEM_REACH_POSSIBLY_LOST);
	assert_int_equal(s.v[7].class, DRVMEM_REACH_DEFINITELY_LOST);
}

static void test_none(void **state)
{
	struct drvmem_reach_pass p = { 0 };
	struct drvmem_reach_verdict v;

	(void)state;
	assert_int_equal(drvmem_reach__judge(&p, &p, &v), 0);
}

static void test_every_class_has_a_name(void **state)
{
	int c, d;

	(void)state;
	for (c = 0; c < DRVMEM_NR_REACH; c++)
		for (d = 0; d < c; d++)
			assert_string_not_equal(drvmem_reach__name((enum drvmem_reach_class)c),
						drvmem_reach__name((enum drvmem_reach_class)d));
}

static uint64_t rnd(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static const struct drvmem_key *brute(const struct drvmem_search *s, uint64_t v)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (v >= s->key[i].lo && v < s->key[i].hi)
			return &s->key[i];
	return NULL;
}

/* Random ranges, words in them, beside them and anywhere: as a plain loop finds them. */
static void search_once(uint64_t seed, bool small)
{
	struct drvmem_search s;
	uint64_t x = seed, w[512], base = 0xffff888000000000ull;
	uint16_t at[512];
	size_t i, n, hits = 0, it;
	uint32_t o;

	assert_int_equal(drvmem_search__init(&s), 0);
	for (o = 0; o < 200; o++) {
		uint64_t lo = small && o % 4 == 0 ? rnd(&x) % (1u << 20) : base + rnd(&x) % (1ull << 34) / 4096 * 4096 + o * 8;
		struct drvmem_key k = { .lo = lo, .hi = lo + 8 + rnd(&x) % 300, .object = o };

		assert_int_equal(drvmem_search__add(&s, &k), 0);
	}
	drvmem_search__seal(&s);
	for (i = 0; i < 512; i++) {
		const struct drvmem_key *k = &s.key[rnd(&x) % s.nr];

		switch (rnd(&x) % 6) {
		case 0: w[i] = k->lo; break;
		case 1: w[i] = k->hi - 1; break;
		case 2: w[i] = k->hi; break;
		case 3: w[i] = k->lo - 1; break;
		case 4: w[i] = rnd(&x); break;
		default: w[i] = i % 2 ? 0 : UINT64_MAX; break;
		}
	}
	/* every length: the tail behind the last eight too */
	n = drvmem_search__words(&s, w, 512 - seed % 9, at);
	for (i = 0, it = 0; i < 512 - seed % 9; i++) {
		bool told = it < n && at[it] == i;
		size_t cursor = 0;

		if (brute(&s, w[i])) {
			assert_true(told);
			assert_non_null(drvmem_search__find(&s, w[i], &cursor));
			hits++;
		} else {
			assert_null(drvmem_search__find(&s, w[i], &cursor));
		}
		it += told;
	}
	assert_true(hits > 50);
	assert_int_equal(it, n);
	drvmem_search__deinit(&s);
}

static void test_search(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 60; seed++)
		search_once(seed * 7919, seed % 2);
}

/* A range within another: both are found. */
static void test_overlap(void **state)
{
	const uint64_t base = 0xffffc90000000000ull;
	struct drvmem_search s;
	size_t at = 0;
	int n = 0;

	(void)state;
	assert_int_equal(drvmem_search__init(&s), 0);
	assert_int_equal(drvmem_search__add(&s, &(struct drvmem_key){ .lo = base, .hi = base + 4096, .object = 1 }), 0);
	for (int i = 0; i < 10; i++)	/* many before it do not hide the wide one */
		assert_int_equal(drvmem_search__add(&s, &(struct drvmem_key){ .lo = base + 8, .hi = base + 16, .object = 4 }), 0);
	assert_int_equal(drvmem_search__add(&s, &(struct drvmem_key){ .lo = base + 64, .hi = base + 128, .object = 2 }), 0);
	/* empty, and round the end: neither can be found, which is told */
	assert_int_equal(drvmem_search__add(&s, &(struct drvmem_key){ .lo = base, .hi = base, .object = 3 }), -ERANGE);
	assert_int_equal(drvmem_search__add(&s, &(struct drvmem_key){ .lo = UINT64_MAX - 7, .hi = 8, .object = 3 }), -ERANGE);
	drvmem_search__seal(&s);
	while (drvmem_search__find(&s, base + 100, &at))
		n++;
	assert_int_equal(n, 2);
	drvmem_search__deinit(&s);
}

#define BIT(n) (1ull << (n))

static void test_pages(void **state)
{
	/* as Documentation/admin-guide/mm/pagemap.rst numbers them */
	const uint64_t flags[] = {
		BIT(20), BIT(10), BIT(12) | BIT(5), BIT(7) | BIT(12) | BIT(15), BIT(16), BIT(32), BIT(11),
		BIT(5) | BIT(3), BIT(26), BIT(19), 0, BIT(15) | BIT(12) | BIT(14), BIT(16),
	};
	const uint8_t want[] = {
		DRVMEM_KPAGE_NONE, DRVMEM_KPAGE_FREE, DRVMEM_KPAGE_USER, DRVMEM_KPAGE_SLAB, DRVMEM_KPAGE_SLAB,
		DRVMEM_KPAGE_RESERVED, DRVMEM_KPAGE_MAPPED, DRVMEM_KPAGE_CACHE, DRVMEM_KPAGE_TABLE,
		DRVMEM_KPAGE_BAD, DRVMEM_KPAGE_OTHER, DRVMEM_KPAGE_USER, DRVMEM_KPAGE_USER,
	};
	enum { N = sizeof(want) };
	uint64_t st = 0, again = 0;
	uint8_t got[N], cut[N];
	size_t i;

	(void)state;
	drvmem_kpages__classify(flags, N, &st, got);
	for (i = 0; i < N; i++)
		assert_int_equal(drvmem_kpage__kind(got[i]), want[i]);
	assert_true(got[3] & DRVMEM_KPAGE_HEAD && got[4] & DRVMEM_KPAGE_TAIL);
	assert_int_equal(drvmem_kpages__head(got, 4), 3);
	assert_int_equal(drvmem_kpages__head(got, 12), 11);
	assert_int_equal(drvmem_kpages__head(got, 10), 10);
	/* read in two pieces, a block across them */
	drvmem_kpages__classify(flags, 4, &again, cut);
	drvmem_kpages__classify(flags + 4, N - 4, &again, cut + 4);
	assert_memory_equal(got, cut, N);
	assert_false(drvmem_kpage__is_scanned(got[2]));
	assert_true(drvmem_kpage__is_scanned(got[10]));
}

static size_t make_kcore(uint8_t *buf, int nr)
{
	Elf64_Ehdr eh = { .e_phoff = sizeof(eh), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = (uint16_t)nr,
			  .e_machine = EM_X86_64 };
	Elf64_Phdr ph[4] = {
		{ .p_type = PT_NOTE },
		{ .p_type = PT_LOAD, .p_vaddr = 0xffffffff9a000000ull, .p_paddr = 0x1a000000, .p_memsz = 0x2000000,
		  .p_offset = 0x1000 },
		{ .p_type = PT_LOAD, .p_vaddr = 0xffff8f0000100000ull, .p_paddr = 0x100000, .p_memsz = 0x3ff00000,
		  .p_offset = 0x5000 },
		{ .p_type = PT_LOAD, .p_vaddr = 0xffffc90000000000ull, .p_paddr = UINT64_MAX, .p_memsz = 0x1000 },
	};

	memcpy(eh.e_ident, ELFMAG, SELFMAG);
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	memcpy(buf, &eh, sizeof(eh));
	memcpy(buf + sizeof(eh), ph, sizeof(ph));
	return sizeof(eh) + sizeof(ph);
}

static void test_kcore(void **state)
{
	uint8_t buf[1024];
	struct drvmem_kmem k = { 0 };
	size_t len = make_kcore(buf, 4), i;

	(void)state;
	assert_int_equal(drvmem_kcore__parse(buf, len, &k), 0);
	assert_int_equal(k.page_offset, 0xffff8f0000000000ull);
	assert_int_equal(k.image_va, 0xffffffff9a000000ull);
	assert_int_equal(k.image_pa, 0x1a000000);
	assert_int_equal(k.nr_seg, 1);
	assert_int_equal(k.nr_pfn, 0x40000);
	assert_int_equal(k.seg[0].off, 0x5000);
	free(k.seg);
	/* cut off anywhere: an error, nothing worse */
	for (i = 0; i < len; i++) {
		k = (struct drvmem_kmem){ 0 };
		assert_int_equal(drvmem_kcore__parse(buf, i, &k), -EINVAL);
		free(k.seg);
	}
	buf[0] = 0;
	k = (struct drvmem_kmem){ 0 };
	assert_int_equal(drvmem_kcore__parse(buf, len, &k), -EINVAL);
}

static void test_iomem(void **state)
{
	static const char text[] =
		"00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n000a0000-000bffff : PCI Bus 0000:00\n"
		"00100000-3ffdffff : System RAM\n  1a000000-1bffffff : Kernel code\n  20000000-20000fff : System RAM\n";
	static const char added[] =
		"10000000000-1003fffffff : dax0.0\n  10000000000-1003fffffff : System RAM (kmem)\n"
		"00100000-3ffdffff : System RAM\n"
		"140000000-23fffffff : virtio0\n  140000000-1bfffffff : System RAM (virtio_mem)\n"
		"240000000-24fffffff : Persistent Memory\n250000000-25fffffff : RAM buffer\n";
	static const char hidden[] = "00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n";
	struct drvmem_kmem k = { 0 };

	(void)state;
	assert_int_equal(drvmem_iomem__parse(text, sizeof(text) - 1, &k), 0);
	assert_int_equal(k.nr_seg, 2);
	assert_int_equal(k.seg[0].bytes, 0x9e000);	/* whole pages */
	assert_int_equal(k.seg[1].pa, 0x100000);
	assert_int_equal(k.nr_pfn, 0x3ffe0);
	free(k.seg);
	/* memory that drivers added is inside of what they have, and may be anywhere */
	k = (struct drvmem_kmem){ 0 };
	assert_int_equal(drvmem_iomem__parse(added, sizeof(added) - 1, &k), 0);
	assert_int_equal(k.nr_seg, 3);
	assert_int_equal(k.seg[0].pa, 0x100000);
	assert_int_equal(k.seg[1].pa, 0x140000000ull);
	assert_int_equal(k.seg[1].bytes, 0x80000000ull);
	assert_int_equal(k.seg[2].pa, 0x10000000000ull);
	assert_int_equal(drvmem_kmem__nr_ram(&k), (0x3fee0000ull + 0x80000000ull + 0x40000000ull) >> 12);
	/* the hole is no page's */
	assert_int_equal(drvmem_kmem__next_ram(&k, 0), 0x100);
	assert_int_equal(drvmem_kmem__next_ram(&k, 0x200), 0x200);
	assert_int_equal(drvmem_kmem__next_ram(&k, 0x3ffe0), 0x140000);
	assert_int_equal(drvmem_kmem__next_ram(&k, 0x1bffff), 0x1bffff);
	assert_int_equal(drvmem_kmem__next_ram(&k, 0x1c0000), 0x10000000);
	assert_int_equal(drvmem_kmem__next_ram(&k, 0x10040000), k.nr_pfn);
	free(k.seg);
	k = (struct drvmem_kmem){ 0 };
	assert_int_equal(drvmem_iomem__parse(hidden, sizeof(hidden) - 1, &k), -EACCES);
	assert_int_equal(drvmem_iomem__parse("", 0, &k), -ENOENT);
}

/* With memory encryption a bit of what was an address says something else. */
static void test_encryption_bit(void **state)
{
	static const char text[] =
		"processor\t: 0\nflags\t\t: sme\naddress sizes\t: 43 bits physical, 48 bits virtual\nprocessor\t: 1\n";
	const uint64_t entry = 1ull << 63 | 1ull << 47 | 0x12345063;
	uint64_t mask;

	(void)state;
	assert_int_equal(drvmem_cpuinfo__phys_bits(text, sizeof(text) - 1), 43);
	assert_int_equal(drvmem_cpuinfo__phys_bits("address sizes : none\n", 21), 0);
	assert_int_equal(drvmem_cpuinfo__phys_bits("address sizes : 4 bits\n", 23), 0);
	assert_int_equal(drvmem_cpuinfo__phys_bits("", 0), 0);
	mask = drvmem_pte__addr_mask(0, 0);
	assert_int_equal(entry & mask, 1ull << 47 | 0x12345000);
	assert_int_equal(entry & drvmem_pte__addr_mask(43, 0), 0x12345000);
	assert_int_equal(entry & drvmem_pte__addr_mask(0, 1ull << 47), 0x12345000);
	assert_int_equal(entry & drvmem_pte__addr_mask(48, 1ull << 47), 0x12345000);
	assert_int_equal(drvmem_pte__addr_mask(52, 0), mask);
	/* two bits are no bit */
	assert_int_equal(drvmem_pte__addr_mask(0, 3ull << 46), mask);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lost_and_held),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_doubts),
		cmocka_unit_test(test_doubts_are_passed_on),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_every_class_has_a_name),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_kcore),
		cmocka_unit_test(test_iomem),
		cmocka_unit_test(test_encryption_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
