// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include "recording.h"

#define S 1000000000ull

static const struct drvmem_opt options[] = {
	{ "output", 'o', DRVMEM_OPT_STR, DRVMEM_OFF(struct drvmem_recording_opts, output), "FILE",
	  "The session, a new file that only its owner can read.", NULL, 0, 0 },
	{ "interval", 0, DRVMEM_OPT_DURATION, offsetof(struct drvmem_recording_opts, interval_ns), "DUR",
	  "From one interval to the next (default 10s); a mark begins one too.", NULL, 100000000, 86400 * S },
	{ "objects-every", 0, DRVMEM_OPT_DURATION, offsetof(struct drvmem_recording_opts, objects_ns), "DUR",
	  "How often the list of live objects is renewed, which 'leaks' reads (default 60s, 0 = at the end only).",
	  NULL, 0, 0 },
	{ "generations", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_recording_opts, generations), NULL,
	  "Marks begin generations: what was allocated and freed inside and outside of a window between two marks is "
	  "then known to the object, also of what has ended.", NULL, 0, 0 },
	{ "advise", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_recording_opts, advise), NULL,
	  "Also keep what 'drvmem advise FILE' goes by; each event costs more.", NULL, 0, 0 },
	{ "reach", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_recording_opts, reach), NULL,
	  "At the end, read the kernel's memory and keep who holds each live object: 'leaks FILE' then tells what is "
	  "lost.", NULL, 0, 0 },
	{ "replace", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_recording_opts, store.replace), NULL,
	  "An old session of that name goes (never another kind of file).", NULL, 0, 0 },
	{ "redact", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_recording_opts, store.redact), NULL,
	  "Keep no kernel address and no host name: a file to send to others.", NULL, 0, 0 },
	{ "max-size", 0, DRVMEM_OPT_SIZE, offsetof(struct drvmem_recording_opts, store.max_bytes), "SIZE",
	  "Give up the oldest intervals when the file is larger (0 = no limit).", NULL, 0, 0 },
	{ "max-age", 0, DRVMEM_OPT_DURATION, offsetof(struct drvmem_recording_opts, max_age_ns), "DUR",
	  "Give up intervals older than DUR (0 = keep all).", NULL, 0, 0 },
	{ "rotate-every", 0, DRVMEM_OPT_DURATION, offsetof(struct drvmem_recording_opts, rotate.every_ns), "DUR",
	  "Begin another file each DUR: FILE-20260101T120000Z.drvmem (UTC), each complete in itself.", NULL, S, 366 * 86400 * S },
	{ "rotate-size", 0, DRVMEM_OPT_SIZE, offsetof(struct drvmem_recording_opts, rotate.size_bytes), "SIZE",
	  "The same when a file has SIZE; with both, whichever comes first.", NULL, 0, 0 },
	{ "keep", 0, DRVMEM_OPT_U64, offsetof(struct drvmem_recording_opts, rotate.keep), "N",
	  "Of the files of that name keep the newest N, also of earlier recordings (default 0 = all).", NULL, 0, 1000000 },
	{ "leave-root", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_recording_opts, leave_root), NULL,
	  "At the end, unmount the root directory this runs in, if that is a tmpfs by the name drvmem: for a recording that "
	  "began in the initramfs, in a root of its own.", NULL, 0, 0 },
	DRVMEM_OPT_FILTER_NAMES(struct drvmem_recording_opts),
	DRVMEM_OPT_DURATION_ROW(struct drvmem_recording_opts, "Record so long (default: until Ctrl-C)."),
	{ "format", 'f', DRVMEM_OPT_CHOICE, DRVMEM_OFF(struct drvmem_recording_opts, format), "FORM",
	  "Form of errors on stderr.", drvmem_format_names, 0, 0 },
	DRVMEM_OPT_SAMPLING(struct drvmem_recording_opts),
	DRVMEM_OPT_ALLOC(struct drvmem_recording_opts),
	DRVMEM_OPT_SESSION(struct drvmem_recording_opts),
	{ "max-loss", 0, DRVMEM_OPT_U64, DRVMEM_OFF(struct drvmem_recording_opts, max_loss_ppm), "PPM",
	  "End with status 4 when more than PPM of the events were lost.", NULL, 0, 0 },
	{ 0 },
};

static const char *const examples[] = {
	"drvmem record -o night.drvmem", "until Ctrl-C, an interval every 10 s",
	"drvmem record -o run.drvmem --interval 1s -- ./load.sh", "exactly the life of a command",
	"drvmem record -o last-day.drvmem --max-age 1d", "the last day, for ever",
	"drvmem record -o /var/log/mem --rotate-every 1h --keep 48", "two days, for ever, a file each hour",
	"drvmem mark 'new firmware'", "a mark in it, from another terminal",
	"drvmem report night.drvmem", "what a live report would have said at its end",
	NULL,
};

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct drvmem_recording_opts o = { .common = DRVMEM_COMMON_INIT, .interval_ns = 10 * S, .objects_ns = 60 * S };
	struct drvmem_recording r = { .t = { &o.common, &o, drvmem_recording__trace, 0, false }, .o = &o, .marks.fd = -1 };

	return drvmem_tracing__run(cmd, argc, argv, &r.t);
}

const struct drvmem_cmd drvmem_cmd_record = {
	.name = "record",
	.summary = "traces for long, into a file that every command reads again",
	.usage = "-o FILE [OPTIONS] [-- CMD...]",
	.description =
		"Traces until Ctrl-C, for a time, or for the life of a command, and adds an interval "
		"to FILE every so often: the figures of every site, the sums of each owner and "
		"allocator, stacks, modules, the kernel's own counts, losses. Each interval is one "
		"transaction: whatever ends the recording, all intervals before are in the file. "
		"It is an SQLite database (doc/session-file.md), and 'drvmem report FILE' and "
		"'drvmem leaks FILE' read it, anywhere, without rights.",
	.opts = options,
	.examples = examples,
	.run = run,
};
