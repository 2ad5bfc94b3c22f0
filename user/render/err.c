// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "render/err.h"
#include "render/json_writer.h"

static void render_json(const char *cmd, const struct drvmem_err *err, FILE *out)
{
	struct drvmem_json w;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__key(&w, "error");
	drvmem_json__begin_object(&w);
	drvmem_json__kv_str(&w, "command", cmd);
	drvmem_json__kv_str(&w, "what", err->what);
	drvmem_json__kv_str(&w, "remedy", err->remedy[0] ? err->remedy : NULL);
	drvmem_json__kv_str(&w, "code", drvmem_errno_name(err->code));
	drvmem_json__kv_i64(&w, "exit", err->exit);
	drvmem_json__end_object(&w);
	drvmem_json__end_object(&w);
	putc('\n', out);
}

/* What the user typed may be in the text: no control character reaches the terminal. */
static void put_line(const char *text, FILE *out)
{
	for (; *text; text++)
		putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

static void put_remedy(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\n  ", out);
		else
			putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
	}
}

void drvmem_err__render(const char *cmd, const struct drvmem_err *err, bool json, FILE *out)
{
	size_t len = strlen(err->what);

	if (json) {
		render_json(cmd, err, out);
		return;
	}
	fputs("drvmem", out);
	if (cmd)
		fprintf(out, " %s", cmd);
	fputs(": ", out);
	put_line(err->what, out);
	fputs(len && err->what[len - 1] == '.' ? "\n" : ".\n", out);
	if (!err->remedy[0])
		return;
	fputs("  ", out);
	put_remedy(err->remedy, out);
	putc('\n', out);
}
