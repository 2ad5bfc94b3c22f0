// SPDX-License-Identifier: GPL-2.0-or-later
/* The profile view: totals to the byte, what is known of callers, where frames lie. */
#include "jsoncheck.h"
#include "profilefixture.h"

#include "render/json.h"
#include "render/where.h"
#include "view/report.h"

#include "view/report.h"

static int64_t number(const struct drvmem_grid *g, uint32_t row, const char *key)
{
	const struct drvmem_cell *c = drvmem_grid__cell(g, row, key);

	assert_non_null(c);
	return c->type == DRVMEM_CELL_I64 ? c->i : (int64_t)c->u;
}

/* Samples add up to the profile's totals, and these are the report's. */
static void expect_totals(struct drvmem_scope *v, enum drvmem_callers callers)
{
	struct drvmem_report_opts o = { DRVMEM_BY_OWNER, DRVMEM_SORT_LIVE, 0 };
	struct drvmem_profile *p = fix_profile(v, callers);
	int64_t sum[DRVMEM_NR_PROFILE_VALUES] = { 0 };
	struct drvmem_grid *g = NULL;
	struct drvmem_sum all;
	uint32_t i, j;

	for (i = 0; i < p->nr_samples; i++)
		for (j = 0; j < DRVMEM_NR_PROFILE_VALUES; j++)
			sum[j] += p->samples[i].value[j];
	for (j = 0; j < DRVMEM_NR_PROFILE_VALUES; j++)
		assert_int_equal(sum[j], p->total[j]);
	assert_int_equal(drvmem_report__build(v, &o, &g), 0);
	assert_int_equal(g->rows[g->nr_rows - 1].kind, DRVMEM_ROW_TOTAL);
	assert_int_equal(sum[DRVMEM_PROFILE_INUSE_SPACE], number(g, g->nr_rows - 1, "live_bytes"));
	assert_int_equal(sum[DRVMEM_PROFILE_INUSE_OBJECTS], number(g, g->nr_rows - 1, "live_objects"));
	assert_int_equal(sum[DRVMEM_PROFILE_ALLOC_OBJECTS], number(g, g->nr_rows - 1, "allocs"));
	drvmem_scope__sum(v, v->by_owner, v->nr_kept, &all);
	assert_int_equal(sum[DRVMEM_PROFILE_ALLOC_SPACE], all.c.alloc_bytes);
	drvmem_grid__free(g);
	drvmem_profile__free(p);
}

static void totals_are_the_reports(void **state)
{
	struct drvmem_snapshot *s[] = { fix_machine(), fix_sampled(), fix_profiled(), fix_new() };
	struct drvmem_strlist owners = { .v = { "e1000*" }, .n = 1 };
	struct drvmem_filter f = { .owners = &owners };
	struct drvmem_scope *v;
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_NR(s); i++) {
		v = fix_scope(NULL, s[i], NULL);
		expect_totals(v, DRVMEM_CALLERS_KNOWN);
		expect_totals(v, DRVMEM_CALLERS_ESTIMATED);
		drvmem_scope__free(v);
		v = fix_scope(NULL, s[i], &f);
		expect_totals(v, DRVMEM_CALLERS_KNOWN);
		expect_totals(v, DRVMEM_CALLERS_ESTIMATED);
		drvmem_scope__free(v);
		drvmem_snapshot__free(s[i]);
	}
}

/* Samples of a site. */
static uint32_t samples_of(const struct drvmem_profile *p, const char *site, const struct drvmem_profile_sample **ret)
{
	uint32_t i, n = 0;

	for (i = 0; i < p->nr_samples; i++)
		if (!strcmp(p->samples[i].site, site))
			ret[n++] = &p->samples[i];
	return n;
}

static void expect_stack(const struct drvmem_profile *p, const struct drvmem_profile_sample *k, const char *want)
{
	char *text = fix_text(NULL, ({
		for (uint32_t i = 0; i < k->nr; i++)
			fprintf(out, "%s%s", i ? " " : "", drvmem_profile__function(p, k, i)->name);
	}));

	assert_string_equal(text, want);
	free(text);
}

static void callers_that_differ_are_not_told(void **state)
{
	struct drvmem_snapshot *s = fix_profiled();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_profile *p = fix_profile(v, DRVMEM_CALLERS_KNOWN);
	const struct drvmem_profile_sample *k[8];

	(void)state;
	assert_int_equal(samples_of(p, "e1000_probe+0x10", k), 1);
	assert_int_equal(k[0]->basis, DRVMEM_BASIS_DIFFER);
	expect_stack(p, k[0], "really_probe pci_device_probe e1000_probe");
	assert_string_equal(drvmem_profile__note(k[0]), "[callers differ]");
	assert_int_equal(k[0]->value[DRVMEM_PROFILE_INUSE_SPACE], 264);
	/* two stacks that are the same */
	assert_int_equal(samples_of(p, "e1000_open+0x1f", k), 1);
	assert_int_equal(k[0]->basis, DRVMEM_BASIS_SAMPLED);
	expect_stack(p, k[0], "entry_SYSCALL_64_after_hwframe vfs_write e1000_open");
	assert_null(drvmem_profile__note(k[0]));
	assert_int_equal(samples_of(p, "nvme_setup_cmd+0x4c", k), 1);
	assert_int_equal(k[0]->basis, DRVMEM_BASIS_NONE);
	expect_stack(p, k[0], "nvme_setup_cmd");
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void estimated_callers_are_marked(void **state)
{
	struct drvmem_snapshot *s = fix_profiled();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_profile *p = fix_profile(v, DRVMEM_CALLERS_ESTIMATED);
	const struct drvmem_profile_sample *k[8];

	(void)state;
	/* two stacks that are the same need no division */
	assert_int_equal(samples_of(p, "e1000_open+0x1f", k), 1);
	assert_int_equal(k[0]->basis, DRVMEM_BASIS_SAMPLED);
	assert_int_equal(samples_of(p, "e1000_probe+0x10", k), 2);
	assert_int_equal(k[0]->basis, DRVMEM_BASIS_ESTIMATED);
	expect_stack(p, k[0], "bind_store really_probe pci_device_probe e1000_probe");
	expect_stack(p, k[1], "driver_attach really_probe pci_device_probe e1000_probe");
	/* 264 by 2 to 5 */
	assert_int_equal(k[0]->value[DRVMEM_PROFILE_INUSE_SPACE], 76);
	assert_int_equal(k[1]->value[DRVMEM_PROFILE_INUSE_SPACE], 188);
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void full_stacks_are_exact(void **state)
{
	struct drvmem_snapshot *s = fix_profiled();
	struct drvmem_scope *v;
	struct drvmem_profile *p;
	const struct drvmem_profile_sample *k[8];

	(void)state;
	s->meta.full_stacks = true;
	v = fix_scope(NULL, s, NULL);
	p = fix_profile(v, DRVMEM_CALLERS_ESTIMATED);
	assert_int_equal(samples_of(p, "__alloc_skb+0x8c", k), 1);
	assert_int_equal(k[0]->basis, DRVMEM_BASIS_EXACT);
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void labels_of_samples(void **state)
{
	struct drvmem_snapshot *s = fix_profiled();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_profile *p = fix_profile(v, DRVMEM_CALLERS_KNOWN);
	const struct drvmem_profile_sample *k[8];

	(void)state;
	assert_int_equal(samples_of(p, "e1000_setup_tx+0x33", k), 1);
	assert_string_equal(k[0]->allocator, "dma");
	assert_string_equal(k[0]->device, "0000:00:1f.6");
	assert_null(k[0]->cache);
	assert_string_equal(k[0]->owner, "e1000e#7");
	assert_int_equal(samples_of(p, "__alloc_skb+0x8c", k), 1);
	assert_string_equal(k[0]->cache, "skbuff_head_cache");
	assert_true(k[0]->upper_bound);
	/* a mapping is in no sum */
	assert_int_equal(samples_of(p, "e1000_tx_map+0x5", k), 0);
	/* all that was taken was given back: of interest by what was allocated */
	assert_int_equal(samples_of(p, "getname_flags+0x4e", k), 1);
	assert_int_equal(k[0]->value[DRVMEM_PROFILE_INUSE_SPACE], 0);
	assert_int_equal(samples_of(p, "semi;colon\n+0x8", k), 1);
	assert_int_equal(k[0]->value[DRVMEM_PROFILE_INUSE_SPACE], -32);
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static const struct drvmem_profile_frame *frame(const struct drvmem_profile *p, const char *function)
{
	uint32_t i;

	for (i = 0; i < p->nr_frames; i++)
		if (!strcmp(p->functions[p->frames[i].function].name, function))
			return &p->frames[i];
	fail_msg("no frame %s", function);
	return NULL;
}

static const struct drvmem_profile_image *image(const struct drvmem_profile *p, const struct drvmem_profile_frame *f)
{
	return &p->images[p->functions[f->function].image];
}

/* Two places in one function are two frames of it. */
static void functions_are_kept_once(void **state)
{
	struct drvmem_snapshot *s = fix_profiled();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_profile *p = fix_profile(v, DRVMEM_CALLERS_KNOWN);
	uint32_t i, j, frames = 0, functions = 0;

	(void)state;
	for (i = 0; i < p->nr_functions; i++) {
		for (j = 0; j < i; j++)
			assert_true(strcmp(p->functions[i].name, p->functions[j].name) ||
				    p->functions[i].image != p->functions[j].image);
		functions += !strcmp(p->functions[i].name, "__alloc_skb");
	}
	for (i = 0; i < p->nr_frames; i++)
		frames += !strcmp(p->functions[p->frames[i].function].name, "__alloc_skb");
	assert_int_equal(functions, 1);
	assert_int_equal(frames, 2);
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void frames_lie_in_images(void **state)
{
	struct drvmem_snapshot *s = fix_profiled();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_profile *p = fix_profile(v, DRVMEM_CALLERS_ESTIMATED);
	const struct drvmem_profile_frame *f = frame(p, "e1000_probe");
	uint32_t i;

	(void)state;
	assert_string_equal(p->images[0].name, "kernel");
	assert_string_equal(p->images[0].build_id, "fedcba9876543210fedcba9876543210fedcba98");
	assert_string_equal(p->functions[f->function].module, "e1000e");
	assert_string_equal(image(p, f)->name, "e1000e");
	assert_string_equal(image(p, f)->build_id, "0123456789abcdef0123456789abcdef01234567");
	assert_int_equal(image(p, f)->text_bytes, 0x8000);
	assert_int_equal(f->offset, 0x110);
	f = frame(p, "bind_store");
	assert_null(p->functions[f->function].module);
	assert_ptr_equal(image(p, f), p->images);
	assert_int_equal(f->offset, 0x5077);
	/* its address is not known */
	assert_int_equal(frame(p, "vfs_write")->offset, 0);
	/* a module that the owner is not */
	f = frame(p, "usb_alloc_urb");
	assert_string_equal(image(p, f)->name, "usbcore");
	assert_string_equal(image(p, f)->build_id, "");
	for (i = 0; i < p->nr_frames; i++)
		assert_true(p->frames[i].offset < UINT64_C(1) << 32);
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* The text of a frame, and what becomes of it. */
static void expect_frame(const char *text, const char *function, const char *module)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t k64 = fix_cache(s, "kmalloc-64", 64, false);
	struct drvmem_profile *p;
	struct drvmem_scope *v;

	fix_site(s, 0, k64, text, 1, 0, 64);
	v = fix_scope(NULL, s, NULL);
	p = fix_profile(v, DRVMEM_CALLERS_KNOWN);
	assert_int_equal(p->nr_frames, 1);
	assert_int_equal(p->nr_functions, 1);
	assert_string_equal(p->functions[0].name, function);
	if (module)
		assert_string_equal(p->functions[0].module, module);
	else
		assert_null(p->functions[0].module);
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

static void texts_of_frames(void **state)
{
	(void)state;
	expect_frame("vfs_write+0xc4", "vfs_write", NULL);
	expect_frame("mas_new_ma_node.isra.0+0x1", "mas_new_ma_node.isra.0", NULL);
	expect_frame("f+0x1 [m]", "f", "m");
	expect_frame("[nvme]+0x12", "[nvme]+0x12", "nvme");
	expect_frame("0xffffffff81000010", "0xffffffff81000010", NULL);
	expect_frame("(site table full)", "(site table full)", NULL);
	expect_frame("+0x12", "+0x12", NULL);
	expect_frame("[", "[", NULL);
	expect_frame("", "?", NULL);
	expect_frame("a [", "a [", NULL);
}

static bool says(const struct drvmem_profile *p, const char *text)
{
	uint32_t i;

	for (i = 0; i < p->nr_comments; i++)
		if (strstr(p->comments[i], text))
			return true;
	return false;
}

static void comments_tell_what_is_not_known(void **state)
{
	struct drvmem_strlist owners = { .v = { "nvme" }, .n = 1 };
	struct drvmem_filter f = { .owners = &owners };
	struct drvmem_snapshot *s = fix_sampled();
	struct drvmem_profile *p;
	struct drvmem_scope *v;

	(void)state;
	s->loss.table_full = 12;
	fix_walk_differed(s);
	v = fix_scope(NULL, s, NULL);
	p = fix_profile(v, DRVMEM_CALLERS_KNOWN);
	assert_true(says(p, "at least 12 events were lost"));
	assert_true(says(p, "one point in 4096 bytes on average: values are estimates; every object from the start, "
			    "one point in 4.0Ki bytes from 2.0s on"));
	/* the row TOTAL of report-sampled.csv */
	assert_true(says(p, "the truth is within: alloc_objects 7232 ± 500, alloc_space "));
	assert_true(says(p, ", inuse_objects 690 ± 154, inuse_space 136724 ± 31647"));
	assert_int_equal(p->period_bytes, 4096);
	assert_true(says(p, "in use is an upper bound in 1 of 8 samples"));
	assert_true(says(p, "only what they have in common"));
	assert_true(says(p, "not seen: objects older than the session"));
	assert_true(says(p, "1 of 4 compared walks of stacks differed"));
	assert_false(says(p, "filtered"));
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	v = fix_scope(NULL, s, &f);
	p = fix_profile(v, DRVMEM_CALLERS_ESTIMATED);
	assert_true(says(p, "filtered: 1 of 8 call sites"));
	assert_true(says(p, "divided by the number of samples"));
	drvmem_profile__free(p);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

/* A generator that is the same everywhere. */
static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void shares_add_up(void **state)
{
	uint64_t seed = 88172645463325252ull, weight[17], all;
	int64_t parts[17], value, sum;
	uint32_t round, n, i;
	long double share;

	(void)state;
	for (round = 0; round < 20000; round++) {
		n = 1 + (uint32_t)(next(&seed) % 17);
		value = (int64_t)(next(&seed) >> (16 + next(&seed) % 48));	/* what a long double is exact for */
		value = round % 2 ? -value : value;
		for (i = 0, all = 0; i < n; i++) {
			weight[i] = next(&seed) >> (8 + next(&seed) % 56);
			all += weight[i];
		}
		if (!all)
			weight[0] = all = 1;
		drvmem_apportion(value, weight, n, parts);
		for (i = 0, sum = 0; i < n; i++) {
			share = (long double)value * weight[i] / all;
			assert_true(parts[i] > share - 1.001L && parts[i] < share + 1.001L);
			sum += parts[i];
		}
		assert_int_equal(sum, value);
	}
}

/* The table and JSON of a report with lines that were looked up. */
static void lines_in_reports(void **state)
{
	static const struct drvmem_text_opts plain = { .utf8 = true };
	const struct drvmem_report_opts by = { .by = DRVMEM_BY_STACK };
	struct drvmem_snapshot *s = fix_profiled();
	struct drvmem_scope *v = fix_scope(NULL, s, NULL);
	struct drvmem_grid *g = NULL;
	uint32_t i, n = 0;
	char *text;
	size_t len;

	(void)state;
	fix_places(v);
	assert_int_equal(drvmem_report__build(v, &by, &g), 0);
	for (i = 0; i < g->nr_rows; i++)
		if (drvmem_grid__cell(g, i, "place")->type != DRVMEM_CELL_BLANK) {
			assert_string_equal(drvmem_grid__cell(g, i, "place")->s, "drivers/net/netdev.c:7301");
			assert_memory_equal(drvmem_grid__cell(g, i, "name")->s, "e1000_probe+0x10", 16);
			n++;
		}
	assert_int_equal(n, 3);	/* the site, and its frame in both stacks */
	drvmem_grid__free(g);
	text = fix_text(&len, assert_int_equal(drvmem_json__report(v, out), 0));
	assert_true(json_is_valid(text, len));
	assert_non_null(strstr(text, "\"file\":\"drivers/net/netdev.c\",\"line\":7301,\"directory\":\"/build\",\"inlines\":[{"));
	assert_non_null(strstr(text, "\"image\":\"vmlinux\",\"build_id\":\"fedcba9876543210fedcba9876543210fedcba98\",\"file\":null"));
	free(text);
	text = fix_text(&len, drvmem_text__debug_files(v, NULL, &plain, out));
	fix_golden("debug-files.txt", text, len);
	free(text);
	text = fix_text(&len, drvmem_text__debug_files(v, v, &plain, out));
	assert_int_equal(len, 0);	/* once is enough */
	free(text);
	drvmem_scope__free(v);
	drvmem_snapshot__free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_in_reports),
		cmocka_unit_test(totals_are_the_reports),
		cmocka_unit_test(callers_that_differ_are_not_told),
		cmocka_unit_test(estimated_callers_are_marked),
		cmocka_unit_test(full_stacks_are_exact),
		cmocka_unit_test(labels_of_samples),
		cmocka_unit_test(functions_are_kept_once),
		cmocka_unit_test(frames_lie_in_images),
		cmocka_unit_test(texts_of_frames),
		cmocka_unit_test(comments_tell_what_is_not_known),
		cmocka_unit_test(shares_add_up),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
