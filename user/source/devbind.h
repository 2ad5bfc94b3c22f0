/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device by its bus id, and whether a driver is bound to it: its directory in sysfs, looked at
 * again and again. Each binding has a number, so that one which ended and began anew between two
 * looks is not taken for the same.
 */
#ifndef DRVMEM_SOURCE_DEVBIND_H
#define DRVMEM_SOURCE_DEVBIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "source/devowner.h"

#define DRVMEM_SYSFS_DIR "/sys"

struct drvmem_devbind {
	uint64_t id;			/* of the binding; 0 = none, or the device is gone */
	struct drvmem_devowner owner;
	bool others;			/* a driver of the module has another device too */
};

/*
 * Path of the directory of a device, below sysfs (DRVMEM_SYSFS_DIR). -ENOENT: no bus has it,
 * -ENOTUNIQ: several have, -EINVAL: no bus id, -ENAMETOOLONG.
 */
DRVMEM_MUST_CHECK int drvmem_devbind__find(const char *sysfs, const char *busid, char *ret_path, size_t size);
/* Of this moment. with_others: looks for other devices of the module too, else that is false. */
void drvmem_devbind__read(const char *path, bool with_others, struct drvmem_devbind *ret);

#endif /* DRVMEM_SOURCE_DEVBIND_H */
