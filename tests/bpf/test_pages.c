// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages that are taken from the page allocator itself: one for each write of a page into a pipe,
 * a block of four for each block of a packet ring. Known exactly, and gone when their file is
 * closed. What processes and files take, slabs and page tables, does not come into these figures.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "harness.h"

#define PIPES 20u
#define EACH 8u		/* pages in a pipe */
#define ORDER 2u
#define BLOCKS 200u	/* of the ring */

enum { NOTHING, TAKE, GIVE_BACK };

static int64_t fill_pipes(void *arg, int op, uint64_t n)
{
	static int fd[PIPES][2];
	static char page[4096];
	uint32_t i, j;

	(void)arg, (void)n;
	if (op == NOTHING)
		return 0;
	for (i = 0; i < PIPES; i++) {
		if (op == GIVE_BACK) {
			close(fd[i][0]);
			close(fd[i][1]);
			continue;
		}
		if (pipe2(fd[i], O_NONBLOCK))
			return -errno;
		for (j = 0; j < EACH; j++)
			if (write(fd[i][1], page, sizeof(page)) != sizeof(page))
				return -errno;
	}
	return PIPES * EACH;
}

static int64_t make_ring(void *arg, int op, uint64_t n)
{
	static int fd;
	struct tpacket_req r = {
		.tp_block_size = 4096u << ORDER,
		.tp_block_nr = BLOCKS,
		.tp_frame_size = 2048,
		.tp_frame_nr = BLOCKS * ((4096u << ORDER) / 2048),
	};

	(void)arg, (void)n;
	if (op == NOTHING)
		return 0;
	if (op == GIVE_BACK)
		return close(fd);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &r, sizeof(r))) {
		int e = errno;

		close(fd);
		return -e;
	}
	return BLOCKS;
}

/* Memory of a process: no such page is anybody's block. */
static int64_t touch_memory(void *arg, int op, uint64_t n)
{
	static char *mem;
	const size_t bytes = 64u << 20;
	size_t i;

	(void)arg, (void)n;
	if (op == GIVE_BACK)
		return munmap(mem, bytes);
	mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return -errno;
	for (i = 0; i < bytes; i += 4096)
		mem[i] = 1;
	return (int64_t)(bytes / 4096);
}

struct kind {
	bt_work_fn work;
	const char *order;
	uint32_t objects, order_no;
	const char *const functions[5];
	uint64_t sample_bytes;
};

struct rig {
	struct bt_worker w;
	struct bt_run run;
	const struct kind *k;
	struct bt_sum sum;
	int64_t before;		/* blocks of the pipes to the worker itself */
	enum bt_result r;
};

static void rig_stop(struct rig *g)
{
	bt_stop(&g->run);
	bt_worker_stop(&g->w);
}

static enum bt_result measure(struct rig *g)
{
	struct bt_want w = { .functions = g->k->functions, .cache = g->k->order };

	g->r = bt_snap(&g->run);
	if (g->r == BT_PASS)
		bt_sum(g->run.snap, &w, &g->sum);
	g->sum.live -= g->before;
	g->sum.in_table -= (uint64_t)g->before;
	g->sum.bytes -= g->before * (4096 << g->k->order_no);
	return g->r;
}

static bool is_gone(void *arg)
{
	struct rig *g = arg;

	return measure(g) != BT_PASS || !g->sum.live;
}

static bool sees_pages(struct bt_run *run)
{
	const struct drvmem_session_prog *p;
	uint32_t i, n;

	p = drvmem_trace__progs(run->t, &n);
	for (i = 0; i < n; i++)
		if (!strcmp(p[i].hook, "mm_page_alloc"))
			return p[i].attached;
	return false;
}

static enum bt_result start(struct rig *g, const struct kind *k)
{
	struct drvmem_session_opts o = { .track_max = 200000, .sample_bytes = k->sample_bytes };
	enum bt_result r;

	g->k = k;
	bt_worker_start(&g->w, -1, k->work, NULL);
	r = bt_start(&g->run, &o);
	return r == BT_PASS && !sees_pages(&g->run) ? bt_skip("pages are not seen here") : r;
}

static enum bt_result judge_held(struct rig *g)
{
	const struct kind *k = g->k;
	const struct drvmem_snapshot *s = g->run.snap;
	uint32_t i;

	BT_CHECK(g->sum.live == k->objects && g->sum.in_table == k->objects,
		 "%lld blocks live, %llu in the table, not %u", (long long)g->sum.live,
		 (unsigned long long)g->sum.in_table, k->objects);
	BT_CHECK(g->sum.bytes == (int64_t)k->objects * (4096 << k->order_no), "%lld bytes",
		 (long long)g->sum.bytes);
	for (i = 0; i < s->nr_objects; i++)
		BT_CHECK(s->objects[i].asked != 4096u << k->order_no ||
			 s->sites[s->objects[i].site].allocator != DRVMEM_ALLOC_PAGE ||
			 !strcmp(s->caches[s->sites[s->objects[i].site].cache].name, k->order),
			 "a block of this size is of %s", s->caches[s->sites[s->objects[i].site].cache].name);
	return BT_PASS;
}

static enum bt_result judge_sampled(struct rig *g)
{
	double error = (double)g->sum.live - g->k->objects;

	BT_CHECK(g->sum.in_table == g->sum.sampled_allocs && g->sum.in_table < g->k->objects,
		 "%llu in the table, %llu sampled", (unsigned long long)g->sum.in_table,
		 (unsigned long long)g->sum.sampled_allocs);
	BT_CHECK(error * error <= 16 * g->sum.live_var + 1, "%lld blocks live, of %u",
		 (long long)g->sum.live, g->k->objects);
	return BT_PASS;
}

static enum bt_result held_and_given_back(void *arg)
{
	const struct kind *k = arg;
	DRVMEM_CLEANUP(rig_stop) struct rig g = {};
	int64_t done;
	bool gone;

	BT_TRY(start(&g, k));
	if (!k->sample_bytes) {
		bt_worker_do(&g.w, NOTHING, 0);
		BT_TRY(measure(&g));
		g.before = g.sum.live;
	}
	done = bt_worker_do(&g.w, TAKE, 0);
	if (done == -EAFNOSUPPORT || done == -EPERM)
		return bt_skip("packet sockets: %s", strerror((int)-done));
	BT_CHECK(done == k->objects, "%s", strerror((int)-done));
	BT_TRY(measure(&g));
	BT_TRY(bt_loss(&g.run));
	BT_TRY(k->sample_bytes ? judge_sampled(&g) : judge_held(&g));
	bt_worker_do(&g.w, GIVE_BACK, 0);
	gone = bt_until(is_gone, &g, 20) && g.r == BT_PASS;
	/* a free that was lost leaves one for ever */
	BT_TRY(bt_loss(&g.run));
	BT_CHECK(gone, "%lld blocks live 20 s after the end", (long long)g.sum.live);
	BT_CHECK(!g.sum.bytes && !g.sum.in_table && !g.sum.inferred, "%lld bytes left, %llu blocks, %llu inferred",
		 (long long)g.sum.bytes, (unsigned long long)g.sum.in_table, (unsigned long long)g.sum.inferred);
	return BT_PASS;
}

/* Most blocks that one site has come to hold. */
static int64_t largest_growth(const struct drvmem_snapshot *s)
{
	int64_t most = 0;
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++)
		if (s->sites[i].allocator == DRVMEM_ALLOC_PAGE && s->sites[i].c.live_objects > most)
			most = s->sites[i].c.live_objects;
	return most;
}

static enum bt_result memory_of_processes(void *arg)
{
	static const struct kind k = { .work = touch_memory };
	DRVMEM_CLEANUP(rig_stop) struct rig g = {};
	int64_t pages, most;

	(void)arg;
	BT_TRY(start(&g, &k));
	pages = bt_worker_do(&g.w, TAKE, 0);
	BT_CHECK(pages > 0, "%s", strerror((int)-pages));
	BT_TRY(bt_snap(&g.run));
	BT_TRY(bt_loss(&g.run));
	most = largest_growth(g.run.snap);
	BT_CHECK(most < pages / 4, "a site has %lld blocks more, after %lld pages of a process",
		 (long long)most, (long long)pages);
	return BT_PASS;
}

#define PIPE fill_pipes, "order-0", PIPES * EACH, 0,				\
	{ "anon_pipe_get_page", "pipe_write", "anon_pipe_write" }
#define RING make_ring, "order-2", BLOCKS, ORDER,				\
	{ "alloc_one_pg_vec_page", "alloc_pg_vec", "packet_set_ring" }

int main(void)
{
	static struct kind kinds[] = { { PIPE, 0 }, { RING, 0 }, { RING, 65536 } };

	bt_case("pages_of_pipes", held_and_given_back, &kinds[0]);
	bt_case("blocks_of_a_ring", held_and_given_back, &kinds[1]);
	bt_case("blocks_sampled", held_and_given_back, &kinds[2]);
	bt_case("memory_of_processes_is_no_block", memory_of_processes, NULL);
	return bt_exit();
}
