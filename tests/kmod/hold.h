/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRVMEM_TEST_HOLD_H
#define DRVMEM_TEST_HOLD_H

#include "drvmem_test.h"

/* Is there room for @nr more of @way? An error of the command, or 0. */
int hold_check(const char *way, size_t nr);
/* *@chain: the object before, of a "lostlist" in the making; NULL at first. */
void hold_object(const char *way, struct kind *kind, const struct object *obj, void **chain);
int hold_done(const char *way);
void hold_exit(void);

#endif
