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

#include <bpf/bpf.h>

#define READY_SECONDS 60u
#define SETTLE_NS 1500000000	/* after its programs are attached, or where it has none */

enum { MEMLEAK, BPFTRACE, PERF, MEMSTRACK };

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

void peers_find(struct peer p[NR_PEERS])
{
	static const struct peer known[NR_PEERS] = {
		{ "memleak", "bcc's, built from libbpf-tools", "build libbpf-tools of bcc, set MEMLEAK", "", MEMLEAK },
		{ "bpftrace", "objects and 16-deep stacks in maps", "apt-get install bpftrace", "", BPFTRACE },
		{ "perf", "perf kmem --slab record", "apt-get install linux-perf", "", PERF },
		{ "memstrack", "pages only", "build it, set MEMSTRACK", "", MEMSTRACK },
	};
	static const char *const env[NR_PEERS] = { "MEMLEAK", "BPFTRACE", "PERF", "MEMSTRACK" };
	int i;

	for (i = 0; i < NR_PEERS; i++) {
		const char *given = getenv(env[i]);

		p[i] = known[i];
		if (given && !access(given, X_OK))
			snprintf(p[i].path, sizeof(p[i].path), "%s", given);
		else
			in_path(known[i].name, p[i].path, sizeof(p[i].path));
	}
}

static uint32_t newest_prog(void)
{
	uint32_t id = 0;

	while (!bpf_prog_get_next_id(id, &id))
		;
	return id;
}

/* In the child. */
static void become(const struct peer *p, const char *dir)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (chdir(dir) || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(126);
	switch (p->kind) {
	case MEMLEAK:
		execl(p->path, p->path, "3600", NULL);
		break;
	case BPFTRACE:
		setenv("BPFTRACE_MAP_KEYS_MAX", "1000000", 1);
		execl(p->path, p->path, "-e", bpftrace_program, NULL);
		break;
	case PERF:
		execl(p->path, p->path, "kmem", "--slab", "record", "-o", "perf.data", "sleep", "3600",
		      NULL);
		break;
	default:
		execl(p->path, p->path, "--report", "module_summary", NULL);
	}
	_exit(127);
}

static bool ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == pid;
}

int peer_start(const struct peer *p, struct peer_run *r)
{
	const struct timespec settle = { SETTLE_NS / 1000000000, SETTLE_NS % 1000000000 };
	const struct timespec step = { .tv_nsec = 100000000 };
	unsigned int i;

	r->last_prog = newest_prog();
	snprintf(r->dir, sizeof(r->dir), "/tmp/drvmem-peer-XXXXXX");
	if (!mkdtemp(r->dir))
		return -errno;
	r->pid = fork();
	if (!r->pid)
		become(p, r->dir);
	if (r->pid < 0)
		return -errno;
	/* those of BPF are ready when they have programs; the others after a while */
	for (i = 0; i < READY_SECONDS * 10 && !ended(r->pid); i++) {
		if ((p->kind == MEMLEAK || p->kind == BPFTRACE) ? newest_prog() > r->last_prog : i >= 10) {
			nanosleep(&settle, NULL);
			return ended(r->pid) ? -ECHILD : 0;
		}
		nanosleep(&step, NULL);
	}
	return -ETIMEDOUT;
}

int64_t peer_lost(const struct peer_run *r)
{
	uint32_t id = r->last_prog;
	int64_t lost = -1;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = {};
		uint32_t len = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len))
			lost = (lost < 0 ? 0 : lost) + (int64_t)info.recursion_misses;
		if (fd >= 0)
			close(fd);
	}
	return lost;
}

uint64_t peer_rss(const struct peer_run *r)
{
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
	return kb * 1024;
}

void peer_stop(struct peer_run *r)
{
	const struct timespec step = { .tv_nsec = 100000000 };
	char path[128];
	int i;

	if (r->pid > 0 && !ended(r->pid)) {
		kill(r->pid, SIGINT);
		for (i = 0; i < 100 && !ended(r->pid); i++)
			nanosleep(&step, NULL);
		if (i == 100) {
			kill(r->pid, SIGKILL);
			waitpid(r->pid, NULL, 0);
		}
	}
	snprintf(path, sizeof(path), "%s/perf.data", r->dir);
	unlink(path);
	rmdir(r->dir);
	r->pid = 0;
}
