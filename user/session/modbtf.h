/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptions (BTF) of modules, which only CAP_SYS_ADMIN may list: libbpf wants them for whatever the kernel's own
 * BTF lacks, optional things too, and some versions (1.1) give up where they may not.
 */
#ifndef DRVMEM_SESSION_MODBTF_H
#define DRVMEM_SESSION_MODBTF_H

struct bpf_object;

/* Before obj is loaded: where modules' BTF may not be listed, what the kernel's own lacks is not there, and no failure. */
void drvmem_modbtf__forgo(struct bpf_object *obj);

#endif /* DRVMEM_SESSION_MODBTF_H */
