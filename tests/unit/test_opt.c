// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <errno.h>

#include "base/opt.h"

struct opts {
	bool verbose, quiet;
	const char *output;
	uint64_t top, duration, min_size;
	int format;
	struct drvmem_strlist module;
};

static const char *const formats[] = { "text", "json", NULL };
static const struct drvmem_opt table[] = {
	{ "verbose", 'v', DRVMEM_OPT_FLAG, offsetof(struct opts, verbose), NULL, "talk more",
	  NULL, 0, 0 },
	{ "quiet", 'q', DRVMEM_OPT_FLAG, offsetof(struct opts, quiet), NULL, "talk less", NULL, 0,
	  0 },
	{ "output", 'o', DRVMEM_OPT_STR, offsetof(struct opts, output), "FILE",
	  "write the report to FILE, replaced in one step, instead of standard output", NULL, 0, 0 },
	{ "top", 'T', DRVMEM_OPT_U64, offsetof(struct opts, top), "N", "rows to show", NULL, 1,
	  1000 },
	{ "duration", 'd', DRVMEM_OPT_DURATION, offsetof(struct opts, duration), "DUR",
	  "how long to trace", NULL, 1000000, 0 },
	{ "min-size", 0, DRVMEM_OPT_SIZE, offsetof(struct opts, min_size), "SIZE",
	  "smallest object", NULL, 0, 1ull << 30 },
	{ "format", 'f', DRVMEM_OPT_CHOICE, offsetof(struct opts, format), "FORM",
	  "form of the report", formats, 0, 0 },
	{ "module", 'm', DRVMEM_OPT_LIST, offsetof(struct opts, module), "GLOB",
	  "only owners whose name matches", NULL, 0, 0 },
	{ 0 },
};
static const char *const examples[] = {
	"drvmem report --duration 10", "one report after ten seconds",
	"drvmem report --format json --output /var/tmp/report.json --module 'snd_*' -- ./selftest",
	"exactly while the command lives", NULL,
};
static const struct drvmem_cmd cmd = {
	.name = "report",
	.summary = "who holds kernel memory",
	.usage = "[OPTIONS] [INTERVAL [COUNT]] [-- CMD...]",
	.description = "A paragraph that is long enough to be folded, since help must fit "
		       "into eighty columns\nwhatever the table holds.\n\nA second one.",
	.opts = table,
	.examples = examples,
};

struct result {
	struct opts o;
	struct drvmem_args a;
	struct drvmem_err err;
	int ret;
	char *words[32], *argv[32];
	int argc;
};

/* Parses a line cut at spaces; strings live until done(). */
static void run(struct result *r, const char *line)
{
	char *copy = strdup(line);

	assert_non_null(copy);
	memset(r, 0, sizeof(*r));
	r->a.nr_positional = 77;	/* must stay on failure */
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " ")) {
		r->words[r->argc] = r->argv[r->argc] = strdup(strcmp(w, "<>") ? w : "");
		r->argc++;
	}
	free(copy);
	r->ret = drvmem_opt__parse(&cmd, r->argc, r->argv, &r->o, &r->a, &r->err);
}

static void done(struct result *r)
{
	drvmem_strlist__deinit(&r->o.module);
	for (int i = 0; i < r->argc; i++)
		free(r->words[i]);
}

static void expect_ok(struct result *r, const char *line)
{
	run(r, line);
	if (r->ret)
		fail_msg("'%s': %s", line, r->err.what);
	assert_int_equal(r->err.code, 0);
}

static void nothing_given(void **state)
{
	struct result r;

	(void)state;
	expect_ok(&r, "");
	assert_int_equal(r.a.nr_positional, 0);
	assert_null(r.a.command);
	assert_false(r.a.help);
	done(&r);
}

static void every_type_long_and_short(void **state)
{
	static const char *const lines[] = {
		"--verbose --output f --top 7 --duration 1m --min-size 4K --format json --module a,b",
		"--verbose --output=f --top=7 --duration=1m --min-size=4K --format=json --module=a,b",
		"-v -o f -T 7 -d 1m --min-size 4096 -f json -m a -m b",
		"-vof -T7 -d60 --min-size 4KiB -fjson -ma,b",
	};

	(void)state;
	for (size_t i = 0; i < UNIT_NR(lines); i++) {
		struct result r;

		expect_ok(&r, lines[i]);
		assert_true(r.o.verbose);
		assert_false(r.o.quiet);
		assert_string_equal(r.o.output, "f");
		assert_int_equal(r.o.top, 7);
		assert_int_equal(r.o.duration, 60000000000ull);
		assert_int_equal(r.o.min_size, 4096);
		assert_int_equal(r.o.format, 1);
		assert_int_equal(r.o.module.n, 2);
		assert_string_equal(r.o.module.v[0], "a");
		assert_string_equal(r.o.module.v[1], "b");
		done(&r);
	}
}

static void joined_flags_and_last_wins(void **state)
{
	struct result r;

	(void)state;
	expect_ok(&r, "-qv -T 5 -T 6 --output= -v");
	assert_true(r.o.verbose && r.o.quiet);
	assert_int_equal(r.o.top, 6);
	assert_string_equal(r.o.output, "");
	done(&r);
	expect_ok(&r, "-o - -");
	assert_string_equal(r.o.output, "-");
	assert_int_equal(r.a.nr_positional, 1);
	assert_string_equal(r.a.positional[0], "-");
	done(&r);
}

static void positionals_are_permuted(void **state)
{
	struct result r;

	(void)state;
	expect_ok(&r, "5 -v 10 --top 3 x -q y");
	assert_int_equal(r.a.nr_positional, 4);
	assert_string_equal(r.a.positional[0], "5");
	assert_string_equal(r.a.positional[1], "10");
	assert_string_equal(r.a.positional[2], "x");
	assert_string_equal(r.a.positional[3], "y");
	assert_true(r.o.verbose && r.o.quiet);
	/* nothing is lost from argv */
	for (int i = 0; i < r.argc; i++) {
		int found = 0;

		for (int j = 0; j < r.argc; j++)
			found += r.argv[j] == r.words[i];
		assert_int_equal(found, 1);
	}
	done(&r);
}

static void a_command_follows_two_dashes(void **state)
{
	struct result r;

	(void)state;
	expect_ok(&r, "5 -v -- ls -l --verbose -- x");
	assert_int_equal(r.a.nr_positional, 1);
	assert_int_equal(r.a.nr_command, 5);
	assert_string_equal(r.a.command[0], "ls");
	assert_string_equal(r.a.command[3], "--");
	assert_false(r.o.quiet);
	done(&r);
}

static void help_ends_parsing(void **state)
{
	static const char *const lines[] = { "--help", "-h", "-vh", "5 --help --nonsense",
					     "-h -T 0" };

	(void)state;
	for (size_t i = 0; i < UNIT_NR(lines); i++) {
		struct result r;

		expect_ok(&r, lines[i]);
		assert_true(r.a.help);
		done(&r);
	}
}

static void errors_name_cause_and_remedy(void **state)
{
	static const struct {
		const char *line, *what, *remedy;
	} c[] = {
		{ "--tpo 3", "unknown option '--tpo'", "did you mean '--top'?" },
		{ "--dur 3", "unknown option '--dur'", "did you mean '--duration'?" },
		{ "--modul=x", "unknown option '--modul'", "did you mean '--module'?" },
		{ "--hepl", "unknown option '--hepl'", "did you mean '--help'?" },
		{ "--zzzzzz", "unknown option '--zzzzzz'", "see 'drvmem report --help'" },
		{ "--", "no command after '--'", "--help" },
		{ "-z", "unknown option '-z'", "--help" },
		{ "-vz", "unknown option '-z'", "--help" },
		{ "--to 3", "unknown option '--to'", "'--top'" },
		{ "-d", "option '-d' needs a value (DUR)", "--help" },
		{ "--duration", "option '--duration' needs a value (DUR)", "--help" },
		{ "--duration -- ls", "option '--duration' needs a value (DUR)", "--help" },
		{ "--verbose=1", "option '--verbose' takes no value", "--help" },
		{ "--help=1", "unknown option '--help'", "" },
		{ "-T x", "'x' is not a valid value of '-T'", "a whole number" },
		{ "-T <>", "'' is not a valid value of '-T'", "a whole number" },
		{ "--top=-3", "'-3' is not a valid value of '--top'", "a whole number" },
		{ "--top 0", "'--top' must be between 1 and 1000", "--help" },
		{ "--top 1001", "'--top' must be between 1 and 1000", "--help" },
		{ "--top 99999999999999999999", "is too large for '--top'", "" },
		{ "--min-size 2G", "'--min-size' must be between 0 and 1G", "" },
		{ "--min-size 3Q", "'3Q' is not a valid value of '--min-size'", "64K, 1.5M" },
		{ "-d 1us", "'-d' must be at least 1ms", "" },
		{ "-d 5parsecs", "'5parsecs' is not a valid value of '-d'", "1h30m" },
		{ "-f xml", "'xml' is not a value of '-f'", "text, json" },
		{ "-f jsno", "'jsno' is not a value of '-f'", "did you mean 'json'?" },
		{ "-f <>", "'' is not a value of '-f'", "text, json" },
		{ "-m a,,b", "empty element", "" },
		{ "-m ,", "empty element", "" },
		{ "-m <>", "empty element", "" },
		{ "---top 3", "unknown option '---top'", "" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_NR(c); i++) {
		struct result r;

		run(&r, c[i].line);
		if (r.ret != -EINVAL || r.err.exit != DRVMEM_EXIT_USAGE ||
		    !strstr(r.err.what, c[i].what) || !strstr(r.err.remedy, c[i].remedy) ||
		    !r.err.remedy[0])
			fail_msg("'%s' gave %d, '%s', '%s'", c[i].line, r.ret, r.err.what,
				 r.err.remedy);
		assert_int_equal(r.a.nr_positional, 77);
		done(&r);
	}
}

static void hostile_words_are_bounded(void **state)
{
	char word[5000], *argv[2] = { word, NULL };
	struct drvmem_args a;
	struct opts o = {0};

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct drvmem_err err = {0};
		static const char *const start[] = { "--", "--format=", "--top=", "--module=," };

		memset(word, 'x', sizeof(word) - 1);
		word[sizeof(word) - 1] = '\0';
		memcpy(word, start[kind], strlen(start[kind]));
		assert_int_equal(drvmem_opt__parse(&cmd, 1, argv, &o, &a, &err), -EINVAL);
	}
	drvmem_strlist__deinit(&o.module);
}

static void a_list_has_a_limit(void **state)
{
	struct drvmem_strlist l = {0};

	(void)state;
	for (int i = 0; i < DRVMEM_STRLIST_MAX; i++)
		assert_int_equal(drvmem_strlist__add(&l, "x"), 0);
	assert_int_equal(drvmem_strlist__add(&l, "y"), -E2BIG);
	assert_int_equal(l.n, DRVMEM_STRLIST_MAX);
	drvmem_strlist__deinit(&l);
	assert_int_equal(l.n, 0);
}

static void nearest_names(void **state)
{
	static const char *const names[] = { "report", "doctor", "leaks", "metrics", "version",
					     NULL };
	static const struct {
		const char *word, *want;
	} c[] = {
		{ "reprot", "report" }, { "rep", "report" }, { "leak", "leaks" },
		{ "leask", "leaks" }, { "docter", "doctor" }, { "metric", "metrics" },
		{ "versions", "version" }, { "leakx", "leaks" }, { "", NULL }, { "x", NULL }, { "qqqqqq", NULL },
		{ "teapot-with-a-very-long-name-indeed-longer-than-any-option", NULL },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_NR(c); i++) {
		const char *got = drvmem_opt__nearest(c[i].word, names);

		if ((got && c[i].want) ? strcmp(got, c[i].want) : got != c[i].want)
			fail_msg("'%s' gave %s", c[i].word, got ? got : "nothing");
	}
}

static void of_equally_near_names_the_first(void **state)
{
	static const char *const names[] = { "abc", "abd", NULL };

	(void)state;
	assert_string_equal(drvmem_opt__nearest("abx", names), "abc");
}

/* Not inlined: gcc 12 takes what open_memstream() stores for the address of a dead local. */
static __attribute__((noinline)) char *help_text(const struct drvmem_cmd *c)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	drvmem_opt__help(c, f);
	fclose(f);
	return text;
}

static void help_fits_and_names_everything(void **state)
{
	char *text = help_text(&cmd), *line;

	(void)state;
	for (const struct drvmem_opt *o = table; o->name; o++) {
		char want[64];

		snprintf(want, sizeof(want), "--%s%s%s", o->name, o->metavar ? " " : "",
			 o->metavar ? o->metavar : "");
		assert_non_null(strstr(text, want));
	}
	assert_non_null(strstr(text, "Usage: drvmem report [OPTIONS] [INTERVAL [COUNT]]"));
	assert_non_null(strstr(text, "(text, json)"));
	assert_non_null(strstr(text, "  drvmem report --duration 10\n"));
	assert_non_null(strstr(text, "-h, --help"));
	/* a folded example can still be pasted */
	assert_non_null(strstr(text, " \\\n"));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		size_t n = strlen(line);

		assert_in_range(n, 1, 80);
		assert_true(line[n - 1] != ' ');
	}
	free(text);
}

static void a_folded_usage_is_aligned(void **state)
{
	const struct drvmem_cmd c = {
		.name = "x", .summary = "y",
		.usage = "[OPTIONS] [INTERVAL [COUNT]] [-- CMD...] [ONE MORE] [AND ANOTHER ONE]",
	};
	char *text = help_text(&c);
	char *usage = strstr(text, "Usage: drvmem x [OPTIONS]"), *folded;

	(void)state;
	assert_non_null(usage);
	folded = strchr(usage, '\n') + 1;
	assert_int_equal(strspn(folded, " "), strlen("Usage: drvmem x "));
	free(text);
}

static void help_of_a_bare_command(void **state)
{
	static const struct drvmem_opt with_h[] = {
		{ "human", 'h', DRVMEM_OPT_FLAG, 0, NULL, "units", NULL, 0, 0 }, { 0 },
	};
	const struct drvmem_cmd bare = { .name = "x", .summary = "y" };
	const struct drvmem_cmd own_h = { .name = "x", .summary = "y", .opts = with_h };
	char *argv[] = { (char *)"-h", NULL };
	struct drvmem_args a;
	char *text = help_text(&bare);
	bool human = false;

	(void)state;
	assert_non_null(strstr(text, "--help"));
	free(text);
	assert_int_equal(drvmem_opt__parse(&bare, 1, argv, NULL, &a, NULL), 0);
	assert_true(a.help);
	assert_int_equal(drvmem_opt__parse(&own_h, 1, argv, &human, &a, NULL), 0);
	assert_true(human && !a.help);
	text = help_text(&own_h);
	assert_null(strstr(text, "-h, --help"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given),
		cmocka_unit_test(every_type_long_and_short),
		cmocka_unit_test(joined_flags_and_last_wins),
		cmocka_unit_test(positionals_are_permuted),
		cmocka_unit_test(a_command_follows_two_dashes),
		cmocka_unit_test(help_ends_parsing),
		cmocka_unit_test(errors_name_cause_and_remedy),
		cmocka_unit_test(hostile_words_are_bounded),
		cmocka_unit_test(a_list_has_a_limit),
		cmocka_unit_test(nearest_names),
		cmocka_unit_test(of_equally_near_names_the_first),
		cmocka_unit_test(help_fits_and_names_everything),
		cmocka_unit_test(a_folded_usage_is_aligned),
		cmocka_unit_test(help_of_a_bare_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
