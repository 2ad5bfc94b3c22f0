/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client accepts: the headers Accept and Accept-Encoding (RFC 9110, 12.5), and Authorization. Pure; the
 * texts come from strangers.
 */
#ifndef DRVMEM_SERVE_NEGOTIATE_H
#define DRVMEM_SERVE_NEGOTIATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum drvmem_exposition_form { DRVMEM_EXPOSITION_TEXT = 0, DRVMEM_EXPOSITION_OPENMETRICS, DRVMEM_NR_EXPOSITION_FORM };

/*
 * Prometheus text 0.0.4 unless OpenMetrics 1.0 (or 0.0.1, the same bytes) has a higher weight; NULL = no header.
 * What is malformed is passed over.
 */
enum drvmem_exposition_form drvmem_negotiate__exposition(const char *accept);
bool drvmem_negotiate__gzip(const char *accept_encoding);
/*
 * "Basic ...": user and password, NUL-terminated. -EINVAL: something else, malformed, or longer than the buffers;
 * they then hold nothing.
 */
DRVMEM_MUST_CHECK int drvmem_negotiate__basic(const char *authorization, char *ret_user, size_t user_size,
					      char *ret_password, size_t password_size);

#endif /* DRVMEM_SERVE_NEGOTIATE_H */
