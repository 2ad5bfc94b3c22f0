// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/vmallocinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

#define MAX_SIZE	(UINT64_C(1) << 57)	/* no address space of a kernel is larger */

/* "0x<start>-0x<end>", each a number, a hash, or "(____ptrval____)" before hashing works. */
static bool is_range(struct drvmem_span s)
{
	size_t i;

	if (!drvmem_span__starts(s, "0x"))
		return false;
	for (i = 2; i + 2 < s.n; i++)
		if (s.s[i] == '-')
			return s.s[i + 1] == '0' && s.s[i + 2] == 'x';
	return false;
}

/* "func+0x1f/0x40" (%pS), or an address that has no symbol. */
static bool is_caller(struct drvmem_span s)
{
	return drvmem_span__starts(s, "0x") || memchr(s.s, '+', s.n);
}

static struct drvmem_span function_of(struct drvmem_span s)
{
	const char *plus = memchr(s.s, '+', s.n);

	if (drvmem_span__starts(s, "0x") || !plus)
		return (struct drvmem_span){ s.s, 0 };
	return (struct drvmem_span){ s.s, (size_t)(plus - s.s) };
}

static struct drvmem_span module_of(struct drvmem_span s)
{
	const char *end = memchr(s.s, ']', s.n);

	s.s++;
	s.n--;
	if (end)
		s.n = (size_t)(end - s.s);
	return s;
}

static enum drvmem_vmkind kind_of(struct drvmem_span word)
{
	if (drvmem_span__is(word, "vmalloc"))
		return DRVMEM_VM_ALLOC;
	/* dma_common_pages_remap() and its kin: the pages are the DMA buffer's */
	if (drvmem_span__is(word, "vmap") || drvmem_span__is(word, "dma-coherent"))
		return DRVMEM_VM_MAP;
	if (drvmem_span__is(word, "ioremap"))
		return DRVMEM_VM_IOREMAP;
	return DRVMEM_VM_OTHER;
}

/* What follows the size: caller, pages, phys, flags, pages per node. */
static int parse_rest(struct drvmem_span rest, struct drvmem_vmarea *a)
{
	struct drvmem_span word;
	bool first = true;
	int err = 0;

	for (; !err && drvmem_span__word(&rest, &word); first = false) {
		if (first && drvmem_span__is(word, "vm_map_ram"))
			a->kind = DRVMEM_VM_MAP_RAM;
		else if (first && is_caller(word))
			a->caller = function_of(word);
		else if (word.s[0] == '[' && !a->module.n)
			a->module = module_of(word);
		else if (drvmem_span__starts(word, "pages="))
			err = drvmem_span__u64((struct drvmem_span){ word.s + 6, word.n - 6 }, &a->pages);
		else if (!a->kind)
			a->kind = kind_of(word);
	}
	return err;
}

static int parse_line(struct drvmem_span line, struct drvmem_vmarea *ret, bool *ret_unpurged)
{
	struct drvmem_vmarea a = { .caller = { "", 0 }, .module = { "", 0 } };
	struct drvmem_span range, word, rest;
	int err;

	if (!drvmem_span__word(&line, &range) || !is_range(range) || !drvmem_span__word(&line, &word))
		return -EINVAL;
	err = drvmem_span__u64(word, &a.size);
	if (!err && a.size > MAX_SIZE)
		err = -ERANGE;
	if (err)
		return err;
	rest = line;
	(void)drvmem_span__word(&rest, &word);	/* else it ends with the size */
	a.head = (struct drvmem_span){ range.s, (size_t)(word.s + word.n - range.s) };
	rest = drvmem_span__trim(line);
	*ret_unpurged = drvmem_span__starts(rest, "unpurged");
	if (!*ret_unpurged)
		err = parse_rest(rest, &a);
	/* more pages, of the smallest size there is, than it has room for: no line of this file */
	if (!err && a.pages > a.size / 4096)
		err = -ERANGE;
	if (!err)
		*ret = a;
	return err;
}

int drvmem_vmallocinfo__parse(const char *text, size_t len, struct drvmem_vmallocinfo **ret)
{
	struct drvmem_vmallocinfo *v = calloc(1, sizeof(*v));
	DRVMEM_VEC(struct drvmem_vmarea) vec = {0};
	struct drvmem_span rest = { text, len }, line;
	struct drvmem_vmarea a;
	bool unpurged;
	int err = v ? 0 : -ENOMEM;

	while (!err && drvmem_span__line(&rest, &line)) {
		if (!line.n)
			continue;
		unpurged = false;
		if (parse_line(line, &a, &unpurged)) {
			v->skipped++;
		} else if (unpurged) {
			v->unpurged++;
			v->unpurged_bytes += a.size;
		} else {
			err = drvmem_vec__push(&vec, a);
		}
	}
	if (err) {
		drvmem_vec__deinit(&vec);
		free(v);
		return err;
	}
	v->v = vec.v;
	v->n = vec.n;
	*ret = v;
	return 0;
}

void drvmem_vmallocinfo__free(struct drvmem_vmallocinfo *v)
{
	if (!v)
		return;
	free(v->v);
	free(v);
}

struct drvmem_span drvmem_vmarea__plain(struct drvmem_span caller)
{
	const char *dot = memchr(caller.s, '.', caller.n);

	return dot ? (struct drvmem_span){ caller.s, (size_t)(dot - caller.s) } : caller;
}

/*
 * Where alloc_thread_stack_node() returns to: the function that the compiler put it into, up to
 * the callers of copy_process() (kernel/fork.c).
 */
bool drvmem_vmarea__is_stack(const struct drvmem_vmarea *a)
{
	static const char *const names[] = {
		"alloc_thread_stack_node", "dup_task_struct", "copy_process", "kernel_clone", "_do_fork",
		"fork_idle", "create_io_thread", "vhost_task_create",
	};
	struct drvmem_span caller = drvmem_vmarea__plain(a->caller);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]) && !a->module.n; i++)
		if (drvmem_span__is(caller, names[i]))
			return true;
	return false;
}

void drvmem_vmallocinfo__sum(const struct drvmem_vmallocinfo *v, struct drvmem_vmsum *ret)
{
	size_t i;

	*ret = (struct drvmem_vmsum){ 0 };
	for (i = 0; i < v->n; i++) {
		const struct drvmem_vmarea *a = &v->v[i];

		if (a->kind != DRVMEM_VM_ALLOC)
			ret->mapping_bytes += a->size;
		else
			ret->pages += a->pages;
		if (a->kind == DRVMEM_VM_ALLOC && drvmem_vmarea__is_stack(a))
			ret->stack_pages += a->pages;
	}
}
