// SPDX-License-Identifier: GPL-2.0-or-later
/* What a session tells that it does not see. */
#include "unit.h"

#include <string.h>

#include "source/blind.h"

static bool tells(const struct drvmem_meta *m, const char *what)
{
	uint32_t i;

	for (i = 0; i < m->nr_notes; i++)
		if (strstr(m->notes[i], what))
			return true;
	return false;
}

static struct drvmem_session_info all_seen(void)
{
	return (struct drvmem_session_info){
		.rcu_frees_seen = true, .bulk_frees_seen = true, .peak_exact = true,
		.bulk_allocs_seen = true, .krealloc_seen = true, .pages_bulk_seen = true,
		.vrealloc_seen = true, .iova_seen = true, .moves_seen = true,
	};
}

/* DRVMEM_FEAT_YES is 0: everything is there. What nobody sees on any kernel is left. */
static void test_everything_there(void **state)
{
	struct drvmem_session_info info = all_seen();
	struct drvmem_probe p = { .dma_iova = true };
	struct drvmem_meta m = {};

	(void)state;
	drvmem_blind__fill(&p, &info, &m);
	assert_int_equal(m.nr_notes, 2);
	assert_true(tells(&m, "before the session"));
	assert_true(tells(&m, "CMA"));
	assert_true(m.traced & 1u << DRVMEM_MAP_DMA);
}

/* Each is told where the kernel does it and no program sees it; not where the kernel does no such thing. */
static void test_what_changes_in_its_place(void **state)
{
	struct drvmem_session_info info = all_seen();
	struct drvmem_probe p = { .dma_iova = true };
	struct drvmem_meta m = {};

	(void)state;
	info.vrealloc_seen = info.iova_seen = info.moves_seen = false;
	drvmem_blind__fill(&p, &info, &m);
	assert_true(tells(&m, "vrealloc"));
	assert_true(tells(&m, "dma_iova_link"));
	assert_true(tells(&m, "compaction"));
	p.dma_iova = false;
	p.f[DRVMEM_FEAT_VREALLOC].st = DRVMEM_FEAT_NO;
	m = (struct drvmem_meta){};
	drvmem_blind__fill(&p, &info, &m);
	assert_false(tells(&m, "vrealloc"));
	assert_false(tells(&m, "dma_iova_link"));
	assert_true(tells(&m, "compaction"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_there),
		cmocka_unit_test(test_what_changes_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
