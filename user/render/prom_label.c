// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/prom_label.h"

#include <stdint.h>
#include <string.h>

#include "render/utf8.h"

void drvmem_prom__label(const char *text, FILE *out)
{
	size_t len = strlen(text), n;
	uint32_t cp;

	for (; len; text += n, len -= n) {
		n = drvmem_utf8__next(text, len, &cp);
		if (cp == DRVMEM_UTF8_INVALID)
			fputs("\xef\xbf\xbd", out);
		else if (cp == '\n')
			fputs("\\n", out);
		else if (cp == '"' || cp == '\\')
			fprintf(out, "\\%c", (char)cp);
		else
			fwrite(text, 1, n, out);
	}
}
