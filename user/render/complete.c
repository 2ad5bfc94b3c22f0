// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/complete.h"

#include <string.h>

enum drvmem_complete drvmem_complete__value(const struct drvmem_opt *o)
{
	const char *what = o->metavar ? o->metavar : "";

	if (o->type == DRVMEM_OPT_CHOICE)
		return DRVMEM_COMPLETE_CHOICES;
	if (!strcmp(what, "FILE"))
		return DRVMEM_COMPLETE_FILES;
	if (!strcmp(what, "DIR"))
		return DRVMEM_COMPLETE_DIRS;
	if (!strcmp(o->name, "module") || !strcmp(o->name, "library"))
		return DRVMEM_COMPLETE_MODULES;
	if (!strcmp(o->name, "cache"))
		return DRVMEM_COMPLETE_CACHES;
	return DRVMEM_COMPLETE_NONE;
}

enum drvmem_complete drvmem_complete__argument(const struct drvmem_cmd *cmd)
{
	const char *usage = cmd->usage ? cmd->usage : "";

	if (strstr(usage, "MODULE"))
		return DRVMEM_COMPLETE_MODULES;
	if (strstr(usage, "SHELL"))
		return DRVMEM_COMPLETE_SHELLS;
	if (strstr(usage, "[FILE") || strstr(usage, "| FILE") || strstr(usage, " A B"))
		return DRVMEM_COMPLETE_FILES;
	return DRVMEM_COMPLETE_NONE;
}

static bool takes_command(const struct drvmem_cmd *cmd)
{
	return cmd->usage && strstr(cmd->usage, "-- CMD");
}

/* ---- bash ---- */

static const char bash_head[] =
	"# bash completion of drvmem, made from its option tables\n"
	"_drvmem_modules() { cut -d ' ' -f 1 /proc/modules 2>/dev/null; }\n"
	"_drvmem_caches() { ls /sys/kernel/slab 2>/dev/null | grep -v '^:'; }\n"
	"\n"
	"# _drvmem_words PREFIX WORDS: candidates for the last part of a list, PREFIX stays before it\n"
	"_drvmem_words()\n"
	"{\n"
	"\tlocal word=${cur#\"$1\"}\n"
	"\tmapfile -t COMPREPLY < <(compgen -P \"$1\" -W \"$2\" -- \"$word\")\n"
	"}\n"
	"\n"
	"# one kind of value\n"
	"_drvmem_value()\n"
	"{\n"
	"\tlocal list=\n"
	"\t[[ $cur != *,* ]] || list=${cur%,*},\n"
	"\tcase $1 in\n"
	"\tfiles) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); compopt -o filenames 2>/dev/null ;;\n"
	"\tdirs) mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); compopt -o filenames 2>/dev/null ;;\n"
	"\tmodules) _drvmem_words \"$list\" \"$(_drvmem_modules)\" ;;\n"
	"\tcaches) _drvmem_words \"$list\" \"$(_drvmem_caches)\" ;;\n"
	"\tnone) ;;\n"
	"\t*) _drvmem_words '' \"$1\" ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"# a command behind '--', whose first word is the $1-th\n"
	"_drvmem_command()\n"
	"{\n"
	"\tif declare -F _command_offset >/dev/null; then\n"
	"\t\t_command_offset \"$1\"\n"
	"\telif [ \"$1\" -eq \"$COMP_CWORD\" ]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -c -- \"$cur\" | sort -u)\n"
	"\telse\n"
	"\t\t_drvmem_value files\n"
	"\tfi\n"
	"}\n"
	"\n";

static const char bash_body[] =
	"_drvmem()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd=${COMP_WORDS[1]} i\n"
	"\tlocal options arguments runs=\n"
	"\tCOMPREPLY=()\n"
	"\t# bash takes '--name=value' apart\n"
	"\tif [ \"$cur\" = = ]; then\n"
	"\t\tcur=\n"
	"\telif [ \"$prev\" = = ] && [ \"$COMP_CWORD\" -gt 2 ]; then\n"
	"\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	"\tfi\n"
	"\tif [ \"$COMP_CWORD\" -eq 1 ] || { [ \"$cmd\" = help ] && [ \"$COMP_CWORD\" -eq 2 ]; }; then\n"
	"\t\t_drvmem_words '' \"$_drvmem_commands\"\n"
	"\t\t[ \"$COMP_CWORD\" -ne 1 ] || [[ $cur != -* ]] || _drvmem_words '' '--help --version'\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t_drvmem_tables \"$cmd\" || return\n"
	"\tif [ -n \"$runs\" ]; then\n"
	"\t\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	"\t\t\t[ \"${COMP_WORDS[i]}\" != -- ] || { _drvmem_command $((i + 1)); return; }\n"
	"\t\tdone\n"
	"\tfi\n"
	"\tlocal value\n"
	"\tif value=$(_drvmem_takes \"$cmd\" \"$prev\"); then\n"
	"\t\t_drvmem_value \"$value\"\n"
	"\telif [[ $cur == -* ]]; then\n"
	"\t\t_drvmem_words '' \"$options\"\n"
	"\telse\n"
	"\t\t_drvmem_value \"$arguments\"\n"
	"\tfi\n"
	"}\n"
	"complete -F _drvmem drvmem\n";

static const char *kind_word(enum drvmem_complete kind)
{
	switch (kind) {
	case DRVMEM_COMPLETE_FILES:
		return "files";
	case DRVMEM_COMPLETE_DIRS:
		return "dirs";
	case DRVMEM_COMPLETE_MODULES:
		return "modules";
	case DRVMEM_COMPLETE_CACHES:
		return "caches";
	case DRVMEM_COMPLETE_SHELLS:
		return "bash zsh fish";
	default:
		return "none";
	}
}

static void put_choices(const struct drvmem_opt *o, FILE *out)
{
	for (const char *const *c = o->choices; *c; c++)
		fprintf(out, "%s%s", c == o->choices ? "" : " ", *c);
}

/* Sets options, arguments and runs of a command. */
static void bash_tables(const struct drvmem_cmd *cmd, FILE *out)
{
	fprintf(out, "\t%s)\n\t\toptions='", cmd->name);
	for (const struct drvmem_opt *o = cmd->opts; o && o->name; o++) {
		fprintf(out, "--%s ", o->name);
		if (o->short_name)
			fprintf(out, "-%c ", o->short_name);
	}
	fprintf(out, "--help'\n\t\targuments='%s'%s ;;\n", kind_word(drvmem_complete__argument(cmd)),
		takes_command(cmd) ? " runs=1" : "");
}

/* Prints what the option before the cursor takes. */
static void bash_takes(const struct drvmem_cmd *cmd, FILE *out)
{
	for (const struct drvmem_opt *o = cmd->opts; o && o->name; o++) {
		enum drvmem_complete kind = drvmem_complete__value(o);

		if (o->type == DRVMEM_OPT_FLAG)
			continue;
		fprintf(out, "\t'%s --%s'", cmd->name, o->name);
		if (o->short_name)
			fprintf(out, " | '%s -%c'", cmd->name, o->short_name);
		fputs(") echo '", out);
		if (kind == DRVMEM_COMPLETE_CHOICES)
			put_choices(o, out);
		else
			fputs(kind_word(kind), out);
		fputs("' ;;\n", out);
	}
}

void drvmem_complete__bash(const struct drvmem_cmd *const *cmds, FILE *out)
{
	fputs(bash_head, out);
	fputs("_drvmem_commands='", out);
	for (const struct drvmem_cmd *const *c = cmds; *c; c++)
		fprintf(out, "%s ", (*c)->name);
	fputs("help'\n\n_drvmem_tables()\n{\n\tcase $1 in\n", out);
	for (const struct drvmem_cmd *const *c = cmds; *c; c++)
		bash_tables(*c, out);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n_drvmem_takes()\n{\n\tcase \"$1 $2\" in\n", out);
	for (const struct drvmem_cmd *const *c = cmds; *c; c++)
		bash_takes(*c, out);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n", out);
	fputs(bash_body, out);
}

/* ---- zsh ---- */

static const char zsh_head[] =
	"#compdef drvmem\n"
	"# zsh completion of drvmem, made from its option tables\n"
	"_drvmem_modules()\n"
	"{\n"
	"\tlocal -a names\n"
	"\tnames=(${(f)\"$(cut -d ' ' -f 1 /proc/modules 2>/dev/null)\"})\n"
	"\t_sequence compadd - -a names\n"
	"}\n"
	"_drvmem_caches()\n"
	"{\n"
	"\tlocal -a names\n"
	"\tnames=(/sys/kernel/slab/[^:]*(N:t))\n"
	"\t_sequence compadd - -a names\n"
	"}\n\n";

/* Within '...[help]': brackets, colons and quotes would end what they are in. */
static void zsh_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else {
			if (strchr("[]:\\", *text))
				fputc('\\', out);
			fputc(*text, out);
		}
	}
}

static const char *zsh_action(enum drvmem_complete kind)
{
	switch (kind) {
	case DRVMEM_COMPLETE_FILES:
		return "_files";
	case DRVMEM_COMPLETE_DIRS:
		return "_files -/";
	case DRVMEM_COMPLETE_MODULES:
		return "_drvmem_modules";
	case DRVMEM_COMPLETE_CACHES:
		return "_drvmem_caches";
	case DRVMEM_COMPLETE_SHELLS:
		return "(bash zsh fish)";
	default:
		return "";
	}
}

static void zsh_option(const struct drvmem_opt *o, FILE *out)
{
	bool value = o->type != DRVMEM_OPT_FLAG;
	enum drvmem_complete kind = drvmem_complete__value(o);

	fputs(" \\\n\t\t\t", out);
	if (o->type == DRVMEM_OPT_LIST)
		fputs("'*'", out);
	else if (o->short_name)
		fprintf(out, "'(-%c --%s)'", o->short_name, o->name);
	if (o->short_name)
		fprintf(out, "{-%c%s,--%s%s}", o->short_name, value ? "+" : "", o->name, value ? "=" : "");
	else
		fprintf(out, "'--%s%s'", o->name, value ? "=" : "");
	fputs("'[", out);
	zsh_text(o->help, out);
	fputc(']', out);
	if (value) {
		fputc(':', out);
		zsh_text(o->metavar ? o->metavar : "VALUE", out);
		fputc(':', out);
		if (kind == DRVMEM_COMPLETE_CHOICES) {
			fputc('(', out);
			put_choices(o, out);
			fputc(')', out);
		} else {
			fputs(zsh_action(kind), out);
		}
	}
	fputc('\'', out);
}

static void zsh_command(const struct drvmem_cmd *cmd, FILE *out)
{
	enum drvmem_complete kind = drvmem_complete__argument(cmd);

	fprintf(out, "\t\t%s)\n\t\t\t_arguments -s", cmd->name);
	for (const struct drvmem_opt *o = cmd->opts; o && o->name; o++)
		zsh_option(o, out);
	fputs(" \\\n\t\t\t'(- *)'{-h,--help}'[Show a summary of the options.]'", out);
	if (kind != DRVMEM_COMPLETE_NONE)
		fprintf(out, " \\\n\t\t\t'*:argument:%s'", zsh_action(kind));
	fputs(" ;;\n", out);
}

static const char zsh_body[] =
	"\tif (( CURRENT == 2 )); then\n"
	"\t\t_describe command verbs\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $words[2] == help ]]; then\n"
	"\t\t(( CURRENT > 3 )) || _describe command verbs\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tlocal cmd=$words[2] end=$words[(i)--]\n"
	"\tif (( end < CURRENT )) && [[ -n ${runs[(r)$cmd]} ]]; then\n"
	"\t\twords=(\"${(@)words[end+1,-1]}\")\n"
	"\t\t(( CURRENT -= end ))\n"
	"\t\t_normal\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tshift words\n"
	"\t(( CURRENT-- ))\n"
	"\tcase $cmd in\n";

void drvmem_complete__zsh(const struct drvmem_cmd *const *cmds, FILE *out)
{
	fputs(zsh_head, out);
	fputs("_drvmem()\n{\n\tlocal -a verbs runs\n\tverbs=(\n", out);
	for (const struct drvmem_cmd *const *c = cmds; *c; c++) {
		fprintf(out, "\t\t'%s:", (*c)->name);
		zsh_text((*c)->summary, out);
		fputs("'\n", out);
	}
	fputs("\t\t'help:the help of a command'\n\t)\n\truns=(", out);
	for (const struct drvmem_cmd *const *c = cmds; *c; c++) {
		if (takes_command(*c))
			fprintf(out, " %s", (*c)->name);
	}
	fputs(" )\n", out);
	fputs(zsh_body, out);
	for (const struct drvmem_cmd *const *c = cmds; *c; c++)
		zsh_command(*c, out);
	fputs("\tesac\n}\n\n"
	      "# found by its name in $fpath, or sourced\n"
	      "if [[ $funcstack[1] == _drvmem ]]; then\n\t_drvmem \"$@\"\nelse\n\tcompdef _drvmem drvmem\nfi\n", out);
}

/* ---- fish ---- */

static void fish_text(const char *text, FILE *out)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (strchr("'\\", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

static void fish_values(enum drvmem_complete kind, FILE *out)
{
	switch (kind) {
	case DRVMEM_COMPLETE_FILES:
		fputs(" -F", out);
		break;
	case DRVMEM_COMPLETE_DIRS:
		fputs(" -f -a '(__fish_complete_directories (commandline -ct))'", out);
		break;
	case DRVMEM_COMPLETE_MODULES:
		fputs(" -f -a '(__drvmem_modules)'", out);
		break;
	case DRVMEM_COMPLETE_CACHES:
		fputs(" -f -a '(__drvmem_caches)'", out);
		break;
	case DRVMEM_COMPLETE_SHELLS:
		fputs(" -f -a 'bash zsh fish'", out);
		break;
	default:
		fputs(" -f", out);
	}
}

static void fish_option(const struct drvmem_cmd *cmd, const struct drvmem_opt *o, FILE *out)
{
	enum drvmem_complete kind = drvmem_complete__value(o);

	fprintf(out, "complete -c drvmem -n '__drvmem_in %s' -l %s", cmd->name, o->name);
	if (o->short_name)
		fprintf(out, " -s %c", o->short_name);
	if (kind == DRVMEM_COMPLETE_CHOICES) {
		fputs(" -x -a '", out);
		put_choices(o, out);
		fputc('\'', out);
	} else if (o->type != DRVMEM_OPT_FLAG) {
		fputs(" -r", out);
		fish_values(kind, out);
	}
	fputs(" -d ", out);
	fish_text(o->help, out);
	fputc('\n', out);
}

static const char fish_head[] =
	"# fish completion of drvmem, made from its option tables\n"
	"function __drvmem_modules\n    cut -d ' ' -f 1 /proc/modules 2>/dev/null\nend\n"
	"function __drvmem_caches\n    ls /sys/kernel/slab 2>/dev/null | string match -v ':*'\nend\n"
	"# the command of the line is one of these, and no '--' was seen\n"
	"function __drvmem_in\n"
	"    set -l words (commandline -opc)\n"
	"    test (count $words) -ge 2; and contains -- $words[2] $argv; and not contains -- -- $words\n"
	"end\n"
	"function __drvmem_first\n    test (count (commandline -opc)) -eq 1\nend\n"
	"function __drvmem_runs\n    set -l words (commandline -opc)\n"
	"    test (count $words) -ge 2; and contains -- -- $words\nend\n"
	"complete -c drvmem -f\n"
	"complete -c drvmem -n __drvmem_runs -F -a '(__fish_complete_command)'\n"
	"complete -c drvmem -n __drvmem_first -l help -d 'Show the commands'\n"
	"complete -c drvmem -n __drvmem_first -l version -d 'Show the versions'\n"
	"complete -c drvmem -n __drvmem_first -a help -d 'the help of a command'\n";

void drvmem_complete__fish(const struct drvmem_cmd *const *cmds, FILE *out)
{
	fputs(fish_head, out);
	for (const struct drvmem_cmd *const *c = cmds; *c; c++) {
		fprintf(out, "complete -c drvmem -n '__drvmem_first; or __drvmem_in help' -a %s -d ", (*c)->name);
		fish_text((*c)->summary, out);
		fputc('\n', out);
	}
	for (const struct drvmem_cmd *const *c = cmds; *c; c++) {
		enum drvmem_complete kind = drvmem_complete__argument(*c);

		if (kind != DRVMEM_COMPLETE_NONE) {
			fprintf(out, "complete -c drvmem -n '__drvmem_in %s'", (*c)->name);
			fish_values(kind, out);
			fputc('\n', out);
		}
		for (const struct drvmem_opt *o = (*c)->opts; o && o->name; o++)
			fish_option(*c, o, out);
	}
}
