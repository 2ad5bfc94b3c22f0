/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as one HTML file that needs nothing else: no network, no other file. Tables and charts
 * are real HTML and SVG; a script of our own sorts, looks into windows of time and draws the flame
 * graph from the data block at the end (doc/html.md). Write errors stay in the FILE.
 */
#ifndef DRVMEM_RENDER_HTML_H
#define DRVMEM_RENDER_HTML_H

#include <stdio.h>

#include "view/diffpage.h"
#include "view/htmlreport.h"

/* Neither has addresses of the kernel. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_html__report(const struct drvmem_htmlreport *r, FILE *out);
/* The same of a comparison. */
DRVMEM_MUST_CHECK int drvmem_html__diff(const struct drvmem_diffpage *p, FILE *out);

#endif /* DRVMEM_RENDER_HTML_H */
