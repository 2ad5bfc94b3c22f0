// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "fuzz.h"
#include "serve/address.h"
#include "serve/negotiate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), user[32], password[32];
	char back[DRVMEM_ADDRESS_LEN];
	struct drvmem_address a;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	FUZZ_ASSERT(drvmem_negotiate__exposition(text) < DRVMEM_NR_EXPOSITION_FORM);
	drvmem_negotiate__gzip(text);
	if (!drvmem_negotiate__basic(text, user, sizeof(user), password, sizeof(password)))
		FUZZ_ASSERT(strlen(user) < sizeof(user) && strlen(password) < sizeof(password) && !strchr(user, ':'));
	else
		FUZZ_ASSERT(!*user && !*password);
	if (!drvmem_address__parse(text, &a, NULL))
		FUZZ_ASSERT(strlen(drvmem_address__text(&a.u.sa, a.len, back)) < sizeof(back));
	free(text);
	return 0;
}
