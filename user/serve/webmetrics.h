/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The families that the web process adds to what the tracing one renders: its own figures. Pure. */
#ifndef DRVMEM_SERVE_WEBMETRICS_H
#define DRVMEM_SERVE_WEBMETRICS_H

#include "base/strbuf.h"
#include "serve/http_parts.h"

/* age_ns: of the documents. */
void drvmem_webmetrics__write(const struct drvmem_http_own *own, uint64_t age_ns, bool openmetrics,
			      struct drvmem_strbuf *b);
/* "200"; of a status that is not counted apart DRVMEM_NR_HTTP. */
enum drvmem_http_code drvmem_webmetrics__code(unsigned int status);

#endif /* DRVMEM_SERVE_WEBMETRICS_H */
