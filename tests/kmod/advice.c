// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drvmem_advice - a driver that does what drvmem advise has rules about, before the advice is
 * followed and after.
 *
 * /sys/kernel/debug/drvmem_advice/ctl takes one command per write(2):
 *
 *   run RULE before|after N [ARG...]   do it and keep what it holds
 *   wait RULE                          until a rule that runs for a time has done so
 *   stop RULE|all                      end it and free all of it
 *
 * Reading it gives the rules and what they hold. README.md has the rules.
 *
 * Commands run in a work item, as a driver's own work does; what is done on a user's request runs in
 * the writer. Nothing else is allocated by a command: buffers are static, pointers are in .bss.
 */
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "advice.h"

static unsigned int preinit_mb;
module_param(preinit_mb, uint, 0444);
MODULE_PARM_DESC(preinit_mb, "MiB that the init function takes by vmalloc and nobody uses");

static unsigned int preinit_kmalloc_mb;
module_param(preinit_kmalloc_mb, uint, 0444);
MODULE_PARM_DESC(preinit_kmalloc_mb, "MiB that the init function takes by kmallocs of 1 MiB");

static int device_node = NUMA_NO_NODE;
module_param(device_node, int, 0444);
MODULE_PARM_DESC(device_node, "NUMA node that the module's device is at; a driver is bound to it then");

struct device *advice_dev;

static struct platform_device *pdev;
static struct workqueue_struct *wq;
static struct dentry *dir;

/* Serialises commands; everything below is used with it held. */
static DEFINE_MUTEX(lock);
static char command[160];
static char report[4096];

static struct job {
	struct rule *rule;
	struct request req;
	int err;
} job;

static void run_job(void)
{
	struct rule *rule = job.rule;

	if (!rule->live) {
		rule->objects = 0;
		rule->bytes = 0;
		rule->loops = 0;
		rule->failed = 0;
	}
	rule->after = job.req.after;
	job.err = rule->run(rule, &job.req);
	if (!job.err)
		rule->live = true;
}

static void work_function(struct work_struct *work)
{
	run_job();
}

static DECLARE_WORK(work, work_function);

static struct rule *find_rule(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_object_rules; i++)
		if (!strcmp(object_rules[i].name, name))
			return &object_rules[i];
	for (i = 0; i < nr_place_rules; i++)
		if (!strcmp(place_rules[i].name, name))
			return &place_rules[i];
	for (i = 0; i < nr_timed_rules; i++)
		if (!strcmp(timed_rules[i].name, name))
			return &timed_rules[i];
	return NULL;
}

static int parse_request(char **words, unsigned int nr, struct request *ret_req)
{
	struct request req = { };
	unsigned int i;

	if (nr < 2 || nr - 2 > MAX_ARGS)
		return -EINVAL;
	req.after = !strcmp(words[0], "after");
	if (!req.after && strcmp(words[0], "before"))
		return -EINVAL;
	if (kstrtoul(words[1], 0, &req.count) || !req.count)
		return -EINVAL;
	req.nr_args = nr - 2;
	for (i = 0; i < req.nr_args; i++)
		if (kstrtoul(words[2 + i], 0, &req.args[i]))
			return -EINVAL;
	*ret_req = req;
	return 0;
}

static int cmd_run(struct rule *rule, char **words, unsigned int nr)
{
	int err;

	err = parse_request(words, nr, &job.req);
	if (err)
		return err;
	if (job.req.nr_args > rule->max_args[job.req.after])
		return -EINVAL;
	if (rule->live && !(rule->may_grow && rule->after == job.req.after))
		return -EBUSY;
	job.rule = rule;
	if (rule->in_writer) {
		run_job();
	} else {
		queue_work(wq, &work);
		flush_work(&work);
	}
	return job.err;
}

static void stop_rule(struct rule *rule)
{
	if (!rule->live)
		return;
	rule->stop(rule);
	rule->live = false;
	rule->objects = 0;
	rule->bytes = 0;
}

static void stop_all(void)
{
	unsigned int i;

	for (i = 0; i < nr_timed_rules; i++)
		stop_rule(&timed_rules[i]);
	for (i = 0; i < nr_place_rules; i++)
		stop_rule(&place_rules[i]);
	for (i = 0; i < nr_object_rules; i++)
		stop_rule(&object_rules[i]);
}

static int run_command(char *text)
{
	char *words[4 + MAX_ARGS] = { }, *word;
	struct rule *rule;
	unsigned int nr = 0;

	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (nr == ARRAY_SIZE(words))
			return -EINVAL;
		words[nr++] = word;
	}
	if (nr == 2 && !strcmp(words[0], "stop") && !strcmp(words[1], "all")) {
		stop_all();
		return 0;
	}
	rule = nr < 2 ? NULL : find_rule(words[1]);
	if (!rule)
		return -EINVAL;
	if (!strcmp(words[0], "run"))
		return cmd_run(rule, &words[2], nr - 2);
	if (nr > 2)
		return -EINVAL;
	if (!strcmp(words[0], "stop")) {
		if (!rule->live)
			return -ENOENT;
		stop_rule(rule);
		return 0;
	}
	if (strcmp(words[0], "wait") || !rule->timed)
		return -EINVAL;
	timed_wait(rule);
	return 0;
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

static size_t format_rule(const struct rule *rule, size_t len)
{
	return scnprintf(report + len, sizeof(report) - len,
			 "%s objects=%lu bytes=%lu loops=%lu failed=%lu running=%d variant=%s\n",
			 rule->name, rule->objects, rule->bytes, READ_ONCE(rule->loops),
			 READ_ONCE(rule->failed), READ_ONCE(rule->running),
			 !rule->live ? "none" : rule->after ? "after" : "before");
}

static size_t format_report(void)
{
	size_t len = scnprintf(report, sizeof(report), "module %s\n", KBUILD_MODNAME);
	unsigned int i;

	for (i = 0; i < nr_object_rules; i++)
		len += format_rule(&object_rules[i], len);
	for (i = 0; i < nr_place_rules; i++)
		len += format_rule(&place_rules[i], len);
	for (i = 0; i < nr_timed_rules; i++)
		len += format_rule(&timed_rules[i], len);
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

/* The device has a driver only where it is asked where the driver's devices are. */
static struct platform_driver driver = { .driver = { .name = KBUILD_MODNAME } };

/* A mask for all memory: with a smaller one a mapping may be a copy, which is memory of its own. */
static int __init create_device(void)
{
	int err;

	pdev = platform_device_alloc(KBUILD_MODNAME, PLATFORM_DEVID_NONE);
	if (!pdev)
		return -ENOMEM;
	advice_dev = &pdev->dev;
	/* its file is there only if it has one now */
	set_dev_node(advice_dev, device_node);
	err = platform_device_add(pdev);
	if (err) {
		platform_device_put(pdev);
		return err;
	}
	err = dma_coerce_mask_and_coherent(advice_dev, DMA_BIT_MASK(64));
	if (!err && device_node != NUMA_NO_NODE)
		err = platform_driver_register(&driver);
	if (err)
		platform_device_unregister(pdev);
	return err;
}

static void remove_device(void)
{
	if (device_node != NUMA_NO_NODE)
		platform_driver_unregister(&driver);
	platform_device_unregister(pdev);
}

/* Everything but the control file, in the order in which drvmem_advice_exit() takes it down. */
static void release(void)
{
	stop_all();
	timed_exit();
	destroy_workqueue(wq);
	remove_device();
}

static int __init drvmem_advice_init(void)
{
	int err;

	err = create_device();
	if (err)
		return err;
	/* unbound: a command may take long, which others on this CPU need not wait for */
	wq = alloc_workqueue(KBUILD_MODNAME, WQ_UNBOUND, 0);
	if (!wq) {
		remove_device();
		return -ENOMEM;
	}
	err = timed_init();
	if (!err)
		err = preinit_run(preinit_mb, preinit_kmalloc_mb);
	if (err) {
		release();
		return err;
	}
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("ctl", 0600, dir, NULL, &ctl_fops);
	return 0;
}

static void __exit drvmem_advice_exit(void)
{
	debugfs_remove_recursive(dir);
	release();
}

module_init(drvmem_advice_init);
module_exit(drvmem_advice_exit);
MODULE_DESCRIPTION("drvmem: a driver before and after advice");
MODULE_LICENSE("GPL");
