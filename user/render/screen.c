// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/utf8.h"

int drvmem_screen__resize(struct drvmem_screen *s, uint32_t cols, uint32_t rows)
{
	struct drvmem_screen_cell *v;

	cols = cols > DRVMEM_SCREEN_COLS ? DRVMEM_SCREEN_COLS : cols;
	rows = rows > DRVMEM_SCREEN_ROWS ? DRVMEM_SCREEN_ROWS : rows;
	v = calloc((size_t)cols * rows + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	free(s->v);
	s->v = v;
	s->cols = cols;
	s->rows = rows;
	drvmem_screen__clear(s);
	return 0;
}

void drvmem_screen__deinit(struct drvmem_screen *s)
{
	free(s->v);
	*s = (struct drvmem_screen){ 0 };
}

void drvmem_screen__clear(struct drvmem_screen *s)
{
	size_t i;

	for (i = 0; i < (size_t)s->cols * s->rows; i++)
		s->v[i] = (struct drvmem_screen_cell){ .cp = ' ' };
}

/* Takes one column on every terminal: letters of Europe, and the signs that are used here. */
static bool is_narrow(uint32_t cp)
{
	static const uint32_t ranges[][2] = {
		{ 0x20, 0x7e }, { 0xa1, 0xac }, { 0xae, 0x2ff }, { 0x370, 0x482 }, { 0x48a, 0x52f },
		{ 0x2010, 0x2027 }, { 0x2190, 0x21ff }, { 0x2260, 0x226f }, { 0x2500, 0x25ff },
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	return false;
}

static void set(struct drvmem_screen *s, uint32_t row, uint32_t col, uint32_t cp, uint32_t look)
{
	if (row >= s->rows || col >= s->cols)
		return;
	if (!is_narrow(cp) || (cp > 0x7e && !s->utf8))
		cp = '?';
	s->v[(size_t)row * s->cols + col].cp = cp;
	s->v[(size_t)row * s->cols + col].look = look;
}

void drvmem_screen__sign(struct drvmem_screen *s, uint32_t row, uint32_t col, uint32_t cp, char ascii,
			 uint32_t look)
{
	set(s, row, col, s->utf8 ? cp : (uint32_t)ascii, look);
}

uint32_t drvmem_screen__columns(const char *text)
{
	size_t len = strlen(text), n;
	uint32_t cols = 0, cp;

	for (; len; text += n, len -= n, cols++)
		n = drvmem_utf8__next(text, len, &cp);
	return cols;
}

uint32_t drvmem_screen__put(struct drvmem_screen *s, uint32_t row, uint32_t col, uint32_t max,
			    const char *text, uint32_t look)
{
	uint32_t all = drvmem_screen__columns(text), i, cp;
	uint32_t shown = all <= max ? all : max ? max - 1 : 0;
	size_t len = strlen(text), n;

	for (i = 0; i < shown; i++, text += n, len -= n) {
		n = drvmem_utf8__next(text, len, &cp);
		set(s, row, col + i, cp, look);
	}
	if (all <= max || !max)
		return shown;
	drvmem_screen__sign(s, row, col + shown, 0x2026, '~', look);
	return max;
}

uint32_t drvmem_screen__put_right(struct drvmem_screen *s, uint32_t row, uint32_t end, uint32_t max,
				  const char *text, uint32_t look)
{
	uint32_t n = drvmem_screen__columns(text);

	n = n > max ? max : n;
	return drvmem_screen__put(s, row, end - n, n, text, look);
}

void drvmem_screen__look(struct drvmem_screen *s, uint32_t row, uint32_t look)
{
	uint32_t i;

	for (i = 0; row < s->rows && i < s->cols; i++)
		s->v[(size_t)row * s->cols + i].look |= look;
}

void drvmem_screen__hit(struct drvmem_screen *s, uint32_t row, uint32_t col, uint32_t n, uint32_t hit)
{
	uint32_t i;

	for (i = col; row < s->rows && i < s->cols && i < col + n; i++)
		s->v[(size_t)row * s->cols + i].hit = hit;
}

uint32_t drvmem_screen__hit_at(const struct drvmem_screen *s, uint32_t row, uint32_t col)
{
	return row < s->rows && col < s->cols ? s->v[(size_t)row * s->cols + col].hit : 0;
}

static void put_utf8(uint32_t cp, FILE *out)
{
	if (cp < 0x80) {
		putc((int)cp, out);
	} else if (cp < 0x800) {
		putc((int)(0xc0 | cp >> 6), out);
		putc((int)(0x80 | (cp & 0x3f)), out);
	} else {
		putc((int)(0xe0 | cp >> 12), out);
		putc((int)(0x80 | (cp >> 6 & 0x3f)), out);
		putc((int)(0x80 | (cp & 0x3f)), out);
	}
}

void drvmem_screen__text(const struct drvmem_screen *s, FILE *out)
{
	const struct drvmem_screen_cell *line;
	uint32_t row, i, n;

	for (row = 0; row < s->rows; row++) {
		line = &s->v[(size_t)row * s->cols];
		for (n = s->cols; n && line[n - 1].cp == ' '; n--)
			;
		for (i = 0; i < n; i++)
			put_utf8(line[i].cp, out);
		putc('\n', out);
	}
}
