// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include "verify.h"

#define DEFAULT_GRACE_NS	10000000000ull
#define MAX_KFENCE_NS		3600000000000ull

static const char *const reach_choices[] = { "auto", "on", "off", NULL };

static const struct drvmem_opt options[] = {
	{ "device", 0, DRVMEM_OPT_STR, offsetof(struct drvmem_verifying_opts, device), "BUSID",
	  "Instead of a module: a device, until it loses its driver, e.g. 0000:00:03.0.", NULL, 0, 0 },
	{ "cycles", 'n', DRVMEM_OPT_U64, offsetof(struct drvmem_verifying_opts, cycles), "N",
	  "Watch until it was unloaded, or unbound, N times (default 1).", NULL, 1, 1000 },
	{ "grace", 0, DRVMEM_OPT_DURATION, offsetof(struct drvmem_verifying_opts, grace_ns), "DUR",
	  "Time that RCU and work items have after the unload (default 10s); ends when nothing is left.",
	  NULL, 0, 0 },
	{ "timeout", 0, DRVMEM_OPT_DURATION, offsetof(struct drvmem_verifying_opts, timeout_ns), "DUR",
	  "Watch so long at most (default: until Ctrl-C); what could be judged then is.", NULL, 0, 0 },
	{ "reach", 0, DRVMEM_OPT_CHOICE, offsetof(struct drvmem_verifying_opts, reach), "WHEN",
	  "Read the kernel's memory to tell who holds what is left, what is lost, and what is free after all: auto "
	  "(where that looks like a leak, and memory can be read; default), on (whatever is left), off.",
	  reach_choices, 0, 0 },
	{ "faults", 0, DRVMEM_OPT_STR, offsetof(struct drvmem_verifying_opts, checking.faults), "WHAT",
	  "Have allocations of the module's code fail: slab, page or slab,page; after a colon percent, one of how "
	  "many, most failures of a load, bytes that succeed first: slab:probability=10,interval=1,times=-1,"
	  "space=0 (the defaults).", NULL, 0, 0 },
	{ "kfence", 0, DRVMEM_OPT_FLAG, offsetof(struct drvmem_verifying_opts, checking.kfence), NULL,
	  "Have KFENCE look for memory errors meanwhile.", NULL, 0, 0 },
	{ "kfence-interval", 0, DRVMEM_OPT_DURATION, offsetof(struct drvmem_verifying_opts, checking.kfence_ns),
	  "DUR", "The same, one object in so long is guarded (default 10ms).", NULL, 1000000, MAX_KFENCE_NS },
	{ "top", 'T', DRVMEM_OPT_U64, offsetof(struct drvmem_verifying_opts, top), "N",
	  "Rows of what each load left (default 20, 0 = all); the rest is summed. json holds all.", NULL,
	  0, 1000000 },
	DRVMEM_OPT_OUTPUT(struct drvmem_verifying_opts),
	DRVMEM_OPT_SESSION(struct drvmem_verifying_opts),
	{ "max-loss", 0, DRVMEM_OPT_U64, DRVMEM_OFF(struct drvmem_verifying_opts, max_loss_ppm), "PPM",
	  "Nothing found but more than PPM events lost: status 4 (default 1000).", NULL, 0, 0 },
	{ 0 },
};

static const char *const examples[] = {
	"drvmem verify e1000e", "from now, or its load, to its unload in another terminal",
	"drvmem verify mydrv -- ./load-use-unload.sh", "every load and unload that a command makes",
	"drvmem verify mydrv -n 3 --timeout 10m -f json", "three cycles, for a CI job",
	"drvmem verify mydrv --faults slab:probability=5 --kfence -- ./test.sh", "its error paths, and its use of memory",
	"drvmem verify --device 0000:00:03.0", "what a device leaves when it is unbound", NULL,
};

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct drvmem_verifying_opts o = { .common = DRVMEM_COMMON_INIT, .grace_ns = DEFAULT_GRACE_NS,
					   .top = 20 };
	struct drvmem_verifying r = { .t = { .common = &o.common, .opts = &o, .trace = drvmem_verifying__trace },
				      .o = &o };

	o.common.max_loss_ppm = 1000;
	/* a free that is missed is an object too many */
	o.common.second_look = DRVMEM_LOOK_ON;
	return drvmem_tracing__run(cmd, argc, argv, &r.t);
}

const struct drvmem_cmd drvmem_cmd_verify = {
	.name = "verify",
	.summary = "what a module leaves behind when it is unloaded",
	.usage = "[OPTIONS] MODULE [-- CMD...]",
	.description =
		"Watches a module from its load (of one that is loaded already: from now) to its "
		"unload, gives RCU and work items time, and judges each load: clean, leak, in "
		"custody (socket buffers and the like, which others may hold), incomplete (it "
		"cannot be told, and why), not unloaded. With what is left by site, and the table "
		"by kind: attempted, succeeded, failed, not tracked, current, peak.\n\n"
		"With --faults and --kfence settings of the kernel are changed for the time of the run. They are "
		"restored at its end, also when it is killed; where its guard process is too, by 'drvmem "
		"restore'. Memory errors that the kernel reports meanwhile, and that name the module, are "
		"findings.\n\n"
		"The status is 1 when a leak was found or a memory error, and 4 when none was but nothing could be "
		"proven: not unloaded, lost events, or loaded before.",
	.opts = options,
	.examples = examples,
	.run = run,
};
