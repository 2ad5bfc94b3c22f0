// SPDX-License-Identifier: GPL-2.0-or-later
#include "cmd.h"

#include "serving.h"

#define S 1000000000ull
#define OFF(field) offsetof(struct drvmem_serving_opts, field)

static const struct drvmem_opt options[] = {
	{ "web.listen-address", 0, DRVMEM_OPT_LIST, OFF(addresses), "ADDR",
	  "Where to listen: HOST:PORT, :PORT (every address), [V6]:PORT or unix:PATH; may repeat "
	  "(default 127.0.0.1:10435).", NULL, 0, 0 },
	{ "web.telemetry-path", 0, DRVMEM_OPT_STR, OFF(telemetry_path), "PATH",
	  "Path of the metrics (default /metrics).", NULL, 0, 0 },
	{ "web.config.file", 0, DRVMEM_OPT_STR, OFF(config_file), "FILE",
	  "TLS, passwords, headers and rate limit, in the form that Prometheus' exporters share; read again when it "
	  "changes and by SIGHUP.", NULL, 0, 0 },
	{ "web.systemd-socket", 0, DRVMEM_OPT_FLAG, OFF(systemd_socket), NULL,
	  "Insist on sockets that systemd hands over; they come in place of --web.listen-address in any case.", NULL, 0, 0 },
	{ "web.insecure", 0, DRVMEM_OPT_FLAG, OFF(insecure), NULL,
	  "Let everybody who reaches this machine read, without password or TLS.", NULL, 0, 0 },
	{ "web.max-requests", 0, DRVMEM_OPT_U64, OFF(max_requests), "N",
	  "Connections at once, at each address (default 128).", NULL, 4, 2048 },
	{ "web.disable-exporter-metrics", 0, DRVMEM_OPT_FLAG, OFF(no_exporter_metrics), NULL,
	  "Leave out the figures of the web process itself.", NULL, 0, 0 },
	{ "web.enable-profiles", 0, DRVMEM_OPT_FLAG, OFF(expose.profiles), NULL,
	  "Serve the kernel's heap at /debug/pprof/heap for 'go tool pprof'; stacks are then sampled.", NULL, 0, 0 },
	{ "web.enable-api", 0, DRVMEM_OPT_FLAG, OFF(expose.api), NULL,
	  "Serve what 'drvmem report -f json' says at /api/v1/report.", NULL, 0, 0 },
	{ "interval", 0, DRVMEM_OPT_DURATION, OFF(interval_ns), "DUR",
	  "How often the figures are read (default 10s); a scrape gets the last ones.", NULL, 100000000, 3600 * S },
	{ "judge-every", 0, DRVMEM_OPT_DURATION, OFF(expose.judge_ns), "DUR",
	  "How often it is judged what grows, by the ages of all live objects (default 5m, 0 = never).", NULL, 0, 86400 * S },
	{ "no-collector.pools", 0, DRVMEM_OPT_FLAG, OFF(expose.no_pools), NULL,
	  "Leave out pools, which are read once a minute.", NULL, 0, 0 },
	{ "no-collector.kernel", 0, DRVMEM_OPT_FLAG, OFF(expose.no_kernel), NULL,
	  "Leave out where the machine's memory went.", NULL, 0, 0 },
	{ "metrics.max-modules", 0, DRVMEM_OPT_U64, OFF(expose.max_modules), "N",
	  "Modules with series of their own (default 64); the rest is module=\"other\".", NULL, 0, 4096 },
	{ "metrics.max-caches", 0, DRVMEM_OPT_U64, OFF(expose.max_caches), "N",
	  "Slab caches with series of their own (default 40).", NULL, 0, 4096 },
	{ "metrics.max-callsites", 0, DRVMEM_OPT_U64, OFF(expose.max_callsites), "N",
	  "Call sites too, so many of them (default 0: none).", NULL, 0, 4096 },
	{ "metrics.ages", 0, DRVMEM_OPT_FLAG, OFF(expose.ages), NULL,
	  "Live bytes of modules by age too: every object is looked at.", NULL, 0, 0 },
	{ "metrics.nodes", 0, DRVMEM_OPT_FLAG, OFF(expose.nodes), NULL,
	  "Live bytes by NUMA node too, on machines with several.", NULL, 0, 0 },
	{ "metrics.errors", 0, DRVMEM_OPT_FLAG, OFF(expose.errors), NULL,
	  "Where it samples: the 95 % error of all figures, not of live bytes alone.", NULL, 0, 0 },
	{ "keep-capabilities", 0, DRVMEM_OPT_FLAG, OFF(keep_rights), NULL,
	  "Give up none of the capabilities that tracing needs no more.", NULL, 0, 0 },
	{ "log.level", 0, DRVMEM_OPT_CHOICE, OFF(log_level), "LEVEL", "What is told on stderr (default info).",
	  drvmem_serving_levels, 0, 0 },
	{ "log.format", 0, DRVMEM_OPT_CHOICE, OFF(log_form), "FORM", "Form of what is told.", drvmem_serving_forms, 0, 0 },
	DRVMEM_OPT_DURATION_ROW(struct drvmem_serving_opts, "Serve so long (default: until it is ended)."),
	{ "format", 'f', DRVMEM_OPT_CHOICE, DRVMEM_OFF(struct drvmem_serving_opts, format), "FORM",
	  "Form of errors on stderr.", drvmem_format_names, 0, 0 },
	DRVMEM_OPT_SAMPLING(struct drvmem_serving_opts),
	DRVMEM_OPT_SESSION(struct drvmem_serving_opts),
	{ 0 },
};

static const char *const examples[] = {
	"drvmem serve", "metrics at http://127.0.0.1:10435/metrics",
	"drvmem serve --web.listen-address=:10435 --web.config.file=/etc/drvmem/web.yml", "for others, with a password",
	"drvmem serve --web.listen-address=unix:/run/drvmem.sock", "for a proxy on this machine",
	NULL,
};

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct drvmem_serving_opts o = { .common = DRVMEM_COMMON_INIT, .telemetry_path = "/metrics",
					 .interval_ns = 10 * S, .max_requests = 128,
					 .expose = { .judge_ns = 300 * S, .max_modules = DRVMEM_METRICS_MODULES, .max_caches = DRVMEM_METRICS_CACHES },
					 .log_level = DRVMEM_LOG_INFO };
	struct drvmem_serving s = { .t = { &o.common, &o, drvmem_serving__trace, 0, false }, .o = &o };
	int status;

	status = drvmem_tracing__run(cmd, argc, argv, &s.t);
	drvmem_strlist__deinit(&o.addresses);
	return status;
}

const struct drvmem_cmd drvmem_cmd_serve = {
	.name = "serve",
	.summary = "an exporter: metrics over HTTP for Prometheus",
	.usage = "[OPTIONS]",
	.description =
		"Traces on and serves metrics at /metrics, as Prometheus text 0.0.4 or OpenMetrics 1.0, "
		"/-/healthy and /-/ready. The figures are read every --interval, and a scrape gets the last ones: it "
		"never makes the kernel be read. HTTP is spoken by a process of its own, without any rights; "
		"the one that traces gives up what it needs no more once it runs.\n\n"
		"Only this machine can read it unless --web.listen-address says otherwise, and then it wants "
		"passwords or TLS (--web.config.file), or --web.insecure. Every object is traced at first; should that "
		"take more than --max-overhead (default 1 percent of the CPU time), it samples, and says so.",
	.opts = options,
	.examples = examples,
	.run = run,
};
