// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "fuzz.h"
#include "serve/webconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_webconfig c;
	struct drvmem_err err = { 0 };
	uint32_t i;

	if (drvmem_webconfig__parse((const char *)data, size, &c, &err)) {
		FUZZ_ASSERT(err.what[0]);
		return 0;
	}
	FUZZ_ASSERT(c.nr_users <= DRVMEM_WEB_USERS && c.nr_headers <= DRVMEM_WEB_HEADERS);
	FUZZ_ASSERT(!c.cert_file == !c.key_file);
	for (i = 0; i < c.nr_users; i++)
		FUZZ_ASSERT(strlen(c.users[i].hash) == 60 && !strchr(c.users[i].name, ':'));
	for (i = 0; i < c.nr_headers; i++)
		FUZZ_ASSERT(!strpbrk(c.headers[i].value, "\r\n"));
	drvmem_webconfig__deinit(&c);
	return 0;
}
