/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking through text that need not end in NUL: lines, words, numbers. Nothing
 * is copied or changed; a span points into the text it was cut from. Shared by
 * every parser of kernel text.
 */
#ifndef DRVMEM_BASE_TEXT_H
#define DRVMEM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct drvmem_span {
	const char *s;
	size_t n;
};

/* Cuts the next line off rest, without its newline and a carriage return before it. */
bool drvmem_span__line(struct drvmem_span *rest, struct drvmem_span *ret_line);
/* What comes before the next sep, or all that is left; *rest goes on behind it. */
struct drvmem_span drvmem_span__take(struct drvmem_span *rest, char sep);
/* Cuts the next word off rest; words are separated by spaces and tabs. */
bool drvmem_span__word(struct drvmem_span *rest, struct drvmem_span *ret_word);
/* Cuts the last word off rest. */
bool drvmem_span__last_word(struct drvmem_span *rest, struct drvmem_span *ret_word);
/* Without spaces and tabs at both ends. */
struct drvmem_span drvmem_span__trim(struct drvmem_span s);
bool drvmem_span__is(struct drvmem_span s, const char *text);
bool drvmem_span__starts(struct drvmem_span s, const char *prefix);
/* Whole span as a number, no sign; hex with or without 0x. -EINVAL, -ERANGE. */
DRVMEM_MUST_CHECK int drvmem_span__u64(struct drvmem_span s, uint64_t *ret);
DRVMEM_MUST_CHECK int drvmem_span__hex(struct drvmem_span s, uint64_t *ret);
/* Copies into buf with a NUL. -ENAMETOOLONG; -EINVAL when empty or a NUL is inside. */
DRVMEM_MUST_CHECK int drvmem_span__copy(struct drvmem_span s, char *buf, size_t size);

#endif /* DRVMEM_BASE_TEXT_H */
