/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A root directory of its own, as a recording from the initramfs has one (dist/early/start). Command layer.
 */
#ifndef DRVMEM_OWNROOT_H
#define DRVMEM_OWNROOT_H

/*
 * Unmounts this process's root and all below it; the memory goes when the process ends. Nothing is done where that root
 * is not the tmpfs by the name drvmem that dist/early/start mounts: then a warning says so.
 */
void drvmem_ownroot__leave(void);

#endif /* DRVMEM_OWNROOT_H */
