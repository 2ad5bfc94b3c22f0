// SPDX-License-Identifier: GPL-2.0-or-later
#include "peers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define STEP_NS 100000000
#define READY_STEPS 600		/* a minute */
#define SETTLE_STEPS 15		/* after the last program came, or from the start where it has none */
#define END_STEPS 300

/* Objects by address, with the stack that allocated them: what a leak tool keeps. */
static const char bpftrace_program[] =
	"tracepoint:kmem:kmalloc { @size[args->ptr] = args->bytes_req; @stack[args->ptr] = kstack(16); "
	"@n[kstack(16)] = count(); }\n"
	"tracepoint:kmem:kmem_cache_alloc { @size[args->ptr] = args->bytes_req; "
	"@stack[args->ptr] = kstack(16); @n[kstack(16)] = count(); }\n"
	"tracepoint:kmem:kfree { delete(@size[args->ptr]); delete(@stack[args->ptr]); }\n"
	"tracepoint:kmem:kmem_cache_free { delete(@size[args->ptr]); delete(@stack[args->ptr]); }\n"
	"END { clear(@size); clear(@stack); clear(@n); }\n";

static bool in_path(const char *name, char *ret, size_t size)
{
	char dirs[4096], *save = NULL, *d;

	snprintf(dirs, sizeof(dirs), "%s:/usr/sbin:/usr/local/sbin", getenv("PATH") ?: "/usr/bin");
	for (d = strtok_r(dirs, ":", &save); d; d = strtok_r(NULL, ":", &save)) {
		snprintf(ret, size, "%s/%s", d, name);
		if (!access(ret, X_OK))
			return true;
	}
	*ret = 0;
	return false;
}

/* What the user points to is not replaced by another. */
static void find(struct peer *p, const char *env, const char *name)
{
	const char *given = getenv(env);
	_cleanup_free_ char *full = NULL;

	if (!given && p->kind >= PEER_NR_OWN) {
		in_path(name, p->path, sizeof(p->path));
		return;
	}
	/* whole, for it runs in another directory */
	full = realpath(given ?: "build/drvmem", NULL);
	if (full && !access(full, X_OK))
		snprintf(p->path, sizeof(p->path), "%s", full);
	else
		snprintf(p->bad, sizeof(p->bad), "%s", given ?: "build/drvmem");
}

void peers_find(struct peer p[NR_PEERS])
{
	static const struct {
		const char *label, *get, *env, *name;
		bool bpf;
	} known[NR_PEERS] = {
		{ "drvmem", "make", "DRVMEM", "drvmem", true },
		{ "drvmem --stacks full", "make", "DRVMEM", "drvmem", true },
		{ "drvmem --sample 512K", "make", "DRVMEM", "drvmem", true },
		{ "bcc memleak", "build libbpf-tools of bcc, set MEMLEAK", "MEMLEAK", "memleak", true },
		{ "bpftrace", "apt-get install bpftrace, or set BPFTRACE", "BPFTRACE", "bpftrace", true },
		{ "perf kmem --slab", "apt-get install linux-perf, or set PERF", "PERF", "perf", false },
		{ "memstrack (pages)", "build it, set MEMSTRACK", "MEMSTRACK", "memstrack", false },
	};
	int i;

	for (i = 0; i < NR_PEERS; i++) {
		p[i] = (struct peer){ .name = known[i].label, .get = known[i].get, .bpf = known[i].bpf, .kind = i };
		find(&p[i], known[i].env, known[i].name);
	}
}

/* In the child. Each that keeps objects has room for a million of them. */
static void become(const struct peer *p, const char *dir)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const char *own[] = { p->path, "report", "-f", "json", "-o", "report.json", "--duration", "0",
			      NULL, NULL, NULL };

	if (chdir(dir) || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(126);
	if (p->kind == PEER_FULL || p->kind == PEER_SAMPLED) {
		own[8] = p->kind == PEER_FULL ? "--stacks" : "--sample";
		own[9] = p->kind == PEER_FULL ? "full" : "512K";
	}
	switch (p->kind) {
	case PEER_MEMLEAK:
		execl(p->path, p->path, "3600", NULL);
		break;
	case PEER_BPFTRACE:
		setenv("BPFTRACE_MAP_KEYS_MAX", "1000000", 1);
		execl(p->path, p->path, "-e", bpftrace_program, NULL);
		break;
	case PEER_PERF:
		execl(p->path, p->path, "kmem", "--slab", "record", "-o", "perf.data", "sleep", "3600",
		      NULL);
		break;
	case PEER_MEMSTRACK:
		execl(p->path, p->path, "--notui", "--report", "module_summary", NULL);
		break;
	default:
		execv(p->path, (char *const *)own);
	}
	_exit(127);
}

static bool ended(struct peer_run *r)
{
	if (r->pid > 0 && waitpid(r->pid, NULL, WNOHANG) == r->pid)
		r->pid = 0;
	return r->pid <= 0;
}

static void step(void)
{
	const struct timespec t = { .tv_nsec = STEP_NS };

	nanosleep(&t, NULL);
}

/* It traces when no program has come for a while after the first. */
static int wait_ready(struct peer_run *r)
{
	unsigned int i, still = 0, n = 0;

	for (i = 0; i < READY_STEPS && !ended(r); i++) {
		procbpf_read(r->pid, &r->bpf);
		still = r->bpf.nr_progs == n && (n || !r->peer->bpf) ? still + 1 : 0;
		n = r->bpf.nr_progs;
		if (still == SETTLE_STEPS)
			return 0;
		step();
	}
	return i < READY_STEPS ? -ECHILD : -ETIMEDOUT;
}

int peer_start(const struct peer *p, struct peer_run *r)
{
	memset(r, 0, sizeof(*r));
	r->peer = p;
	snprintf(r->dir, sizeof(r->dir), "/tmp/drvmem-peer-XXXXXX");
	if (!mkdtemp(r->dir))
		return -errno;
	r->pid = fork();
	if (!r->pid)
		become(p, r->dir);
	if (r->pid < 0)
		return -errno;
	return wait_ready(r);
}

struct peer_memory peer_memory(const struct peer_run *r)
{
	struct peer_memory m = { .maps = r->bpf.map_bytes };
	unsigned long long kb = 0;
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)r->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %llu kB", &kb) == 1)
			break;
	if (f)
		fclose(f);
	m.rss = kb * 1024;
	return m;
}

/* "loss":{"total":N,...} of its report. */
static int64_t drvmem_lost(const struct peer_run *r)
{
	_cleanup_free_ char *text = NULL;
	size_t room = 0;
	char path[128], *at;
	FILE *f;

	snprintf(path, sizeof(path), "%s/report.json", r->dir);
	f = fopen(path, "re");
	if (!f)
		return -1;
	at = getdelim(&text, &room, 0, f) > 0 ? strstr(text, "\"loss\":{\"total\":") : NULL;
	fclose(f);
	return at ? strtoll(at + strlen("\"loss\":{\"total\":"), NULL, 10) : -1;
}

/*
 * Of each event its lost samples (kernel 6.0 on); before the first "stats:" line, how many records
 * tell of losses. Records without numbers: not known.
 */
static int64_t perf_lost(const struct peer_run *r)
{
	bool by_event = false, records = false, told = false, read_any = false;
	unsigned long long n;
	int64_t lost = 0;
	char line[1024], *at;
	FILE *f;

	snprintf(line, sizeof(line), "'%s' report --stats -i %s/perf.data 2>/dev/null", r->peer->path, r->dir);
	f = popen(line, "re");
	while (f && fgets(line, sizeof(line), f)) {
		read_any |= strstr(line, "TOTAL events:") != NULL;
		by_event |= strstr(line, " stats:") && !strstr(line, "Aggregated");
		at = strstr(line, "LOST_SAMPLES events:");
		if (at && by_event && sscanf(at, "LOST_SAMPLES events: %llu", &n) == 1) {
			lost += (int64_t)n;
			told = true;
		} else if (strstr(line, " LOST events:") || at) {
			records = true;
		}
	}
	if (!f || pclose(f) || !read_any || (records && !told))
		return -1;
	return lost;
}

static void remove_files(const struct peer_run *r)
{
	static const char *const files[] = { "perf.data", "perf.data.old", "report.json" };
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", r->dir, files[i]);
		unlink(path);
	}
	rmdir(r->dir);
}

int64_t peer_stop(struct peer_run *r)
{
	int64_t lost = r->bpf.nr_progs ? (int64_t)procbpf_sum(&r->bpf).misses : -1;
	int i;

	if (!ended(r)) {
		kill(r->pid, SIGINT);
		for (i = 0; i < END_STEPS && !ended(r); i++)
			step();
		if (r->pid > 0) {
			kill(r->pid, SIGKILL);
			waitpid(r->pid, NULL, 0);
			r->pid = 0;
		}
	}
	if (r->peer->kind < PEER_NR_OWN)
		lost = drvmem_lost(r);
	else if (r->peer->kind == PEER_PERF)
		lost = perf_lost(r);
	remove_files(r);
	return lost;
}
