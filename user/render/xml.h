/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text in XML 1.0: markup escaped, bytes that are no UTF-8 and characters that XML has no way to write
 * (most control characters) become U+FFFD. Write errors stay in the FILE.
 */
#ifndef DRVMEM_RENDER_XML_H
#define DRVMEM_RENDER_XML_H

#include <stdio.h>

#include "base/err.h"

/* Between tags. NULL: nothing. */
void drvmem_xml__text(FILE *out, const char *text);
/* ' name="value"'; newlines and tabs stay what they are. NULL: no attribute. */
void drvmem_xml__attr(FILE *out, const char *name, const char *value);
void drvmem_xml__attrf(FILE *out, const char *name, const char *fmt, ...) DRVMEM_PRINTF(3, 4);

#endif /* DRVMEM_RENDER_XML_H */
