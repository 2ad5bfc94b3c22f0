// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/man.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "render/roff.h"

static void put_upper(const char *text, FILE *out)
{
	for (; *text; text++)
		fputc(toupper((unsigned char)*text), out);
}

/* name is NULL for the page of drvmem itself. */
static void put_title(const struct drvmem_man *m, const char *name, const char *summary, FILE *out)
{
	fputs(".\\\" Made from the option tables of drvmem.\n.TH DRVMEM", out);
	if (name) {
		fputs("\\-", out);
		put_upper(name, out);
	}
	fprintf(out, " 8 %s \"drvmem %s\" \"System Administration\"\n.SH NAME\ndrvmem", m->date, m->version);
	if (name)
		fprintf(out, "\\-%s", name);
	fputs(" \\- ", out);
	drvmem_roff__literal(summary, out);
	fputc('\n', out);
}

static void put_choices(const struct drvmem_opt *o, FILE *out)
{
	fputs("One of ", out);
	for (const char *const *c = o->choices; *c; c++) {
		fputs(c == o->choices ? "" : c[1] ? ", " : " or ", out);
		fputs("\\fB", out);
		drvmem_roff__literal(*c, out);
		fputs("\\fR", out);
	}
	fputs(".\n", out);
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

static void put_bounds(const struct drvmem_opt *o, FILE *out)
{
	char lo[DRVMEM_UNIT_LEN], hi[DRVMEM_UNIT_LEN];

	fmt_bound(o->type, o->min, lo, sizeof(lo));
	fmt_bound(o->type, o->max, hi, sizeof(hi));
	if (o->min && o->max)
		fprintf(out, "From %s to %s.\n", lo, hi);
	else if (o->min)
		fprintf(out, "At least %s.\n", lo);
	else if (o->max)
		fprintf(out, "At most %s.\n", hi);
}

static void put_option(const struct drvmem_opt *o, FILE *out)
{
	fputs(".TP\n", out);
	if (o->short_name)
		fprintf(out, "\\fB\\-%c\\fR, ", o->short_name);
	fputs("\\fB\\-\\-", out);
	drvmem_roff__literal(o->name, out);
	fputs("\\fR", out);
	if (o->metavar) {
		fputs(" \\fI", out);
		drvmem_roff__literal(o->metavar, out);
		fputs("\\fR", out);
	}
	fputc('\n', out);
	drvmem_roff__prose(o->help, out);
	if (o->type == DRVMEM_OPT_CHOICE)
		put_choices(o, out);
	else if (o->type == DRVMEM_OPT_U64 || o->type == DRVMEM_OPT_SIZE || o->type == DRVMEM_OPT_DURATION)
		put_bounds(o, out);
}

static bool has_type(const struct drvmem_cmd *cmd, enum drvmem_opt_type type)
{
	for (const struct drvmem_opt *o = cmd->opts; o && o->name; o++) {
		if (o->type == type)
			return true;
	}
	return false;
}

static void put_options(const struct drvmem_cmd *cmd, FILE *out)
{
	static const struct drvmem_opt help = { .name = "help", .short_name = 'h', .help = "Show a summary of the options." };

	fputs(".SH OPTIONS\n", out);
	for (const struct drvmem_opt *o = cmd->opts; o && o->name; o++)
		put_option(o, out);
	put_option(&help, out);
	if (has_type(cmd, DRVMEM_OPT_SIZE))
		fputs(".PP\nSizes look like 512, 64K, 1.5M or 2GiB, in powers of 1024.\n", out);
	if (has_type(cmd, DRVMEM_OPT_DURATION))
		fputs(".PP\nDurations look like 10 (seconds), 500ms, 2m, 1h30m or 1d.\n", out);
	if (has_type(cmd, DRVMEM_OPT_LIST))
		fputs(".PP\nLists are separated by commas, and such an option may be given several times.\n", out);
}

static void put_status(FILE *out)
{
	static const char *const statuses[][2] = {
		{ "0", "Done, and nothing found." },
		{ "1", "Findings at or above the threshold." },
		{ "2", "The command line was wrong." },
		{ "3", "Cannot run here: rights or kernel." },
		{ "4", "The result is incomplete, as by losses above \\fB\\-\\-max\\-loss\\fR, and nothing was found." },
		{ "5", "An error of input, output or drvmem itself." },
		{ "130, 143", "Ended by SIGINT or SIGTERM." },
	};

	fputs(".SH \"EXIT STATUS\"\n", out);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		fprintf(out, ".TP\n.B %s\n%s\n", statuses[i][0], statuses[i][1]);
}

static void put_examples(const char *const *e, FILE *out)
{
	if (!e || !e[0])
		return;
	fputs(".SH EXAMPLES\n", out);
	for (; e[0] && e[1]; e += 2) {
		fputs(".TP\n.B ", out);
		drvmem_roff__literal(e[0], out);
		fputc('\n', out);
		drvmem_roff__prose(e[1], out);
	}
}

static void put_pairs(const char *title, const char *const *p, FILE *out)
{
	if (!p || !p[0])
		return;
	fprintf(out, ".SH %s\n", title);
	for (; p[0] && p[1]; p += 2) {
		fputs(".TP\n.B ", out);
		drvmem_roff__literal(p[0], out);
		fputc('\n', out);
		drvmem_roff__prose(p[1], out);
	}
}

static void put_notes(const struct drvmem_man_notes *n, FILE *out)
{
	if (!n)
		return;
	put_pairs("FILES", n->files, out);
	put_pairs("ENVIRONMENT", n->environment, out);
	if (!n->caveats || !n->caveats[0])
		return;
	fputs(".SH CAVEATS\n", out);
	for (const char *const *c = n->caveats; *c; c++) {
		if (c != n->caveats)
			fputs(".PP\n", out);
		drvmem_roff__prose(*c, out);
	}
}

/* "perf(1)" */
static void put_foreign(const char *page, FILE *out)
{
	size_t n = strcspn(page, "(");
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)n, page);
	fputs(",\n.BR ", out);
	drvmem_roff__literal(name, out);
	fprintf(out, " %s", page + n);
}

static void put_see_also(const struct drvmem_man *m, const struct drvmem_cmd *self,
			 const struct drvmem_man_notes *n, FILE *out)
{
	fputs(".SH \"SEE ALSO\"\n", out);
	if (self)
		fputs(".BR drvmem (8),\n", out);
	for (const struct drvmem_cmd *const *c = m->commands; *c; c++) {
		if (*c == self)
			continue;
		fputs(".BR drvmem\\-", out);
		drvmem_roff__literal((*c)->name, out);
		fputs(" (8),\n", out);
	}
	fputs(".BR drvmem\\-metrics (7),\n.BR drvmem\\-session (5)", out);
	for (const char *const *p = n ? n->see_also : NULL; p && *p; p++)
		put_foreign(*p, out);
	fputc('\n', out);
}

void drvmem_man__command(const struct drvmem_man *m, const struct drvmem_cmd *cmd,
			 const struct drvmem_man_notes *notes, FILE *out)
{
	put_title(m, cmd->name, cmd->summary, out);
	fputs(".SH SYNOPSIS\n\\fBdrvmem ", out);
	drvmem_roff__literal(cmd->name, out);
	fputs("\\fR ", out);
	drvmem_roff__literal(cmd->usage ? cmd->usage : "", out);
	fputs("\n.SH DESCRIPTION\n", out);
	drvmem_roff__paragraphs(cmd->description ? cmd->description : cmd->summary, out);
	put_options(cmd, out);
	put_status(out);
	put_examples(cmd->examples, out);
	put_notes(notes, out);
	put_see_also(m, cmd, notes, out);
}

static const char *const overview_examples[] = {
	"drvmem report --duration 10", "who holds memory, from 10 seconds of tracing",
	"drvmem top", "the same, live",
	"drvmem leaks --older 5m", "what has been held for five minutes",
	"drvmem verify e1000e", "what a module leaves when it is unloaded",
	NULL,
};

static void put_commands(const struct drvmem_man *m, FILE *out)
{
	fputs(".SH COMMANDS\n", out);
	for (const struct drvmem_cmd *const *c = m->commands; *c; c++) {
		fputs(".TP\n.BR drvmem\\-", out);
		drvmem_roff__literal((*c)->name, out);
		fputs(" (8)\n", out);
		drvmem_roff__prose((*c)->summary, out);
	}
}

void drvmem_man__overview(const struct drvmem_man *m, const struct drvmem_man_notes *notes, FILE *out)
{
	put_title(m, NULL, "who in the kernel holds your memory", out);
	fputs(".SH SYNOPSIS\n\\fBdrvmem\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.br\n"
	      "\\fBdrvmem\\fR \\fBhelp\\fR \\fICOMMAND\\fR\n.br\n"
	      "\\fBdrvmem\\fR \\fB\\-\\-version\\fR\n.SH DESCRIPTION\n", out);
	drvmem_roff__paragraphs(
		"Shows which drivers and which parts of the kernel hold memory, how much they take and give "
		"back, what they leave when they are unloaded, and which sizes would waste less. It traces "
		"the kernel's allocators by BPF programs; no kernel has to be rebuilt or booted again.\n\n"
		"Data goes to standard output, everything else to standard error. What an option means in "
		"one command it means in all. Ctrl-C ends tracing and prints the result.", out);
	put_commands(m, out);
	fputs(".SH OPTIONS\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nShow the commands.\n"
	      ".TP\n\\fB\\-\\-version\\fR\nShow the versions of drvmem, libbpf and the kernel.\n", out);
	put_status(out);
	put_examples(overview_examples, out);
	put_notes(notes, out);
	put_see_also(m, NULL, notes, out);
}

void drvmem_man__pages(const struct drvmem_man *m, FILE *out)
{
	fputs("drvmem.8\n", out);
	for (const struct drvmem_cmd *const *c = m->commands; *c; c++)
		fprintf(out, "drvmem-%s.8\n", (*c)->name);
}
