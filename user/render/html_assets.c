// SPDX-License-Identifier: GPL-2.0-or-later
/* The page's style and script: files of their own, made into arrays by the Makefile. */
#include "render/html_parts.h"

static const unsigned char css[] = {
#include "render/report_css.inc"
};
static const unsigned char js[] = {
#include "render/report_js.inc"
};

void drvmem_html__css(FILE *out)
{
	fwrite(css, 1, sizeof(css), out);
}

void drvmem_html__js(FILE *out)
{
	fwrite(js, 1, sizeof(js), out);
}
