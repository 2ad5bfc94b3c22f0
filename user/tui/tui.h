/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A terminal by ncursesw: puts a screen of cells on it, reads keys. The only one who includes
 * curses. While it is open the terminal is its own; __close(), the second Ctrl-C and a crash leave
 * it as it was. One at a time.
 */
#ifndef DRVMEM_TUI_TUI_H
#define DRVMEM_TUI_TUI_H

#include "base/err.h"
#include "render/screen.h"
#include "view/top.h"

#define DRVMEM_KEY_NONE		UINT32_MAX	/* nothing was typed */
#define DRVMEM_KEY_RESIZED	(UINT32_MAX - 1)
#define DRVMEM_KEY_REDRAW	(UINT32_MAX - 2)	/* Ctrl-L */
#define DRVMEM_KEY_MOUSE	(UINT32_MAX - 4)	/* drvmem_tui__mouse() tells more */
#define DRVMEM_KEY_GONE		(UINT32_MAX - 3)	/* there is no terminal any more */

/* No tty, or one that cannot move its cursor: -ENOTTY, err with the remedy --batch (exit 2). */
DRVMEM_MUST_CHECK int drvmem_tui__open(struct drvmem_err *err);
/* Safe when it is not open. */
void drvmem_tui__close(void);
/* The terminal's size now; UTF-8 or not. */
void drvmem_tui__size(uint32_t *ret_cols, uint32_t *ret_rows, bool *ret_utf8);
void drvmem_tui__put(const struct drvmem_screen *s);
/* The whole terminal anew: something else wrote on it. */
void drvmem_tui__redraw(void);
/* Readable when there may be a key. */
int drvmem_tui__fd(void);
/* The next key that was typed, without waiting. */
uint32_t drvmem_tui__key(void);
/* What the mouse did last, and where. */
enum drvmem_top_mouse drvmem_tui__mouse(uint32_t *ret_row, uint32_t *ret_col);
/*
 * Asks the terminal to put a text on its clipboard (OSC 52). False: it is one that is known to have none, or the
 * text is too long. Of others nothing tells whether they do it.
 */
bool drvmem_tui__copy(const char *text);
/* "TERM", as it is told. */
const char *drvmem_tui__term(void);

#endif /* DRVMEM_TUI_TUI_H */
