// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Objects that something else than the array in .bss refers to, in one way alone, or nothing: what
 * a scan of the kernel's memory for references must tell apart. Their addresses are kept inverted,
 * so that they can be freed when the module goes.
 */
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "drvmem_test.h"
#include "hold.h"

#define MAX_KEPT	1024
#define MAX_WAY		64	/* of one way, stack, percpu, slab and interior */

static struct kept {
	unsigned long inverted;
	size_t size;
	struct kind *kind;
} kept[MAX_KEPT];
static unsigned int nr_kept;

static void *list;			/* head of "list" */
static void *volatile interior[MAX_WAY];	/* only ever written */
static unsigned int nr_interior, nr_percpu, nr_slab;
static void *volatile *in_slab;			/* a kmalloc that holds others */
static DEFINE_PER_CPU(void *, in_percpu[MAX_WAY]);

static struct socket *sock;			/* in its queue "queue" has its buffers */
static struct task_struct *holder;
static unsigned long on_stack[MAX_WAY];	/* inverted, on their way to the stack */
static unsigned int nr_stack;

/* Sleeps with the pointers in an array on its stack. */
static int hold_on_stack(void *unused)
{
	void *volatile mine[MAX_WAY];
	unsigned int i;

	for (i = 0; i < MAX_WAY; i++)
		mine[i] = (void *)~on_stack[i];
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return mine[0] == NULL;
}

static int run_holder(void)
{
	holder = kthread_run(hold_on_stack, NULL, "drvmem_hold");
	if (!IS_ERR(holder))
		return 0;
	holder = NULL;
	return -ENOMEM;
}

int hold_check(const char *way, size_t nr)
{
	if (nr > MAX_KEPT - nr_kept)
		return -ENOSPC;
	if (!strcmp(way, "nothing") || !strcmp(way, "list") || !strcmp(way, "lostlist") || !strcmp(way, "ownpage"))
		return 0;
	if (!strcmp(way, "queue"))
		return sock ? 0 : sock_create_kern(&init_net, AF_INET, SOCK_DGRAM, IPPROTO_UDP, &sock);
	if (!strcmp(way, "interior"))
		return nr > MAX_WAY - nr_interior ? -ENOSPC : 0;
	if (!strcmp(way, "percpu"))
		return nr > MAX_WAY - nr_percpu ? -ENOSPC : 0;
	if (!strcmp(way, "slab")) {
		if (!in_slab)
			in_slab = kzalloc(MAX_WAY * sizeof(*in_slab), GFP_KERNEL);
		return !in_slab ? -ENOMEM : nr > MAX_WAY - nr_slab ? -ENOSPC : 0;
	}
	if (!strcmp(way, "stack"))	/* once, all at a time */
		return holder ? -EBUSY : nr > MAX_WAY ? -ENOSPC : 0;
	return -EINVAL;
}

void hold_object(const char *way, struct kind *kind, const struct object *obj, void **chain)
{
	kept[nr_kept++] = (struct kept){ ~(unsigned long)obj->ptr, obj->size, kind };
	if (!strcmp(way, "nothing"))
		return;
	if (!strcmp(way, "list")) {
		*(void **)obj->ptr = list;
		list = obj->ptr;
	} else if (!strcmp(way, "lostlist")) {
		*(void **)obj->ptr = *chain;
		*chain = obj->ptr;
	} else if (!strcmp(way, "interior")) {
		interior[nr_interior++] = obj->ptr + obj->size / 2;
	} else if (!strcmp(way, "percpu")) {
		per_cpu(in_percpu, cpumask_first(cpu_online_mask))[nr_percpu++] = obj->ptr;
	} else if (!strcmp(way, "ownpage")) {
		/* of "pages", whose pointer is that of the first page's descriptor */
		set_page_private(obj->ptr, (unsigned long)page_address(obj->ptr));
	} else if (!strcmp(way, "queue")) {
		skb_queue_tail(&sock->sk->sk_receive_queue, obj->ptr);
	} else if (!strcmp(way, "slab")) {
		in_slab[nr_slab++] = obj->ptr;
	} else {
		on_stack[nr_stack++] = ~(unsigned long)obj->ptr;
	}
}

int hold_done(const char *way)
{
	return strcmp(way, "stack") ? 0 : run_holder();
}

void hold_exit(void)
{
	struct object obj;

	/* the socket would give back more than it was charged for */
	while (sock && skb_dequeue(&sock->sk->sk_receive_queue))
		;
	if (sock)
		sock_release(sock);
	sock = NULL;

	if (holder)
		kthread_stop(holder);
	holder = NULL;
	while (nr_kept) {
		nr_kept--;
		obj = (struct object){ .ptr = (void *)~kept[nr_kept].inverted, .size = kept[nr_kept].size };
		kept[nr_kept].kind->free(&obj);
	}
	kfree((void *)in_slab);
	in_slab = NULL;
}
