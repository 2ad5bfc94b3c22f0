/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text in the language of man(7): what would be a request, an escape, or another character on paper
 * (quotes, dashes of options) is written so that the reader can copy it from the page.
 */
#ifndef DRVMEM_RENDER_ROFF_H
#define DRVMEM_RENDER_ROFF_H

#include <stdio.h>

/* Text as it is: no filling, every '-' an ASCII one. Within a line. */
void drvmem_roff__literal(const char *text, FILE *out);
/* A paragraph: a line for each sentence, folded; ends with a newline. Empty text writes nothing. */
void drvmem_roff__prose(const char *text, FILE *out);
/* Paragraphs that are apart by an empty line, each after .PP but the first. */
void drvmem_roff__paragraphs(const char *text, FILE *out);

#endif /* DRVMEM_RENDER_ROFF_H */
