// SPDX-License-Identifier: GPL-2.0-or-later
/* What was there before tracing: no byte twice, owners only where they are proven, missing is not 0. */
#include "fixture.h"
#include "jsoncheck.h"

#include "render/baseline.h"
#include "render/json.h"
#include "source/baseline.h"

#define PAGE 4096u

static const char meminfo[] =
	"MemTotal:       24684092 kB\nSlab:              3000 kB\nSReclaimable:       1000 kB\n"
	"SUnreclaim:         2000 kB\nKernelStack:          16 kB\nPercpu:              100 kB\n";
static const char modules[] =
	"drvmem_test 40960 0 - Live 0x0000000000000000 (OE)\n"
	"e1000e 356352 0 - Live 0x0000000000000000\n";
static const char slabinfo[] =
	"slabinfo - version: 2.1\n# name\n"
	"ext4_inode_cache 100 100 1184 27 8 : tunables 0 0 0 : slabdata 10 10 0\n"
	"anon_vma 100 100 104 39 1 : tunables 0 0 0 : slabdata 5 5 0\n"
	"kmalloc-64 100 100 64 64 1 : tunables 0 0 0 : slabdata 50 50 0\n"
	"gone 100 100 64 64 1 : tunables 0 0 0 : slabdata 50 50 0\n"
	"odd 100 100 64 64 1 : tunables 0 0 0 : slabdata 50 50 0\n";

static int ctor(void *arg, const char *cache, char *buf, size_t size)
{
	const char *text = "";

	(void)arg;
	if (!strcmp(cache, "ext4_inode_cache"))
		text = "init_once+0x0/0x80 [ext4]\n";
	else if (!strcmp(cache, "anon_vma"))
		text = "anon_vma_ctor+0x0/0x50\n";
	else if (!strcmp(cache, "odd"))
		text = "0xffffffffc0001234\n";
	else if (!strcmp(cache, "gone"))
		return -ENOENT;
	snprintf(buf, size, "%s", text);
	return 0;
}

static int no_ctor(void *arg, const char *cache, char *buf, size_t size)
{
	(void)arg, (void)cache, (void)buf, (void)size;
	return -EACCES;
}

static struct drvmem_baseline_text text_of(const char *s)
{
	return (struct drvmem_baseline_text){ s, strlen(s), 0 };
}

struct input {
	struct drvmem_baseline_in in;
	char *areas;
};

static void input_init(struct input *k)
{
	size_t len;

	k->areas = unit_data("vmallocinfo-modules.txt", &len);
	k->in = (struct drvmem_baseline_in){
		.meminfo = text_of(meminfo), .modules = text_of(modules), .slabinfo = text_of(slabinfo),
		.vmallocinfo = { k->areas, len, 0 }, .allocinfo = { NULL, 0, -ENOENT },
		.ctor = ctor, .bpf = { 3, 3 * PAGE, 0 }, .page_size = PAGE,
	};
}

static struct drvmem_baseline *make(const struct drvmem_baseline_in *in)
{
	struct drvmem_baseline *b = NULL;

	assert_int_equal(drvmem_baseline__make(in, &b), 0);
	assert_non_null(b);
	return b;
}

static const struct drvmem_baseline_row *row(const struct drvmem_baseline *b, const char *owner,
					     const char *what)
{
	uint32_t i;

	for (i = 0; i < b->nr_rows; i++)
		if (!strcmp(b->rows[i].owner, owner) &&
		    (what ? b->rows[i].what && !strcmp(b->rows[i].what, what) : !b->rows[i].what))
			return &b->rows[i];
	return NULL;
}

static void owners_and_parts(void **state)
{
	struct input k;
	struct drvmem_baseline *b;
	const struct drvmem_baseline_row *r;
	uint64_t total;
	bool partial;

	(void)state;
	input_init(&k);
	b = make(&k.in);
	r = row(b, "drvmem_test", NULL);
	assert_int_equal(r->vmalloc_bytes, 2 * 5 * PAGE);
	assert_int_equal(r->areas, 2);
	assert_int_equal(r->image_bytes.v, 40960);
	assert_int_equal(r->vmap_bytes, 8192);
	assert_int_equal(drvmem_baseline_row__bytes(r), 2 * 5 * PAGE + 40960);
	r = row(b, "e1000e", NULL);
	assert_int_equal(r->vmalloc_bytes, 6 * PAGE);
	assert_int_equal(r->ioremap_bytes, 8192);
	r = row(b, "ext4", NULL);	/* by its cache's constructor; its image is not told */
	assert_int_equal(r->slab_bytes, 80 * PAGE);
	assert_int_equal(r->image_bytes.st, DRVMEM_ABSENT);
	assert_int_equal(row(b, "kernel", "cache anon_vma")->slab_bytes, 5 * PAGE);
	assert_int_equal(row(b, "kernel:bpf", "array_map_alloc")->vmalloc_bytes, PAGE);
	assert_int_equal(row(b, "kernel", "irq_init_percpu_irqstack")->vmap_bytes, 20480);
	assert_null(row(b, "kernel", "cache kmalloc-64"));
	assert_null(row(b, "kernel", "cache odd"));
	assert_null(row(b, "kernel", "dup_task_struct"));
	assert_null(row(b, "kernel", "move_module"));
	assert_null(row(b, "kernel", "pcpu_get_vm_areas"));
	/* 10 + 6 of modules, 1024 + 1 of the kernel, 2 without a name; stacks and images apart */
	assert_int_equal(b->part[DRVMEM_BASE_VMALLOC].bytes.v, 1043 * PAGE);
	assert_int_equal(b->part[DRVMEM_BASE_VMALLOC].named.v, 1041 * PAGE);
	assert_int_equal(b->unnamed_areas, 2);
	assert_int_equal(b->stack_bytes.v, 4 * PAGE);
	assert_int_equal(b->image_area_bytes.v, 522 * PAGE);
	assert_int_equal(b->part[DRVMEM_BASE_IMAGES].bytes.v, 522 * PAGE);
	assert_int_equal(b->part[DRVMEM_BASE_IMAGES].named.v, 40960 + 356352);
	assert_int_equal(b->part[DRVMEM_BASE_SLAB].bytes.v, 3000 * 1024);
	assert_int_equal(b->part[DRVMEM_BASE_SLAB].named.v, 85 * PAGE);
	assert_int_equal(b->spread_named, 2 * PAGE);	/* of 3 pages of maps 1 is in vmalloc areas */
	total = drvmem_baseline__total(b, &partial);
	assert_false(partial);
	assert_int_equal(total, (1043 + 522) * PAGE + 3100 * 1024);
	assert_int_equal(drvmem_baseline__named(b, &partial), (1041 + 85 + 2) * PAGE + 40960 + 356352);
	drvmem_baseline__free(b);
	free(k.areas);
}

static void missing_is_not_zero(void **state)
{
	struct input k;
	struct drvmem_baseline *b;
	bool partial;
	char *text;

	(void)state;
	input_init(&k);
	k.in.vmallocinfo = (struct drvmem_baseline_text){ NULL, 0, -EACCES };
	k.in.slabinfo.err = -EACCES;
	k.in.bpf_err = -EPERM;
	b = make(&k.in);
	assert_int_equal(b->part[DRVMEM_BASE_VMALLOC].bytes.st, DRVMEM_DENIED);
	assert_int_equal(b->stack_bytes.st, DRVMEM_DENIED);
	assert_int_equal(b->bpf_map_bytes.st, DRVMEM_DENIED);
	assert_int_equal(b->part[DRVMEM_BASE_IMAGES].bytes.v, 40960 + 356352);
	drvmem_baseline__total(b, &partial);
	assert_true(partial);
	text = fix_text(NULL, drvmem_text__before(b, "", &(struct drvmem_text_opts){ 0 }, out));
	assert_string_equal(text, "before tracing: >=388.0Ki of >=3.4Mi named "
				  "(slab owners: permission denied, vmalloc: permission denied)");
	free(text);
	drvmem_baseline__free(b);
	/* nothing at all */
	k.in.meminfo.err = k.in.modules.err = -EACCES;
	b = make(&k.in);
	assert_int_equal(b->nr_rows, 0);
	text = fix_text(NULL, drvmem_text__before(b, "", &(struct drvmem_text_opts){ 0 }, out));
	assert_string_equal(text, "before tracing: - (slab: permission denied, vmalloc: permission denied, "
				  "percpu: permission denied, images: permission denied)");
	free(text);
	drvmem_baseline__free(b);
	/* a kernel without modules has no images, which is a number */
	k.in.modules.err = -ENOENT;
	b = make(&k.in);
	assert_int_equal(b->part[DRVMEM_BASE_IMAGES].bytes.st, DRVMEM_OK);
	assert_int_equal(b->part[DRVMEM_BASE_IMAGES].bytes.v, 0);
	assert_int_equal(b->part[DRVMEM_BASE_PERCPU].bytes.st, DRVMEM_DENIED);
	drvmem_baseline__free(b);
	/* caches are listed, their constructors cannot be read */
	k.in.slabinfo.err = k.in.meminfo.err = 0;
	k.in.ctor = no_ctor;
	b = make(&k.in);
	assert_int_equal(b->part[DRVMEM_BASE_SLAB].bytes.v, 3000 * 1024);
	assert_int_equal(b->part[DRVMEM_BASE_SLAB].named.st, DRVMEM_DENIED);
	drvmem_baseline__free(b);
	free(k.areas);
}

static void named_is_never_more_than_there_is(void **state)
{
	struct input k;
	struct drvmem_baseline *b;
	bool partial;

	(void)state;
	input_init(&k);
	k.in.bpf.bytes = UINT64_MAX / 2;
	k.in.meminfo = text_of("SReclaimable: 4 kB\nSUnreclaim: 4 kB\n");	/* less than the caches */
	b = make(&k.in);
	assert_int_equal(b->part[DRVMEM_BASE_SLAB].named.v, 8192);
	assert_int_equal(b->part[DRVMEM_BASE_PERCPU].bytes.st, DRVMEM_ABSENT);
	assert_int_equal(b->spread_named, 0);
	assert_true(drvmem_baseline__named(b, &partial) <= drvmem_baseline__total(b, &partial));
	drvmem_baseline__free(b);
	k.in.meminfo = text_of("SReclaimable: x kB\nSUnreclaim: 99999999999999999999 kB\nPercpu:\n");
	b = make(&k.in);
	assert_int_equal(b->part[DRVMEM_BASE_SLAB].bytes.st, DRVMEM_ABSENT);
	assert_int_equal(b->part[DRVMEM_BASE_PERCPU].bytes.st, DRVMEM_ABSENT);
	drvmem_baseline__free(b);
	free(k.areas);
}

static void allocinfo_names_more(void **state)
{
	struct input k;
	struct drvmem_baseline *b;
	size_t len;
	char *text = unit_data("allocinfo-6.12.txt", &len);

	(void)state;
	input_init(&k);
	k.in.allocinfo = (struct drvmem_baseline_text){ text, len, 0 };
	k.in.bpf.bytes = 0;
	b = make(&k.in);
	assert_int_equal(b->allocinfo_bytes.v, 40960 + 102400);
	assert_int_equal(row(b, "drvmem_test", NULL)->allocinfo_bytes.v, 102400);
	assert_int_equal(row(b, "ext4", NULL)->allocinfo_bytes.v, 0);
	/* beyond what areas and caches say: 102400 - 10 pages, 40960 - 6 pages */
	assert_int_equal(b->spread_named, 102400 - 10 * PAGE + 40960 - 6 * PAGE);
	drvmem_baseline__free(b);
	k.in.allocinfo = text_of("something else\n");
	b = make(&k.in);
	assert_int_equal(b->allocinfo_bytes.st, DRVMEM_ABSENT);
	drvmem_baseline__free(b);
	free(text);
	free(k.areas);
}

/* fix_machine: sites of e1000e hold 200 x 256 + 50 x 64 and, of its next load, 8 x 64 bytes. */
static void tracing_beside_allocinfo(void **state)
{
	static const char now[] =
		"allocinfo - version: 1.0\n"
		"90000 10 a.c:1 [e1000e] func:f\n"
		"100 10 a.c:1 [brand_new] func:f\n";
	static const struct drvmem_text_opts o = { 0 };
	struct drvmem_exact_row *rows;
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_baseline *b;
	struct input k;
	uint32_t n;
	size_t len;
	char *then = unit_data("allocinfo-6.12.txt", &len), *text;

	(void)state;
	input_init(&k);
	k.in.allocinfo = (struct drvmem_baseline_text){ then, len, 0 };
	b = make(&k.in);
	s->baseline = b;
	assert_int_equal(drvmem_baseline__exact(b, "x", 1, s), 0);
	assert_int_equal(s->nr_exact, 0);
	s->meta.only = true;
	assert_int_equal(drvmem_baseline__exact(b, now, sizeof(now) - 1, s), 0);
	assert_int_equal(s->nr_exact, 0);
	s->meta.only = false;
	s->meta.traced = 1u << DRVMEM_ALLOC_PAGE;
	assert_int_equal(drvmem_baseline__exact(b, now, sizeof(now) - 1, s), 0);
	assert_int_equal(s->nr_exact, 0);
	s->meta.traced |= 1u << DRVMEM_ALLOC_SLAB;
	assert_int_equal(drvmem_baseline__exact(b, now, sizeof(now) - 1, s), 0);
	assert_int_equal(s->nr_exact, 4);	/* e1000e, drvmem_test, ext4 (0 in both), brand_new */
	assert_int_equal(drvmem_exact__compare(s, &rows, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(rows[0].owner, "drvmem_test");
	assert_int_equal(rows[0].since_bytes, -102400);
	assert_int_equal(rows[0].traced_bytes, 0);
	assert_int_equal(drvmem_exact_row__difference(&rows[0]), 102400);
	assert_string_equal(rows[1].owner, "e1000e");
	assert_int_equal(rows[1].since_bytes, 90000 - 40960);
	assert_int_equal(rows[1].traced_bytes, 200 * 256 + 50 * 64 + 8 * 64);
	assert_string_equal(rows[2].owner, "brand_new");
	assert_int_equal(drvmem_exact_row__difference(&rows[2]), -100);
	free(rows);
	text = fix_text(&len, assert_int_equal(drvmem_text__baseline(s, 1, &o, out), 0));
	assert_non_null(strstr(text, "SINCE THE START"));
	free(text);
	text = fix_text(&len, ({
		struct drvmem_json w;

		drvmem_json__init(&w, out);
		drvmem_json__begin_object(&w);
		assert_int_equal(drvmem_json__exact(&w, s), 0);
		drvmem_json__end_object(&w);
	}));
	assert_true(json_is_valid(text, len));
	assert_non_null(strstr(text, "{\"owner\":\"brand_new\",\"since_bytes\":100,\"traced_bytes\":0,"
				     "\"difference_bytes\":-100}"));
	free(text);
	drvmem_snapshot__free(s);
	drvmem_baseline__free(b);
	free(k.areas);
	free(then);
}

static struct drvmem_devres_dev devices[] = {
	{ 3, 420, 1, 0, "drvmem_test", "drvmem_test", "drvmem_test" },
	{ 5, 400, 1, 0, "0000:00:03.0", "e1000e", "e1000e" },
	{ 1, 50, 1, 0, "virtio1", "virtio_net", "" },
	{ 1, 50, 1, 0, "virtio2", "virtio_net", "" },
	{ 1, 48, 0, 0, "VMGENCTR:00", "", "" },
	{ 2, 96, 1, 0, "0000:00:04.0", "e1000e", "e1000e" },
};

static struct drvmem_devres lists_of_devices(void)
{
	return (struct drvmem_devres){
		.sized = true, .devices = 412, .dev = devices,
		.nr = sizeof(devices) / sizeof(devices[0]),
		.left_out = 2, .left_nodes = 7, .left_bytes = 700,
	};
}

static void devres_by_owner(void **state)
{
	struct drvmem_devres lists = lists_of_devices();
	const struct drvmem_baseline_row *r;
	struct drvmem_baseline *b;
	struct input k;
	bool partial;

	(void)state;
	input_init(&k);
	k.in.devres = &lists;
	b = make(&k.in);
	r = row(b, "drvmem_test", NULL);
	assert_int_equal(r->devres_count, 3);
	assert_int_equal(r->devres_bytes, 420);
	assert_int_equal(drvmem_baseline_row__bytes(r), 2 * 5 * PAGE + 40960 + 420);
	r = row(b, "e1000e", NULL);	/* of two devices */
	assert_int_equal(r->devres_count, 7);
	assert_int_equal(r->devres_bytes, 496);
	r = row(b, "kernel", "driver virtio_net");
	assert_int_equal(r->devres_count, 2);
	assert_int_equal(drvmem_baseline_row__bytes(r), 100);
	assert_int_equal(row(b, "ext4", NULL)->devres_count, 0);
	assert_int_equal(b->devres_count.v, 13 + 7);
	assert_int_equal(b->devres_bytes.v, 1064 + 700);
	assert_int_equal(b->unbound_count, 1);
	assert_int_equal(b->unbound_bytes, 48);
	assert_int_equal(b->unlisted, 2);
	assert_int_equal(b->nr_devs, 6);
	assert_string_equal(b->devs[0].owner, "drvmem_test");
	assert_string_equal(b->devs[2].owner, "kernel");
	assert_null(b->devs[4].owner);
	assert_null(b->devs[4].driver);
	/* named is what has an owner: neither the device without a driver nor those left out */
	assert_int_equal(b->part[DRVMEM_BASE_SLAB].named.v, 85 * PAGE + 1064 - 48);
	assert_int_equal(b->part[DRVMEM_BASE_SLAB].bytes.v, 3000 * 1024);
	drvmem_baseline__named(b, &partial);
	assert_false(partial);
	drvmem_baseline__free(b);
	/* the caches' owners cannot be read: what the lists name is named all the same */
	k.in.slabinfo.err = -EACCES;
	b = make(&k.in);
	assert_int_equal(b->spread_named, 2 * PAGE + 1064 - 48);
	drvmem_baseline__free(b);
	free(k.areas);
}

static void devres_that_cannot_be_read(void **state)
{
	struct drvmem_devres lists = lists_of_devices();
	static const struct drvmem_text_opts o = { 0 };
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_baseline *b;
	struct input k;
	bool partial;
	size_t len;
	char *text;

	(void)state;
	input_init(&k);
	b = make(&k.in);	/* nobody asked: no lower bound for it */
	assert_int_equal(b->devres_count.st, DRVMEM_ABSENT);
	assert_string_equal(b->devres_why, "they are read with --baseline");
	drvmem_baseline__named(b, &partial);
	assert_false(partial);
	drvmem_baseline__free(b);
	/* nodes are counted, their sizes are not kept (5.10): nothing is named, nothing is 0 */
	lists.sized = false;
	k.in.devres = &lists;
	b = make(&k.in);
	assert_int_equal(b->devres_count.v, 20);
	assert_int_equal(b->devres_bytes.st, DRVMEM_ABSENT);
	assert_int_equal(row(b, "e1000e", NULL)->devres_count, 7);
	assert_int_equal(b->part[DRVMEM_BASE_SLAB].named.v, 85 * PAGE);
	drvmem_baseline__named(b, &partial);
	assert_true(partial);
	text = fix_text(&len, ({
		struct drvmem_json w;

		drvmem_json__init(&w, out);
		drvmem_json__begin_object(&w);
		drvmem_json__baseline(&w, b);
		drvmem_json__end_object(&w);
	}));
	assert_true(json_is_valid(text, len));
	assert_non_null(strstr(text, "\"devres_count\":7,\"devres_bytes\":null,\"devres_bytes_reason\":"
				     "\"this kernel does not keep the size of devres nodes\""));
	free(text);
	drvmem_baseline__free(b);
	lists = (struct drvmem_devres){ .err = -ENOENT,
					.why = "the list of devices changed while it was read" };
	b = make(&k.in);
	assert_int_equal(b->nr_devs, 0);
	assert_null(row(b, "kernel", "driver virtio_net"));
	s->baseline = b;
	text = fix_text(&len, assert_int_equal(drvmem_text__baseline(s, 1, &o, out), 0));
	assert_non_null(strstr(text, "\ndevres lists -: the list of devices changed while it was read\n"));
	free(text);
	drvmem_snapshot__free(s);
	drvmem_baseline__free(b);
	free(k.areas);
}

static void goldens(void **state)
{
	static const struct drvmem_text_opts o = { .utf8 = true };
	struct drvmem_devres lists = lists_of_devices();
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_scope *v;
	struct input k;
	struct drvmem_baseline *b;
	size_t len;
	char *text;

	(void)state;
	input_init(&k);
	k.in.devres = &lists;
	b = make(&k.in);
	s->baseline = b;
	v = fix_scope(NULL, s, NULL);
	text = fix_text(&len, ({
		drvmem_text__header(v, &o, false, out);
		drvmem_text__header(v, &o, true, out);
		assert_int_equal(drvmem_text__baseline(s, 5, &o, out), 0);
	}));
	fix_golden("baseline.txt", text, len);
	free(text);
	text = fix_text(&len, ({
		struct drvmem_json w;

		drvmem_json__init(&w, out);
		drvmem_json__begin_object(&w);
		drvmem_json__baseline(&w, b);
		drvmem_json__end_object(&w);
	}));
	assert_true(json_is_valid(text, len));
	fix_golden("baseline.json", text, len);
	free(text);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
	drvmem_baseline__free(b);
	free(k.areas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_and_parts),
		cmocka_unit_test(missing_is_not_zero),
		cmocka_unit_test(named_is_never_more_than_there_is),
		cmocka_unit_test(allocinfo_names_more),
		cmocka_unit_test(tracing_beside_allocinfo),
		cmocka_unit_test(devres_by_owner),
		cmocka_unit_test(devres_that_cannot_be_read),
		cmocka_unit_test(goldens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
