// SPDX-License-Identifier: GPL-2.0-or-later
/* The rule on NUMA nodes: what raises it, with its figures, and what just does not. */
#include "advicefixture.h"

#define NODES	4u

/* A site of the driver's with 1,000 live kmallocs of 1 KiB, of which nothing is known yet. */
static struct world placed(void)
{
	struct world w = world();

	plain(&w, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-1k", DRVMEM_CLASS_KMALLOC, 1024), "drv_add+0x1", 1024, 2000, 1000, 1000);
	assert_int_equal(drvmem_numa__new(NODES, 2, w.s->nr_instances, &w.numa), 0);
	return w;
}

static void put(struct world *w, int node, int cpu_node, uint64_t kib)
{
	drvmem_numa__add(w->numa, 0, node, cpu_node, kib * KIB);
}

static void far_from_the_device(void **state)
{
	struct world w = placed();
	const struct drvmem_advice_finding *f;

	(void)state;
	w.numa->device_node[w.drv] = 1;
	put(&w, 0, 0, 800);
	put(&w, 2, 2, 100);
	put(&w, 1, 1, 100);
	put(&w, DRVMEM_NUMA_NO_NODE, 0, 24);
	f = only(&w, "numa-remote");
	assert_false(f->has_saving);
	assert_int_equal(f->held_now, MIB);
	assert_int_equal(f->severity, DRVMEM_LEVEL_LOW);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_MEDIUM);
	assert_string_equal(f->doubt, "who uses the memory is not seen");
	says(f, "live_bytes", MIB);
	says(f, "far_bytes", 900 * KIB);
	says(f, "bytes_of_unknown_node", 24 * KIB);
	says(f, "memory_node", 0);
	says(f, "device_node", 1);
	says_threshold(f, "min_far", 90);
	says_threshold(f, "min_live_bytes", 256 * KIB);
	assert_string_equal(f->why, "921600 of 1024000 bytes are not on node 1, where the driver's devices are, most of them on node 0");
	assert_string_equal(f->action, "kmalloc_node() with dev_to_node(dev), for what the device or its interrupts use");
	/* nine of ten, just not */
	drvmem_numa__add(w.numa, 0, 1, 1, 1);
	expect_none(&w);
	put(&w, 3, 1, 1);
	only(&w, "numa-remote");
	/* it is where the device is */
	w.numa->device_node[w.drv] = 0;
	expect_none(&w);
	done(&w);
}

static void far_from_who_asked(void **state)
{
	struct world w = placed();
	const struct drvmem_advice_finding *f;

	(void)state;
	put(&w, 3, 1, 810);
	put(&w, 3, 0, 90);
	put(&w, 1, 1, 100);
	f = only(&w, "numa-remote");
	says(f, "memory_node", 3);
	says(f, "cpu_node", 1);
	says(f, "far_bytes", 900 * KIB);
	assert_string_equal(f->why, "921600 of 1024000 bytes are on node 3, and CPUs of node 1 asked for them");
	assert_string_equal(f->action, "NUMA_NO_NODE, or numa_node_id(), as the node of kmalloc_node()");
	/* more than one in ten on other nodes */
	put(&w, 2, 1, 1);
	expect_none(&w);
	put(&w, 3, 1, 9);
	only(&w, "numa-remote");
	/* more than one in ten asked for by others' CPUs */
	put(&w, 3, 0, 20);
	expect_none(&w);
	put(&w, 3, 1, 90);
	only(&w, "numa-remote");
	/* CPUs whose node is not known */
	put(&w, 3, DRVMEM_NUMA_NO_NODE, 200);
	expect_none(&w);
	done(&w);
}

static void not_far(void **state)
{
	struct world w = placed();

	(void)state;
	/* where it was asked for, and one of many nodes for each */
	put(&w, 1, 1, 800);
	expect_none(&w);
	put(&w, 0, 1, 800);
	put(&w, 2, 1, 800);
	put(&w, 3, 1, 800);
	expect_none(&w);
	done(&w);
}

static void how_much(void **state)
{
	struct world w = placed();

	(void)state;
	drvmem_numa__add(w.numa, 0, 3, 1, 256 * KIB - 1);
	expect_none(&w);
	drvmem_numa__add(w.numa, 0, 3, 1, 1);
	only(&w, "numa-remote");
	w.numa->device_node[w.drv] = 1;
	only(&w, "numa-remote");
	/* known and by the device, but not so much of it far */
	put(&w, 1, 1, 10);
	only(&w, "numa-remote");
	w.numa->device_node[w.drv] = DRVMEM_NUMA_NO_NODE;
	/* too little is known: nine of ten, just not */
	put(&w, DRVMEM_NUMA_NO_NODE, 1, 29);
	only(&w, "numa-remote");
	put(&w, DRVMEM_NUMA_NO_NODE, 1, 1);
	expect_none(&w);
	/* from 16 MiB on more severe */
	put(&w, 3, 1, 16384 - 257);
	assert_int_equal(only(&w, "numa-remote")->severity, DRVMEM_LEVEL_LOW);
	put(&w, 3, 1, 1);
	assert_int_equal(only(&w, "numa-remote")->severity, DRVMEM_LEVEL_MEDIUM);
	done(&w);
}

static void room_there(void **state)
{
	struct world w = placed();
	const struct drvmem_advice_finding *f;
	uint32_t i;

	(void)state;
	put(&w, 3, 1, 900);
	f = only(&w, "numa-remote");
	for (i = 0; i < f->nr_values; i++)
		assert_string_not_equal(f->value[i].name, "free_there");	/* not known: none */
	w.numa->free_bytes[1] = drvmem_some(900 * KIB);
	f = only(&w, "numa-remote");
	says(f, "free_there", 900 * KIB);
	assert_int_equal(f->confidence, DRVMEM_LEVEL_MEDIUM);
	w.numa->free_bytes[1].v--;
	f = only(&w, "numa-remote");
	assert_int_equal(f->confidence, DRVMEM_LEVEL_LOW);
	assert_non_null(strstr(f->doubt, "that node has less free memory"));
	done(&w);
}

/* The one finding of the rule, beside what others say of the same blocks. */
static const struct drvmem_advice_finding *far_of(struct world *w)
{
	uint32_t i;

	assert_int_equal(findings(w, "numa-remote"), 1);
	for (i = 0; strcmp(w->a.v[i].rule->id, "numa-remote"); i++)
		;
	return &w->a.v[i];
}

/* The call by what allocates; objects of size classes of one call are added up. */
static void calls(void **state)
{
	static const struct {
		uint16_t allocator, kind;
		const char *device, *cpu;
	} t[] = {
		{ DRVMEM_ALLOC_SLAB, DRVMEM_CLASS_CACHE, "kmem_cache_alloc_node() with dev_to_node(dev)", "NUMA_NO_NODE" },
		{ DRVMEM_ALLOC_PAGE, DRVMEM_CLASS_PAGES, "alloc_pages_node() with dev_to_node(dev)", "NUMA_NO_NODE" },
		{ DRVMEM_ALLOC_VMALLOC, DRVMEM_CLASS_VMALLOC, "vmalloc_node() with dev_to_node(dev)", "NUMA_NO_NODE" },
		{ DRVMEM_ALLOC_DMA, DRVMEM_CLASS_DMA, "set_dev_node()", "set_dev_node()" },
	};
	const struct drvmem_advice_finding *f;
	struct world w = placed();
	uint32_t i;

	(void)state;
	put(&w, 3, 1, 900);
	for (i = 0; i < UNIT_NR(t); i++) {
		w.s->sites[0].allocator = t[i].allocator;
		w.s->caches[0].kind = t[i].kind;
		f = far_of(&w);
		assert_true(!strncmp(f->action, t[i].cpu, strlen(t[i].cpu)));
		w.numa->device_node[w.drv] = 0;
		f = far_of(&w);
		assert_true(!strncmp(f->action, t[i].device, strlen(t[i].device)));
		w.numa->device_node[w.drv] = DRVMEM_NUMA_NO_NODE;
	}
	done(&w);
	w = placed();
	site(&w, w.drv, DRVMEM_ALLOC_SLAB, cache(&w, "kmalloc-64", DRVMEM_CLASS_KMALLOC, 64), "drv_add+0x1", 9, 9, 64, 9);
	w.s->sites[1].call_site = w.s->sites[0].call_site;
	put(&w, 3, 1, 200);
	expect_none(&w);
	drvmem_numa__add(w.numa, 1, 3, 1, 56 * KIB);
	only(&w, "numa-remote");
	done(&w);
}

static void one_node(void **state)
{
	struct world w = placed();
	uint32_t rules;

	(void)state;
	put(&w, 3, 1, 900);
	only(&w, "numa-remote");
	rules = w.a.rules;
	w.numa->nr_nodes = 1;
	expect_none(&w);
	assert_int_equal(w.a.rules, rules - 1);
	drvmem_numa__free(w.numa);
	w.numa = NULL;
	expect_none(&w);
	assert_int_equal(w.a.rules, rules - 1);
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(far_from_the_device),
		cmocka_unit_test(far_from_who_asked),
		cmocka_unit_test(not_far),
		cmocka_unit_test(how_much),
		cmocka_unit_test(room_there),
		cmocka_unit_test(calls),
		cmocka_unit_test(one_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
