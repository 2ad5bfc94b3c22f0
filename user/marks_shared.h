/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session that takes marks shows of itself; the file has this name in /proc/PID/fd. */
#ifndef DRVMEM_MARKS_SHARED_H
#define DRVMEM_MARKS_SHARED_H

#include <stdint.h>

#define DRVMEM_MARKS_NAME	"drvmem-marks"
#define DRVMEM_MARKS_MAGIC	0x646d6d31u	/* "dmm1": layout of this version */

struct drvmem_marks_shared {
	uint32_t magic;
	uint32_t taken, wanted;		/* marks */
};

#endif /* DRVMEM_MARKS_SHARED_H */
