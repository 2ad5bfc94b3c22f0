// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/opt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/units.h"

struct parser {
	const struct drvmem_cmd *cmd;
	int argc;
	char **argv;
	int i;		/* next argument */
	char *opts;
	struct drvmem_args args;
	struct drvmem_err *err;
};

/* How an option was written, for messages: "--top" or "-T". */
struct spelling {
	char text[72];
};

void drvmem_strlist__deinit(struct drvmem_strlist *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		free((void *)l->v[i]);
	memset(l, 0, sizeof(*l));
}

int drvmem_strlist__add(struct drvmem_strlist *l, const char *text)
{
	for (;;) {
		size_t n = strcspn(text, ",");
		char *copy;

		if (!n)
			return -EINVAL;
		if (l->n == DRVMEM_STRLIST_MAX)
			return -E2BIG;
		copy = strndup(text, n);
		if (!copy)
			return -ENOMEM;
		l->v[l->n++] = copy;
		if (!text[n])
			return 0;
		text += n + 1;
	}
}

const struct drvmem_opt *drvmem_opt__find(const struct drvmem_cmd *cmd, const char *name)
{
	for (const struct drvmem_opt *o = cmd->opts; o && o->name; o++) {
		if (!strcmp(o->name, name))
			return o;
	}
	return NULL;
}

static const struct drvmem_opt *find_short(const struct drvmem_cmd *cmd, char c)
{
	for (const struct drvmem_opt *o = cmd->opts; o && o->name; o++) {
		if (o->short_name && o->short_name == c)
			return o;
	}
	return NULL;
}

/* ---- nearest name ---- */

#define NEAR_MAX 48	/* longer words are not typing errors */

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment distance: insert, delete, replace, swap of neighbours cost 1. */
static unsigned int edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned int d[NEAR_MAX + 1][NEAR_MAX + 1];

	for (size_t i = 0; i <= na; i++)
		d[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			unsigned int cost = a[i - 1] != b[j - 1];

			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = min3(d[i][j], d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[na][nb];
}

const char *drvmem_opt__nearest(const char *word, const char *const *candidates)
{
	size_t n = strlen(word);
	unsigned int best = n < 3 ? 1 : n < 5 ? 2 : n < 8 ? 3 : 4;	/* first distance refused */
	const char *found = NULL;

	if (!n || n > NEAR_MAX)
		return NULL;
	for (; *candidates; candidates++) {
		size_t m = strlen(*candidates);
		unsigned int dist;

		if (m > NEAR_MAX)
			continue;
		if (n >= 2 && m > n && !strncmp(*candidates, word, n))
			dist = 0;
		else
			dist = edit_distance(word, n, *candidates, m);
		if (dist < best) {
			best = dist;
			found = *candidates;
		}
	}
	return found;
}

static const char *nearest_option(const struct drvmem_cmd *cmd, const char *word)
{
	const char *names[128];
	size_t n = 0;

	for (const struct drvmem_opt *o = cmd->opts; o && o->name && n < 126; o++)
		names[n++] = o->name;
	names[n++] = "help";
	names[n] = NULL;
	return drvmem_opt__nearest(word, names);
}

/* ---- errors ---- */

static int fail(struct parser *p, int code)
{
	/* a remedy that every usage error can have; more precise ones replace it */
	drvmem_err__remedy(p->err, "see 'drvmem %s --help'", p->cmd->name);
	return code;
}

static int unknown_long(struct parser *p, const char *name, size_t len)
{
	char word[NEAR_MAX + 2];
	const char *near;

	drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE, "unknown option '--%.*s'", (int)len,
			name);
	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	near = nearest_option(p->cmd, word);
	if (!near)
		return fail(p, -EINVAL);
	drvmem_err__remedy(p->err, "did you mean '--%s'? See 'drvmem %s --help'", near,
			   p->cmd->name);
	return -EINVAL;
}

static void join_choices(const struct drvmem_opt *o, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (const char *const *c = o->choices; *c && used < size; c++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "", *c);
}

static int bad_choice(struct parser *p, const struct drvmem_opt *o, const struct spelling *sp,
		      const char *value)
{
	const char *near = drvmem_opt__nearest(value, o->choices);
	char list[200];

	join_choices(o, list, sizeof(list));
	drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE, "'%.60s' is not a value of '%s'", value,
			sp->text);
	if (near)
		drvmem_err__remedy(p->err, "did you mean '%s'? Possible: %s", near, list);
	else
		drvmem_err__remedy(p->err, "possible values: %s", list);
	return -EINVAL;
}

static const char *value_examples(enum drvmem_opt_type type)
{
	switch (type) {
	case DRVMEM_OPT_SIZE:
		return "sizes look like 512, 64K, 1.5M, 2GiB (powers of 1024)";
	case DRVMEM_OPT_DURATION:
		return "durations look like 10 (seconds), 500ms, 2m, 1h30m, 1d";
	default:
		return "a whole number is expected, such as 10";
	}
}

static int bad_number(struct parser *p, const struct drvmem_opt *o, const struct spelling *sp,
		      const char *value, int code)
{
	drvmem_err__set(p->err, code, DRVMEM_EXIT_USAGE,
			code == -ERANGE ? "'%.60s' is too large for '%s'" :
					  "'%.60s' is not a valid value of '%s'",
			value, sp->text);
	drvmem_err__remedy(p->err, "%s", value_examples(o->type));
	return -EINVAL;
}

static const char *fmt_bound(enum drvmem_opt_type type, uint64_t v, char *buf, size_t size)
{
	if (type == DRVMEM_OPT_SIZE)
		return drvmem_fmt_size_exact(v, buf, size);
	if (type == DRVMEM_OPT_DURATION)
		return drvmem_fmt_duration_exact(v, buf, size);
	snprintf(buf, size, "%" PRIu64, v);
	return buf;
}

static int check_range(struct parser *p, const struct drvmem_opt *o, const struct spelling *sp,
		       uint64_t v)
{
	uint64_t max = o->max ? o->max : UINT64_MAX;
	char lo[DRVMEM_UNIT_LEN], hi[DRVMEM_UNIT_LEN];

	if (v >= o->min && v <= max)
		return 0;
	fmt_bound(o->type, o->min, lo, sizeof(lo));
	fmt_bound(o->type, max, hi, sizeof(hi));
	if (o->max)
		drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE,
				"'%s' must be between %s and %s", sp->text, lo, hi);
	else
		drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s' must be at least %s",
				sp->text, lo);
	return fail(p, -EINVAL);
}

/* ---- values ---- */

static int store_number(struct parser *p, const struct drvmem_opt *o, const struct spelling *sp,
			const char *value)
{
	uint64_t v;
	int ret;

	if (o->type == DRVMEM_OPT_SIZE)
		ret = drvmem_parse_size(value, &v);
	else if (o->type == DRVMEM_OPT_DURATION)
		ret = drvmem_parse_duration(value, &v);
	else
		ret = drvmem_parse_u64(value, &v);
	if (ret)
		return bad_number(p, o, sp, value, ret);
	ret = check_range(p, o, sp, v);
	if (ret)
		return ret;
	memcpy(p->opts + o->offset, &v, sizeof(v));
	return 0;
}

static int store_choice(struct parser *p, const struct drvmem_opt *o, const struct spelling *sp,
			const char *value)
{
	for (int i = 0; o->choices[i]; i++) {
		if (!strcmp(o->choices[i], value)) {
			memcpy(p->opts + o->offset, &i, sizeof(i));
			return 0;
		}
	}
	return bad_choice(p, o, sp, value);
}

static int store_list(struct parser *p, const struct drvmem_opt *o, const struct spelling *sp,
		      const char *value)
{
	int ret = drvmem_strlist__add((struct drvmem_strlist *)(void *)(p->opts + o->offset),
				      value);

	if (!ret)
		return 0;
	if (ret == -ENOMEM)
		return drvmem_err__set(p->err, ret, DRVMEM_EXIT_INTERNAL, "out of memory (ENOMEM)");
	if (ret == -E2BIG)
		drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE,
				"more than %d values for '%s'", DRVMEM_STRLIST_MAX, sp->text);
	else
		drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE,
				"empty element in the list '%.60s' of '%s'", value, sp->text);
	return fail(p, -EINVAL);
}

static int store(struct parser *p, const struct drvmem_opt *o, const struct spelling *sp,
		 const char *value)
{
	switch (o->type) {
	case DRVMEM_OPT_FLAG:
		*(bool *)(p->opts + o->offset) = true;
		return 0;
	case DRVMEM_OPT_STR:
		memcpy(p->opts + o->offset, &value, sizeof(value));
		return 0;
	case DRVMEM_OPT_U64:
	case DRVMEM_OPT_SIZE:
	case DRVMEM_OPT_DURATION:
		return store_number(p, o, sp, value);
	case DRVMEM_OPT_CHOICE:
		return store_choice(p, o, sp, value);
	case DRVMEM_OPT_LIST:
		return store_list(p, o, sp, value);
	}
	return -EINVAL;
}

/* ---- arguments ---- */

/* The argument behind the option, or NULL with the error set. "--" is never a value. */
static const char *next_value(struct parser *p, const struct drvmem_opt *o,
			      const struct spelling *sp)
{
	if (p->i < p->argc && strcmp(p->argv[p->i], "--"))
		return p->argv[p->i++];
	drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE, "option '%s' needs a value (%s)",
			sp->text, o->metavar ? o->metavar : "VALUE");
	fail(p, -EINVAL);
	return NULL;
}

static int parse_long(struct parser *p, const char *arg)
{
	size_t len = strcspn(arg, "=");
	const char *value = arg[len] ? arg + len + 1 : NULL;
	const struct drvmem_opt *o = p->cmd->opts;
	struct spelling sp;

	while (o && o->name && (strlen(o->name) != len || strncmp(o->name, arg, len)))
		o++;
	if (!o || !o->name) {
		if (len == 4 && !strncmp(arg, "help", 4) && !value) {
			p->args.help = true;
			return 0;
		}
		return unknown_long(p, arg, len);
	}
	snprintf(sp.text, sizeof(sp.text), "--%s", o->name);
	if (o->type == DRVMEM_OPT_FLAG && value) {
		drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE, "option '%s' takes no value",
				sp.text);
		return fail(p, -EINVAL);
	}
	if (o->type != DRVMEM_OPT_FLAG && !value) {
		value = next_value(p, o, &sp);
		if (!value)
			return -EINVAL;
	}
	return store(p, o, &sp, value);
}

/* arg is behind the '-': joined flags, the last may take a value. */
static int parse_short(struct parser *p, const char *arg)
{
	struct spelling sp;
	int ret;

	for (; *arg; arg++) {
		const struct drvmem_opt *o = find_short(p->cmd, *arg);
		const char *value;

		snprintf(sp.text, sizeof(sp.text), "-%c", *arg);
		if (!o && *arg == 'h') {
			p->args.help = true;
			return 0;
		}
		if (!o) {
			drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE, "unknown option '%s'",
					sp.text);
			return fail(p, -EINVAL);
		}
		if (o->type != DRVMEM_OPT_FLAG) {
			value = arg[1] ? arg + 1 : next_value(p, o, &sp);
			return value ? store(p, o, &sp, value) : -EINVAL;
		}
		ret = store(p, o, &sp, NULL);
		if (ret)
			return ret;
	}
	return 0;
}

/* Moves a positional to the front; the option word that stood there takes its place. */
static void keep_positional(struct parser *p, int at)
{
	int to = p->args.nr_positional++;
	char *word = p->argv[at];

	p->argv[at] = p->argv[to];
	p->argv[to] = word;
}

static int take_command(struct parser *p)
{
	p->args.command = p->argv + p->i;
	p->args.nr_command = p->argc - p->i;
	p->i = p->argc;
	if (p->args.nr_command > 0)
		return 0;
	drvmem_err__set(p->err, -EINVAL, DRVMEM_EXIT_USAGE, "no command after '--'");
	return fail(p, -EINVAL);
}

int drvmem_opt__parse(const struct drvmem_cmd *cmd, int argc, char **argv, void *opts,
		      struct drvmem_args *ret_args, struct drvmem_err *err)
{
	struct parser p = { .cmd = cmd, .argc = argc, .argv = argv, .opts = opts, .err = err };
	int ret = 0;

	while (p.i < argc && !ret && !p.args.help) {
		int at = p.i++;
		const char *arg = argv[at];

		if (!strcmp(arg, "--"))
			ret = take_command(&p);
		else if (!strncmp(arg, "--", 2))
			ret = parse_long(&p, arg + 2);
		else if (arg[0] == '-' && arg[1])
			ret = parse_short(&p, arg + 1);
		else
			keep_positional(&p, at);
	}
	if (ret)
		return ret;
	p.args.positional = argv;
	*ret_args = p.args;
	return 0;
}

/* ---- help ---- */

#define HELP_WIDTH 80
#define HELP_COLUMN 26

/*
 * Prints text in lines of at most HELP_WIDTH columns, continuation lines indented;
 * col is where the cursor stands, tail ends a line that is continued. A word
 * longer than a line stands alone.
 */
static void print_wrapped(FILE *out, const char *text, size_t indent, size_t col, const char *tail)
{
	size_t room = HELP_WIDTH - strlen(tail);
	bool first = true;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (!first && col + 1 + n > room) {
			fprintf(out, "%s\n%*s", tail, (int)indent, "");
			col = indent;
		} else if (!first) {
			fputc(' ', out);
			col++;
		}
		fprintf(out, "%.*s", (int)n, text);
		col += n;
		first = false;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_option(FILE *out, char short_name, const char *name, const char *metavar,
			 const char *help)
{
	char left[96];
	int n;

	n = snprintf(left, sizeof(left), short_name ? "  -%c, --%s%s%s" : "  %c   --%s%s%s",
		     short_name ? short_name : ' ', name, metavar ? " " : "",
		     metavar ? metavar : "");
	if (n + 2 > HELP_COLUMN)
		fprintf(out, "%s\n%*s", left, HELP_COLUMN, "");
	else
		fprintf(out, "%-*s", HELP_COLUMN, left);
	print_wrapped(out, help, HELP_COLUMN, HELP_COLUMN, "");
}

static void print_options(const struct drvmem_cmd *cmd, FILE *out)
{
	char help[1024], list[256];

	fputs("\nOptions:\n", out);
	for (const struct drvmem_opt *o = cmd->opts; o && o->name; o++) {
		list[0] = '\0';
		if (o->type == DRVMEM_OPT_CHOICE)
			join_choices(o, list, sizeof(list));
		snprintf(help, sizeof(help), "%s%s%s%s", o->help, list[0] ? " (" : "", list,
			 list[0] ? ")" : "");
		print_option(out, o->short_name, o->name, o->metavar, help);
	}
	if (!drvmem_opt__find(cmd, "help"))
		print_option(out, find_short(cmd, 'h') ? 0 : 'h', "help", NULL, "show this help");
}

static void print_paragraphs(FILE *out, const char *text)
{
	char *copy = strdup(text);
	char *p = copy;

	while (p && *p) {
		char *end = strstr(p, "\n\n");

		if (end)
			*end = '\0';
		for (char *nl = p; (nl = strchr(nl, '\n')); )
			*nl = ' ';
		fputc('\n', out);
		print_wrapped(out, p, 0, 0, "");
		p = end ? end + 2 : NULL;
	}
	free(copy);
}

static void print_examples(const struct drvmem_cmd *cmd, FILE *out)
{
	if (!cmd->examples || !cmd->examples[0])
		return;
	fputs("\nExamples:\n", out);
	for (const char *const *e = cmd->examples; e[0] && e[1]; e += 2) {
		fputs("  ", out);
		print_wrapped(out, e[0], 6, 2, " \\");	/* still to be pasted when folded */
		fputs("      ", out);
		print_wrapped(out, e[1], 6, 6, "");
	}
}

void drvmem_opt__help(const struct drvmem_cmd *cmd, FILE *out)
{
	struct drvmem_strbuf line = {0};

	drvmem_strbuf__printf(&line, "drvmem %s: %s", cmd->name, cmd->summary);
	print_wrapped(out, drvmem_strbuf__str(&line), 2, 0, "");
	drvmem_strbuf__reset(&line);
	drvmem_strbuf__printf(&line, "Usage: drvmem %s %s", cmd->name, cmd->usage ? cmd->usage : "");
	fputc('\n', out);
	print_wrapped(out, drvmem_strbuf__str(&line), 7 + 7 + strlen(cmd->name) + 1, 0, "");
	drvmem_strbuf__deinit(&line);
	if (cmd->description)
		print_paragraphs(out, cmd->description);
	print_options(cmd, out);
	print_examples(cmd, out);
	fputs("\nExit status: 0 done, 1 findings, 2 usage, 3 cannot run here, 4 incomplete,\n"
	      "             5 I/O or internal, 130/143 aborted\n", out);
}
