// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drvmem_testuser - a driver that has a library module allocate for it: who
 * owns the memory is then a matter of policy.
 *
 * /sys/kernel/debug/drvmem_testuser/ctl, one command per write(2):
 *   alloc VIA COUNT SIZE   VIA own: this module; lib: a function of the library;
 *                          callback: the library calls this module, which
 *                          allocates; work: the library's work function
 *   free VIA COUNT         the most recent first; COUNT 0: all
 *   leak VIA COUNT         forget for ever; COUNT 0: all
 * Reading gives the counts. No other allocation while a command runs.
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "drvmem_testlib.h"

#define MAX_OBJECTS	1024

static DEFINE_MUTEX(lock);
static struct dentry *dir;
static char command[128];
static char report[1024];

static noinline void *alloc_own(size_t size)
{
	return kmalloc(size, GFP_KERNEL);
}

static noinline void *alloc_lib(size_t size)
{
	return drvmem_testlib_alloc(size);
}

static noinline void *alloc_callback(size_t size)
{
	return drvmem_testlib_call(alloc_own, size);
}

static noinline void *alloc_work(size_t size)
{
	return drvmem_testlib_work(size);
}

static struct way {
	const char *name;
	void *(*alloc)(size_t size);
	void *held[MAX_OBJECTS];
	size_t sizes[MAX_OBJECTS];
	size_t nr_held, live_bytes;
	unsigned long allocated, freed, leaked;
} ways[] = {
	{ .name = "own", .alloc = alloc_own },
	{ .name = "lib", .alloc = alloc_lib },
	{ .name = "callback", .alloc = alloc_callback },
	{ .name = "work", .alloc = alloc_work },
};

static int cmd_alloc(struct way *way, unsigned long count, size_t size)
{
	void *ptr;

	if (!size || size > 1 << 20)
		return -EINVAL;
	if (count > MAX_OBJECTS - way->nr_held)
		return -ENOSPC;
	while (count--) {
		ptr = way->alloc(size);
		if (!ptr)
			return -ENOMEM;
		way->held[way->nr_held] = ptr;
		way->sizes[way->nr_held++] = size;
		way->live_bytes += size;
		way->allocated++;
	}
	return 0;
}

static void free_object(struct way *way, void *ptr)
{
	if (way->alloc == alloc_own)
		kfree(ptr);
	else
		drvmem_testlib_free(ptr);
}

static int drop_objects(struct way *way, unsigned long count, bool leak)
{
	void *ptr;

	if (!count)
		count = way->nr_held;
	if (count > way->nr_held)
		return -ENOENT;
	while (count--) {
		ptr = way->held[--way->nr_held];
		way->held[way->nr_held] = NULL;
		if (leak) {
			way->leaked++;
			continue;
		}
		free_object(way, ptr);
		way->freed++;
		way->live_bytes -= way->sizes[way->nr_held];
	}
	return 0;
}

static int run_command(const char *text)
{
	unsigned long count, size = 0;
	char verb[8], name[16];
	unsigned int i;
	int words;

	words = sscanf(text, "%7s %15s %lu %lu", verb, name, &count, &size);
	if (words < 3)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		if (strcmp(ways[i].name, name))
			continue;
		if (!strcmp(verb, "alloc"))
			return cmd_alloc(&ways[i], count, size);
		if (!strcmp(verb, "free"))
			return drop_objects(&ways[i], count, false);
		if (!strcmp(verb, "leak"))
			return drop_objects(&ways[i], count, true);
	}
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

static ssize_t ctl_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	size_t used = 0;
	unsigned int i;
	ssize_t ret;

	mutex_lock(&lock);
	used += scnprintf(report, sizeof(report), "module %s\n", KBUILD_MODNAME);
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		used += scnprintf(report + used, sizeof(report) - used,
				  "%s allocated=%lu freed=%lu leaked=%lu live=%lu live_bytes=%zu\n",
				  ways[i].name, ways[i].allocated, ways[i].freed, ways[i].leaked,
				  ways[i].allocated - ways[i].freed, ways[i].live_bytes);
	ret = simple_read_from_buffer(buf, len, pos, report, used);
	mutex_unlock(&lock);
	return ret;
}

static const struct file_operations ctl_fops = {
	.owner = THIS_MODULE,
	.read = ctl_read,
	.write = ctl_write,
	.llseek = default_llseek,
};

static int __init drvmem_testuser_init(void)
{
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("ctl", 0600, dir, NULL, &ctl_fops);
	return 0;
}

static void __exit drvmem_testuser_exit(void)
{
	unsigned int i;

	debugfs_remove_recursive(dir);
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		drop_objects(&ways[i], 0, false);
}

module_init(drvmem_testuser_init);
module_exit(drvmem_testuser_exit);
MODULE_DESCRIPTION("drvmem: a user of drvmem_testlib");
MODULE_LICENSE("GPL");
