// SPDX-License-Identifier: GPL-2.0-or-later
#include "manual.h"

#include <stddef.h>
#include <string.h>

#define NO_COLOR_ROW "NO_COLOR", "When it is set and not empty, nothing is coloured."
#define COLUMNS_ROW "COLUMNS", "Width of tables, where the terminal does not tell it."
#define KALLSYMS_ROW "/proc/kallsyms, /proc/modules", "Names of functions and of the modules that they belong to."
#define BTF_ROW "/sys/kernel/btf/vmlinux", "The kernel's own description of its types; without it nothing can be traced."

/* True of all commands that trace. */
#define RIGHTS "Tracing needs CAP_BPF and CAP_PERFMON (before Linux 5.8 CAP_SYS_ADMIN), and CAP_SYSLOG for the " \
	       "names of functions; root has them. \"drvmem doctor\" says what is missing here."
#define COST "Every allocation and free is counted while tracing is on, which costs those who allocate. The " \
	     "figures are in each report (own cost) and in doc/how-it-works.md."
#define OLDER "Objects older than the session are not seen, but summed up as \"before tracing\"."

static const char *const tracing_files[] = { BTF_ROW, KALLSYMS_ROW, NULL };
static const char *const report_files[] = {
	BTF_ROW, KALLSYMS_ROW,
	"/proc/allocinfo", "Where the kernel has it: its own count of what each module took, beside which tracing is put.",
	"/sys/kernel/debug/page_owner, page_owner_stacks/show_stacks",
	"The same of pages, with --coverage or --baseline, where the kernel was started with page_owner=on. The first "
	"has a record for every block of the machine: reading it can take minutes.", NULL,
};
static const char *const text_environment[] = { NO_COLOR_ROW, COLUMNS_ROW, NULL };
static const char *const tracing_caveats[] = { RIGHTS, COST, OLDER, NULL };

static const char *const drvmem_files[] = {
	BTF_ROW, KALLSYMS_ROW,
	"/usr/share/drvmem", "Rules and dashboards for Prometheus and Grafana, where they were installed.", NULL,
};
static const char *const drvmem_environment[] = {
	NO_COLOR_ROW, COLUMNS_ROW,
	"DEBUGINFOD_URLS", "Servers of debug information, asked only by \"leaks --lines --debuginfod\".", NULL,
};

static const char *const top_environment[] = {
	NO_COLOR_ROW, COLUMNS_ROW,
	"TERM", "The terminal's type; \"dumb\" has no live view.", NULL,
};

static const char *const leaks_environment[] = {
	NO_COLOR_ROW, COLUMNS_ROW,
	"DEBUGINFOD_URLS", "Servers that --debuginfod asks.", NULL,
};
static const char *const leaks_caveats[] = {
	RIGHTS, COST,
	"What was allocated before tracing began cannot be judged.",
	"An object that is still live is no leak while somebody means to free it; \"drvmem verify\" proves "
	"leaks of a module that can be unloaded.", NULL,
};

static const char *const record_files[] = {
	"FILE-wal, FILE-shm", "Belong to FILE while it is recorded.", BTF_ROW, KALLSYMS_ROW, NULL,
};
static const char *const record_caveats[] = {
	"A session holds kernel addresses and can be read by its owner only, unless it is recorded with "
	"--redact.", RIGHTS, COST, OLDER, NULL,
};

static const char *const mark_environment[] = {
	"DRVMEM_SESSION", "Set by drvmem for the command that it traces: the process id of the session.", NULL,
};

static const char *const verify_files[] = {
	"/run/drvmem/settings", "Settings of the kernel that --faults and --kfence changed, for \"drvmem restore\".",
	BTF_ROW, KALLSYMS_ROW, NULL,
};
static const char *const verify_caveats[] = {
	"The verdict \"clean\" is of the loads that were watched, with the paths that ran meanwhile.",
	"--faults makes allocations of this module fail: use a machine that may be lost.", RIGHTS, COST, NULL,
};
static const char *const verify_see[] = { "modprobe(8)", NULL };

static const char *const restore_files[] = {
	"/run/drvmem/settings", "What is to be restored; it goes away when that is done.", NULL,
};

static const char *const metrics_caveats[] = {
	"Counters begin with each run: take differences within one run only.", RIGHTS, COST, NULL,
};
static const char *const metrics_see[] = { "promtool(1)", "systemd.timer(5)", NULL };

static const char *const advise_caveats[] = {
	"What a change would bring is computed by the kernel's arithmetic from this session's objects: another "
	"workload can need another answer.", RIGHTS, COST, OLDER, NULL,
};

static const char *const diff_caveats[] = {
	"Call sites go together by name: a function that was renamed is gone in A and new in B.", NULL,
};

static const char *const completion_files[] = {
	"/usr/share/bash-completion/completions/drvmem", "For bash.",
	"/usr/share/zsh/vendor-completions/_drvmem", "For zsh; site-functions where the distribution has that.",
	"/usr/share/fish/vendor_completions.d/drvmem.fish", "For fish.", NULL,
};
static const char *const completion_caveats[] = {
	"Names of modules and caches are read from /proc and /sys by the shell when the key is pressed, as the "
	"user who pressed it.", NULL,
};

static const char *const serve_files[] = {
	"/etc/default/drvmem", "ARGS, the options of drvmem-exporter.service.", BTF_ROW, KALLSYMS_ROW, NULL,
};
static const char *const serve_environment[] = {
	"LISTEN_FDS, NOTIFY_SOCKET, WATCHDOG_USEC", "As systemd sets them.",
	"JOURNAL_STREAM", "When it is set, lines begin with the journal's priority.", NULL,
};
static const char *const serve_caveats[] = {
	"Counters begin when it starts. Figures are as old as drvmem_snapshot_age_seconds says.",
	"Names of functions are in profiles and, where they are asked for, in metrics of call sites; kernel addresses "
	"are in neither.", RIGHTS, COST, OLDER, NULL,
};
static const char *const serve_see[] = { "promtool(1)", "systemd.socket(5)", NULL };

static const struct drvmem_man_notes notes[] = {
	{ NULL, drvmem_files, drvmem_environment, tracing_caveats, (const char *const[]){ "bpftool(8)", "slabtop(1)", NULL } },
	{ "report", report_files, text_environment, tracing_caveats, NULL },
	{ "top", tracing_files, top_environment, tracing_caveats, (const char *const[]){ "slabtop(1)", NULL } },
	{ "record", record_files, NULL, record_caveats, NULL },
	{ "leaks", tracing_files, leaks_environment, leaks_caveats, NULL },
	{ "diff", NULL, text_environment, diff_caveats, NULL },
	{ "verify", verify_files, text_environment, verify_caveats, verify_see },
	{ "advise", tracing_files, text_environment, advise_caveats, NULL },
	{ "metrics", tracing_files, NULL, metrics_caveats, metrics_see },
	{ "serve", serve_files, serve_environment, serve_caveats, serve_see },
	{ "mark", NULL, mark_environment, NULL, NULL },
	{ "doctor", tracing_files, text_environment, NULL, NULL },
	{ "restore", restore_files, NULL, NULL, NULL },
	{ "completion", completion_files, NULL, completion_caveats, NULL },
};

const struct drvmem_man_notes *drvmem_manual__notes(const char *command)
{
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		const char *of = notes[i].command;

		if (of == command || (of && command && !strcmp(of, command)))
			return &notes[i];
	}
	return NULL;
}
