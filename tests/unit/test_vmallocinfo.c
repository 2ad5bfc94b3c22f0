// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/vmallocinfo: areas of every kind, hidden addresses, callers with and without a name. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "source/vmallocinfo.h"

static struct drvmem_vmallocinfo *parse(const char *text, size_t len)
{
	struct drvmem_vmallocinfo *v = NULL;

	assert_int_equal(drvmem_vmallocinfo__parse(text, len, &v), 0);
	assert_non_null(v);
	return v;
}

static void assert_area(const struct drvmem_vmarea *a, enum drvmem_vmkind kind, const char *caller,
			const char *module, uint64_t size, uint64_t pages)
{
	assert_int_equal(a->kind, kind);
	assert_true(drvmem_span__is(a->caller, caller));
	assert_true(drvmem_span__is(a->module, module));
	assert_int_equal(a->size, size);
	assert_int_equal(a->pages, pages);
}

static void areas_of_every_kind(void **state)
{
	size_t len;
	char *text = unit_data("vmallocinfo-modules.txt", &len);
	struct drvmem_vmallocinfo *v = parse(text, len);

	(void)state;
	assert_int_equal(v->n, 17);
	assert_int_equal(v->skipped, 0);
	assert_int_equal(v->unpurged, 1);
	assert_int_equal(v->unpurged_bytes, 8192);
	assert_area(&v->v[0], DRVMEM_VM_MAP, "irq_init_percpu_irqstack", "", 20480, 0);
	assert_area(&v->v[1], DRVMEM_VM_IOREMAP, "e1000_probe", "e1000e", 8192, 0);
	assert_area(&v->v[3], DRVMEM_VM_ALLOC, "e1000e_setup_rx_resources", "e1000e", 12288, 2);
	assert_area(&v->v[6], DRVMEM_VM_MAP, "alloc_vmap", "drvmem_test", 8192, 0);
	assert_area(&v->v[9], DRVMEM_VM_ALLOC, "execmem_cache_populate.isra.0", "", 2101248, 512);
	assert_area(&v->v[10], DRVMEM_VM_MAP, "dma_common_pages_remap", "", 1052672, 0);
	assert_area(&v->v[11], DRVMEM_VM_ALLOC, "pcpu_get_vm_areas", "", 2097152, 0);
	assert_area(&v->v[13], DRVMEM_VM_ALLOC, "array_map_alloc", "", 8192, 1);
	assert_area(&v->v[14], DRVMEM_VM_ALLOC, "", "", 8192, 1);
	assert_area(&v->v[15], DRVMEM_VM_ALLOC, "", "", 8192, 1);
	assert_area(&v->v[16], DRVMEM_VM_MAP_RAM, "", "", 16384, 0);
	drvmem_vmallocinfo__free(v);
	free(text);
}

static void a_real_file(void **state)
{
	uint64_t pages = 0, mapped = 0;
	size_t len, i;
	char *text = unit_data("vmallocinfo-kinds.txt", &len);
	struct drvmem_vmallocinfo *v = parse(text, len);

	(void)state;
	assert_int_equal(v->skipped, 0);
	assert_int_equal(v->unpurged, 4);
	for (i = 0; i < v->n; i++) {
		assert_true(v->v[i].caller.n);
		assert_int_equal(v->v[i].module.n, 0);
		if (v->v[i].kind == DRVMEM_VM_ALLOC)
			pages += v->v[i].pages;
		else
			mapped += v->v[i].size;
	}
	assert_int_equal(pages, 1716);
	assert_int_equal(mapped, 69632);
	drvmem_vmallocinfo__free(v);
	free(text);
}

static void malformed_lines_are_counted(void **state)
{
	static const char text[] =
		"nonsense\n"
		"0x1-0x2\n"
		"0x1-0x2 x vmalloc\n"
		"0x1-0x2 -1 f+0x1/0x2 vmalloc\n"
		"0x1 8192 f+0x1/0x2 vmalloc\n"
		"0x1-2 8192 f+0x1/0x2 vmalloc\n"
		"0x1-0x2 99999999999999999999 f+0x1/0x2 vmalloc\n"
		"0x1-0x2 8192 f+0x1/0x2 pages=x vmalloc\n"
		"0x1-0x2 8192 f+0x1/0x2 pages= vmalloc\n"
		"0x1-0x2 8192 f+0x1/0x2 pages=3 vmalloc\n"
		"0x1-0x2 8192 f+0x1/0x2 pages=99999999999999999999 vmalloc\n"
		"0x1-0x2 144115188075855873 f+0x1/0x2 pages=3 vmalloc\n"	/* 2^57 + 1 */
		"x y z pages=1 vmalloc\n"
		"vmalloc\n"
		"\n"
		"0x1-0x2 8192\n"
		"0x1-0x2 8192 f+0x1/0x2 [\n"
		"0x1-0x2 8192 f+0x1/0x2 [] pages=2 vmalloc\n"
		"0x1-0x2 8192 f+0x1/0x2 [m 0123abcd] pages=1 vmap vmalloc\n"
		"0x1-0x2 8192 vmalloc";
	char *exact = unit_exact(text, sizeof(text) - 1);
	struct drvmem_vmallocinfo *v = parse(exact, sizeof(text) - 1);

	(void)state;
	assert_int_equal(v->skipped, 14);
	assert_int_equal(v->n, 5);
	assert_area(&v->v[0], DRVMEM_VM_OTHER, "", "", 8192, 0);
	assert_area(&v->v[1], DRVMEM_VM_OTHER, "f", "", 8192, 0);
	assert_area(&v->v[2], DRVMEM_VM_ALLOC, "f", "", 8192, 2);
	assert_area(&v->v[3], DRVMEM_VM_MAP, "f", "m", 8192, 1);
	assert_area(&v->v[4], DRVMEM_VM_ALLOC, "", "", 8192, 0);
	drvmem_vmallocinfo__free(v);
	free(exact);
}

static void assert_sum(struct drvmem_vmallocinfo *v, uint64_t pages, uint64_t stack_pages,
		       uint64_t mapping_bytes)
{
	struct drvmem_vmsum sum;

	drvmem_vmallocinfo__sum(v, &sum);
	assert_int_equal(sum.pages, pages);
	assert_int_equal(sum.stack_pages, stack_pages);
	assert_int_equal(sum.mapping_bytes, mapping_bytes);
}

static void sums(void **state)
{
	static const char text[] =
		"0x0000000000000001-0x0000000000000002   20480 dup_task_struct+0x5f/0x1b0 pages=4 vmalloc N0=4\n"
		"0x0000000000000001-0x0000000000000002   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4\n"
		"0x0000000000000001-0x0000000000000002   36864 load_module+0x5f/0x1b0 pages=8 vmalloc N0=8\n"
		"0x0000000000000001-0x0000000000000002  413696 drv_map+0x5f/0x1b0 pages=100 vmap\n"
		"0x0000000000000001-0x0000000000000002 2097152 pcpu_get_vm_areas+0x0/0x1050 vmalloc\n"
		"0x0000000000000001-0x0000000000000002   12288 unpurged vm_area\n"
		"0x0000000000000001-0x0000000000000002\n"
		"0x0000000000000001-0x0000000000000002   12288 f+0x1/0x2 pages=x vmalloc\n"
		"0x0000000000000001-0x0000000000000002    8192 drv_map+0x5f/0x1b0 pages=100 vmap\n"
		"what\n";
	char *exact = unit_exact(text, sizeof(text) - 1);
	struct drvmem_vmallocinfo *v = parse(exact, sizeof(text) - 1);

	(void)state;
	assert_int_equal(v->n, 5);
	assert_int_equal(v->unpurged, 1);
	assert_int_equal(v->skipped, 4);
	assert_sum(v, 16, 8, 413696);
	drvmem_vmallocinfo__free(v);
	free(exact);
	v = parse("\n", 1);
	assert_int_equal(v->n + v->unpurged + v->skipped, 0);
	assert_sum(v, 0, 0, 0);
	drvmem_vmallocinfo__free(v);
}

static void recorded_sums(void **state)
{
	size_t len;
	char *text = unit_data("vmallocinfo-6.18.txt", &len);
	struct drvmem_vmallocinfo *v = parse(text, len);

	(void)state;
	assert_int_equal(v->skipped, 0);
	/* awk '/ vmalloc/ {for (i = 1; i <= NF; i++) if (sub("pages=", "", $i)) s += $i}' */
	/* awk '!/ vmalloc/ && !/unpurged/ {s += $2}' */
	assert_sum(v, 97, 88, 155648);
	drvmem_vmallocinfo__free(v);
	free(text);
}

static void stacks_of_tasks(void **state)
{
	static const struct {
		const char *line;
		bool stack;
	} k[] = {
		{ "0x1-0x2 20480 copy_process+0x1/0x2 pages=4 vmalloc", true },
		{ "0x1-0x2 20480 copy_process.isra.0+0x1/0x2 pages=4 vmalloc", true },
		{ "0x1-0x2 20480 _do_fork+0x1/0x2 pages=4 vmalloc", true },
		{ "0x1-0x2 20480 vhost_task_create+0x1/0x2 pages=4 vmalloc", true },
		{ "0x1-0x2 20480 copy_process_x+0x1/0x2 pages=4 vmalloc", false },
		{ "0x1-0x2 20480 copy_process+0x1/0x2 [m] pages=4 vmalloc", false },
		{ "0x1-0x2 20480 0xffffffff81000000 pages=4 vmalloc", false },
		{ "0x1-0x2 20480 pages=4 vmalloc", false },
	};
	struct drvmem_vmallocinfo *v;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(k); i++) {
		v = parse(k[i].line, strlen(k[i].line));
		assert_int_equal(v->n, 1);
		assert_int_equal(drvmem_vmarea__is_stack(&v->v[0]), k[i].stack);
		assert_sum(v, 4, k[i].stack ? 4 : 0, 0);
		drvmem_vmallocinfo__free(v);
	}
}

/* What tells one area from another: addresses, size and caller, no more. */
static void heads(void **state)
{
	static const char text[] = "0x1-0x2   8192 f+0x1/0x2 [m] pages=1 vmalloc N0=1\n"
				   "0x1-0x2 8192 pages=1 vmalloc\n0x1-0x2 8192";
	char *exact = unit_exact(text, sizeof(text) - 1);
	struct drvmem_vmallocinfo *v = parse(exact, sizeof(text) - 1);

	(void)state;
	assert_int_equal(v->n, 3);
	assert_true(drvmem_span__is(v->v[0].head, "0x1-0x2   8192 f+0x1/0x2"));
	assert_true(drvmem_span__is(v->v[1].head, "0x1-0x2 8192 pages=1"));
	assert_true(drvmem_span__is(v->v[2].head, "0x1-0x2 8192"));
	drvmem_vmallocinfo__free(v);
	free(exact);
}

static void empty_and_truncated(void **state)
{
	size_t len, n;
	char *text = unit_data("vmallocinfo-modules.txt", &len), *exact;

	(void)state;
	for (n = 0; n < len; n++) {
		exact = unit_exact(text, n);
		drvmem_vmallocinfo__free(parse(exact, n));
		free(exact);
	}
	drvmem_vmallocinfo__free(NULL);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(areas_of_every_kind),
		cmocka_unit_test(a_real_file),
		cmocka_unit_test(malformed_lines_are_counted),
		cmocka_unit_test(sums),
		cmocka_unit_test(recorded_sums),
		cmocka_unit_test(stacks_of_tasks),
		cmocka_unit_test(heads),
		cmocka_unit_test(empty_and_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
