// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The texts of page_owner: records and stacks of a 6.12 with the test driver, other kernels' forms by
 * their mm/page_owner.c, cut anywhere, and what is none; whose pages are whose, and what is not compared.
 */
#include "fixture.h"
#include "jsoncheck.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render/baseline.h"
#include "source/baseline.h"
#include "source/pageowner.h"
#include "symbol/ranges.h"

#define PAGE 4096u
#define DRIVER " post_alloc_hook+0x1/0x2\n __alloc_pages+0x1/0x2\n f+0x1/0x2 [m]\n"

/* In pieces of so many bytes, each on the heap in exactly its size. */
static struct drvmem_pageowner *parse_in(const char *text, size_t len, size_t piece, uint64_t since)
{
	const struct drvmem_po_how how = { drvmem_ranges__kind, PAGE, since };
	struct drvmem_po_parser *p = drvmem_po_parser__new(&how);
	struct drvmem_pageowner *o = NULL;
	size_t n;

	assert_non_null(p);
	for (; len; text += n, len -= n) {
		char *exact;

		n = len < piece ? len : piece;
		exact = unit_exact(text, n);
		assert_int_equal(drvmem_po_parser__feed(p, exact, n), 0);
		free(exact);
	}
	drvmem_po_parser__finish(p, &o);
	assert_non_null(o);
	return o;
}

static struct drvmem_pageowner *parse(const char *text)
{
	return parse_in(text, strlen(text), SIZE_MAX, UINT64_MAX);
}

/* What the driver was told to take is in its own counts; a sample of that is in the file. */
static void records_by_class(void **state)
{
	struct drvmem_pageowner *o;
	size_t len;
	char *text = unit_data("page_owner-6.12.txt", &len);

	(void)state;
	/* the first two blocks of the driver came by this time */
	o = parse_in(text, len, SIZE_MAX, 18388019172);
	assert_int_equal(o->err, 0);
	assert_int_equal(o->form, DRVMEM_PO_RECORDS);
	assert_true(o->timed);
	assert_int_equal(o->newest_ns, 18653229528);
	assert_int_equal(o->records, 17);
	assert_int_equal(o->skipped, 0);
	assert_int_equal(o->n, 1);
	assert_string_equal(o->v[0].name, "drvmem_test");
	/* three blocks of one page, one each of 2, 4 and 8, two pages of a block that was split */
	assert_int_equal(o->v[0].direct.bytes, (3 + 2 + 4 + 8 + 2) * PAGE);
	assert_int_equal(o->v[0].direct.blocks, 8);
	assert_int_equal(o->v[0].direct.newer_bytes, (3 - 2 + 2 + 4 + 8 + 2) * PAGE);
	assert_int_equal(o->v[0].direct.newer_blocks, 6);
	assert_int_equal(o->v[0].dma.bytes, 2 * PAGE);
	assert_int_equal(o->v[0].dma.blocks, 1);
	assert_int_equal(o->class[DRVMEM_PO_MODULE].bytes, 19 * PAGE);
	assert_int_equal(o->class[DRVMEM_PO_DMA].bytes, 2 * PAGE);
	assert_int_equal(o->class[DRVMEM_PO_VMALLOC].bytes, PAGE);
	/* a large kmalloc of 8 pages, a slab */
	assert_int_equal(o->class[DRVMEM_PO_SLAB].bytes, (8 + 1) * PAGE);
	assert_int_equal(o->class[DRVMEM_PO_USER].blocks, 2);
	assert_int_equal(o->class[DRVMEM_PO_UNKNOWN].blocks, 2);
	assert_int_equal(o->class[DRVMEM_PO_KERNEL].blocks, 1);
	assert_int_equal(o->class[DRVMEM_PO_PERCPU].blocks + o->class[DRVMEM_PO_UNNAMED].blocks, 0);
	drvmem_pageowner__free(o);
	free(text);
}

static void stacks_by_class(void **state)
{
	struct drvmem_pageowner *o;
	size_t len;
	char *text = unit_data("page_owner_stacks-6.12.txt", &len);

	(void)state;
	o = parse_in(text, len, SIZE_MAX, UINT64_MAX);
	assert_int_equal(o->err, 0);
	assert_int_equal(o->form, DRVMEM_PO_STACKS);
	assert_false(o->timed);
	assert_int_equal(o->skipped, 0);
	assert_int_equal(o->n, 1);
	/* 3 blocks of each order of pages, 2 x 3 pages exact, 8 in bulk: all that the driver had */
	assert_int_equal(o->v[0].direct.bytes, (3 * (1 + 2 + 4 + 8) + 2 * 3 + 8) * PAGE);
	assert_int_equal(o->v[0].direct.blocks, 0);
	assert_int_equal(o->v[0].dma.bytes, 2 * 2 * PAGE);
	/* 2 areas of 5 pages */
	assert_int_equal(o->class[DRVMEM_PO_VMALLOC].bytes, 2 * 5 * PAGE);
	assert_int_equal(o->class[DRVMEM_PO_MODULE].bytes, o->v[0].direct.bytes);
	assert_int_equal(o->class[DRVMEM_PO_DMA].bytes, o->v[0].dma.bytes);
	drvmem_pageowner__free(o);
	free(text);
}

static void cut_anywhere(void **state)
{
	static const char *const files[] = { "page_owner-6.12.txt", "page_owner_stacks-6.12.txt" };
	static const size_t pieces[] = { 1, 2, 7, 64, 1000 };
	struct drvmem_pageowner *a, *b;
	size_t i, k, len;
	char *text;

	(void)state;
	for (i = 0; i < UNIT_NR(files); i++) {
		text = unit_data(files[i], &len);
		a = parse_in(text, len, SIZE_MAX, UINT64_MAX);
		for (k = 0; k < UNIT_NR(pieces); k++) {
			b = parse_in(text, len, pieces[k], UINT64_MAX);
			assert_int_equal(b->records, a->records);
			assert_memory_equal(b->class, a->class, sizeof(a->class));
			drvmem_pageowner__free(b);
		}
		/* a text that ends too early never has more, and says that it was cut */
		for (k = 1; k < len; k += 97) {
			b = parse_in(text, k, SIZE_MAX, UINT64_MAX);
			assert_true(b->records + b->skipped <= a->records + 1);
			assert_true(b->class[DRVMEM_PO_MODULE].bytes <= a->class[DRVMEM_PO_MODULE].bytes);
			drvmem_pageowner__free(b);
		}
		drvmem_pageowner__free(a);
		free(text);
	}
}

/* mm/page_owner.c of 5.10, 5.15 and 6.1, 6.12: the record's head, and PFN and flags behind it */
static void heads_of_kernels(void **state)
{
	static const struct {
		const char *head;
		bool timed;
	} heads[] = {
		{ "Page allocated via order 1, mask 0xcc0(GFP_KERNEL)\n"
		  "PFN 5 type Unmovable Block 0 type Unmovable Flags 0x1(locked)\n", false },
		{ "Page allocated via order 1, mask 0xcc0(GFP_KERNEL), pid 1, ts 77 ns, free_ts 99 ns\n"
		  "PFN 5 type Unmovable Block 0 type Unmovable Flags 0x1(locked)\n", true },
		{ "Page allocated via order 1, mask 0xcc0(GFP_KERNEL), pid 1, tgid 1 (a b), ts 77 ns, free_ts 99 ns\n"
		  "PFN 5 type Unmovable Block 0 type Unmovable Flags 0x1(locked)\n", true },
		{ "Page allocated via order 1, mask 0xcc0(GFP_KERNEL), pid 1, tgid 1 (x), ts 1 ns), ts 77 ns\n"
		  "PFN 0x5 type Unmovable Block 0 type Unmovable Flags 0x1(locked)\n", true },
	};
	struct drvmem_pageowner *o;
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(heads); i++) {
		snprintf(text, sizeof(text), "%s%sPage has been migrated, last migrate reason: compaction\n"
			 "Charged to memcg /\n\n", heads[i].head, DRIVER);
		o = parse(text);
		assert_int_equal(o->records, 1);
		assert_int_equal(o->timed, heads[i].timed);
		assert_int_equal(o->newest_ns, heads[i].timed ? 77 : 0);
		assert_int_equal(drvmem_pageowner__find(o, "m")->direct.bytes, 2 * PAGE);
		drvmem_pageowner__free(o);
	}
}

/* Class and owner of a stack, innermost function first. */
static void assert_stack(const char *stack, const char *flags, enum drvmem_po_class class, const char *owner)
{
	struct drvmem_pageowner *o;
	char text[4096];

	snprintf(text, sizeof(text), "Page allocated via order 0, mask 0x1(%s), pid 1, ts 2 ns\n"
		 "PFN 5 type Unmovable Block 0 type Unmovable Flags 0x1(locked)\n%s\n", flags, stack);
	o = parse(text);
	assert_int_equal(o->records, 1);
	assert_int_equal(o->class[class].bytes, PAGE);
	assert_int_equal(o->n, owner != NULL);
	if (owner)
		assert_string_equal(o->v[0].name, owner);
	drvmem_pageowner__free(o);
}

#define TAKEN " post_alloc_hook+0x1/0x2\n get_page_from_freelist+0x1/0x2\n __alloc_pages_noprof+0x1/0x2\n"

static void whose_stack(void **state)
{
	(void)state;
	assert_stack(TAKEN " helper+0x1/0x2\n a+0x1/0x2 [inner]\n b+0x1/0x2 [outer]\n", "GFP_KERNEL",
		     DRVMEM_PO_MODULE, "inner");
	assert_stack(TAKEN " a+0x1/0x2 [inner 0123456789abcdef]\n", "GFP_KERNEL", DRVMEM_PO_MODULE, "inner");
	/* a module's function does not mean what one of the kernel's of that name means */
	assert_stack(TAKEN " vmalloc+0x1/0x2 [inner]\n", "GFP_KERNEL", DRVMEM_PO_MODULE, "inner");
	assert_stack(TAKEN " bpf_prog_1+0x1/0x2 [bpf]\n ftrace+0x1/0x2 [__builtin__ftrace]\n a+0x1/0x2 [m]\n",
		     "GFP_KERNEL", DRVMEM_PO_MODULE, "m");
	/* who was interrupted did not ask, nor who waited for memory */
	assert_stack(TAKEN " f+0x1/0x2\n asm_common_interrupt+0x1/0x2\n a+0x1/0x2 [m]\n", "GFP_ATOMIC",
		     DRVMEM_PO_KERNEL, NULL);
	assert_stack(TAKEN " pte_alloc_one+0x1/0x2\n a+0x1/0x2 [m]\n", "GFP_KERNEL", DRVMEM_PO_KERNEL, NULL);
	assert_stack(TAKEN " f+0x1/0x2\n g+0x1/0x2\n", "GFP_KERNEL", DRVMEM_PO_KERNEL, NULL);
	assert_stack(TAKEN " new_slab+0x1/0x2\n a+0x1/0x2 [m]\n", "GFP_KERNEL", DRVMEM_PO_SLAB, NULL);
	assert_stack(TAKEN " pcpu_populate_chunk.isra.0+0x1/0x2\n a+0x1/0x2 [m]\n", "GFP_KERNEL",
		     DRVMEM_PO_PERCPU, NULL);
	assert_stack(TAKEN " __vmalloc_node_range+0x1/0x2\n a+0x1/0x2 [m]\n", "GFP_KERNEL", DRVMEM_PO_VMALLOC, NULL);
	assert_stack(TAKEN " dma_direct_alloc+0x1/0x2\n dma_alloc_attrs+0x1/0x2\n a+0x1/0x2 [m]\n", "GFP_KERNEL",
		     DRVMEM_PO_DMA, "m");
	assert_stack(TAKEN " dma_direct_alloc+0x1/0x2\n f+0x1/0x2\n", "GFP_KERNEL", DRVMEM_PO_DMA, NULL);
	assert_stack(TAKEN " handle_mm_fault+0x1/0x2\n a+0x1/0x2 [m]\n", "GFP_KERNEL", DRVMEM_PO_USER, NULL);
	assert_stack(TAKEN " a+0x1/0x2 [m]\n", "GFP_HIGHUSER_MOVABLE|__GFP_COMP", DRVMEM_PO_USER, NULL);
	assert_stack(TAKEN " a+0x1/0x2 [m]\n", "GFP_TRANSHUGE_LIGHT", DRVMEM_PO_USER, NULL);
	/* a balloon's: bpf/page.bpf.h has the same exception */
	assert_stack(TAKEN " a+0x1/0x2 [m]\n", "GFP_HIGHUSER_MOVABLE|__GFP_NOMEMALLOC", DRVMEM_PO_MODULE, "m");
	assert_stack(TAKEN " a+0x1/0x2 [m]\n", "GFP_USER", DRVMEM_PO_MODULE, "m");
	/* its module is gone, or the kernel tells no names */
	assert_stack(TAKEN " 0xffffffffc03b02b9\n a+0x1/0x2 [m]\n", "GFP_KERNEL", DRVMEM_PO_UNNAMED, NULL);
	assert_stack(" 0xffffffff81000000\n 0xffffffff81000001\n", "GFP_KERNEL", DRVMEM_PO_UNKNOWN, NULL);
	assert_stack("", "", DRVMEM_PO_UNKNOWN, NULL);
}

static void a_stack_that_was_cut(void **state)
{
	char text[2048] = TAKEN;
	struct drvmem_pageowner *o;
	uint32_t i;

	(void)state;
	for (i = 3; i < DRVMEM_PO_DEPTH; i++)
		strcat(text, " f+0x1/0x2\n");
	strcat(text, "nr_base_pages: 7\n\n");
	o = parse(text);
	assert_int_equal(o->class[DRVMEM_PO_KERNEL].bytes, 7 * PAGE);
	assert_int_equal(o->cut_bytes, 7 * PAGE);
	drvmem_pageowner__free(o);
}

static void malformed_is_counted(void **state)
{
	static const char *const bad[] = {
		DRIVER "\n",						/* no count */
		DRIVER "nr_base_pages: -1\n\n",
		DRIVER "nr_base_pages: x\n\n",
		DRIVER "nr_base_pages: 99999999999999999999\n\n",
		DRIVER "nr_base_pages: 1099511627777\n\n",
		"nr_base_pages: 1\n\n",
		DRIVER "nr_base_pages: 1",				/* cut in its last line */
		"Page allocated via order x, mask 0x0()\n" DRIVER "\n",
		"Page allocated via order 64, mask 0x0()\nPFN 1 type a\n" DRIVER "\n",
		"Page allocated via order 0\nPFN 1 type a\n" DRIVER "\n",
		"Page allocated via order 0, mask 0x0()\n" DRIVER "\n",	/* no PFN */
		"Page allocated via order 0, mask 0x0()\nPFN 1 type a\n" DRIVER,	/* no end */
	};
	struct drvmem_pageowner *o;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(bad); i++) {
		o = parse(bad[i]);
		assert_int_equal(o->err, -ENODATA);
		assert_string_equal(o->why, "the file has a form that is not known");
		assert_int_equal(o->records, 0);
		assert_int_equal(o->skipped, 1);
		assert_int_equal(o->n, 0);
		drvmem_pageowner__free(o);
	}
	/* what comes after one is read */
	o = parse(DRIVER "nr_base_pages: x\n\n" DRIVER "nr_base_pages: 2\n\n");
	assert_int_equal(o->err, 0);
	assert_int_equal(o->skipped, 1);
	assert_int_equal(drvmem_pageowner__find(o, "m")->direct.bytes, 2 * PAGE);
	assert_null(drvmem_pageowner__find(o, "mm"));
	drvmem_pageowner__free(o);
	o = parse("Page allocated via order 0, mask 0x0()\nPage allocated via order 1, mask 0x0()\nPFN 1 type a\n"
		  DRIVER "\n");
	assert_int_equal(o->skipped, 1);
	assert_int_equal(o->class[DRVMEM_PO_MODULE].bytes, 2 * PAGE);
	drvmem_pageowner__free(o);
	o = parse("");
	assert_int_equal(o->err, -ENODATA);
	drvmem_pageowner__free(o);
}

static void a_line_without_an_end(void **state)
{
	char *text = malloc(200001);
	struct drvmem_pageowner *o;
	size_t n;

	(void)state;
	n = (size_t)sprintf(text, DRIVER);
	memset(text + n, 'x', 100000);
	strcpy(text + n + 100000, "\nnr_base_pages: 1\n\n" DRIVER "nr_base_pages: 2\n\n");
	o = parse_in(text, strlen(text), 1000, UINT64_MAX);
	assert_int_equal(o->skipped, 1);
	assert_int_equal(o->class[DRVMEM_PO_MODULE].bytes, 2 * PAGE);
	drvmem_pageowner__free(o);
	free(text);
}

static void sums_do_not_wrap(void **state)
{
	static const char one[] = DRIVER "nr_base_pages: 1099511627776\n\n";	/* 2^52 bytes */
	static char text[5000 * (sizeof(one) - 1) + 1];
	struct drvmem_pageowner *o;
	uint32_t i;

	(void)state;
	for (i = 0; i < 5000; i++)
		memcpy(text + i * (sizeof(one) - 1), one, sizeof(one));
	o = parse(text);
	assert_int_equal(o->records, 5000);
	assert_true(o->v[0].direct.bytes == UINT64_MAX);
	drvmem_pageowner__free(o);
}

/* A debugfs of ours. */
static void put(const char *dir, const char *file, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct drvmem_pageowner *read_dir(const char *dir)
{
	const struct drvmem_po_how how = { drvmem_ranges__kind, PAGE, UINT64_MAX };
	struct drvmem_pageowner *o = NULL;

	assert_int_equal(drvmem_pageowner__read(dir, &how, &o), 0);
	return o;
}

static void assert_read(const char *dir, int err, enum drvmem_po_form form, uint64_t pages)
{
	struct drvmem_pageowner *o = read_dir(dir);

	assert_int_equal(o->err, err);
	assert_true(err ? o->why != NULL : o->form == form);
	if (!err)
		assert_int_equal(o->class[DRVMEM_PO_MODULE].bytes, pages * PAGE);
	drvmem_pageowner__free(o);
}

static void which_file(void **state)
{
	char dir[] = "/tmp/drvmem-unit.XXXXXX", path[256];
	static const char record[] = "Page allocated via order 1, mask 0x0()\nPFN 1 type a\n" DRIVER "\n";

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_read(dir, -ENOENT, 0, 0);
	put(dir, "page_owner", record);
	assert_read(dir, 0, DRVMEM_PO_RECORDS, 2);
	snprintf(path, sizeof(path), "%s/page_owner_stacks", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put(dir, "page_owner_stacks/show_stacks", DRIVER "nr_base_pages: 5\n\n");
	assert_read(dir, 0, DRVMEM_PO_STACKS, 5);
	put(dir, "page_owner_stacks/count_threshold", "1\n");
	assert_read(dir, 0, DRVMEM_PO_STACKS, 5);
	/* somebody has small stacks hidden: they would be missing */
	put(dir, "page_owner_stacks/count_threshold", "2\n");
	assert_read(dir, 0, DRVMEM_PO_RECORDS, 2);
	put(dir, "page_owner_stacks/count_threshold", "0\n");
	/* 6.9 counts blocks of any size */
	put(dir, "page_owner_stacks/show_stacks", DRIVER "stack_count: 5\n\n");
	assert_read(dir, 0, DRVMEM_PO_RECORDS, 2);
	put(dir, "page_owner_stacks/show_stacks", "hello\n");
	assert_read(dir, -ENODATA, 0, 0);
	unlink(path);
	snprintf(path, sizeof(path), "%s/page_owner_stacks/show_stacks", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/page_owner_stacks/count_threshold", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/page_owner_stacks", dir);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/page_owner", dir);
	unlink(path);
	/* a directory in its place: read fails, open does not */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_read(dir, -EISDIR, 0, 0);
	rmdir(path);
	rmdir(dir);
}

/* ---- beside tracing */

static struct drvmem_baseline *baseline(const char *text)
{
	struct drvmem_baseline *b = drvmem_baseline__new();

	assert_non_null(b);
	b->pages = parse(text);
	return b;
}

static char *json_of(const struct drvmem_snapshot *s, const struct drvmem_baseline *b, size_t *len)
{
	return fix_text(len, ({
		struct drvmem_json w;

		drvmem_json__init(&w, out);
		drvmem_json__begin_object(&w);
		if (b)
			drvmem_json__baseline(&w, b);
		assert_int_equal(drvmem_json__exact(&w, s), 0);
		drvmem_json__end_object(&w);
	}));
}

/* A site of the machine becomes one of pages that this instance took. */
static void take_pages(struct drvmem_snapshot *s, uint32_t site, uint16_t instance, int64_t bytes)
{
	s->sites[site].allocator = DRVMEM_ALLOC_PAGE;
	s->sites[site].innermost = instance;
	s->sites[site].direct = DRVMEM_MOD_KERNEL;
	s->sites[site].c.held_bytes = bytes;
}

static uint16_t instance_of(const struct drvmem_snapshot *s, const char *name)
{
	uint16_t i;

	for (i = 0; i < s->nr_instances && strcmp(s->instances[i].name, name); i++)
		;
	assert_true(i < s->nr_instances);
	return i;
}

static const char then_text[] = TAKEN " a+0x1/0x2 [e1000e]\nnr_base_pages: 5\n\n"
				TAKEN " a+0x1/0x2 [old]\nnr_base_pages: 3\n\n";
static const char now_text[] = TAKEN " a+0x1/0x2 [e1000e]\nnr_base_pages: 7\n\n"
			       TAKEN " dma_alloc_attrs+0x1/0x2\n a+0x1/0x2 [e1000e]\nnr_base_pages: 4\n\n"
			       TAKEN " a+0x1/0x2 [new]\nnr_base_pages: 1\n\n";

static void pages_beside_tracing(void **state)
{
	static const struct drvmem_text_opts o = { 0 };
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_baseline *b = baseline(then_text);
	struct drvmem_pageowner *now = parse(now_text);
	struct drvmem_exact_row *rows;
	uint32_t n;
	size_t len;
	char *text;

	(void)state;
	s->meta.traced = 1u << DRVMEM_ALLOC_PAGE | 1u << DRVMEM_ALLOC_DMA;
	take_pages(s, 0, instance_of(s, "e1000e"), 2 * PAGE);
	assert_int_equal(drvmem_baseline__pages(b, now, s), 0);
	assert_null(s->pages_why);
	assert_int_equal(drvmem_exact__compare_pages(s, &rows, &n), 0);
	assert_int_equal(n, 3);
	assert_string_equal(rows[0].owner, "old");
	assert_int_equal(rows[0].since_bytes, -3 * (int64_t)PAGE);
	assert_string_equal(rows[1].owner, "new");
	assert_int_equal(drvmem_exact_row__difference(&rows[1]), -(int64_t)PAGE);
	assert_string_equal(rows[2].owner, "e1000e");
	assert_int_equal(rows[2].since_bytes, 2 * PAGE);
	assert_int_equal(drvmem_exact_row__difference(&rows[2]), 0);
	free(rows);
	text = fix_text(&len, assert_int_equal(drvmem_text__exact(s, &o, out), 0));
	assert_non_null(strstr(text, "PAGES SINCE THE START"));
	assert_non_null(strstr(text, "PAGE_OWNER"));
	free(text);
	text = json_of(s, NULL, &len);
	assert_true(json_is_valid(text, len));
	assert_non_null(strstr(text, "\"page_owner\":["));
	assert_non_null(strstr(text, "{\"owner\":\"e1000e\",\"since_bytes\":8192,\"traced_bytes\":8192,"
				     "\"difference_bytes\":0}"));
	free(text);
	drvmem_pageowner__free(now);
	drvmem_baseline__free(b);
	drvmem_snapshot__free(s);
}

/* Without DMA traced its pages are pages; a module that page_owner has no name of is a row too. */
static void pages_of_others(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_baseline *b = baseline(TAKEN " a+0x1/0x2 [x]\nnr_base_pages: 5\n\n");
	struct drvmem_pageowner *now = parse(now_text);
	struct drvmem_exact_row *rows;
	uint32_t n, i;

	(void)state;
	s->meta.traced = 1u << DRVMEM_ALLOC_PAGE;
	assert_int_equal(drvmem_baseline__pages(b, now, s), 0);
	for (i = 0; i < s->nr_pages; i++)
		if (!strcmp(s->pages[i].owner, "e1000e"))
			assert_int_equal(s->pages[i].now_bytes, (7 + 4) * PAGE);
	s->nr_pages = 0;
	take_pages(s, 0, instance_of(s, "e1000e"), 3 * PAGE);
	assert_int_equal(drvmem_exact__compare_pages(s, &rows, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].owner, "e1000e");
	assert_int_equal(rows[0].since_bytes, 0);
	assert_int_equal(rows[0].traced_bytes, 3 * PAGE);
	free(rows);
	/* stacks are not walked: the module of the call site is all that is known */
	s->meta.owner_policy = DRVMEM_OWNER_DIRECT;
	assert_int_equal(drvmem_exact__compare_pages(s, &rows, &n), 0);
	assert_int_equal(n, 0);
	free(rows);
	drvmem_pageowner__free(now);
	drvmem_baseline__free(b);
	drvmem_snapshot__free(s);
}

/* Records that tell when: what was taken since, whatever of before was freed. */
static void newer_records(void **state)
{
#define RECORD(ts) "Page allocated via order 0, mask 0x0(), pid 1, ts " ts " ns\nPFN 1 type a\n" \
		   TAKEN " a+0x1/0x2 [m]\n\n"
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_baseline *b = baseline(RECORD("10") RECORD("20") RECORD("15"));
	static const char later[] = RECORD("10") RECORD("21") RECORD("30");
	struct drvmem_pageowner *now;

	(void)state;
	s->meta.traced = 1u << DRVMEM_ALLOC_PAGE | 1u << DRVMEM_ALLOC_DMA;
	assert_int_equal(b->pages->newest_ns, 20);
	now = parse_in(later, sizeof(later) - 1, SIZE_MAX, b->pages->newest_ns);
	assert_int_equal(drvmem_baseline__pages(b, now, s), 0);
	assert_int_equal(s->nr_pages, 1);
	assert_int_equal(s->pages[0].then_bytes, 0);
	assert_int_equal(s->pages[0].now_bytes, 2 * PAGE);
	drvmem_pageowner__free(now);
	drvmem_baseline__free(b);
	drvmem_snapshot__free(s);
}

static void assert_why(struct drvmem_snapshot *s, const struct drvmem_baseline *b, struct drvmem_pageowner *now,
		       const char *why)
{
	static const struct drvmem_text_opts o = { 0 };
	char *text;
	size_t len;

	assert_int_equal(drvmem_baseline__pages(b, now, s), 0);
	assert_string_equal(s->pages_why, why);
	assert_null(s->pages);
	text = json_of(s, NULL, &len);
	assert_true(json_is_valid(text, len));
	assert_non_null(strstr(text, "\"page_owner\":null,\"page_owner_reason\":\""));
	assert_non_null(strstr(text, why));
	free(text);
	text = fix_text(&len, assert_int_equal(drvmem_text__exact(s, &o, out), 0));
	assert_non_null(strstr(text, why));
	free(text);
}

static void not_compared(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_baseline *b = baseline(then_text);
	struct drvmem_pageowner *now = parse(RECORD("1"));

	(void)state;
	s->meta.traced = 1u << DRVMEM_ALLOC_DMA;
	assert_why(s, b, now, "direct pages are not traced in this session");
	s->meta.traced |= 1u << DRVMEM_ALLOC_PAGE;
	s->meta.only = true;
	assert_why(s, b, now, "only some owners or sizes were traced");
	s->meta.only = false;
	s->meta.sampled = true;
	assert_why(s, b, now, "sampled: what was traced is an estimate");
	s->meta.sampled = false;
	assert_why(s, b, now, "the two readings are of different files");
	drvmem_pageowner__free(now);
	now = parse("");
	assert_why(s, b, now, "the file has a form that is not known");
	drvmem_pageowner__free(now);
	drvmem_baseline__free(b);
	drvmem_snapshot__free(s);
}

static void shown_in_the_baseline(void **state)
{
	static const char meminfo[] = "SReclaimable: 1 kB\nSUnreclaim: 1 kB\n", mods[] = "e1000e 4096 0 - Live 0x0\n";
	struct drvmem_baseline_in in = { .meminfo = { meminfo, sizeof(meminfo) - 1, 0 },
					 .modules = { mods, sizeof(mods) - 1, 0 }, .page_size = PAGE };
	static const struct drvmem_text_opts o = { 0 };
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_baseline *b = NULL;
	size_t len;
	char *text;

	(void)state;
	in.vmallocinfo.err = in.slabinfo.err = in.allocinfo.err = -ENOENT;
	in.pages = parse(now_text);
	assert_int_equal(drvmem_baseline__make(&in, &b), 0);
	s->baseline = b;
	text = fix_text(&len, assert_int_equal(drvmem_text__baseline(s, 0, &o, out), 0));
	assert_non_null(strstr(text, "PAGES"));
	assert_non_null(strstr(text, "\npage_owner 32.0Ki that modules took; beside them dma 16.0Ki\n"));
	free(text);
	text = json_of(s, b, &len);
	assert_true(json_is_valid(text, len));
	assert_non_null(strstr(text, "\"source\":\"show_stacks\",\"classes\":{\"module\":{\"bytes\":32768,"
				     "\"blocks\":null,\"blocks_reason\":\"show_stacks tells pages, not blocks\"}"));
	assert_non_null(strstr(text, "\"page_owner_bytes\":28672,\"page_owner_blocks\":null"));
	assert_non_null(strstr(text, "\"page_owner_dma_bytes\":16384"));
	free(text);
	b->pages->err = -EACCES;
	b->pages->why = "permission denied";
	text = fix_text(&len, assert_int_equal(drvmem_text__baseline(s, 0, &o, out), 0));
	assert_non_null(strstr(text, "\npage_owner -: permission denied\n"));
	free(text);
	text = json_of(s, b, &len);
	assert_true(json_is_valid(text, len));
	assert_non_null(strstr(text, "\"page_owner\":null,\"page_owner_reason\":\"permission denied\""));
	assert_non_null(strstr(text, "\"page_owner_bytes\":null,\"page_owner_bytes_reason\":\"permission denied\""));
	free(text);
	drvmem_snapshot__free(s);
	drvmem_baseline__free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_by_class),
		cmocka_unit_test(stacks_by_class),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(heads_of_kernels),
		cmocka_unit_test(whose_stack),
		cmocka_unit_test(a_stack_that_was_cut),
		cmocka_unit_test(malformed_is_counted),
		cmocka_unit_test(a_line_without_an_end),
		cmocka_unit_test(sums_do_not_wrap),
		cmocka_unit_test(which_file),
		cmocka_unit_test(pages_beside_tracing),
		cmocka_unit_test(pages_of_others),
		cmocka_unit_test(newer_records),
		cmocka_unit_test(not_compared),
		cmocka_unit_test(shown_in_the_baseline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
