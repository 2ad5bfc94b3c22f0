/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which driver is bound to a device, and whose module that is, by the links of its directory
 * in sysfs. A device may lose its driver or go while it is asked: then there is none.
 */
#ifndef DRVMEM_SOURCE_DEVOWNER_H
#define DRVMEM_SOURCE_DEVOWNER_H

#include <stddef.h>

#define DRVMEM_DEV_NAME 64

struct drvmem_devowner {
	char driver[DRVMEM_DEV_NAME];	/* "nvme"; "" = none is bound */
	char module[DRVMEM_DEV_NAME];	/* "nvme", "kernel" for one that is built in; "" = not known */
};

/* dirfd: of the device's directory. */
void drvmem_devowner__read(int dirfd, struct drvmem_devowner *ret);
/* Last component of a link's text; "" when there is no such link. */
void drvmem_devowner__link(int dirfd, const char *name, char *buf, size_t size);

#endif /* DRVMEM_SOURCE_DEVOWNER_H */
