// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/selfproc.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define START_WORD	20u	/* of /proc/PID/stat behind the name: field 22 (proc(5)) */

int drvmem_selfproc__parse_statm(const char *text, size_t len, uint64_t *ret_size, uint64_t *ret_resident)
{
	struct drvmem_span rest = { text, len }, a, b;
	uint64_t size, resident;

	if (!drvmem_span__word(&rest, &a) || !drvmem_span__word(&rest, &b) || drvmem_span__u64(a, &size) ||
	    drvmem_span__u64(b, &resident))
		return -EINVAL;
	*ret_size = size;
	*ret_resident = resident;
	return 0;
}

int drvmem_selfproc__parse_start(const char *text, size_t len, uint64_t *ret_ticks)
{
	const char *end = len ? memrchr(text, ')', len) : NULL;
	struct drvmem_span rest, word;
	unsigned int i;

	if (!end)
		return -EINVAL;
	rest = (struct drvmem_span){ end + 1, len - (size_t)(end + 1 - text) };
	for (i = 0; i < START_WORD; i++)
		if (!drvmem_span__word(&rest, &word))
			return -EINVAL;
	return drvmem_span__u64(word, ret_ticks) ? -EINVAL : 0;
}

static uint64_t ms_of(clockid_t clock)
{
	struct timespec t = { 0, 0 };

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static void read_memory(struct drvmem_selfproc *p)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	_cleanup_free_ char *text = NULL;
	uint64_t size, resident;
	size_t len;

	if (drvmem_file__read("/proc/self/statm", DRVMEM_FILE_SMALL, &text, &len) ||
	    drvmem_selfproc__parse_statm(text, len, &size, &resident))
		return;
	p->vsz_bytes = (struct drvmem_u64){ size * page, DRVMEM_OK };
	p->rss_bytes = (struct drvmem_u64){ resident * page, DRVMEM_OK };
}

static void read_start(struct drvmem_selfproc *p)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	_cleanup_free_ char *text = NULL;
	uint64_t ticks;
	size_t len;

	if (drvmem_file__read("/proc/self/stat", DRVMEM_FILE_SMALL, &text, &len) ||
	    drvmem_selfproc__parse_start(text, len, &ticks))
		return;
	p->start_ms = (struct drvmem_u64){ ms_of(CLOCK_REALTIME) - ms_of(CLOCK_BOOTTIME) + ticks * 1000u / hz,
					   DRVMEM_OK };
}

static void read_fds(struct drvmem_selfproc *p)
{
	struct dirent *e;
	struct rlimit r;
	uint64_t n = 0;
	DIR *d = opendir("/proc/self/fd");

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d) {
		closedir(d);
		p->open_fds = (struct drvmem_u64){ n - 1, DRVMEM_OK };	/* without the one that reads */
	}
	if (!getrlimit(RLIMIT_NOFILE, &r) && r.rlim_cur != RLIM_INFINITY)
		p->max_fds = (struct drvmem_u64){ r.rlim_cur, DRVMEM_OK };
}

void drvmem_selfproc__read(struct drvmem_selfproc *ret)
{
	const struct drvmem_u64 absent = { 0, DRVMEM_ABSENT };
	struct timespec cpu;

	*ret = (struct drvmem_selfproc){ absent, absent, absent, absent, absent, absent };
	if (!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu))
		ret->cpu_us = (struct drvmem_u64){ (uint64_t)cpu.tv_sec * 1000000u + (uint64_t)cpu.tv_nsec / 1000u,
						   DRVMEM_OK };
	read_memory(ret);
	read_start(ret);
	read_fds(ret);
}
