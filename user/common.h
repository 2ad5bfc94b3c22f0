/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands that trace have in common: their options, how these become a
 * live run, and how an error or a loss becomes an exit code. Command layer.
 */
#ifndef DRVMEM_COMMON_H
#define DRVMEM_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "live.h"
#include "model/filter.h"
#include "out.h"
#include "view/scope.h"

enum drvmem_format { DRVMEM_FORMAT_TEXT = 0, DRVMEM_FORMAT_JSON, DRVMEM_FORMAT_JUNIT, DRVMEM_FORMAT_SARIF };

#define DRVMEM_DURATION_UNSET	UINT64_MAX
#define DRVMEM_SAMPLE_UNSET	UINT64_MAX
#define DRVMEM_LOSS_ANY		UINT64_MAX	/* --max-loss: no limit */

struct drvmem_common {
	struct drvmem_strlist owners, caches, sites, library;
	struct drvmem_strlist allocators;	/* names; none = all */
	uint64_t min_size, max_size;	/* max 0 = no upper bound */
	uint64_t duration_ns;		/* DRVMEM_DURATION_UNSET = not given */
	uint64_t track_max, max_sites;	/* 0 = the session's choice */
	uint64_t max_loss_ppm;
	uint64_t sample_bytes;		/* DRVMEM_SAMPLE_UNSET = not given */
	uint64_t max_overhead;		/* percent of the CPU time of all CPUs; 0 = no limit */
	int owner_policy;		/* enum drvmem_owner_policy */
	int walk;			/* enum drvmem_walk_choice */
	int second_look;		/* enum drvmem_look_choice */
	int full_stacks;		/* 0 sampled, 1 full */
	int format;			/* enum drvmem_format */
	const char *output;
	bool verbose;
	const char *file;		/* a recorded session; NULL = trace */
	const char *at, *window;	/* of it, as given; NULL = not given */
};

#define DRVMEM_COMMON_INIT	\
	{ .duration_ns = DRVMEM_DURATION_UNSET, .max_loss_ppm = DRVMEM_LOSS_ANY,	\
	  .sample_bytes = DRVMEM_SAMPLE_UNSET }

extern const char *const drvmem_format_names[];		/* text and json */
extern const char *const drvmem_findings_format_names[];	/* order of enum drvmem_format */
extern const char *const drvmem_owner_policies[];	/* order of enum drvmem_owner_policy */
extern const char *const drvmem_walk_choices[];		/* order of enum drvmem_walk_choice */
extern const char *const drvmem_look_choices[];		/* order of enum drvmem_look_choice */
extern const char *const drvmem_stack_choices[];	/* "sampled", "full" */

#define DRVMEM_OFF(type, field) offsetof(type, common) + offsetof(struct drvmem_common, field)

/* Rows for option tables; type has a struct drvmem_common called common. */
#define DRVMEM_OPT_FILTERS(type)								\
	DRVMEM_OPT_FILTER_NAMES(type),								\
	{ "min-size", 0, DRVMEM_OPT_SIZE, DRVMEM_OFF(type, min_size), "SIZE",			\
	  "Trace only requests of at least SIZE bytes.", NULL, 0, 0 },				\
	{ "max-size", 0, DRVMEM_OPT_SIZE, DRVMEM_OFF(type, max_size), "SIZE",			\
	  "Trace only requests of at most SIZE bytes (0 = no limit).", NULL, 0, 0 }

#define DRVMEM_OPT_FILTER_NAMES(type)								\
	{ "module", 'm', DRVMEM_OPT_LIST, DRVMEM_OFF(type, owners), "GLOB",			\
	  "Only owners that match, e.g. 'e1000*', 'kernel', 'kernel:net*'; may repeat.",	\
	  NULL, 0, 0 },										\
	{ "cache", 0, DRVMEM_OPT_LIST, DRVMEM_OFF(type, caches), "GLOB",			\
	  "Only objects of caches that match, e.g. 'kmalloc-*'.", NULL, 0, 0 },			\
	{ "site", 0, DRVMEM_OPT_LIST, DRVMEM_OFF(type, sites), "GLOB",				\
	  "Only call sites that match, e.g. 'unix_*'.", NULL, 0, 0 }

/* Of commands that read recorded sessions too: FILE in place of INTERVAL. */
#define DRVMEM_OPT_REPLAY(type)									\
	{ "at", 0, DRVMEM_OPT_STR, DRVMEM_OFF(type, at), "TIME",				\
	  "Of FILE: the interval at TIME, not the last. '12:30', '2026-01-31 12:30:05', '@SECONDS' "	\
	  "since 1970, '+DUR' from the start, '-DUR' from the end, or the text of a mark.",	\
	  NULL, 0, 0 },										\
	{ "window", 0, DRVMEM_OPT_STR, DRVMEM_OFF(type, window), "A..B",			\
	  "Of FILE: what changed from A to B, each such a TIME; without one of them the start or the end.",	\
	  NULL, 0, 0 }

/* Of commands that show what allocators hold. */
#define DRVMEM_OPT_ALLOC(type)									\
	{ "alloc", 0, DRVMEM_OPT_LIST, DRVMEM_OFF(type, allocators), "LIST",			\
	  "Trace only these allocators: slab, page, vmalloc, percpu, dma (with mappings). The "	\
	  "programs of the others are not attached.", NULL, 0, 0 }

#define DRVMEM_OPT_DURATION_ROW(type, text)							\
	{ "duration", 0, DRVMEM_OPT_DURATION, DRVMEM_OFF(type, duration_ns), "DUR", text,	\
	  NULL, 0, 0 }

#define DRVMEM_OPT_OUTPUT(type)									\
	DRVMEM_OPT_OUTPUT_AS(type, drvmem_format_names, "Form of the result, and of errors on stderr.")

/* Of commands whose result can be findings: -f junit, -f sarif. */
#define DRVMEM_OPT_OUTPUT_FINDINGS(type)							\
	DRVMEM_OPT_OUTPUT_AS(type, drvmem_findings_format_names,				\
			     "Form of the result; with json errors on stderr are JSON too.")

#define DRVMEM_OPT_OUTPUT_AS(type, forms, text)							\
	{ "format", 'f', DRVMEM_OPT_CHOICE, DRVMEM_OFF(type, format), "FORM", text, forms, 0, 0 },\
	{ "output", 'o', DRVMEM_OPT_STR, DRVMEM_OFF(type, output), "FILE",			\
	  "Write the result to FILE, which appears whole or not at all.", NULL, 0, 0 }

/* Not where each object must be known: leaks. */
#define DRVMEM_OPT_SAMPLING(type)								\
	{ "sample", 0, DRVMEM_OPT_SIZE, DRVMEM_OFF(type, sample_bytes), "BYTES",		\
	  "Sample: one point in BYTES of what is allocated (1K to 64M, e.g. 512K); figures "	\
	  "become estimates with 95 % intervals.", NULL, 0, 0 },				\
	{ "max-overhead", 0, DRVMEM_OPT_U64, DRVMEM_OFF(type, max_overhead), "PCT",		\
	  "Sample one point in 512K from when tracing takes more than PCT percent of the CPU "	\
	  "time.", NULL, 1, 100 }

#define DRVMEM_OPT_SESSION(type)								\
	{ "owner", 0, DRVMEM_OPT_CHOICE, DRVMEM_OFF(type, owner_policy), "POLICY",		\
	  "Which frame owns: first non-library module, module of the call site, first "		\
	  "module, or last module before an interrupt.", drvmem_owner_policies, 0, 0 },		\
	{ "stacks", 0, DRVMEM_OPT_CHOICE, DRVMEM_OFF(type, full_stacks), "WHICH",		\
	  "Stacks of each site's first allocations and 1 in 4096, or of every allocation: "	\
	  "each stack then has its own figures (--by stack).", drvmem_stack_choices, 0, 0 },	\
	{ "walk", 0, DRVMEM_OPT_CHOICE, DRVMEM_OFF(type, walk), "HOW",				\
	  "How stacks are walked: our own walk where it works, the kernel's unwinder (30 "	\
	  "times dearer), or both for every allocation, compared.", drvmem_walk_choices, 0, 0 },\
	{ "second-look", 0, DRVMEM_OPT_CHOICE, DRVMEM_OFF(type, second_look), "WHEN",		\
	  "Look at frees a second time, for those that the kernel did not show while drvmem "	\
	  "ran already: once some were missed, from the start, or never.", drvmem_look_choices,	\
	  0, 0 },										\
	{ "library", 0, DRVMEM_OPT_LIST, DRVMEM_OFF(type, library), "LIST",			\
	  "Modules that allocate for others, e.g. usbcore,snd_*; replaces the built-in "	\
	  "list.", NULL, 0, 0 },								\
	{ "track-max", 0, DRVMEM_OPT_U64, DRVMEM_OFF(type, track_max), "N",			\
	  "Live objects the table has room for (default 1000000, 32 bytes each).",		\
	  NULL, 1, UINT64_C(1) << 32 },								\
	{ "max-sites", 0, DRVMEM_OPT_U64, DRVMEM_OFF(type, max_sites), "N",			\
	  "Call sites kept apart (default: by number of CPUs).", NULL, 1, DRVMEM_MAX_SITES },	\
	{ "verbose", 'v', DRVMEM_OPT_FLAG, DRVMEM_OFF(type, verbose), NULL,			\
	  "Show libbpf's own messages on stderr.", NULL, 0, 0 }

void drvmem_common__deinit(struct drvmem_common *c);
/* Sizes that fit together, patterns that can be meant. -EINVAL with err (exit 2). */
DRVMEM_MUST_CHECK int drvmem_common__check(const struct drvmem_common *c, struct drvmem_err *err);
/*
 * Commands that read recorded sessions: a first positional argument that is no interval is one, and is taken out
 * of args. Options that mean nothing then are errors. -EINVAL with err (exit 2).
 */
DRVMEM_MUST_CHECK int drvmem_common__take_file(struct drvmem_common *c, struct drvmem_args *args, struct drvmem_err *err);
/* The filter refers to the lists of c. */
struct drvmem_filter drvmem_common__filter(const struct drvmem_common *c);
/* Fills a live run: session options, and the command after "--" if there is one. */
void drvmem_common__live(const struct drvmem_common *c, const char *name,
			 const struct drvmem_args *args, uint64_t default_duration_ns,
			 struct drvmem_live_opts *ret);
/*
 * INTERVAL [COUNT] and what they exclude, into ret. With --duration and no COUNT, as
 * many intervals as fit. -EINVAL with err (exit 2).
 */
DRVMEM_MUST_CHECK int drvmem_common__intervals(const struct drvmem_common *c,
					       const struct drvmem_args *args,
					       struct drvmem_live_opts *ret,
					       struct drvmem_err *err);
/* No positional arguments, no --duration beside a command. -EINVAL with err (exit 2). */
DRVMEM_MUST_CHECK int drvmem_common__no_intervals(const struct drvmem_common *c,
						  const struct drvmem_args *args,
						  struct drvmem_err *err);
/*
 * The scope of a snapshot under the filter of c. On the last snapshot a pattern that
 * fits nothing is an error (exit 2). 0 or -errno with err filled.
 */
DRVMEM_MUST_CHECK int drvmem_common__scope(const struct drvmem_common *c,
					   const struct drvmem_snapshot *prev,
					   const struct drvmem_snapshot *cur, bool last,
					   struct drvmem_scope **ret, struct drvmem_err *err);

/*
 * The whole run: options checked, path (NULL = stdout) seen to be writable, traced, or read from c->file, with
 * fn, which renders into out, and written. 0 or -errno with err filled; out is closed.
 */
DRVMEM_MUST_CHECK int drvmem_common__trace(const struct drvmem_common *c,
					   const struct drvmem_live_opts *live, const char *path,
					   struct drvmem_out *out, drvmem_live_fn fn, void *arg,
					   int *ret_signal, struct drvmem_err *err);

/* Does this command line ask for JSON? Ask before it is parsed: then errors know too. */
/* What the commands that trace have in common: parse, trace, tell how it ended. */
struct drvmem_tracing {
	struct drvmem_common *common;	/* lies in opts */
	void *opts;			/* what the option table fills */
	int (*trace)(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
		     struct drvmem_err *err);
	/* left by trace */
	double loss_ppm;
	bool found;
	bool replays;		/* given: the command reads recorded sessions too */
	bool incomplete;	/* nothing found, and nothing proven: status 4 */
};
/* The command's exit status. */
int drvmem_tracing__run(const struct drvmem_cmd *cmd, int argc, char **argv, struct drvmem_tracing *t);

bool drvmem_wants_json(int argc, char **argv);
/* --help of a command on stdout; the exit code. */
int drvmem_show_help(const struct drvmem_cmd *cmd);
/* Renders err on stderr and gives its exit code. */
int drvmem_fail(const struct drvmem_cmd *cmd, const struct drvmem_err *err, bool json);
/* 143 after a SIGTERM, 4 for a loss above the limit when nothing was found, else found or 0. */
int drvmem_exit_code(const struct drvmem_common *c, int signal, double loss_ppm, bool found);

#endif /* DRVMEM_COMMON_H */
