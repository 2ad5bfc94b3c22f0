// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drvmem_test - a driver that allocates exactly what it is told to.
 *
 * /sys/kernel/debug/<module>/ctl takes one command per write(2), and a write
 * returns when the command is done or with its error:
 *
 *   alloc KIND COUNT SIZE [proc|wq|timer]   allocate and keep
 *   free KIND COUNT direct|bulk|rcu|rcu1|callrcu
 *                                           the most recent first; COUNT 0: all
 *   leak KIND COUNT                         forget for ever; COUNT 0: all
 *   hold KIND COUNT WAY                     refer to it in one way alone: hold.c
 *   fail KIND COUNT                         allocations that cannot succeed
 *   churn KIND COUNT SIZE                   allocate and free COUNT times
 *   pairs KIND COUNT SIZE                   two, and free both; without a second the first is forgotten
 *   errpath KIND COUNT SIZE                 the same with a second that cannot succeed
 *   misuse HOW COUNT [guarded]              misuse.c
 *   barrier                                 wait for RCU callbacks and kfree_rcu()
 *
 * Reading it gives the kinds and their counts. README.md has the details.
 *
 * While a command runs, the driver makes no other allocation: buffers are
 * static, and a read formats into one of them instead of using seq_file.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "drvmem_test.h"
#include "hold.h"
#include "misuse.h"

#define MAX_HOLD	1024

/*
 * kmalloc() takes it and finds nothing; the smaller one is for skb, whose size
 * has 32 bits.
 */
#define ABSURD_SIZE	(1UL << 40)
#define ABSURD_SKB_SIZE	(1UL << 30)

static unsigned int hold[2];
static int nr_hold;
module_param_array(hold, uint, &nr_hold, 0444);
MODULE_PARM_DESC(hold, "COUNT,SIZE: kmallocs made by the init function and kept");

static bool leak_on_exit;
module_param(leak_on_exit, bool, 0644);
MODULE_PARM_DESC(leak_on_exit, "leave behind on exit what can stay behind");

static void *held_from_init[MAX_HOLD];
static struct dentry *dir;

/* Serialises commands; everything below is used with it held. */
static DEFINE_MUTEX(lock);
static char command[128];
static char report[8192];
static void *bulk[BULK_MAX];

/* Put over an object that goes through call_rcu(). */
struct rcu_object {
	struct kind *kind;
	size_t size;
	struct rcu_head rcu;	/* not first: kfree_rcu() must handle an offset */
};

/* An allocation command on its way to the context that carries it out. */
static struct job {
	struct kind *kind;
	unsigned long count;
	size_t size;
	gfp_t gfp;
	int err;
	struct completion done;
} job;

static void account_alloc(struct kind *kind, struct object *obj)
{
	atomic_long_inc(&kind->allocated);
	atomic_long_add(obj->size, &kind->live_bytes);
}

static void account_free(struct kind *kind, size_t size)
{
	atomic_long_inc(&kind->freed);
	atomic_long_sub(size, &kind->live_bytes);
}

/* Allocate up to @nr objects on top of those held; how many were, or 0. */
static size_t alloc_step(struct kind *kind, size_t nr, size_t size, gfp_t gfp)
{
	struct object *objs = &kind->held[kind->nr_held];
	bool ok;
	size_t i;

	nr = kind->alloc_many ? min_t(size_t, nr, BULK_MAX / 2) : 1;
	for (i = 0; i < nr; i++)
		objs[i] = (struct object){ .size = kind->fixed ?: size };
	if (kind->alloc_many) {
		ok = kind->alloc_many(objs, nr, gfp);
	} else {
		kind->alloc(objs, gfp);
		ok = objs->ptr;
	}
	if (!ok) {
		atomic_long_inc(&kind->failed);
		return 0;
	}
	for (i = 0; i < nr; i++)
		account_alloc(kind, &objs[i]);
	kind->nr_held += nr;
	return nr;
}

static void run_job(void)
{
	unsigned long left = job.count;
	size_t nr;

	job.err = 0;
	while (left) {
		nr = alloc_step(job.kind, left, job.size, job.gfp);
		if (!nr) {
			job.err = -ENOMEM;
			break;
		}
		left -= nr;
	}
	complete(&job.done);
}

static void work_function(struct work_struct *work)
{
	run_job();
}

static void timer_function(struct timer_list *timer)
{
	run_job();
}

static DECLARE_WORK(work, work_function);
static DEFINE_TIMER(timer, timer_function);

static int parse_size(const struct kind *kind, const char *arg, size_t *ret_size)
{
	unsigned long size;

	*ret_size = kind->fixed;
	if (kind->fixed)
		return 0;
	if (!arg || kstrtoul(arg, 0, &size))
		return -EINVAL;
	if (size < kind->min || size > kind->max)
		return -EINVAL;
	*ret_size = size;
	return 0;
}

static int cmd_alloc(struct kind *kind, unsigned long count, char **args)
{
	const char *context = args[1] ?: "proc";
	int err;

	err = parse_size(kind, args[0], &job.size);
	if (err)
		return err;
	if (count > MAX_OBJECTS - kind->nr_held)
		return -ENOSPC;
	job.kind = kind;
	job.count = count;
	job.gfp = GFP_KERNEL;
	reinit_completion(&job.done);
	if (!strcmp(context, "proc")) {
		run_job();
	} else if (!strcmp(context, "wq")) {
		schedule_work(&work);
	} else if (!strcmp(context, "timer") && kind->flags & KIND_ATOMIC) {
		job.gfp = GFP_ATOMIC;
		mod_timer(&timer, jiffies + 1);
	} else {
		return -EINVAL;
	}
	wait_for_completion(&job.done);
	return job.err;
}

/* Take the most recent object off the held ones, leaving no pointer there. */
static struct object take_object(struct kind *kind)
{
	struct object *top = &kind->held[--kind->nr_held];
	struct object obj = *top;

	memset(top, 0, sizeof(*top));
	return obj;
}

static void free_direct(struct kind *kind, size_t nr)
{
	struct object obj;

	while (nr--) {
		obj = take_object(kind);
		kind->free(&obj);
		account_free(kind, obj.size);
		if (!(nr % 256))
			cond_resched();
	}
}

static void free_work_function(struct work_struct *unused)
{
	free_direct(job.kind, job.count);
	complete(&job.done);
}

static DECLARE_WORK(free_work, free_work_function);

static void free_in_work(struct kind *kind, size_t nr)
{
	job.kind = kind;
	job.count = nr;
	reinit_completion(&job.done);
	schedule_work(&free_work);
	wait_for_completion(&job.done);
}

/* The oldest first; those that stay keep their order. */
static void free_oldest(struct kind *kind, size_t nr)
{
	size_t left = kind->nr_held - nr, i;

	for (i = 0; i < nr; i++) {
		kind->free(&kind->held[i]);
		account_free(kind, kind->held[i].size);
	}
	memmove(kind->held, kind->held + nr, left * sizeof(*kind->held));
	memset(kind->held + left, 0, nr * sizeof(*kind->held));
	kind->nr_held = left;
}

/* Chunks of 16, 32, 48, 64, 16, ... as long as there are that many. */
static void free_in_bulk(struct kind *kind, size_t nr)
{
	size_t chunk = 16, here, i;
	struct object obj;

	while (nr) {
		here = min(nr, chunk);
		for (i = 0; i < here; i++) {
			obj = take_object(kind);
			bulk[i] = obj.ptr;
			account_free(kind, obj.size);
		}
		kind->free_many(bulk, here);
		nr -= here;
		chunk = chunk == BULK_MAX ? 16 : chunk + 16;
	}
	memset(bulk, 0, sizeof(bulk));
}

static void free_by_kfree_rcu(struct kind *kind, size_t nr, bool headless)
{
	struct rcu_object *rcu_obj;
	struct object obj;

	while (nr--) {
		obj = take_object(kind);
		account_free(kind, obj.size);
		rcu_obj = obj.ptr;
		if (headless)
			kfree_rcu_mightsleep(rcu_obj);
		else
			kfree_rcu(rcu_obj, rcu);
	}
}

static void rcu_callback(struct rcu_head *head)
{
	struct rcu_object *rcu_obj = container_of(head, struct rcu_object, rcu);
	struct object obj = { .ptr = rcu_obj, .size = rcu_obj->size };
	struct kind *kind = rcu_obj->kind;

	kind->free(&obj);
	account_free(kind, obj.size);
}

static void free_by_call_rcu(struct kind *kind, size_t nr)
{
	struct rcu_object *rcu_obj;
	struct object obj;

	while (nr--) {
		obj = take_object(kind);
		rcu_obj = obj.ptr;
		rcu_obj->kind = kind;
		rcu_obj->size = obj.size;
		call_rcu(&rcu_obj->rcu, rcu_callback);
	}
}

/* Are the @nr most recent objects large enough for struct rcu_object? */
static bool fit_rcu(const struct kind *kind, size_t nr)
{
	size_t i;

	for (i = kind->nr_held - nr; i < kind->nr_held; i++)
		if (kind->held[i].size < sizeof(struct rcu_object))
			return false;
	return true;
}

static int cmd_free(struct kind *kind, unsigned long count, char **args)
{
	const char *how = args[0] ?: "direct";
	size_t nr = count ?: kind->nr_held;

	if (nr > kind->nr_held)
		return -ENOENT;
	if (!strcmp(how, "direct"))
		free_direct(kind, nr);
	else if (!strcmp(how, "wq"))
		free_in_work(kind, nr);
	else if (!strcmp(how, "oldest"))
		free_oldest(kind, nr);
	else if (!strcmp(how, "bulk") && kind->flags & KIND_BULK)
		free_in_bulk(kind, nr);
	else if (!strcmp(how, "rcu") && kind->flags & KIND_KFREE_RCU && fit_rcu(kind, nr))
		free_by_kfree_rcu(kind, nr, false);
	else if (!strcmp(how, "rcu1") && kind->flags & KIND_KFREE_RCU)
		free_by_kfree_rcu(kind, nr, true);
	else if (!strcmp(how, "callrcu") && kind->flags & KIND_CALL_RCU && fit_rcu(kind, nr))
		free_by_call_rcu(kind, nr);
	else
		return -EINVAL;
	return 0;
}

static int cmd_leak(struct kind *kind, unsigned long count, char **args)
{
	size_t nr = count ?: kind->nr_held;

	if (!(kind->flags & KIND_LEAK))
		return -EINVAL;
	if (nr > kind->nr_held)
		return -ENOENT;
	kind->leaked += nr;
	while (nr--)
		take_object(kind);
	return 0;
}

/* "lostlist": one after the other, nothing has the first. */
static int cmd_hold(struct kind *kind, unsigned long count, char **args)
{
	size_t nr = count ?: kind->nr_held;
	void *chain = NULL;
	struct object obj;
	int err;

	if (!args[0] || !(kind->flags & KIND_LEAK))
		return -EINVAL;
	if (nr > kind->nr_held)
		return -ENOENT;
	err = hold_check(args[0], nr);
	if (err)
		return err;
	kind->leaked += nr;
	while (nr--) {
		obj = take_object(kind);
		hold_object(args[0], kind, &obj, &chain);
	}
	memzero_explicit(&obj, sizeof(obj));
	memzero_explicit(&chain, sizeof(chain));
	return hold_done(args[0]);
}

static int cmd_fail(struct kind *kind, unsigned long count, char **args)
{
	struct object obj;

	if (!(kind->flags & KIND_FAIL))
		return -EINVAL;
	while (count--) {
		obj = (struct object){ .size = ABSURD_SIZE };
		if (!strcmp(kind->name, "skb"))
			obj.size = ABSURD_SKB_SIZE;
		kind->alloc(&obj, GFP_KERNEL | __GFP_NOWARN);
		if (obj.ptr) {
			kind->free(&obj);
			return -EDOM;
		}
		atomic_long_inc(&kind->failed);
	}
	return 0;
}

static int cmd_churn(struct kind *kind, unsigned long count, char **args)
{
	size_t size, nr;
	int err;

	err = parse_size(kind, args[0], &size);
	if (err)
		return err;
	if (kind->nr_held + BULK_MAX > MAX_OBJECTS)
		return -ENOSPC;
	while (count) {
		nr = alloc_step(kind, count, size, GFP_KERNEL);
		if (!nr)
			return -ENOMEM;
		free_direct(kind, nr);
		count -= nr;
	}
	return 0;
}

/* The error path of a driver that has a leak there. */
static void take_pair(struct kind *kind, size_t size, size_t second_size)
{
	struct object first = { .size = kind->fixed ?: size }, second = { .size = kind->fixed ?: second_size };

	kind->alloc(&first, GFP_KERNEL);
	if (!first.ptr) {
		atomic_long_inc(&kind->failed);
		return;
	}
	account_alloc(kind, &first);
	kind->alloc(&second, GFP_KERNEL | __GFP_NOWARN);
	if (!second.ptr) {
		atomic_long_inc(&kind->failed);
		kind->leaked++;
		return;
	}
	account_alloc(kind, &second);
	kind->free(&second);
	account_free(kind, second.size);
	kind->free(&first);
	account_free(kind, first.size);
}

static int cmd_pairs(struct kind *kind, unsigned long count, char **args)
{
	size_t size;
	int err;

	err = parse_size(kind, args[0], &size);
	if (err || !kind->alloc || !(kind->flags & KIND_LEAK))
		return -EINVAL;
	while (count--)
		take_pair(kind, size, size);
	return 0;
}

static int cmd_errpath(struct kind *kind, unsigned long count, char **args)
{
	size_t size;
	int err;

	err = parse_size(kind, args[0], &size);
	if (err || !kind->alloc || !(kind->flags & KIND_LEAK) || !(kind->flags & KIND_FAIL))
		return -EINVAL;
	while (count--)
		take_pair(kind, size, ABSURD_SIZE);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct kind *kind, unsigned long count, char **args);
} commands[] = {
	{ "alloc", cmd_alloc },
	{ "free", cmd_free },
	{ "leak", cmd_leak },
	{ "hold", cmd_hold },
	{ "fail", cmd_fail },
	{ "churn", cmd_churn },
	{ "pairs", cmd_pairs },
	{ "errpath", cmd_errpath },
};

static struct kind *find_kind(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_kinds; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static int run_command(char *text)
{
	char *words[6] = { }, *word;
	unsigned long count;
	unsigned int i = 0;
	struct kind *kind;

	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (i == ARRAY_SIZE(words) - 1)
			return -EINVAL;
		words[i++] = word;
	}
	if (i == 1 && !strcmp(words[0], "barrier")) {
		kvfree_rcu_barrier();
		rcu_barrier();
		return 0;
	}
	if (i < 3)
		return -EINVAL;
	if (kstrtoul(words[2], 0, &count))
		return -EINVAL;
	if (!strcmp(words[0], "misuse"))
		return misuse(words[1], count, words[3] && !strcmp(words[3], "guarded"));
	kind = find_kind(words[1]);
	if (!kind)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, words[0]))
			return commands[i].run(kind, count, &words[3]);
	return -EINVAL;
}

static ssize_t ctl_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	int err;

	if (len >= sizeof(command))
		return -EINVAL;
	mutex_lock(&lock);
	err = -EFAULT;
	if (!copy_from_user(command, buf, len)) {
		command[len] = '\0';
		err = run_command(command);
	}
	mutex_unlock(&lock);
	return err ?: len;
}

static size_t format_report(void)
{
	size_t len = scnprintf(report, sizeof(report), "module %s\n", KBUILD_MODNAME);
	long allocated, freed;
	unsigned int i;

	for (i = 0; i < nr_kinds; i++) {
		struct kind *kind = &kinds[i];

		/* freed first: it cannot overtake, a callback may run between */
		freed = atomic_long_read(&kind->freed);
		allocated = atomic_long_read(&kind->allocated);
		len += scnprintf(report + len, sizeof(report) - len,
				 "%s allocated=%ld freed=%ld leaked=%lu live=%ld live_bytes=%ld failed=%ld\n",
				 kind->name, allocated, freed, kind->leaked, allocated - freed,
				 atomic_long_read(&kind->live_bytes),
				 atomic_long_read(&kind->failed));
	}
	return len;
}

static ssize_t ctl_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	ssize_t ret;

	mutex_lock(&lock);
	ret = simple_read_from_buffer(buf, len, pos, report, format_report());
	mutex_unlock(&lock);
	return ret;
}

static const struct file_operations ctl_fops = {
	.owner = THIS_MODULE,
	.read = ctl_read,
	.write = ctl_write,
	.llseek = default_llseek,
};

/* A function of its own in .init.text, which is gone when someone looks. */
static noinline int __init hold_from_init(void)
{
	unsigned int i;

	if (nr_hold == 0)
		return 0;
	if (nr_hold != 2 || hold[0] > MAX_HOLD)
		return -EINVAL;
	for (i = 0; i < hold[0]; i++) {
		held_from_init[i] = kmalloc(hold[1], GFP_KERNEL);
		if (!held_from_init[i])
			return -ENOMEM;
	}
	return 0;
}

static void release_objects(void)
{
	unsigned int i;

	for (i = 0; i < nr_kinds; i++)
		if (!leak_on_exit || !(kinds[i].flags & KIND_OUTLIVE))
			free_direct(&kinds[i], kinds[i].nr_held);
	for (i = 0; i < MAX_HOLD && !leak_on_exit; i++)
		kfree(held_from_init[i]);
}

static int __init drvmem_test_init(void)
{
	int err;

	init_completion(&job.done);
	err = kinds_init();
	if (err)
		return err;
	err = hold_from_init();
	if (err) {
		release_objects();
		kinds_exit();
		return err;
	}
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("ctl", 0600, dir, NULL, &ctl_fops);
	return 0;
}

static void __exit drvmem_test_exit(void)
{
	debugfs_remove_recursive(dir);
	timer_delete_sync(&timer);
	cancel_work_sync(&work);
	release_objects();
	hold_exit();
	/* our callback's text and the caches it frees to go next */
	rcu_barrier();
	kinds_exit();
}

module_init(drvmem_test_init);
module_exit(drvmem_test_exit);
MODULE_DESCRIPTION("drvmem: allocates exactly what it is told to");
MODULE_LICENSE("GPL");
