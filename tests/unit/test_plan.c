// SPDX-License-Identifier: GPL-2.0-or-later
/* Which programs a session attaches on which kernel. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "session/asked.h"
#include "session/plan.h"

static struct drvmem_probe probe_of(enum drvmem_slab_form form)
{
	struct drvmem_probe p = { .form = form };

	return p;	/* DRVMEM_FEAT_YES is 0: everything is there */
}

static int index_of(const struct drvmem_plan *plan, const char *name)
{
	uint32_t i;

	for (i = 0; i < plan->n; i++)
		if (!strcmp(plan->p[i].prog->name, name))
			return (int)i;
	return -1;
}

/* Where they are asked for, under the names that they have here. */
static void test_mempools(void **state)
{
	static const char *const names[] = { "mempool_alloc", "mempool_alloc_noprof" };
	struct drvmem_probe p = probe_of(DRVMEM_SLAB_6_1);
	struct drvmem_plan plan;
	uint32_t n;
	int i;

	(void)state;
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	assert_int_equal(index_of(&plan, "dm_mempool_alloc"), -1);
	n = plan.n;
	for (int noprof = 0; noprof < 2; noprof++) {
		p.mempool_noprof = noprof;
		assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT | DRVMEM_PLAN_POOLS, &plan, NULL), 0);
		assert_int_equal(plan.n, n + (noprof ? 6 : 7));
		i = index_of(&plan, "dm_mempool_alloc");
		assert_true(i > index_of(&plan, "dm_mempool_free"));
		assert_string_equal(plan.p[i].hook, names[noprof]);
	}
	p = probe_of(DRVMEM_SLAB_5_10);
	p.f[DRVMEM_FEAT_MEMPOOLS].st = DRVMEM_FEAT_NO;
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT | DRVMEM_PLAN_POOLS, &plan, NULL), 0);
	assert_false(plan.p[index_of(&plan, "d5_mempool_alloc")].load);
}

static void test_modern_kernel(void **state)
{
	struct drvmem_probe p = probe_of(DRVMEM_SLAB_6_1);
	struct drvmem_plan plan;
	uint32_t i, n;

	(void)state;
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	assert_false(plan.hash);
	assert_true(index_of(&plan, "dm_kmalloc") >= 0);
	assert_true(index_of(&plan, "dm_rcu_free") >= 0);
	assert_int_equal(index_of(&plan, "d5_kmalloc"), -1);
	assert_int_equal(index_of(&plan, "dm_kmalloc_walk"), -1);
	assert_true(index_of(&plan, "dm_peek") >= 0);
	for (i = 0; i < plan.n; i++)
		assert_true(plan.p[i].load);
	/* behind the programs of frees, and only when these miss some */
	i = (uint32_t)index_of(&plan, "dm_free_again");
	assert_string_equal(plan.p[i].prog->hook, "kfree");
	assert_string_equal(plan.p[i + 1].prog->hook, "kmem_cache_free");
	assert_false(plan.p[i].attach || plan.p[i + 1].attach);
	assert_true((int)i > index_of(&plan, "dm_kfree") && (int)i > index_of(&plan, "dm_cache_free"));
	/* with walks the other two of the allocation programs, and nothing else differs */
	n = plan.n;
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_WALKS, &plan, NULL), 0);
	assert_int_equal(plan.n, n);
	assert_int_equal(index_of(&plan, "dm_kmalloc"), -1);
	assert_true(index_of(&plan, "dm_kmalloc_walk") >= 0);
	assert_true(index_of(&plan, "dm_cache_alloc_walk") >= 0);
	/* behind the gate the frees as well */
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_GATED, &plan, NULL), 0);
	assert_int_equal(plan.n, n);
	assert_int_equal(index_of(&plan, "dm_kmalloc_walk"), -1);
	assert_int_equal(index_of(&plan, "dm_kfree"), -1);
	assert_true(index_of(&plan, "dm_kfree_gated") >= 0);
	assert_true(index_of(&plan, "dm_kfree_gated") < index_of(&plan, "dm_kmalloc_gated"));
	assert_true(index_of(&plan, "dm_cache_free_gated") >= 0);
	assert_true(index_of(&plan, "dm_cache_alloc_gated") >= 0);
}

static void test_frees_attach_before_allocs(void **state)
{
	enum drvmem_slab_form forms[] = { DRVMEM_SLAB_6_1, DRVMEM_SLAB_5_10 };
	const char *frees[] = { "dm_kfree", "d5_kfree" }, *allocs[] = { "dm_kmalloc", "d5_kmalloc" };
	struct drvmem_plan plan;
	struct drvmem_probe p;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		p = probe_of(forms[i]);
		assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
		assert_true(index_of(&plan, "dm_mod_load") < index_of(&plan, frees[i]));
		assert_true(index_of(&plan, frees[i]) < index_of(&plan, allocs[i]));
	}
}

static void test_5_10_uses_the_hash_and_fentry(void **state)
{
	struct drvmem_probe p = probe_of(DRVMEM_SLAB_5_10);
	struct drvmem_err err = {};
	struct drvmem_plan plan;

	(void)state;
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	assert_true(plan.hash);
	assert_true(index_of(&plan, "d5_kmalloc_node") >= 0);
	assert_int_equal(index_of(&plan, "dm_kfree"), -1);
	/* its kmem_cache_free tracepoint comes too late: without fentry there is no session */
	p.f[DRVMEM_FEAT_FENTRY].st = DRVMEM_FEAT_DENIED;
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, &err), -ENOTSUP);
	assert_int_equal(err.exit, DRVMEM_EXIT_CANNOT_RUN);
	assert_true(strlen(err.remedy) > 0);
}

static void test_optional_hooks_are_planned_away(void **state)
{
	struct drvmem_probe p = probe_of(DRVMEM_SLAB_6_1);
	struct drvmem_plan plan;
	int i;

	(void)state;
	p.f[DRVMEM_FEAT_RCU_FREES].st = DRVMEM_FEAT_DENIED;
	strcpy(p.f[DRVMEM_FEAT_RCU_FREES].why, "refused");
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	i = index_of(&plan, "dm_rcu_free");
	assert_true(i >= 0);
	assert_false(plan.p[i].load);
	assert_false(plan.p[i].attach);
	assert_string_equal(plan.p[i].why_not, "refused");
}

/* What a function is called on this kernel; where that is not known, what the program says. */
static void test_hooks_have_the_kernels_names(void **state)
{
	struct drvmem_probe p = probe_of(DRVMEM_SLAB_6_1);
	struct drvmem_plan plan;

	(void)state;
	p.func[DRVMEM_FEAT_BULK_ALLOCS] = "kmem_cache_alloc_bulk_noprof";
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	assert_string_equal(plan.p[index_of(&plan, "dm_bulk_alloc")].hook, "kmem_cache_alloc_bulk_noprof");
	assert_string_equal(plan.p[index_of(&plan, "dm_krealloc")].hook, "krealloc");
	assert_string_equal(plan.p[index_of(&plan, "dm_kfree")].hook, "kfree");
	p.f[DRVMEM_FEAT_KREALLOC].st = DRVMEM_FEAT_DENIED;
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	assert_false(plan.p[index_of(&plan, "dm_krealloc")].load);
}

/* By the owners' functions where they are known, else by the one that all moves go through; ends come first. */
static void test_what_changes_in_its_place(void **state)
{
	struct drvmem_probe p = probe_of(DRVMEM_SLAB_6_1);
	struct drvmem_plan plan;

	(void)state;
	p.func[DRVMEM_FEAT_MOVES] = "move_to_new_folio";
	p.f[DRVMEM_FEAT_VREALLOC].st = DRVMEM_FEAT_NO;
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	assert_string_equal(plan.p[index_of(&plan, "dm_moved")].hook, "move_to_new_folio");
	assert_string_equal(plan.p[index_of(&plan, "dm_moved_too")].hook, "balloon_page_migrate");
	assert_false(plan.p[index_of(&plan, "dm_vrealloc")].load);
	assert_true(index_of(&plan, "dm_iova_destroy") < index_of(&plan, "dm_iova_link"));
	assert_true(index_of(&plan, "dm_iova_unlink") < index_of(&plan, "dm_iova_link"));
	assert_string_equal(plan.p[index_of(&plan, "dm_iova_free")].hook, "dma_iova_free");
	p = probe_of(DRVMEM_SLAB_5_10);
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	assert_string_equal(plan.p[index_of(&plan, "d5_moved")].hook, "move_to_new_page");
	assert_int_equal(index_of(&plan, "dm_iova_link"), -1);
}

/* bpf_prog_info cuts names at 15 characters: they must stay apart. */
static void test_program_names_differ(void **state)
{
	struct drvmem_probe p = probe_of(DRVMEM_SLAB_5_10);
	struct drvmem_plan plan;
	uint32_t i, j;

	(void)state;
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	for (i = 0; i < plan.n; i++)
		for (j = 0; j < i; j++)
			assert_int_not_equal(strncmp(plan.p[i].prog->name, plan.p[j].prog->name, 15), 0);
}

static uint32_t loaded(const struct drvmem_plan *plan)
{
	uint32_t i, n = 0;

	for (i = 0; i < plan->n; i++)
		n += plan->p[i].load && strcmp(plan->p[i].prog->hook, "run");
	return n;
}

/* What is asked for one by one is all, and no program is in two. */
static void test_only_what_is_asked_for(void **state)
{
	static const char *const one[DRVMEM_NR_ALLOCATORS] = {
		[DRVMEM_ALLOC_SLAB] = "dm_kmalloc", [DRVMEM_ALLOC_PAGE] = "dm_page_alloc",
		[DRVMEM_ALLOC_VMALLOC] = "dm_vmalloc", [DRVMEM_ALLOC_PERCPU] = "dm_percpu_alloc",
		[DRVMEM_ALLOC_DMA] = "dm_map",
	};
	uint32_t a, b, all, sum = 0, none;
	struct drvmem_plan plan;
	struct drvmem_probe p;
	int i;

	(void)state;
	p = probe_of(DRVMEM_SLAB_6_1);
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	all = loaded(&plan);
	drvmem_asked__apply(1u << DRVMEM_NR_ALLOCATORS, 0, 4096, &p);
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT | DRVMEM_PLAN_NO_SLAB, &plan, NULL), 0);
	none = loaded(&plan);	/* module events */
	assert_int_equal(none, 2);
	for (a = 0; a < DRVMEM_NR_ALLOCATORS; a++) {
		p = probe_of(DRVMEM_SLAB_6_1);
		drvmem_asked__apply(1u << a, 0, 4096, &p);
		assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT | (a ? DRVMEM_PLAN_NO_SLAB : 0), &plan, NULL), 0);
		sum += loaded(&plan) - none;
		for (b = 0; b < DRVMEM_NR_ALLOCATORS; b++) {
			i = index_of(&plan, one[b]);
			assert_true((i >= 0 && plan.p[i].load) == (a == b));
		}
	}
	assert_int_equal(sum + none, all);
}

/* Blocks of pages cannot be as small as what is asked for; everything else can. */
static void test_sizes_below_a_page(void **state)
{
	struct drvmem_probe p = probe_of(DRVMEM_SLAB_6_1);
	struct drvmem_plan plan;

	(void)state;
	drvmem_asked__apply(0, 4096, 4096, &p);
	assert_int_equal(p.f[DRVMEM_FEAT_PAGES].st, DRVMEM_FEAT_YES);
	drvmem_asked__apply(0, 4095, 4096, &p);
	assert_int_equal(drvmem_plan__make(&p, DRVMEM_PLAN_LIGHT, &plan, NULL), 0);
	assert_false(plan.p[index_of(&plan, "dm_page_alloc")].load);
	assert_string_equal(plan.p[index_of(&plan, "dm_page_free")].why_not, "blocks of pages are larger than --max-size");
	assert_true(plan.p[index_of(&plan, "dm_vmalloc")].load);
	assert_true(plan.p[index_of(&plan, "dm_kmalloc")].load);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mempools),
		cmocka_unit_test(test_modern_kernel),
		cmocka_unit_test(test_frees_attach_before_allocs),
		cmocka_unit_test(test_5_10_uses_the_hash_and_fentry),
		cmocka_unit_test(test_optional_hooks_are_planned_away),
		cmocka_unit_test(test_hooks_have_the_kernels_names),
		cmocka_unit_test(test_what_changes_in_its_place),
		cmocka_unit_test(test_program_names_differ),
		cmocka_unit_test(test_only_what_is_asked_for),
		cmocka_unit_test(test_sizes_below_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
