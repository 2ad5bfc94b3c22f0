/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the HTML report, and what they share. All text goes through render/xml. */
#ifndef DRVMEM_RENDER_HTML_PARTS_H
#define DRVMEM_RENDER_HTML_PARTS_H

#include <stdio.h>

#include "render/html.h"
#include "view/advised.h"

#define DRVMEM_HTML_UNIT_ROWS	200u	/* of the table of owners */
#define DRVMEM_HTML_SITE_ROWS	100u	/* of the table of sites, without the script */
#define DRVMEM_HTML_PANELS	24u	/* owners with a panel */

struct drvmem_html_table {
	const char *id, *class;		/* class may be NULL */
	const char *row_id;		/* rows of data get data-ROW_ID="number"; NULL: none */
	const char *link;		/* names of rows link to "#LINKnumber"; NULL: none */
	uint32_t nr_links;		/* of the first so many rows */
	/* a cell behind the first one, of rows of data; NULL: none */
	const char *extra_title;
	void (*extra)(const void *arg, uint32_t row, FILE *out);
	const void *arg;
};

/* Columns of texts are left, numbers right with data-v, their raw value. Sums are in the foot. */
void drvmem_html__grid(const struct drvmem_grid *g, const struct drvmem_html_table *t, FILE *out);
/* Takes g, or the error that there was instead of it. */
DRVMEM_MUST_CHECK int drvmem_html__put_grid(int err, struct drvmem_grid *g, const struct drvmem_html_table *t,
					    FILE *out);
/* A number of bytes that may be below 0. */
const char *drvmem_html__bytes(int64_t bytes, char *buf, size_t size);
/* Unix time as "2026-01-31 12:00:00 UTC". */
const char *drvmem_html__time(uint64_t unix_s, char *buf, size_t size);

/* Both charts, or a sentence why there are none. */
void drvmem_html__timeline(const struct drvmem_htmlreport *r, FILE *out);
/* A line of a unit's live bytes, small. */
void drvmem_html__spark(const struct drvmem_htmlreport *r, uint32_t unit, FILE *out);
/* Bars of a histogram of powers of two. */
void drvmem_html__sizes(const uint64_t *hist, FILE *out);
void drvmem_html__lifetimes(const uint64_t *hist, uint32_t hz, FILE *out);

/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_html__units(const struct drvmem_htmlreport *r, FILE *out);
DRVMEM_MUST_CHECK int drvmem_html__panels(const struct drvmem_htmlreport *r, FILE *out);
DRVMEM_MUST_CHECK int drvmem_html__quality(const struct drvmem_htmlreport *r, FILE *out);
DRVMEM_MUST_CHECK int drvmem_html__appendix(const struct drvmem_htmlreport *r, FILE *out);
/* <script type="application/json">. */
DRVMEM_MUST_CHECK int drvmem_html__data(const struct drvmem_htmlreport *r, FILE *out);
/* Of advise, as in its own page: render/advice_html.c. The first max of them; 0 = all. */
void drvmem_html__findings(const struct drvmem_advised *d, uint32_t max, FILE *out);

/* ---- render/html_frame.c: what all pages have */

typedef int (*drvmem_html_put)(const void *arg, FILE *out);	/* 0 or -errno */

/* Up to <body>; the title is text. */
void drvmem_html__begin(const char *title, FILE *out);
/* The script, and the end of the page. */
void drvmem_html__end(FILE *out);
/* Of the list of class facts. */
void drvmem_html__fact(const char *name, const char *value, FILE *out);
void drvmem_html__cards(const struct drvmem_html_card *v, uint32_t n, FILE *out);
/* Begins <section id="sec-ID">. */
void drvmem_html__section(const char *id, const char *title, FILE *out);
/* Why there is nothing here, and the command that would fill it. */
void drvmem_html__gap(const struct drvmem_html_gap *g, const char *otherwise, FILE *out);
/* The section of the flame graph; without: where its bytes are to be read without the script, a sentence. */
void drvmem_html__flame(const char *without, FILE *out);
/* What put writes, JSON, as the page's data block. 0, -ENOMEM, or what put gave. */
DRVMEM_MUST_CHECK int drvmem_html__block(drvmem_html_put put, const void *arg, FILE *out);
/*
 * What put writes with every address of the kernel in it, wherever it comes from, as "[address 3]", the same number
 * for the same address: a page is mailed to others, and addresses would tell them where the kernel lies. As __block().
 */
DRVMEM_MUST_CHECK int drvmem_html__hidden(drvmem_html_put put, const void *arg, FILE *out);

/* user/render/report.css and report.js */
void drvmem_html__css(FILE *out);
void drvmem_html__js(FILE *out);

#endif /* DRVMEM_RENDER_HTML_PARTS_H */
