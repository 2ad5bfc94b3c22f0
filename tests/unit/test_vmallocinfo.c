// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/vmallocinfo: areas of every kind, hidden addresses, callers with and without a name. */
#include "unit.h"

#include <errno.h>

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
		"\n"
		"0x1-0x2 8192\n"
		"0x1-0x2 8192 f+0x1/0x2 [\n"
		"0x1-0x2 8192 f+0x1/0x2 [] pages=2 vmalloc\n"
		"0x1-0x2 8192 f+0x1/0x2 [m 0123abcd] pages=1 vmap vmalloc\n"
		"0x1-0x2 8192 vmalloc";
	char *exact = unit_exact(text, sizeof(text) - 1);
	struct drvmem_vmallocinfo *v = parse(exact, sizeof(text) - 1);

	(void)state;
	assert_int_equal(v->skipped, 10);
	assert_int_equal(v->n, 5);
	assert_area(&v->v[0], DRVMEM_VM_OTHER, "", "", 8192, 0);
	assert_area(&v->v[1], DRVMEM_VM_OTHER, "f", "", 8192, 0);
	assert_area(&v->v[2], DRVMEM_VM_ALLOC, "f", "", 8192, 2);
	assert_area(&v->v[3], DRVMEM_VM_MAP, "f", "m", 8192, 1);
	assert_area(&v->v[4], DRVMEM_VM_ALLOC, "", "", 8192, 0);
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
		cmocka_unit_test(empty_and_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
