// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/ktasks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

#define MAX_TASKS	1000000u
#define MAX_STACK_PAGES	64u

struct list {
	const struct drvmem_kmem *k;
	struct drvmem_kmem_port *p;
	DRVMEM_VEC(struct drvmem_ktask) found;
	uint64_t left;		/* steps, so that a list that runs in a circle ends */
};

/* kernel/fork.c: the area of vmalloc that the stack is. One that is taken for too small is scanned whole. */
static uint32_t stack_bytes(struct list *t, uint64_t addr, uint64_t stack)
{
	const struct drvmem_klayout *l = &t->k->l;
	uint64_t area;
	uint32_t n;

	if (l->task_vm_area < 0 || l->area_addr < 0 || l->area_nr_pages < 0)
		return DRVMEM_KSTACK_BYTES;
	area = drvmem_kmem_port__u64(t->p, addr + (uint64_t)l->task_vm_area);
	if (!area || drvmem_kmem_port__u64(t->p, area + (uint64_t)l->area_addr) != stack)
		return DRVMEM_KSTACK_BYTES;
	n = drvmem_kmem_port__u32(t->p, area + (uint64_t)l->area_nr_pages);
	return n && n <= MAX_STACK_PAGES && !(n & (n - 1)) ? n * DRVMEM_KPAGE : DRVMEM_KSTACK_BYTES;
}

static int add_task(struct list *t, uint64_t addr)
{
	const struct drvmem_klayout *l = &t->k->l;
	struct drvmem_ktask n = { .addr = addr };

	n.stack = drvmem_kmem_port__u64(t->p, addr + (uint64_t)l->task_stack);
	n.sp = drvmem_kmem_port__u64(t->p, addr + (uint64_t)l->task_sp);
	n.pid = drvmem_kmem_port__u32(t->p, addr + (uint64_t)l->task_pid);
	n.tgid = drvmem_kmem_port__u32(t->p, addr + (uint64_t)l->task_tgid);
	if (!n.stack)	/* it has ended */
		return 0;
	if (!drvmem_kmem_port__read(t->p, addr + (uint64_t)l->task_comm, n.comm, sizeof(n.comm)))
		n.comm[0] = '\0';
	n.comm[sizeof(n.comm) - 1] = '\0';
	n.bytes = stack_bytes(t, addr, n.stack);
	/* the pointer that is kept is that of the last switch: of a task that runs it says nothing */
	if (drvmem_kmem_port__u32(t->p, addr + (uint64_t)l->task_on_cpu) ||
	    n.sp - n.stack >= n.bytes)
		n.sp = n.stack;
	return drvmem_vec__push(&t->found, n);
}

/* The other threads of the process whose first thread is at addr. */
static int add_threads(struct list *t, uint64_t addr)
{
	const struct drvmem_klayout *l = &t->k->l;
	uint64_t signal = drvmem_kmem_port__u64(t->p, addr + (uint64_t)l->task_signal);
	uint64_t head = signal + (uint64_t)l->signal_thread_head, node, task;
	int e = 0;

	if (!signal)
		return 0;
	for (node = drvmem_kmem_port__u64(t->p, head); !e && node && node != head && t->left; t->left--) {
		task = node - (uint64_t)l->task_thread_node;
		if (task != addr)
			e = add_task(t, task);
		node = drvmem_kmem_port__u64(t->p, node);
	}
	return e;
}

static int cmp_stack(const void *a, const void *b)
{
	const struct drvmem_ktask *x = a, *y = b;

	return (x->stack > y->stack) - (x->stack < y->stack);
}

int drvmem_ktasks__read(const struct drvmem_kmem *k, struct drvmem_kmem_port *p, struct drvmem_ktasks *ret)
{
	const struct drvmem_klayout *l = &k->l;
	struct list t = { .k = k, .p = p, .left = MAX_TASKS };
	uint64_t at = k->task, next;
	int e = 0;

	*ret = (struct drvmem_ktasks){ 0 };
	if (l->task_tasks < 0 || l->task_stack < 0 || l->task_sp < 0 || l->task_tgid < 0 || l->task_pid < 0 ||
	    l->task_comm < 0 || l->task_on_cpu < 0)
		return 0;
	for (; !e && t.left; t.left--) {
		e = add_task(&t, at);
		if (!e && l->task_signal >= 0 && l->task_thread_node >= 0 && l->signal_thread_head >= 0)
			e = add_threads(&t, at);
		next = drvmem_kmem_port__u64(p, at + (uint64_t)l->task_tasks);
		if (!next)
			break;
		at = next - (uint64_t)l->task_tasks;
		if (at == k->task) {
			ret->whole = true;
			break;
		}
	}
	if (e) {
		drvmem_vec__deinit(&t.found);
		return e;
	}
	if (t.found.n)
		qsort(t.found.v, t.found.n, sizeof(*t.found.v), cmp_stack);
	ret->v = t.found.v;
	ret->nr = (uint32_t)t.found.n;
	return 0;
}

void drvmem_ktasks__deinit(struct drvmem_ktasks *t)
{
	free(t->v);
	*t = (struct drvmem_ktasks){ 0 };
}

const struct drvmem_ktask *drvmem_ktasks__find(const struct drvmem_ktasks *t, uint64_t va)
{
	uint32_t lo = 0, hi = t->nr, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (t->v[mid].stack <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && va - t->v[lo - 1].stack < t->v[lo - 1].bytes ? &t->v[lo - 1] : NULL;
}
