// SPDX-License-Identifier: GPL-2.0-or-later
#include "fixture.h"

#include "model/filter.h"

struct lists {
	struct drvmem_strlist owners, caches, sites;
};

/* Sites that are kept, as one text "a b ". */
static char *kept(const struct drvmem_snapshot *s, const char *owners, const char *caches,
		  const char *sites, int want_check)
{
	struct lists l = { 0 };
	struct drvmem_filter f = { &l.owners, &l.caches, &l.sites };
	struct drvmem_err err = { 0 };
	bool *keep = NULL;
	char *text;

	if (owners)
		assert_int_equal(drvmem_strlist__add(&l.owners, owners), 0);
	if (caches)
		assert_int_equal(drvmem_strlist__add(&l.caches, caches), 0);
	if (sites)
		assert_int_equal(drvmem_strlist__add(&l.sites, sites), 0);
	assert_int_equal(drvmem_filter__parse_check(&f, &err), 0);
	assert_int_equal(drvmem_filter__apply(&f, s, &keep), 0);
	assert_int_equal(drvmem_filter__check(&f, s, &err), want_check);
	assert_int_equal(err.exit, want_check ? DRVMEM_EXIT_USAGE : 0);
	text = fix_text(NULL, ({
		for (uint32_t i = 0; i < s->nr_sites; i++)
			if (keep[i])
				fprintf(out, "%s ", s->sites[i].site);
	}));
	free(keep);
	drvmem_strlist__deinit(&l.owners);
	drvmem_strlist__deinit(&l.caches);
	drvmem_strlist__deinit(&l.sites);
	return text;
}

static void globs(void **state)
{
	static const struct {
		const char *owners, *caches, *sites, *want;
	} c[] = {
		{ "nvme", NULL, NULL, "nvme_setup_cmd+0x4c " },
		{ "e1000*", NULL, NULL, "e1000_open+0x1f usb_alloc_urb+0x2a e1000_probe+0x10 " },
		{ "e1000e", NULL, NULL, "e1000_open+0x1f usb_alloc_urb+0x2a e1000_probe+0x10 " },
		{ "e1000e#7", NULL, NULL, "e1000_probe+0x10 " },
		{ "nvme,drvmem", NULL, NULL, "nvme_setup_cmd+0x4c bpf_map_alloc+0x1 " },
		{ "kernel", NULL, NULL, "__alloc_skb+0x8c __alloc_skb+0xd0 getname_flags+0x4e " },
		{ "kernel:net/core", NULL, NULL, "__alloc_skb+0x8c __alloc_skb+0xd0 " },
		{ NULL, "skb*", NULL, "__alloc_skb+0x8c " },
		{ NULL, "merged-*", NULL, "__alloc_skb+0x8c " },
		{ NULL, NULL, "__alloc_skb", "__alloc_skb+0x8c __alloc_skb+0xd0 " },
		{ NULL, NULL, "__alloc_skb+0xd0", "__alloc_skb+0xd0 " },
		{ "kernel", "kmalloc-*", "__alloc*", "__alloc_skb+0xd0 " },
		{ "nvme", "kmalloc-64", NULL, "" },	/* each known, together nothing: no error */
	};
	struct drvmem_snapshot *s = fix_machine();
	char *text;

	(void)state;
	s->caches[2].aliases = drvmem_snapshot__str(s, "other, merged-one,x");
	for (size_t i = 0; i < UNIT_NR(c); i++) {
		text = kept(s, c[i].owners, c[i].caches, c[i].sites, 0);
		assert_string_equal(text, c[i].want);
		free(text);
	}
	drvmem_snapshot__free(s);
}

static void a_dash_in_a_module_name_is_an_underscore(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	char *text;

	(void)state;
	fix_cache(s, "c", 64, false);
	fix_site(s, fix_module(s, "snd_hda_intel", 1, 0), 0, "f", 1, 0, 1);
	text = kept(s, "snd-hda-*", NULL, NULL, 0);
	assert_string_equal(text, "f ");
	free(text);
	drvmem_snapshot__free(s);
}

static void what_fits_nothing_is_named(void **state)
{
	static const struct {
		const char *owners, *caches, *sites, *what;
	} c[] = {
		{ "nvme,e100", NULL, NULL, "no owner matches 'e100'" },
		{ NULL, "dentry", NULL, "no cache matches 'dentry'" },
		{ NULL, NULL, "nvme_*_x", "no call site matches 'nvme_*_x'" },
	};
	struct drvmem_snapshot *s = fix_machine();

	(void)state;
	for (size_t i = 0; i < UNIT_NR(c); i++) {
		struct lists l = { 0 };
		struct drvmem_filter f = { &l.owners, &l.caches, &l.sites };
		struct drvmem_err err = { 0 };

		if (c[i].owners)
			assert_int_equal(drvmem_strlist__add(&l.owners, c[i].owners), 0);
		if (c[i].caches)
			assert_int_equal(drvmem_strlist__add(&l.caches, c[i].caches), 0);
		if (c[i].sites)
			assert_int_equal(drvmem_strlist__add(&l.sites, c[i].sites), 0);
		assert_int_equal(drvmem_filter__check(&f, s, &err), -ENOENT);
		assert_string_equal(err.what, c[i].what);
		assert_int_equal(err.exit, DRVMEM_EXIT_USAGE);
		assert_true(err.remedy[0]);
		drvmem_strlist__deinit(&l.owners);
		drvmem_strlist__deinit(&l.caches);
		drvmem_strlist__deinit(&l.sites);
	}
	drvmem_snapshot__free(s);
}

/* A loaded module that allocated nothing is known: the report is empty, not an error. */
static void an_idle_module_is_known(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	char *text;

	(void)state;
	fix_module(s, "idle", 20, 0);
	text = kept(s, "idle", NULL, NULL, 0);
	assert_string_equal(text, "");
	free(text);
	drvmem_snapshot__free(s);
}

static void no_filter_keeps_all(void **state)
{
	struct drvmem_snapshot *s = fix_machine();
	struct drvmem_filter none = { 0 };
	bool *keep = NULL;

	(void)state;
	assert_int_equal(drvmem_filter__apply(NULL, s, &keep), 0);
	assert_true(keep[0] && keep[s->nr_sites - 1]);
	free(keep);
	assert_int_equal(drvmem_filter__apply(&none, s, &keep), 0);
	assert_true(keep[0] && keep[s->nr_sites - 1]);
	free(keep);
	assert_int_equal(drvmem_filter__check(NULL, s, NULL), 0);
	assert_int_equal(drvmem_filter__check(&none, s, NULL), 0);
	drvmem_snapshot__free(s);
}

static void patterns_that_cannot_be_meant(void **state)
{
	struct lists l = { 0 };
	struct drvmem_filter f = { &l.owners, &l.caches, &l.sites };
	struct drvmem_err err = { 0 };

	(void)state;
	assert_int_equal(drvmem_strlist__add(&l.sites, "unix_[a"), 0);
	assert_int_equal(drvmem_filter__parse_check(&f, &err), -EINVAL);
	assert_string_equal(err.what, "'unix_[a' is not a pattern for sites");
	assert_int_equal(err.exit, DRVMEM_EXIT_USAGE);
	drvmem_strlist__deinit(&l.sites);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs),
		cmocka_unit_test(a_dash_in_a_module_name_is_an_underscore),
		cmocka_unit_test(what_fits_nothing_is_named),
		cmocka_unit_test(an_idle_module_is_known),
		cmocka_unit_test(no_filter_keeps_all),
		cmocka_unit_test(patterns_that_cannot_be_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
