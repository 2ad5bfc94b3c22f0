/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One option table per command drives parsing, --help, man page and completions.
 * Values are written into a caller-owned struct by offset. No globals, no exit.
 */
#ifndef DRVMEM_BASE_OPT_H
#define DRVMEM_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum drvmem_opt_type {
	DRVMEM_OPT_FLAG,	/* bool */
	DRVMEM_OPT_STR,		/* const char *: points into argv */
	DRVMEM_OPT_U64,		/* uint64_t, decimal */
	DRVMEM_OPT_SIZE,	/* uint64_t bytes: 512, 64K, 1.5M, 2GiB (powers of 1024) */
	DRVMEM_OPT_DURATION,	/* uint64_t ns: 10 (s), 500ms, 2m, 1h30m, 1d */
	DRVMEM_OPT_CHOICE,	/* int: index into choices[] */
	DRVMEM_OPT_LIST,	/* struct drvmem_strlist: may repeat, and comma separated */
};

#define DRVMEM_STRLIST_MAX 64
struct drvmem_strlist {
	const char *v[DRVMEM_STRLIST_MAX];	/* owned by the list (freed by __deinit) */
	uint32_t n;
};
void drvmem_strlist__deinit(struct drvmem_strlist *l);

struct drvmem_opt {
	const char *name;		/* long name without "--"; NULL ends the table */
	char short_name;		/* 0 = none */
	enum drvmem_opt_type type;
	size_t offset;			/* of the field in the options struct */
	const char *metavar;		/* "DUR"; NULL for flags */
	const char *help;		/* one sentence, no newline; wrapped by --help */
	const char *const *choices;	/* NULL-terminated, CHOICE only */
	uint64_t min, max;		/* U64, SIZE, DURATION; both 0 = any */
};

struct drvmem_cmd {
	const char *name;
	const char *summary;		/* one line for `drvmem --help` */
	const char *usage;		/* after "drvmem NAME": "[OPTIONS] [INTERVAL [COUNT]] [-- CMD...]" */
	const char *description;	/* paragraphs for --help and man, '\n\n' between */
	const struct drvmem_opt *opts;
	const char *const *examples;	/* pairs "command line", "what it does"; NULL-terminated */
	/* argc/argv: what follows the command name. Returns an exit code (enum drvmem_exit or 128+sig). */
	int (*run)(const struct drvmem_cmd *cmd, int argc, char **argv);
};

struct drvmem_args {
	char **positional;	/* points into argv (permuted) */
	int nr_positional;
	char **command;		/* what follows "--", NULL when there is none */
	int nr_command;
	bool help;		/* --help or -h was given */
};

/*
 * Parses argv[0..argc) (no program name) by the table into opts. Unknown option,
 * missing or malformed value, value out of range: -EINVAL, err filled (exit 2),
 * with the nearest option name as a hint. Long options accept --name=value and
 * --name value; an unambiguous prefix is NOT accepted. Short flags may be joined
 * (-vq), a short option's value too (-fjson). --help ends parsing with success.
 * "--" without a command behind it is an error. Fields set before an error stay
 * set: the caller frees lists either way.
 */
DRVMEM_MUST_CHECK int drvmem_opt__parse(const struct drvmem_cmd *cmd, int argc, char **argv,
					void *opts, struct drvmem_args *ret_args,
					struct drvmem_err *err);
/* --help text, <= 80 columns. */
void drvmem_opt__help(const struct drvmem_cmd *cmd, FILE *out);

/*
 * Candidate that a mistyped word most likely meant (edit distance, or the word is
 * a prefix of it), NULL when none is near. For options, choices and commands.
 */
const char *drvmem_opt__nearest(const char *word, const char *const *candidates);
/* Option called name (without dashes), or NULL. */
const struct drvmem_opt *drvmem_opt__find(const struct drvmem_cmd *cmd, const char *name);
/*
 * Adds copies of the parts of a comma separated text. -EINVAL: empty part, -E2BIG:
 * more than the list holds, -ENOMEM; what was added before stays.
 */
DRVMEM_MUST_CHECK int drvmem_strlist__add(struct drvmem_strlist *l, const char *text);

/* Value parsers, also for positional arguments. -EINVAL / -ERANGE; whole string must be used. */
DRVMEM_MUST_CHECK int drvmem_parse_u64(const char *s, uint64_t *ret);
DRVMEM_MUST_CHECK int drvmem_parse_size(const char *s, uint64_t *ret_bytes);
DRVMEM_MUST_CHECK int drvmem_parse_duration(const char *s, uint64_t *ret_ns);

#endif /* DRVMEM_BASE_OPT_H */
