// SPDX-License-Identifier: GPL-2.0-or-later
#include "serving.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/stop.h"
#include "lowrights.h"
#include "serve/sandbox.h"
#include "trace.h"

#define MAX_OVERHEAD	0.01		/* of all CPUs' time, unless it is said */
#define LOSS_NS		60000000000ull	/* at most so often a loss, or what failed, is told */
#define FIRST_NS	200000000ull	/* until the first figures */

const char *const drvmem_serving_levels[] = { "error", "warn", "info", "debug", NULL };
const char *const drvmem_serving_forms[] = { "logfmt", "json", NULL };

/* ---- rights */

/* Addresses of the kernel's symbols are zero for those who may not see them. */
static bool symbols_seen(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/kallsyms", "re");
	char line[256];
	uint32_t i;

	for (i = 0; f && i < 4096 && fgets(line, sizeof(line), f); i++)
		if (strncmp(line, "0000000000000000", 16))
			return true;
	return false;
}

struct reference {
	struct drvmem_serving *s;
	bool symbols;
	uint32_t readable;
};

/* In a child with fewer rights: all that an interval does. */
static bool works(void *arg)
{
	const struct reference *r = arg;
	struct drvmem_err err = { 0 };
	struct drvmem_snapshot *now;
	uint32_t nr = 0;

	if (!drvmem_webproc__can_configure(&r->s->web) ||
	    drvmem_trace__snapshot(r->s->trace, r->s->o->expose.ages || r->s->o->expose.nodes, &now, &err))
		return false;
	nr = now->nr_sites;
	drvmem_snapshot__free(now);
	if (r->symbols && !symbols_seen())
		return false;
	return nr && drvmem_expose__readable(&r->s->expose) >= r->readable;
}

static void lower_rights(struct drvmem_serving *s)
{
	uint64_t had = drvmem_sandbox__capabilities(), kept = 0;
	struct reference r = { .s = s };
	char text[256];
	int e;

	s->lowered = true;
	if (s->o->keep_rights || !had)
		return;
	r.symbols = drvmem_trace__info(s->trace)->modules_supported && symbols_seen();
	r.readable = drvmem_expose__readable(&s->expose);
	drvmem_notify(&s->notify, "WATCHDOG=1");	/* what comes may take a while */
	e = drvmem_lowrights__drop(works, &r, &kept);
	if (e)
		drvmem_weblog(&s->log, DRVMEM_LOG_WARN, "no capability was given up: without one of them not all can be read",
			      "error", drvmem_errno_name(e), NULL);
	else
		drvmem_weblog(&s->log, DRVMEM_LOG_INFO, "gave up what tracing needs no more",
			      "kept", drvmem_sandbox__names(kept, text, sizeof(text)), NULL);
}

/* ---- the run */

static void tell_status(struct drvmem_serving *s, const struct drvmem_snapshot *cur)
{
	uint64_t lost = drvmem_loss__total(&cur->loss), now = drvmem_now_ns();
	char n[32];

	s->owners = cur->nr_instances;
	if (lost > s->lost && now >= s->lost_told_ns) {
		s->lost_told_ns = now + LOSS_NS;
		s->lost = lost;
		snprintf(n, sizeof(n), "%" PRIu64, lost);
		drvmem_weblog(&s->log, DRVMEM_LOG_WARN, "events were lost: figures are lower bounds", "events", n, NULL);
	}
	drvmem_notify(&s->notify, "STATUS=tracing %u modules, %" PRIu64 " events lost%s", s->owners, lost,
		      s->sampled ? ", sampling" : "");
}

/* A walk that differs is a fault of ours: owners may have been wrong until then. */
static void tell_walk(struct drvmem_serving *s, const struct drvmem_snapshot *cur)
{
	char n[32], compared[32];

	if (!cur->walks.mismatch || s->walk_told)
		return;
	s->walk_told = true;
	snprintf(n, sizeof(n), "%" PRIu64, cur->walks.mismatch);
	snprintf(compared, sizeof(compared), "%" PRIu64, cur->walks.checked);
	drvmem_weblog(&s->log, DRVMEM_LOG_WARN, "our walk of stacks differed from the kernel's and was switched off: please report it",
		      "differed", n, "compared", compared, NULL);
}

static void on_limit(void *arg, double share, int e)
{
	struct drvmem_serving *s = arg;
	char percent[32];

	s->sampled = !e;
	snprintf(percent, sizeof(percent), "%.2f", share * 100);
	drvmem_weblog(&s->log, DRVMEM_LOG_WARN, e ? "tracing costs more than --max-overhead, and cannot sample" :
		      "tracing every object costs more than --max-overhead: samples one point in 512K from now on",
		      "percent_of_cpu", percent, NULL);
}

/* Called ten times a second. */
static bool attend(void *arg, struct drvmem_trace *t, uint64_t *interval_ns)
{
	struct drvmem_serving *s = arg;
	uint64_t now = drvmem_now_ns();
	uint32_t reloads = drvmem_stop__reloads();

	s->trace = t;
	drvmem_webproc__attend(&s->web, reloads != s->reloads);
	s->reloads = reloads;
	if (s->ready && !s->lowered)
		lower_rights(s);
	*interval_ns = s->ready ? s->o->interval_ns : FIRST_NS;
	if (s->notify.watchdog_ns && now >= s->next_life_ns) {
		s->next_life_ns = now + s->notify.watchdog_ns / 3;
		drvmem_notify(&s->notify, "WATCHDOG=1");
	}
	return true;
}

static int on_snapshot(void *arg, const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur, bool last,
		       struct drvmem_err *err)
{
	struct drvmem_serving *s = arg;
	int e = drvmem_expose__snapshot(&s->expose, &s->web, prev, cur, err);

	if (e)
		return e;
	s->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	tell_walk(s, cur);
	if (s->trace && !last)
		tell_status(s, cur);
	if (!s->ready && !last) {
		s->ready = true;
		drvmem_notify(&s->notify, "READY=1");
		drvmem_weblog(&s->log, DRVMEM_LOG_INFO, "ready", NULL);
	}
	if (last)
		drvmem_notify(&s->notify, "STOPPING=1");
	return 0;
}

/*
 * What a machine lacks now it may have at the next interval, and whoever ends has forgotten what it saw being
 * allocated. /-/ready says it when the figures get old. At the start it is an error like any other.
 */
static bool excused(void *arg, const struct drvmem_err *err)
{
	struct drvmem_serving *s = arg;
	uint64_t now = drvmem_now_ns();
	char n[16];

	if (!s->ready || (err->code != -ENOMEM && err->code != -EMFILE && err->code != -ENFILE))
		return false;
	s->failed++;
	if (now >= s->failed_told_ns) {
		s->failed_told_ns = now + LOSS_NS;
		snprintf(n, sizeof(n), "%u", s->failed);
		s->failed = 0;
		drvmem_weblog(&s->log, DRVMEM_LOG_ERROR, "the figures could not be read: the old ones stay until they can",
			      "reason", err->what, "error", drvmem_errno_name(err->code), "intervals", n, "remedy",
			      err->remedy[0] ? err->remedy : NULL, NULL);
	}
	return true;
}

static bool wants_objects(void *arg, bool last)
{
	struct drvmem_serving *s = arg;

	(void)last;
	return drvmem_expose__wants_objects(&s->expose);
}

static int check(const struct drvmem_serving_opts *o, const struct drvmem_args *args, struct drvmem_err *err)
{
	int e = drvmem_common__no_intervals(&o->common, args, err);

	if (!e && args->nr_command)
		e = drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "serve runs no command");
	if (!e && (o->telemetry_path[0] != '/' || strlen(o->telemetry_path) >= 128 ||
		   strpbrk(o->telemetry_path, "?#\"<>& \\")))
		e = drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--web.telemetry-path is a path like /metrics");
	return e ? e : drvmem_common__check(&o->common, err);
}

static int open_web(struct drvmem_serving *s, struct drvmem_err *err)
{
	const struct drvmem_serving_opts *o = s->o;
	uint32_t inherited = drvmem_notify__listen_fds();
	int e;

	if (o->systemd_socket && !inherited) {
		drvmem_err__set(err, -ENOTCONN, DRVMEM_EXIT_USAGE, "--web.systemd-socket: systemd handed over no socket");
		drvmem_err__remedy(err, "start the socket unit, or leave the option out");
		return -ENOTCONN;
	}
	s->web.config_path = o->config_file;
	s->web.settings = (struct drvmem_web_settings){
		.interval_ns = o->interval_ns, .max_requests = (uint32_t)o->max_requests,
		.profiles = o->expose.profiles, .api = o->expose.api, .own_metrics = !o->no_exporter_metrics,
		.log_level = (uint8_t)o->log_level, .log_form = (uint8_t)o->log_form,
	};
	snprintf(s->web.settings.telemetry_path, sizeof(s->web.settings.telemetry_path), "%s", o->telemetry_path);
	snprintf(s->web.settings.version, sizeof(s->web.settings.version), "%s", DRVMEM_VERSION);
	e = drvmem_webproc__listen(&s->web, o->addresses.v, o->addresses.n, inherited, o->insecure, err);
	return e ? e : drvmem_webproc__start(&s->web, err);
}

/* Unless told otherwise it samples when tracing costs too much, on machines where it can. */
static void limit_cost(struct drvmem_serving *s, struct drvmem_live_opts *live)
{
	uint32_t cpus;
	char n[16];

	if (s->o->common.max_overhead || s->o->common.sample_bytes != DRVMEM_SAMPLE_UNSET)
		return;
	live->session.may_sample = drvmem_session__samples_here(&cpus);
	if (live->session.may_sample) {
		live->max_overhead = MAX_OVERHEAD;
		return;
	}
	snprintf(n, sizeof(n), "%u", cpus);
	drvmem_weblog(&s->log, DRVMEM_LOG_WARN, "every object is traced, whatever that costs: sampling is not made for so many CPUs",
		      "possible_cpus", n, NULL);
}

int drvmem_serving__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
			  struct drvmem_err *err)
{
	struct drvmem_serving *s = (struct drvmem_serving *)t;
	const struct drvmem_serving_opts *o = s->o;
	const struct drvmem_live_viewer viewer = { .fd = -1, .attend = attend, .arg = s };
	struct drvmem_live_opts live;
	int e;

	drvmem_webproc__init(&s->web, &s->log);
	e = check(o, args, err);
	if (e)
		return e;
	drvmem_weblog__init(&s->log, "trace", (enum drvmem_log_level)o->log_level, (enum drvmem_weblog_form)o->log_form);
	drvmem_notify__open(&s->notify);
	if (drvmem_stop__catch_reloads())
		drvmem_weblog(&s->log, DRVMEM_LOG_WARN, "SIGHUP cannot be caught", NULL);
	e = open_web(s, err);
	if (!e)
		e = drvmem_expose__init(&s->expose, &o->expose, &o->common, err);
	drvmem_common__live(&o->common, "serve", args, 0, &live);
	live.interval_ns = FIRST_NS;
	live.total_ns = live.duration_ns;
	live.wants_objects = wants_objects;
	live.series = o->expose.judge_ns ? &s->expose.series : NULL;
	live.started = drvmem_metering__started;
	live.started_arg = &s->expose.metering;
	live.progress = false;
	live.viewer = &viewer;
	live.limited = on_limit;
	live.excused = excused;
	limit_cost(s, &live);
	if (!o->expose.profiles)
		live.session.stacks = DRVMEM_STACKS_NONE;
	live.session.mempools = !o->expose.no_pools;
	if (!e)
		e = drvmem_live__run(&live, on_snapshot, s, ret_signal, err);
	/* asked to end by systemd, it ended well */
	*ret_signal = 0;
	drvmem_webproc__stop(&s->web);
	drvmem_expose__deinit(&s->expose);
	drvmem_notify__close(&s->notify);
	return e;
}
