// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drvmem_testlib - a library module: it allocates for others, as usbcore and
 * libata do. It keeps no statistics and no memory: see drvmem_testuser.
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "drvmem_testlib.h"

static DEFINE_MUTEX(lock);
static struct {
	size_t size;
	void *ptr;
	struct completion done;
} request;

/* Stack: the caller, then the library. */
void *drvmem_testlib_alloc(size_t size)
{
	return kmalloc(size, GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(drvmem_testlib_alloc);

/* Stack: the caller, the library, and the caller's module again. */
void *drvmem_testlib_call(drvmem_testlib_fn fn, size_t size)
{
	return fn(size);
}
EXPORT_SYMBOL_GPL(drvmem_testlib_call);

static void work_function(struct work_struct *work)
{
	request.ptr = kmalloc(request.size, GFP_KERNEL);
	complete(&request.done);
}

static DECLARE_WORK(work, work_function);

/* Stack: the library only, the caller waits elsewhere. */
void *drvmem_testlib_work(size_t size)
{
	void *ptr;

	mutex_lock(&lock);
	request.size = size;
	reinit_completion(&request.done);
	schedule_work(&work);
	wait_for_completion(&request.done);
	ptr = request.ptr;
	request.ptr = NULL;
	mutex_unlock(&lock);
	return ptr;
}
EXPORT_SYMBOL_GPL(drvmem_testlib_work);

void drvmem_testlib_free(void *ptr)
{
	kfree(ptr);
}
EXPORT_SYMBOL_GPL(drvmem_testlib_free);

static int __init drvmem_testlib_init(void)
{
	init_completion(&request.done);
	return 0;
}

static void __exit drvmem_testlib_exit(void)
{
	cancel_work_sync(&work);
}

module_init(drvmem_testlib_init);
module_exit(drvmem_testlib_exit);
MODULE_DESCRIPTION("drvmem: a library that allocates for drvmem_testuser");
MODULE_LICENSE("GPL");
