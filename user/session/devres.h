/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devres lists of all devices, read from the kernel's memory by a BPF program that is
 * loaded for it and is gone when this returns. Takes no lock in the kernel: what changes
 * meanwhile is read again. Fills a plain struct; who owns what is decided elsewhere.
 */
#ifndef DRVMEM_SESSION_DEVRES_H
#define DRVMEM_SESSION_DEVRES_H

#include <stdbool.h>
#include <stdint.h>

#include "drvmem/devres.h"

/* Functions that a node's kind is known by; 0 = this kernel has none such, or hides it. */
struct drvmem_devres_syms {
	uint64_t group_open, group_close, plain;
};

struct drvmem_devres {
	int err;			/* 0, or -errno: then nothing of what follows is known */
	const char *why;		/* a sentence for err */
	bool sized;			/* bytes are known; else they are 0 */
	uint64_t devices;		/* of the system, most without a list */
	uint64_t left_out, left_nodes, left_bytes;	/* devices with a list that did not fit, theirs */
	struct drvmem_devres_dev *dev;	/* with a list; texts end with NUL */
	uint32_t nr;
};

/* Fills *ret in any case; ret->dev is the caller's to free(). */
typedef void (*drvmem_devres_reader)(const struct drvmem_devres_syms *syms, struct drvmem_devres *ret);
void drvmem_devres__read(const struct drvmem_devres_syms *syms, struct drvmem_devres *ret);

#endif /* DRVMEM_SESSION_DEVRES_H */
