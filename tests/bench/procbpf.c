// SPDX-License-Identifier: GPL-2.0-or-later
#include "procbpf.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

/* false: it is there already, or there is no room. */
static bool add(uint32_t *ids, uint32_t *n, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < *n; i++)
		if (ids[i] == id)
			return false;
	if (*n == PROCBPF_MAX)
		return false;
	ids[(*n)++] = id;
	return true;
}

static void read_fd(int dir, const char *name, struct procbpf *p)
{
	unsigned long long bytes = 0;
	unsigned int prog = 0, map = 0;
	char path[300], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		sscanf(line, "prog_id: %u", &prog);
		sscanf(line, "map_id: %u", &map);
		sscanf(line, "memlock: %llu", &bytes);
	}
	fclose(f);
	if (map && add(p->map, &p->nr_maps, map))
		p->map_bytes += bytes;
	else if (prog)
		add(p->prog, &p->nr_progs, prog);
}

void procbpf_read(pid_t pid, struct procbpf *ret)
{
	struct dirent *e;
	char path[64];
	DIR *d;

	memset(ret, 0, sizeof(*ret));
	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			read_fd(dirfd(d), e->d_name, ret);
	if (d)
		closedir(d);
}

struct procbpf_sum procbpf_sum(const struct procbpf *p)
{
	struct procbpf_sum sum = {};
	uint32_t i;

	for (i = 0; i < p->nr_progs; i++) {
		struct bpf_prog_info info = {};
		uint32_t len = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(p->prog[i]);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &len)) {
			sum.runs += info.run_cnt;
			sum.ns += info.run_time_ns;
			sum.misses += info.recursion_misses;
		}
		close(fd);
	}
	return sum;
}
