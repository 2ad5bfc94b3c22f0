/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session that takes marks shows of itself; the file has this name in /proc/PID/fd. */
#ifndef DRVMEM_MARKS_SHARED_H
#define DRVMEM_MARKS_SHARED_H

#include <stdint.h>

#define DRVMEM_MARKS_NAME	"drvmem-marks"
#define DRVMEM_MARKS_MAGIC	0x646d6d32u	/* "dmm2": layout of this version */

#define DRVMEM_MARK_TEXT	200u

struct drvmem_marks_shared {
	uint32_t magic;
	uint32_t taken, wanted;		/* marks */
	uint32_t text_of;		/* the mark that text is of, counted from 1; 0 = of none */
	char text[DRVMEM_MARK_TEXT];	/* ended by a NUL; who writes it holds the lock of the file (flock) */
};

#endif /* DRVMEM_MARKS_SHARED_H */
