/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel's types (BTF) tell: which functions and events there are, and their forms. */
#ifndef DRVMEM_PROBE_TYPES_H
#define DRVMEM_PROBE_TYPES_H

#include <stdbool.h>

#include "drvmem/abi.h"

struct btf;

bool drvmem_types__has_func(const struct btf *btf, const char *name);
/* How many arguments a function has; -1: no such function. */
int drvmem_types__args(const struct btf *btf, const char *func);
bool drvmem_types__returns_bool(const struct btf *btf, const char *func);
bool drvmem_types__has_member(const struct btf *btf, const char *type, const char *member);
/*
 * Parameters of a tracepoint, without __data; -1: no such event. ret_third: the struct that the
 * third one points to, "" when it is none.
 */
int drvmem_types__event(const struct btf *btf, const char *event, const char **ret_third);
/* Which form the entries of the ORC tables have. */
enum drvmem_orc_form drvmem_types__orc(const struct btf *btf);

#endif /* DRVMEM_PROBE_TYPES_H */
