// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 50 sessions leave nothing behind: no fd here, and no program, map, link or BTF in the
 * kernel, also when the process is killed. What is a session's is read from its fds, so
 * that other users of BPF do not matter; ids are not used again soon.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/cleanup.h"
#include "harness.h"

#define ROUNDS 50
#define MAX_IDS 512

enum kind { PROG, MAP, LINK, BTF, NR_KINDS };

static const struct {
	const char *key;	/* in fdinfo */
	int (*open)(uint32_t id);
} kinds[NR_KINDS] = {
	[PROG] = { "prog_id:", bpf_prog_get_fd_by_id },
	[MAP] = { "map_id:", bpf_map_get_fd_by_id },
	[LINK] = { "link_id:", bpf_link_get_fd_by_id },
	[BTF] = { "btf_id:", bpf_btf_get_fd_by_id },
};

struct ids {
	uint32_t id[MAX_IDS];
	uint8_t kind[MAX_IDS];
	uint32_t n, of[NR_KINDS];
};

static void add_id(struct ids *s, int kind, uint32_t id)
{
	if (s->n == MAX_IDS)
		return;
	s->id[s->n] = id;
	s->kind[s->n++] = (uint8_t)kind;
	s->of[kind]++;
}

/* "prog_id:\t12". A link's fdinfo has its program's id, too: counted twice, harmless. */
static void read_fdinfo(const char *path, struct ids *s)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char line[256];
	int k;

	while (f && fgets(line, sizeof(line), f))
		for (k = 0; k < NR_KINDS; k++)
			if (!strncmp(line, kinds[k].key, strlen(kinds[k].key)))
				add_id(s, k, (uint32_t)strtoul(line + strlen(kinds[k].key), NULL,
							       10));
}

/* The BPF objects that a process holds; the number of its fds. */
static int read_fds(pid_t pid, struct ids *s)
{
	char path[64], file[400];
	struct dirent *e;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	_cleanup_closedir_ DIR *d = opendir(path);

	memset(s, 0, sizeof(*s));
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		read_fdinfo(file, s);
	}
	return n;
}

static uint32_t still_there(const struct ids *s)
{
	uint32_t i, n = 0;
	int fd;

	for (i = 0; i < s->n; i++) {
		fd = kinds[s->kind[i]].open(s->id[i]);
		if (fd >= 0) {
			n++;
			close(fd);
		}
	}
	return n;
}

/* The kernel frees programs and maps from a work item, after a grace period. */
static bool all_gone(void *arg)
{
	return !still_there(arg);
}

static enum bt_result started(const struct ids *s)
{
	BT_CHECK(s->of[PROG] >= 4 && s->of[LINK] >= 4 && s->of[MAP] >= 10,
		 "a session shows %u programs, %u links, %u maps in fdinfo", s->of[PROG],
		 s->of[LINK],
		 s->of[MAP]);
	return BT_PASS;
}

static enum bt_result one_round(struct ids *ids, double *ret_ms, uint32_t *ret_bpf_ms)
{
	static const struct drvmem_session_opts opts = { .track_max = 100000, .stacks = DRVMEM_STACKS_SAMPLED };
	_cleanup_bt_ struct bt_run run = {};
	uint64_t t0 = bt_now_ns();
	enum bt_result r = bt_start(&run, &opts);

	if (r != BT_PASS)
		return r;
	*ret_ms = (double)(bt_now_ns() - t0) / 1e6;
	*ret_bpf_ms = drvmem_trace__info(run.t)->bpf_ms;
	r = bt_snap(&run);
	if (r != BT_PASS)
		return r;
	read_fds(getpid(), ids);
	return started(ids);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static enum bt_result fifty(void *arg)
{
	static struct ids ids[ROUNDS], none;
	double ms[ROUNDS], bpf[ROUNDS];
	uint32_t bpf_ms;
	int i, before = 0, after;
	enum bt_result r;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		r = one_round(&ids[i], &ms[i], &bpf_ms);
		if (r != BT_PASS)
			return r;
		bpf[i] = bpf_ms;
		after = read_fds(getpid(), &none);
		if (!i)
			before = after;	/* the first may leave what libraries keep */
		BT_CHECK(after == before, "%d fds after round %d, %d before", after, i, before);
		BT_CHECK(!none.n, "%u fds of BPF objects after round %d", none.n, i);
	}
	for (i = 0; i < ROUNDS; i++)
		BT_CHECK(bt_until(all_gone, &ids[i], 120),
			 "%u BPF objects of session %d are there after 120 s", still_there(&ids[i]),
			 i);
	qsort(ms, ROUNDS, sizeof(ms[0]), by_value);
	qsort(bpf, ROUNDS, sizeof(bpf[0]), by_value);
	bt_note("start: median %.0f ms, max %.0f ms; of it load and attach %.0f ms, max %.0f ms",
		ms[ROUNDS / 2], ms[ROUNDS - 1], bpf[ROUNDS / 2], bpf[ROUNDS - 1]);
	return BT_PASS;
}

/* The child traces until it is killed. */
static int64_t trace_and_stay(void *arg, int op, uint64_t n)
{
	static struct bt_run run;
	static const struct drvmem_session_opts opts = { .track_max = 100000 };

	(void)arg;
	(void)op;
	(void)n;
	return bt_start(&run, &opts);
}

static enum bt_result killed(void *arg)
{
	_cleanup_worker_ struct bt_worker w = {};
	static struct ids ids;
	enum bt_result r;

	(void)arg;
	bt_worker_start(&w, -1, trace_and_stay, NULL);
	r = (enum bt_result)bt_worker_do(&w, 0, 0);
	if (r == BT_SKIP)
		return bt_skip("no rights to trace");
	BT_CHECK(r == BT_PASS, "the child could not start");
	read_fds(w.pid, &ids);
	r = started(&ids);
	if (r != BT_PASS)
		return r;
	BT_CHECK(still_there(&ids) == ids.n, "the child's objects are not there");
	bt_worker_stop(&w);	/* SIGKILL */
	BT_CHECK(bt_until(all_gone, &ids, 120),
		 "%u of %u BPF objects are there 120 s after SIGKILL",
		 still_there(&ids), ids.n);
	return BT_PASS;
}

int main(void)
{
	bt_case("startstop_50_times", fifty, NULL);
	bt_case("startstop_killed", killed, NULL);
	return bt_exit();
}
