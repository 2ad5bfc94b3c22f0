// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/webmetrics.h"

#include <errno.h>
#include <stddef.h>

static const struct { unsigned int status; const char *text; } codes[DRVMEM_NR_HTTP] = {
	{ 200, "200" }, { 400, "400" }, { 401, "401" }, { 403, "403" },
	{ 404, "404" }, { 405, "405" }, { 429, "429" }, { 503, "503" },
};

static const char *const ends[DRVMEM_NR_HTTP_END] = { "slow", "crowded" };

enum drvmem_http_code drvmem_webmetrics__code(unsigned int status)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_HTTP && codes[i].status != status; i++)
		;
	return (enum drvmem_http_code)i;
}

int drvmem_webmetrics__build(const struct drvmem_http_own *own, uint64_t age_ns, struct drvmem_exposition **ret)
{
	struct drvmem_exposition *x = drvmem_exposition__new();
	uint32_t i;

	if (!x)
		return -ENOMEM;
	for (i = 0; i < DRVMEM_NR_HTTP; i++)
		drvmem_exposition__u64(x, DRVMEM_M_WEB_REQUESTS, own->requests[i], codes[i].text, NULL, NULL);
	drvmem_exposition__u64(x, DRVMEM_M_WEB_CONNECTIONS, own->connections, NULL, NULL, NULL);
	for (i = 0; i < DRVMEM_NR_HTTP_END; i++)
		drvmem_exposition__u64(x, DRVMEM_M_WEB_ENDED, own->ended[i], ends[i], NULL, NULL);
	drvmem_exposition__real(x, DRVMEM_M_SNAPSHOT_AGE, (double)age_ns / 1e9, NULL, NULL, NULL);
	if (!drvmem_exposition__error(x)) {
		*ret = x;
		return 0;
	}
	drvmem_exposition__free(x);
	return -ENOMEM;
}
