/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moments of a recorded session as people write them. Command layer. */
#ifndef DRVMEM_WHEN_H
#define DRVMEM_WHEN_H

#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

/*
 * text: "12:30", "12:30:05" (of the day that the session ended), "2026-01-31 12:30", both with T or a space,
 * local time; "@SECONDS" since 1970; "+DUR" from the start of tracing, "-DUR" from the end; the text of a mark.
 * *ret: index of the last interval at or before it. -EINVAL with err: no such moment.
 */
DRVMEM_MUST_CHECK int drvmem_when__find(const struct drvmem_stored *s, const char *text, uint32_t *ret,
					struct drvmem_err *err);
/* "A..B" -> the intervals of both; A must be before B. */
DRVMEM_MUST_CHECK int drvmem_when__window(const struct drvmem_stored *s, const char *text, uint32_t *ret_from,
					  uint32_t *ret_to, struct drvmem_err *err);

#endif /* DRVMEM_WHEN_H */
