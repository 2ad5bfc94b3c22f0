// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "render/complete.h"
#include "render/man.h"
#include "render/roff.h"

struct opts {
	bool quiet;
	const char *file, *time;
	uint64_t size;
	int form;
	struct drvmem_strlist modules;
};

static const char *const forms[] = { "text", "json", NULL };
static const struct drvmem_opt table[] = {
	{ "quiet", 'q', DRVMEM_OPT_FLAG, offsetof(struct opts, quiet), NULL, "It's [quiet]: less.", NULL, 0, 0 },
	{ "out-file", 'o', DRVMEM_OPT_STR, offsetof(struct opts, file), "FILE", "Write there.", NULL, 0, 0 },
	{ "at", 0, DRVMEM_OPT_STR, offsetof(struct opts, time), "TIME", "When.", NULL, 0, 0 },
	{ "size", 0, DRVMEM_OPT_SIZE, offsetof(struct opts, size), "SIZE", "How large.", NULL, 1024, 1 << 20 },
	{ "form", 'f', DRVMEM_OPT_CHOICE, offsetof(struct opts, form), "FORM", "Form.", forms, 0, 0 },
	{ "module", 'm', DRVMEM_OPT_LIST, offsetof(struct opts, modules), "GLOB", "Only these.", NULL, 0, 0 },
	{ 0 },
};
static const char *const examples[] = { "drvmem try -f json 'a b'", "an example", NULL };
static const struct drvmem_cmd try = {
	.name = "try", .summary = "tries it", .usage = "[OPTIONS] MODULE [-- CMD...]",
	.description = "First. Second\nline.\n\n.request", .opts = table, .examples = examples,
};
static const struct drvmem_cmd bare = { .name = "bare", .summary = "has nothing", .usage = "[FILE]" };
static const struct drvmem_cmd *const commands[] = { &try, &bare, NULL };

typedef void put_fn(const char *text, FILE *out);

static char *put(put_fn *fn, const char *text)
{
	char *s = NULL;
	size_t n;
	FILE *f = open_memstream(&s, &n);

	assert_non_null(f);
	fn(text, f);
	fclose(f);
	return s;
}

static void expect(put_fn *fn, const char *text, const char *want)
{
	char *got = put(fn, text);

	assert_string_equal(got, want);
	free(got);
}

static void roff_escapes(void **state)
{
	(void)state;
	expect(drvmem_roff__literal, "a-b \\ 'c' \"d\" ~ ^ `", "a\\-b \\e \\(aqc\\(aq \\(dqd\\(dq \\(ti \\(ha \\(ga");
	expect(drvmem_roff__literal, ".x", "\\&.x");
	expect(drvmem_roff__literal, "\xce\x94 \xff", "\\[u0394] ?");
	expect(drvmem_roff__literal, "", "");
}

static void roff_prose(void **state)
{
	(void)state;
	expect(drvmem_roff__prose, "", "");
	expect(drvmem_roff__prose, "One. Two, e.g. this.", "One.\nTwo, e.g. this.\n");
	/* words that are to be copied keep ASCII dashes, joined words do not */
	expect(drvmem_roff__prose, "built-in, --at, 'a-b c-d' e-f", "built-in, \\-\\-at, \\(aqa\\-b c\\-d\\(aq e-f\n");
	/* a line that would be a request */
	expect(drvmem_roff__prose, "Ends. .so file", "Ends. \\&.so file\n");
	expect(drvmem_roff__paragraphs, "a\n\nb", "a\n.PP\nb\n");
}

static char *page(const struct drvmem_cmd *cmd, const struct drvmem_man_notes *notes)
{
	const struct drvmem_man m = { "1.2", "2026-01-31", commands };
	char *s = NULL;
	size_t n;
	FILE *f = open_memstream(&s, &n);

	assert_non_null(f);
	if (cmd)
		drvmem_man__command(&m, cmd, notes, f);
	else
		drvmem_man__overview(&m, notes, f);
	fclose(f);
	return s;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("lacks '%s'", part);
}

static void man_command(void **state)
{
	static const char *const files[] = { "/a-b", "A file.", NULL };
	static const char *const see[] = { "other-tool(1)", NULL };
	const struct drvmem_man_notes notes = { "try", files, NULL, NULL, see };
	char *s = page(&try, &notes);

	(void)state;
	has(s, ".TH DRVMEM\\-TRY 8 2026-01-31 \"drvmem 1.2\"");
	has(s, ".SH NAME\ndrvmem\\-try \\- tries it\n");
	has(s, "\\fBdrvmem try\\fR [OPTIONS] MODULE [\\-\\- CMD...]\n");
	has(s, "First.\nSecond line.\n.PP\n\\&.request\n");
	has(s, "\\fB\\-o\\fR, \\fB\\-\\-out\\-file\\fR \\fIFILE\\fR\nWrite there.\n");
	has(s, "From 1K to 1M.\n");
	has(s, "One of \\fBtext\\fR or \\fBjson\\fR.\n");
	has(s, "\\fB\\-h\\fR, \\fB\\-\\-help\\fR\n");
	has(s, "Sizes look like");
	has(s, "Lists are separated");
	assert_null(strstr(s, "Durations look like"));
	has(s, ".B drvmem try \\-f json \\(aqa b\\(aq\nan example\n");
	has(s, ".SH FILES\n.TP\n.B /a\\-b\nA file.\n");
	assert_null(strstr(s, "ENVIRONMENT"));
	assert_null(strstr(s, "CAVEATS"));
	has(s, ".BR drvmem\\-bare (8),\n");
	assert_null(strstr(s, ".BR drvmem\\-try"));
	has(s, ",\n.BR other\\-tool (1)\n");
	free(s);
}

static void man_overview(void **state)
{
	char *s = page(NULL, NULL), *b = page(&bare, NULL);

	(void)state;
	has(s, ".BR drvmem\\-try (8)\ntries it\n");
	has(s, ".BR drvmem\\-bare (8)\nhas nothing\n");
	has(b, ".SH DESCRIPTION\nhas nothing\n.SH OPTIONS\n");
	assert_null(strstr(b, "EXAMPLES"));
	free(s);
	free(b);
}

static void kinds(void **state)
{
	static const enum drvmem_complete want[] = { DRVMEM_COMPLETE_NONE, DRVMEM_COMPLETE_FILES, DRVMEM_COMPLETE_NONE,
						     DRVMEM_COMPLETE_NONE, DRVMEM_COMPLETE_CHOICES, DRVMEM_COMPLETE_MODULES };

	(void)state;
	for (size_t i = 0; i < UNIT_NR(want); i++)
		assert_int_equal(drvmem_complete__value(&table[i]), want[i]);
	assert_int_equal(drvmem_complete__argument(&try), DRVMEM_COMPLETE_MODULES);
	assert_int_equal(drvmem_complete__argument(&bare), DRVMEM_COMPLETE_FILES);
	assert_int_equal(drvmem_complete__argument(&(struct drvmem_cmd){ .usage = "[OPTIONS]" }), DRVMEM_COMPLETE_NONE);
	assert_int_equal(drvmem_complete__argument(&(struct drvmem_cmd){ .name = "x" }), DRVMEM_COMPLETE_NONE);
}

typedef void script_fn(const struct drvmem_cmd *const *cmds, FILE *out);

static char *script(script_fn *fn)
{
	char *s = NULL;
	size_t n;
	FILE *f = open_memstream(&s, &n);

	assert_non_null(f);
	fn(commands, f);
	fclose(f);
	return s;
}

static void scripts(void **state)
{
	char *b = script(drvmem_complete__bash), *z = script(drvmem_complete__zsh), *f = script(drvmem_complete__fish);

	(void)state;
	has(b, "options='--quiet -q --out-file -o --at --size --form -f --module -m --help'");
	has(b, "arguments='modules' runs=1 ;;");
	has(b, "'try --form' | 'try -f') echo 'text json' ;;");
	has(b, "'try --module' | 'try -m') echo 'modules' ;;");
	assert_null(strstr(b, "'try --quiet'"));
	has(z, "'(-q --quiet)'{-q,--quiet}'[It'\\''s \\[quiet\\]\\: less.]'");
	has(z, "'(-f --form)'{-f+,--form=}'[Form.]:FORM:(text json)'");
	has(z, "'*'{-m+,--module=}'[Only these.]:GLOB:_drvmem_modules'");
	has(z, "'*:argument:_files'");
	has(f, "-l quiet -s q -d 'It\\'s [quiet]: less.'\n");
	has(f, "-l form -s f -x -a 'text json'");
	has(f, "-l out-file -s o -r -F");
	free(b);
	free(z);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roff_escapes), cmocka_unit_test(roff_prose), cmocka_unit_test(man_command),
		cmocka_unit_test(man_overview), cmocka_unit_test(kinds),      cmocka_unit_test(scripts),
	};

	return cmocka_run_group_tests_name("man", tests, NULL, NULL);
}
