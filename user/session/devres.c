// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/devres.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "devres.skel.h"
#include "session/bpflog.h"
#include "session/modbtf.h"

#define TRIES 20	/* walks, until two agree */

static void set_missing(struct drvmem_devres *d, int err, const char *why)
{
	d->err = err;
	d->why = err == -EPERM || err == -EACCES ? "permission denied" : why;
}

/* Runs until the program says that it is through. */
static int walk_once(struct devres_bpf *skel, const struct drvmem_devres_syms *syms)
{
	struct drvmem_devres_walk *w = &skel->bss->dm_walk;
	int fd = bpf_program__fd(skel->progs.dm_devres), i;

	*w = (struct drvmem_devres_walk){
		.group_open = syms->group_open, .group_close = syms->group_close,
		.plain = syms->plain,
	};
	for (i = 0; i < DRVMEM_DEVRES_RUNS; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, o);

		if (bpf_prog_test_run_opts(fd, &o))
			return -errno;
		if (w->state != DRVMEM_DEVRES_WALKING)
			return 0;
	}
	w->state = DRVMEM_DEVRES_CHANGED;	/* more than there can be: it ran in a circle */
	return 0;
}

static int copy_devices(struct devres_bpf *skel, struct drvmem_devres *d)
{
	const struct drvmem_devres_walk *w = &skel->bss->dm_walk;
	int map = bpf_map__fd(skel->maps.dm_devices);

	d->dev = calloc(w->listed + 1, sizeof(*d->dev));
	if (!d->dev)
		return -ENOMEM;
	for (; d->nr < w->listed; d->nr++)
		if (bpf_map_lookup_elem(map, &d->nr, &d->dev[d->nr]))
			return -errno;
	d->sized = w->sized;
	d->devices = w->devices;
	d->left_out = w->left_out;
	d->left_nodes = w->left_nodes;
	d->left_bytes = w->left_bytes;
	return 0;
}

/*
 * A device that is moved within the list, as the kernel does when drivers are bound, can be met
 * twice or not at all by a walk that sees no break: it is believed when the next one says the same.
 */
static bool agree(const struct drvmem_devres_walk *a, const struct drvmem_devres_walk *b)
{
	return a->state == DRVMEM_DEVRES_DONE && b->state == DRVMEM_DEVRES_DONE &&
	       a->devices == b->devices && a->listed == b->listed && a->all_nodes == b->all_nodes &&
	       a->all_bytes == b->all_bytes;
}

/* 0, with the state in *ret: done, or why not. */
static int walk_twice(struct devres_bpf *skel, const struct drvmem_devres_syms *syms, uint32_t *ret)
{
	struct drvmem_devres_walk last = { .state = DRVMEM_DEVRES_CHANGED };
	const struct drvmem_devres_walk *w = &skel->bss->dm_walk;
	int i, r;

	*ret = DRVMEM_DEVRES_CHANGED;
	for (i = 0; i < TRIES; i++) {
		r = walk_once(skel, syms);
		if (r)
			return r;
		if (agree(w, &last) || w->state > DRVMEM_DEVRES_CHANGED) {
			*ret = w->state;
			return 0;
		}
		last = *w;
	}
	return 0;
}

static void walk(struct devres_bpf *skel, const struct drvmem_devres_syms *syms, struct drvmem_devres *d)
{
	static const char *const why[] = {
		[DRVMEM_DEVRES_CHANGED] = "the list of devices changed while it was read",
		[DRVMEM_DEVRES_NO_LIST] = "the list of devices was not found",
		[DRVMEM_DEVRES_NO_TYPE] = "this kernel's BTF does not describe devres lists",
	};
	uint32_t state;
	int r = walk_twice(skel, syms, &state);

	if (!r && state != DRVMEM_DEVRES_DONE) {
		set_missing(d, -ENOENT, why[state]);
		return;
	}
	if (!r)
		r = copy_devices(skel, d);
	if (r)
		set_missing(d, r, "the program that reads devres lists could not be run");
}

void drvmem_devres__read(const struct drvmem_devres_syms *syms, struct drvmem_devres *ret)
{
	struct devres_bpf *skel;
	int e;

	*ret = (struct drvmem_devres){ 0 };
	drvmem_bpflog__start(false);
	skel = devres_bpf__open();
	if (skel)
		drvmem_modbtf__forgo(skel->obj);
	e = skel ? devres_bpf__load(skel) : -errno;
	if (e)
		set_missing(ret, e, "the kernel refused the program that reads devres lists");
	else
		walk(skel, syms, ret);
	devres_bpf__destroy(skel);
}
