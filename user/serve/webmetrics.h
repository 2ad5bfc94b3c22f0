/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The families that the web process adds to what the tracing one renders: its own figures. Pure. */
#ifndef DRVMEM_SERVE_WEBMETRICS_H
#define DRVMEM_SERVE_WEBMETRICS_H

#include <stdint.h>

#include "base/err.h"
#include "view/exposition.h"

/* Statuses that are counted, each by itself. */
enum drvmem_http_code { DRVMEM_HTTP_200 = 0, DRVMEM_HTTP_400, DRVMEM_HTTP_401, DRVMEM_HTTP_403, DRVMEM_HTTP_404,
			DRVMEM_HTTP_405, DRVMEM_HTTP_429, DRVMEM_HTTP_503, DRVMEM_NR_HTTP };

enum drvmem_http_end { DRVMEM_HTTP_SLOW = 0, DRVMEM_HTTP_CROWDED, DRVMEM_NR_HTTP_END };

struct drvmem_http_own {
	uint64_t requests[DRVMEM_NR_HTTP];
	uint64_t ended[DRVMEM_NR_HTTP_END];	/* connections */
	uint32_t connections;
};

/* age_ns: of the documents. The caller frees *ret. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_webmetrics__build(const struct drvmem_http_own *own, uint64_t age_ns,
					       struct drvmem_exposition **ret);
/* Of a status that is not counted DRVMEM_NR_HTTP. */
enum drvmem_http_code drvmem_webmetrics__code(unsigned int status);

#endif /* DRVMEM_SERVE_WEBMETRICS_H */
