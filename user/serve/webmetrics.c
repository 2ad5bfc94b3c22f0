// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/webmetrics.h"

#include <inttypes.h>

static const unsigned int codes[DRVMEM_NR_HTTP] = { 200, 400, 401, 403, 404, 405, 429, 503 };

enum drvmem_http_code drvmem_webmetrics__code(unsigned int status)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_HTTP && codes[i] != status; i++)
		;
	return (enum drvmem_http_code)i;
}

/* In OpenMetrics a counter's family has no "_total". */
static void head(struct drvmem_strbuf *b, bool openmetrics, const char *name, const char *type, const char *help)
{
	const char *total = type[0] == 'c' && !openmetrics ? "_total" : "";

	drvmem_strbuf__printf(b, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, total, help, name, total, type);
}

void drvmem_webmetrics__write(const struct drvmem_http_own *own, uint64_t age_ns, bool openmetrics,
			      struct drvmem_strbuf *b)
{
	uint32_t i;

	head(b, openmetrics, "drvmem_web_requests", "counter", "HTTP requests answered, by status.");
	for (i = 0; i < DRVMEM_NR_HTTP; i++)
		drvmem_strbuf__printf(b, "drvmem_web_requests_total{code=\"%u\"} %" PRIu64 "\n", codes[i],
				      own->requests[i]);
	head(b, openmetrics, "drvmem_web_connections", "gauge", "HTTP connections open now.");
	drvmem_strbuf__printf(b, "drvmem_web_connections %u\n", own->connections);
	head(b, openmetrics, "drvmem_web_connections_ended", "counter",
	     "HTTP connections ended by drvmem, because they were slow or in the way of others.");
	drvmem_strbuf__printf(b, "drvmem_web_connections_ended_total{reason=\"slow\"} %" PRIu64 "\n", own->ended[0]);
	drvmem_strbuf__printf(b, "drvmem_web_connections_ended_total{reason=\"crowded\"} %" PRIu64 "\n", own->ended[1]);
	head(b, openmetrics, "drvmem_snapshot_age_seconds", "gauge",
	     "Seconds since the figures of this scrape were read from the kernel.");
	if (openmetrics)
		drvmem_strbuf__append(b, "# UNIT drvmem_snapshot_age_seconds seconds\n");
	drvmem_strbuf__printf(b, "drvmem_snapshot_age_seconds %" PRIu64 ".%03u\n", age_ns / 1000000000u,
			      (unsigned int)(age_ns / 1000000u % 1000u));
}
