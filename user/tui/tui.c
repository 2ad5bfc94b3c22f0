// SPDX-License-Identifier: GPL-2.0-or-later
#define NCURSES_WIDECHAR 1
#define _XOPEN_SOURCE_EXTENDED 1
#include "tui/tui.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/stop.h"
#include "base/strbuf.h"

#define ESC_MS 25	/* so long the rest of a key's sequence may take */

#define CLIP_MOST	48000u	/* bytes: as base64 they stay below what terminals take */

static SCREEN *screen;
static enum drvmem_top_mouse mouse_did;
static uint32_t mouse_row, mouse_col;
static struct termios before;
/* What a crash writes: leave the other screen, show the cursor, plain characters. */
static char restore[256];
static size_t restore_len;

static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGQUIT, SIGHUP };

/* Async-signal-safe. */
static void leave_terminal(void)
{
	ssize_t n = write(STDOUT_FILENO, restore, restore_len);

	(void)n;	/* nothing more can be done */
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* The handler is gone by then (SA_RESETHAND): the signal ends the process as it would have. */
static void on_crash(int sig)
{
	leave_terminal();
	raise(sig);
}

static void set_crash_handlers(void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = (int)SA_RESETHAND }, old;
	size_t i;

	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		/* what is ignored (nohup) stays so */
		if (!sigaction(crashes[i], NULL, &old) && old.sa_handler == SIG_IGN)
			continue;
		sigaction(crashes[i], &sa, NULL);
	}
}

static void add_restore(const char *capability)
{
	size_t n = capability ? strlen(capability) : 0;

	/* padding, as in "$<5>", is nothing to write as it is */
	if (capability && strchr(capability, '$'))
		n = (size_t)(strchr(capability, '$') - capability);
	if (n && restore_len + n <= sizeof(restore)) {
		memcpy(restore + restore_len, capability, n);
		restore_len += n;
	}
}

static int fail(struct drvmem_err *err, const char *what)
{
	drvmem_err__set(err, -ENOTTY, DRVMEM_EXIT_USAGE, "%s", what);
	drvmem_err__remedy(err, "use --batch, which prints the same table as text, also into a pipe");
	return -ENOTTY;
}

static int check_terminal(struct drvmem_err *err)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return fail(err, "the live view needs a terminal for its input and its output");
	if (!term || !term[0] || !strcmp(term, "dumb"))
		return fail(err, "the live view needs a terminal that can move its cursor, and TERM names none");
	return 0;
}

static void use_colours(void)
{
	const char *no_color = getenv("NO_COLOR");

	if ((no_color && no_color[0]) || !has_colors())
		return;
	start_color();
	use_default_colors();
	init_pair(1, COLOR_GREEN, -1);
	init_pair(2, COLOR_YELLOW, -1);
	init_pair(3, COLOR_RED, -1);
	init_pair(4, COLOR_CYAN, -1);
}

/* A press is enough: nothing here is dragged, and no time is waited for a second one. */
static void use_mouse(void)
{
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	mouseinterval(0);
}

int drvmem_tui__open(struct drvmem_err *err)
{
	int e = check_terminal(err);

	if (e)
		return e;
	setlocale(LC_CTYPE, "");
	if (tcgetattr(STDIN_FILENO, &before))
		return fail(err, "the terminal's settings cannot be read");
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return fail(err, "this system knows nothing of the terminal that TERM names");
	set_escdelay(ESC_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	use_colours();
	use_mouse();
	restore_len = 0;
	add_restore(exit_attribute_mode);
	add_restore(cursor_normal);
	add_restore(exit_ca_mode);
	if (has_mouse())
		add_restore("\033[?1000l\033[?1006l");
	set_crash_handlers(on_crash);
	drvmem_stop__at_end(leave_terminal);
	return 0;
}

void drvmem_tui__close(void)
{
	if (!screen)
		return;
	endwin();
	drvmem_stop__at_end(NULL);
	set_crash_handlers(SIG_DFL);
	delscreen(screen);
	screen = NULL;
}

void drvmem_tui__size(uint32_t *ret_cols, uint32_t *ret_rows, bool *ret_utf8)
{
	*ret_cols = (uint32_t)COLS;
	*ret_rows = (uint32_t)LINES;
	*ret_utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static attr_t attributes_of(uint32_t look, short *ret_pair)
{
	attr_t a = A_NORMAL;

	if (look & DRVMEM_LOOK_BOLD)
		a |= A_BOLD;
	if (look & DRVMEM_LOOK_REVERSE)
		a |= A_REVERSE;
	if (look & DRVMEM_LOOK_DIM)
		a |= A_DIM;
	*ret_pair = look & DRVMEM_LOOK_GOOD ? 1 : look & DRVMEM_LOOK_WARN ? 2 : look & DRVMEM_LOOK_BAD ? 3 :
		    look & DRVMEM_LOOK_ACCENT ? 4 : 0;
	return a;
}

void drvmem_tui__put(const struct drvmem_screen *s)
{
	wchar_t text[2] = { 0 };
	uint32_t row, col;
	short pair;
	attr_t a;
	cchar_t c;

	for (row = 0; row < s->rows && row < (uint32_t)LINES; row++) {
		move((int)row, 0);
		for (col = 0; col < s->cols && col < (uint32_t)COLS; col++) {
			text[0] = (wchar_t)s->v[(size_t)row * s->cols + col].cp;
			a = attributes_of(s->v[(size_t)row * s->cols + col].look, &pair);
			/* into the last corner: the error that the cursor cannot go on is none */
			if (setcchar(&c, text, a, pair, NULL) == OK)
				add_wch(&c);
		}
	}
	refresh();
}

void drvmem_tui__redraw(void)
{
	clearok(curscr, TRUE);
	refresh();
}

int drvmem_tui__fd(void)
{
	return STDIN_FILENO;
}

static uint32_t read_mouse(void)
{
	MEVENT m;

	if (getmouse(&m) != OK || m.x < 0 || m.y < 0)
		return 0;
	mouse_did = m.bstate & BUTTON4_PRESSED ? DRVMEM_TOP_WHEEL_UP :
		    m.bstate & BUTTON5_PRESSED ? DRVMEM_TOP_WHEEL_DOWN : DRVMEM_TOP_CLICK;
	mouse_row = (uint32_t)m.y;
	mouse_col = (uint32_t)m.x;
	return m.bstate & (BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED) ? DRVMEM_KEY_MOUSE : 0;
}

static uint32_t special(wint_t key)
{
	static const struct {
		wint_t key;
		uint32_t as;
	} keys[] = {
		{ KEY_UP, DRVMEM_KEY_UP }, { KEY_DOWN, DRVMEM_KEY_DOWN }, { KEY_LEFT, DRVMEM_KEY_LEFT },
		{ KEY_RIGHT, DRVMEM_KEY_RIGHT }, { KEY_PPAGE, DRVMEM_KEY_PGUP }, { KEY_NPAGE, DRVMEM_KEY_PGDN },
		{ KEY_HOME, DRVMEM_KEY_HOME }, { KEY_END, DRVMEM_KEY_END }, { KEY_ENTER, DRVMEM_KEY_ENTER },
		{ KEY_BACKSPACE, DRVMEM_KEY_BACKSPACE }, { KEY_RESIZE, DRVMEM_KEY_RESIZED },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key)
			return keys[i].as;
	if (key == KEY_MOUSE)
		return read_mouse();
	if (key >= KEY_F(1) && key <= KEY_F(10))
		return DRVMEM_KEY_F1 + (key - KEY_F(1));
	return 0;	/* one without a meaning here */
}

static uint32_t character(wint_t key)
{
	switch (key) {
	case '\r':
	case '\n':
		return DRVMEM_KEY_ENTER;
	case 27:
		return DRVMEM_KEY_ESC;
	case 8:
	case 127:
		return DRVMEM_KEY_BACKSPACE;
	case 12:
		return DRVMEM_KEY_REDRAW;
	default:
		return (uint32_t)key;
	}
}

/* The other end of the terminal was closed, and nobody told us by SIGHUP. */
static bool is_gone(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

uint32_t drvmem_tui__key(void)
{
	wint_t key;
	int how = get_wch(&key);

	if (how == ERR)
		return is_gone() ? DRVMEM_KEY_GONE : DRVMEM_KEY_NONE;
	return how == KEY_CODE_YES ? special(key) : character(key);
}

enum drvmem_top_mouse drvmem_tui__mouse(uint32_t *ret_row, uint32_t *ret_col)
{
	*ret_row = mouse_row;
	*ret_col = mouse_col;
	return mouse_did;
}

const char *drvmem_tui__term(void)
{
	const char *term = getenv("TERM");

	return term ? term : "?";
}

/* Three bytes are four characters. */
static void add_base64(struct drvmem_strbuf *b, const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, k;

	for (i = 0; i < len; i += 3) {
		uint32_t v = 0;

		for (k = 0; k < 3; k++)
			v = v << 8 | (i + k < len ? (unsigned char)text[i + k] : 0);
		for (k = 0; k < 4; k++)
			drvmem_strbuf__printf(b, "%c", k > len - i ? '=' : digits[v >> (18 - 6 * k) & 63]);
	}
}

bool drvmem_tui__copy(const char *text)
{
	static const char *const none[] = { "linux", "vt", "ansi", "cons" };
	_cleanup_strbuf_ struct drvmem_strbuf b = { 0 };
	size_t i, len = strlen(text);
	const char *all;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (!strncmp(drvmem_tui__term(), none[i], strlen(none[i])))
			return false;
	if (len > CLIP_MOST)
		return false;
	drvmem_strbuf__append(&b, "\033]52;c;");
	add_base64(&b, text, len);
	drvmem_strbuf__append(&b, "\033\\");
	if (drvmem_strbuf__error(&b))
		return false;
	/* curses has written all of its own: refresh() ends every screen */
	all = drvmem_strbuf__str(&b);
	return write(STDOUT_FILENO, all, b.len) == (ssize_t)b.len;
}
