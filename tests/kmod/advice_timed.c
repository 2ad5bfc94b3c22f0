// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules of drvmem_advice that are about doing, not holding: churn, mapchurn and vmapchurn do it for a time in a
 * work item, reserve and atomic have pools. One function per call site (SITE), see advice_objects.c.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mempool.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "advice.h"

#define MAX_MS		60000	/* less than what the kernel calls a hung task */

/* What a timed rule does; all of it in a work item but prepare and finish. */
struct timed {
	struct work_struct work;
	struct rule *rule;
	unsigned long ms;
	bool stop;
	int (*prepare[2])(struct rule *rule);	/* finish is called when it fails too */
	void (*burst[2])(struct rule *rule);
	void (*finish)(struct rule *rule);
};

static struct workqueue_struct *timed_wq;

/* At most half of a CPU: sleep as long as the work took. */
static void rest(ktime_t began)
{
	unsigned long took = clamp_t(s64, ktime_us_delta(ktime_get(), began), 100, 100000);

	usleep_range(took, took + took / 4);
	cond_resched();
}

static void timed_function(struct work_struct *work)
{
	struct timed *timed = container_of(work, struct timed, work);
	unsigned long end = jiffies + msecs_to_jiffies(timed->ms);
	struct rule *rule = timed->rule;
	ktime_t began;

	do {
		began = ktime_get();
		timed->burst[rule->after](rule);
		WRITE_ONCE(rule->loops, rule->loops + 1);
		rest(began);
	} while (!READ_ONCE(timed->stop) && time_before(jiffies, end));
	WRITE_ONCE(rule->running, false);
}

/* N is the time in ms. Returns when it began. */
static int run_timed(struct rule *rule, const struct request *req)
{
	struct timed *timed = rule->timed;
	int err = 0;

	if (req->count > MAX_MS)
		return -EINVAL;
	if (timed->prepare[req->after])
		err = timed->prepare[req->after](rule);
	if (err) {
		timed->finish(rule);
		return err;
	}
	timed->rule = rule;
	timed->ms = req->count;
	timed->stop = false;
	rule->running = true;
	queue_work(timed_wq, &timed->work);
	return 0;
}

void timed_wait(struct rule *rule)
{
	flush_work(&rule->timed->work);
}

static void stop_timed(struct rule *rule)
{
	WRITE_ONCE(rule->timed->stop, true);
	timed_wait(rule);
	rule->timed->finish(rule);
}

/* ---- churn: buffers that live for as long as one loop ---- */

#define CHURN_SIZE	512
#define CHURN_NR	16

static void *ring[CHURN_NR];

SITE void *churn_before(void)
{
	return kmalloc(CHURN_SIZE, GFP_KERNEL);
}

SITE void *churn_after(void)
{
	return kmalloc(CHURN_SIZE, GFP_KERNEL);
}

static int churn_fill_ring(struct rule *rule)
{
	unsigned int i;

	for (i = 0; i < CHURN_NR; i++) {
		ring[i] = churn_after();
		if (!ring[i])
			return -ENOMEM;
		rule->objects++;
		rule->bytes += CHURN_SIZE;
	}
	return 0;
}

static void churn_finish(struct rule *rule)
{
	unsigned int i;

	for (i = 0; i < CHURN_NR; i++) {
		kfree(ring[i]);
		ring[i] = NULL;
	}
}

static void churn_burst_before(struct rule *rule)
{
	void *ptrs[CHURN_NR];
	unsigned int i;

	for (i = 0; i < CHURN_NR; i++) {
		ptrs[i] = churn_before();
		if (ptrs[i])
			memset(ptrs[i], i, CHURN_SIZE);
		else
			WRITE_ONCE(rule->failed, rule->failed + 1);
	}
	for (i = 0; i < CHURN_NR; i++)
		kfree(ptrs[i]);
}

static void churn_burst_after(struct rule *rule)
{
	unsigned int i;

	for (i = 0; i < CHURN_NR; i++)
		memset(ring[i], i, CHURN_SIZE);
}

static struct timed churn = {
	.prepare = { NULL, churn_fill_ring },
	.burst = { churn_burst_before, churn_burst_after },
	.finish = churn_finish,
};

/* ---- mapchurn: the same buffers are mapped again and again ---- */

#define MAP_SIZE	2048
#define MAP_NR		8

static void *map_buffers[MAP_NR];
static dma_addr_t map_addrs[MAP_NR];
static unsigned int nr_mapped;

SITE void *mapchurn_buffer(void)
{
	return kmalloc(MAP_SIZE, GFP_KERNEL);
}

SITE dma_addr_t mapchurn_before(void *buffer)
{
	return dma_map_single(advice_dev, buffer, MAP_SIZE, DMA_TO_DEVICE);
}

SITE dma_addr_t mapchurn_after(void *buffer)
{
	return dma_map_single(advice_dev, buffer, MAP_SIZE, DMA_TO_DEVICE);
}

static int mapchurn_fill(struct rule *rule)
{
	unsigned int i;

	for (i = 0; i < MAP_NR; i++) {
		map_buffers[i] = mapchurn_buffer();
		if (!map_buffers[i])
			return -ENOMEM;
		rule->objects++;
		rule->bytes += MAP_SIZE;
	}
	return 0;
}

static int mapchurn_map(struct rule *rule)
{
	int err = mapchurn_fill(rule);

	while (!err && nr_mapped < MAP_NR) {
		map_addrs[nr_mapped] = mapchurn_after(map_buffers[nr_mapped]);
		if (dma_mapping_error(advice_dev, map_addrs[nr_mapped]))
			err = -ENOMEM;
		else
			nr_mapped++;
	}
	return err;
}

static void mapchurn_finish(struct rule *rule)
{
	unsigned int i;

	while (nr_mapped)
		dma_unmap_single(advice_dev, map_addrs[--nr_mapped], MAP_SIZE, DMA_TO_DEVICE);
	for (i = 0; i < MAP_NR; i++) {
		kfree(map_buffers[i]);
		map_buffers[i] = NULL;
	}
}

static void mapchurn_burst_before(struct rule *rule)
{
	unsigned int i;

	for (i = 0; i < MAP_NR; i++) {
		memset(map_buffers[i], i, MAP_SIZE);
		map_addrs[i] = mapchurn_before(map_buffers[i]);
	}
	for (i = 0; i < MAP_NR; i++) {
		if (dma_mapping_error(advice_dev, map_addrs[i]))
			WRITE_ONCE(rule->failed, rule->failed + 1);
		else
			dma_unmap_single(advice_dev, map_addrs[i], MAP_SIZE, DMA_TO_DEVICE);
	}
}

static void mapchurn_burst_after(struct rule *rule)
{
	unsigned int i;

	for (i = 0; i < MAP_NR; i++) {
		dma_sync_single_for_cpu(advice_dev, map_addrs[i], MAP_SIZE, DMA_TO_DEVICE);
		memset(map_buffers[i], i, MAP_SIZE);
		dma_sync_single_for_device(advice_dev, map_addrs[i], MAP_SIZE, DMA_TO_DEVICE);
	}
}

static struct timed mapchurn = {
	.prepare = { mapchurn_fill, mapchurn_map },
	.burst = { mapchurn_burst_before, mapchurn_burst_after },
	.finish = mapchurn_finish,
};

/* ---- vmapchurn: the same pages are mapped side by side again and again ---- */

#define VMAP_PAGES	8

static struct page *vmap_pages[VMAP_PAGES];
static void *vmapped;

SITE struct page *vmapchurn_page(void)
{
	return alloc_page(GFP_KERNEL);
}

SITE void *vmapchurn_before(void)
{
	return vmap(vmap_pages, VMAP_PAGES, VM_MAP, PAGE_KERNEL);
}

SITE void *vmapchurn_after(void)
{
	return vmap(vmap_pages, VMAP_PAGES, VM_MAP, PAGE_KERNEL);
}

static int vmapchurn_fill(struct rule *rule)
{
	unsigned int i;

	for (i = 0; i < VMAP_PAGES; i++) {
		vmap_pages[i] = vmapchurn_page();
		if (!vmap_pages[i])
			return -ENOMEM;
		rule->objects++;
		rule->bytes += PAGE_SIZE;
	}
	return 0;
}

static int vmapchurn_map(struct rule *rule)
{
	int err = vmapchurn_fill(rule);

	if (!err)
		vmapped = vmapchurn_after();
	return err ?: vmapped ? 0 : -ENOMEM;
}

static void vmapchurn_finish(struct rule *rule)
{
	unsigned int i;

	vunmap(vmapped);
	vmapped = NULL;
	for (i = 0; i < VMAP_PAGES; i++) {
		if (vmap_pages[i])
			__free_page(vmap_pages[i]);
		vmap_pages[i] = NULL;
	}
}

static void vmapchurn_burst_before(struct rule *rule)
{
	void *area = vmapchurn_before();

	if (area)
		memset(area, 1, VMAP_PAGES * PAGE_SIZE);
	else
		WRITE_ONCE(rule->failed, rule->failed + 1);
	vunmap(area);
}

static void vmapchurn_burst_after(struct rule *rule)
{
	memset(vmapped, 1, VMAP_PAGES * PAGE_SIZE);
}

static struct timed vmapchurn = {
	.prepare = { vmapchurn_fill, vmapchurn_map },
	.burst = { vmapchurn_burst_before, vmapchurn_burst_after },
	.finish = vmapchurn_finish,
};

/* ---- reserve: a mempool that has more than it is ever asked for ---- */

#define RESERVE_SIZE	512
#define RESERVE_ENOUGH	16
#define RESERVE_USED	8	/* elements at once */
#define RESERVE_ROUNDS	64
#define MAX_RESERVE	(1 << 14)	/* its array of pointers is one kmalloc */

static mempool_t *reserve;

SITE mempool_t *reserve_before(int min_nr)
{
	return mempool_create_kmalloc_pool(min_nr, RESERVE_SIZE);
}

SITE mempool_t *reserve_after(void)
{
	return mempool_create_kmalloc_pool(RESERVE_ENOUGH, RESERVE_SIZE);
}

/* Allocations succeed here, so that none of these comes from the reserve. */
SITE void reserve_use(struct rule *rule)
{
	void *elements[RESERVE_USED];
	unsigned int i;

	for (i = 0; i < RESERVE_USED; i++) {
		elements[i] = mempool_alloc(reserve, GFP_KERNEL);
		memset(elements[i], i, RESERVE_SIZE);
	}
	for (i = 0; i < RESERVE_USED; i++)
		mempool_free(elements[i], reserve);
	rule->loops++;
}

static int run_reserve(struct rule *rule, const struct request *req)
{
	unsigned int i;

	if (req->count > MAX_RESERVE)
		return -ENOSPC;
	reserve = req->after ? reserve_after() : reserve_before(req->count);
	if (!reserve)
		return -ENOMEM;
	rule->objects = req->after ? RESERVE_ENOUGH : req->count;
	rule->bytes = rule->objects * RESERVE_SIZE;
	for (i = 0; i < RESERVE_ROUNDS; i++)
		reserve_use(rule);
	return 0;
}

static void stop_reserve(struct rule *rule)
{
	mempool_destroy(reserve);
	reserve = NULL;
}

/* ---- atomic: allocations that cannot wait, and fail ---- */

/*
 * They fail for certain and do no harm when they are of the zone for old DMA, which has 16 MiB that
 * nobody else asks for: those are taken first, and given back before the command ends.
 */
#define ATOMIC_SIZE	(64 << 10)
#define ATOMIC_FILL	512	/* blocks: twice that zone */
#define ATOMIC_RESERVE	4
#define MAX_ATOMIC	100000

static void *filled[ATOMIC_FILL];
static unsigned int nr_filled;
static mempool_t *atomic_pool;

SITE void *atomic_fill(void)
{
	return kmalloc(ATOMIC_SIZE, GFP_NOWAIT | __GFP_NOWARN | GFP_DMA);
}

SITE void *atomic_before(void)
{
	return kmalloc(ATOMIC_SIZE, GFP_ATOMIC | __GFP_NOWARN | GFP_DMA);
}

SITE void *atomic_get(gfp_t gfp, void *data)
{
	return kmalloc(ATOMIC_SIZE, gfp | __GFP_NOWARN | GFP_DMA);
}

static void atomic_put(void *element, void *data)
{
	kfree(element);
}

SITE void *atomic_after(void)
{
	return mempool_alloc(atomic_pool, GFP_ATOMIC);
}

/* EDOM where a kernel has no such zone: the blocks come from elsewhere then, without end. */
static int squeeze(void)
{
	while (nr_filled < ATOMIC_FILL) {
		filled[nr_filled] = atomic_fill();
		if (!filled[nr_filled])
			return 0;
		nr_filled++;
	}
	return -EDOM;
}

static void unsqueeze(void)
{
	while (nr_filled) {
		kfree(filled[--nr_filled]);
		filled[nr_filled] = NULL;
	}
}

/*
 * Until so many failed. An atomic allocation may use what is kept for such, so that the first ones
 * succeed.
 */
static int fail_atomic(struct rule *rule, unsigned long nr)
{
	void *ptr;

	while (rule->failed < nr) {
		if (nr_filled == ATOMIC_FILL)
			return -EDOM;
		ptr = atomic_before();
		if (ptr)
			filled[nr_filled++] = ptr;
		else
			WRITE_ONCE(rule->failed, rule->failed + 1);
		rule->loops++;
		cond_resched();
	}
	return 0;
}

static void succeed_atomic(struct rule *rule, unsigned long nr)
{
	void *ptr;

	while (nr--) {
		ptr = atomic_after();
		if (ptr)
			mempool_free(ptr, atomic_pool);
		else
			WRITE_ONCE(rule->failed, rule->failed + 1);
		rule->loops++;
		cond_resched();
	}
}

static void stop_atomic(struct rule *rule)
{
	mempool_destroy(atomic_pool);
	atomic_pool = NULL;
}

static int run_atomic(struct rule *rule, const struct request *req)
{
	int err;

	if (req->count > MAX_ATOMIC)
		return -ENOSPC;
	if (req->after) {
		atomic_pool = mempool_create(ATOMIC_RESERVE, atomic_get, atomic_put, NULL);
		if (!atomic_pool)
			return -ENOMEM;
	}
	err = squeeze();
	if (!err && req->after)
		succeed_atomic(rule, req->count);
	else if (!err)
		err = fail_atomic(rule, req->count);
	unsqueeze();
	if (err) {
		stop_atomic(rule);
	} else if (req->after) {
		rule->objects = ATOMIC_RESERVE;
		rule->bytes = ATOMIC_RESERVE * ATOMIC_SIZE;
	}
	return err;
}

/* ---- dips: a mempool that lives on its reserve now and then ---- */

#define DIPS_ENOUGH	16
#define DIPS_OUT	64	/* elements at once while there is memory */
#define DIPS_TIMES	5
#define DIPS_TAKEN	8	/* elements at once when there is none */
#define DIPS_ROUNDS	40
#define DIPS_MS		10

static mempool_t *dips;
static void *dips_out[DIPS_OUT];

SITE mempool_t *dips_before(int min_nr)
{
	return mempool_create_kmalloc_pool(min_nr, ATOMIC_SIZE);
}

SITE mempool_t *dips_after(void)
{
	return mempool_create_kmalloc_pool(DIPS_ENOUGH, ATOMIC_SIZE);
}

/* Of the zone for old DMA, once that is taken, there is nothing but the reserve. */
SITE void dips_use(unsigned int nr, gfp_t gfp, unsigned int ms)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		dips_out[i] = mempool_alloc(dips, gfp);
	if (ms)
		msleep(ms);
	for (i = 0; i < nr; i++)
		if (dips_out[i])
			mempool_free(dips_out[i], dips);
}

/* loops: the us that the longest use of the reserve took. */
static void use_reserve(struct rule *rule)
{
	unsigned long took;
	unsigned int i;
	ktime_t began;

	for (i = 0; i < DIPS_TIMES; i++)
		dips_use(DIPS_OUT, GFP_KERNEL, 0);
	if (squeeze())
		return;
	for (i = 0; i < DIPS_ROUNDS; i++) {
		began = ktime_get();
		dips_use(DIPS_TAKEN, GFP_NOWAIT | GFP_DMA, DIPS_MS);
		took = ktime_us_delta(ktime_get(), began) + 1;
		rule->loops = max(rule->loops, took);
	}
}

static int run_dips(struct rule *rule, const struct request *req)
{
	if (req->count > MAX_RESERVE || req->count < DIPS_TAKEN)
		return -ENOSPC;
	dips = req->after ? dips_after() : dips_before(req->count);
	if (!dips)
		return -ENOMEM;
	rule->objects = req->after ? DIPS_ENOUGH : req->count;
	rule->bytes = rule->objects * ATOMIC_SIZE;
	use_reserve(rule);
	unsqueeze();
	return 0;
}

static void stop_dips(struct rule *rule)
{
	mempool_destroy(dips);
	dips = NULL;
}

struct rule timed_rules[] = {
	{ .name = "churn", .run = run_timed, .stop = stop_timed, .timed = &churn },
	{ .name = "mapchurn", .run = run_timed, .stop = stop_timed, .timed = &mapchurn },
	{ .name = "vmapchurn", .run = run_timed, .stop = stop_timed, .timed = &vmapchurn },
	{ .name = "reserve", .run = run_reserve, .stop = stop_reserve },
	{ .name = "dips", .run = run_dips, .stop = stop_dips },
	{ .name = "atomic", .run = run_atomic, .stop = stop_atomic },
};

const unsigned int nr_timed_rules = ARRAY_SIZE(timed_rules);

int timed_init(void)
{
	INIT_WORK(&churn.work, timed_function);
	INIT_WORK(&mapchurn.work, timed_function);
	INIT_WORK(&vmapchurn.work, timed_function);
	timed_wq = alloc_workqueue(KBUILD_MODNAME "_timed", WQ_UNBOUND, 0);
	return timed_wq ? 0 : -ENOMEM;
}

/* All rules are stopped. */
void timed_exit(void)
{
	if (timed_wq)
		destroy_workqueue(timed_wq);
}
