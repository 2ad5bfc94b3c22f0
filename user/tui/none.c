// SPDX-License-Identifier: GPL-2.0-or-later
/* In place of tui.c where drvmem was built without ncurses (WITH_TUI=0): top has --batch only. */
#include "tui/tui.h"

#include <errno.h>

int drvmem_tui__open(struct drvmem_err *err)
{
	drvmem_err__set(err, -ENOTTY, DRVMEM_EXIT_USAGE, "this drvmem was built without the live view (WITH_TUI=0)");
	drvmem_err__remedy(err, "use --batch, which prints the same table as text");
	return -ENOTTY;
}

void drvmem_tui__close(void)
{
}

void drvmem_tui__size(uint32_t *ret_cols, uint32_t *ret_rows, bool *ret_utf8)
{
	*ret_cols = 80;
	*ret_rows = 24;
	*ret_utf8 = false;
}

void drvmem_tui__put(const struct drvmem_screen *s)
{
	(void)s;
}

void drvmem_tui__redraw(void)
{
}

int drvmem_tui__fd(void)
{
	return -1;
}

uint32_t drvmem_tui__key(void)
{
	return DRVMEM_KEY_NONE;
}

enum drvmem_top_mouse drvmem_tui__mouse(uint32_t *ret_row, uint32_t *ret_col)
{
	*ret_row = *ret_col = 0;
	return DRVMEM_TOP_CLICK;
}

bool drvmem_tui__copy(const char *text)
{
	(void)text;
	return false;
}

const char *drvmem_tui__term(void)
{
	return "";
}
