/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shell patterns on names of modules, caches and symbols: * ? [abc] [a-z] [!a]
 * and \ to quote. Bytes, no locale, no path rules. Time is bounded by
 * pattern x name length, whatever the pattern.
 */
#ifndef DRVMEM_BASE_GLOB_H
#define DRVMEM_BASE_GLOB_H

#include <stdbool.h>

#include "base/opt.h"

/* 0, or -EINVAL for a pattern that cannot be meant: empty, unclosed '[', '\' at the end. */
DRVMEM_MUST_CHECK int drvmem_glob__check(const char *pattern);
/* Whole name. An invalid pattern matches nothing. */
bool drvmem_glob__match(const char *pattern, const char *name);
/* The same with '-' and '_' alike, as the kernel treats module names. */
bool drvmem_glob__match_module(const char *pattern, const char *name);
/* True when a pattern of the list matches; an empty list (or NULL) matches everything. */
bool drvmem_glob__match_list(const struct drvmem_strlist *patterns, const char *name);

#endif /* DRVMEM_BASE_GLOB_H */
