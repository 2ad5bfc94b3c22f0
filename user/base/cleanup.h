/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cleanup by attribute for locals. A variable so marked must be initialised.
 * Ownership leaves a function only through drvmem_steal_ptr()/drvmem_steal_fd().
 */
#ifndef DRVMEM_BASE_CLEANUP_H
#define DRVMEM_BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DRVMEM_CLEANUP(fn) __attribute__((cleanup(fn)))

/* Each keeps errno: cleanups run between a failure and its report. */
static inline void drvmem_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void drvmem_cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void drvmem_cleanup_fclose(FILE **f)
{
	int saved = errno;

	if (*f)
		fclose(*f);
	errno = saved;
}

static inline void drvmem_cleanup_closedir(DIR **d)
{
	int saved = errno;

	if (*d)
		closedir(*d);
	errno = saved;
}

#define _cleanup_free_ DRVMEM_CLEANUP(drvmem_cleanup_free)
#define _cleanup_close_ DRVMEM_CLEANUP(drvmem_cleanup_close)
#define _cleanup_fclose_ DRVMEM_CLEANUP(drvmem_cleanup_fclose)
#define _cleanup_closedir_ DRVMEM_CLEANUP(drvmem_cleanup_closedir)

/* Yields the value of the lvalue and leaves NULL / -1 behind. */
#define drvmem_steal_ptr(pp)				\
	({						\
		__typeof__(*(pp)) steal_p_ = *(pp);	\
		*(pp) = NULL;				\
		steal_p_;				\
	})

static inline int drvmem_steal_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

#endif /* DRVMEM_BASE_CLEANUP_H */
