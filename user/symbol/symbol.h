/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel text addresses to names. Snapshot of /proc/kallsyms (text only), taken
 * again on demand: BPF images and modules come and go. Parsers take buffers.
 */
#ifndef DRVMEM_SYMBOL_SYMBOL_H
#define DRVMEM_SYMBOL_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct drvmem_sym {
	uint64_t addr;
	const char *name;
	const char *module;	/* NULL = vmlinux; never "bpf", "__builtin__ftrace", ... unless pseudo */
	bool pseudo;		/* [bpf], [__builtin__ftrace], [__builtin__kprobes]: not a module */
	char type;		/* kallsyms letter */
};

struct drvmem_symtab;

/*
 * Text symbols (t T w W) of a kallsyms text, sorted by address; len bytes, need not
 * end in NUL. Left out: padding in front of functions (__pfx_*, __cfi_*), so that a
 * return address behind a last noreturn call stays with its function. Malformed
 * lines are skipped and counted. -EACCES when all addresses are zero, -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_symtab__parse(const char *text, size_t len,
					   struct drvmem_symtab **ret);
/* The same with symbols of any type: names for what lies in data, too. */
DRVMEM_MUST_CHECK int drvmem_symtab__parse_data(const char *text, size_t len,
						struct drvmem_symtab **ret);
/* Reads /proc/kallsyms. -EACCES when every address is zero (kptr_restrict, no CAP_SYSLOG). */
DRVMEM_MUST_CHECK int drvmem_symtab__load(struct drvmem_symtab **ret);
void drvmem_symtab__free(struct drvmem_symtab *t);
/* Lines of the text that are not symbols: cut off, or not the format known. */
size_t drvmem_symtab__skipped(const struct drvmem_symtab *t);
/*
 * Symbol that covers addr (last one <= addr inside the same image), or NULL. Of names
 * at one address the first listed, as the kernel's own stack traces do; end markers
 * (_etext) cover nothing. NULL too when t is NULL.
 */
const struct drvmem_sym *drvmem_symtab__find(const struct drvmem_symtab *t, uint64_t addr);
/* First symbol of that exact name in vmlinux (module == NULL) or in the module; text only. */
const struct drvmem_sym *drvmem_symtab__by_name(const struct drvmem_symtab *t, const char *name,
						const char *module);
/*
 * End of a symbol: address of the next one in the same image, or addr + 4096 bound
 * (64 KiB for [bpf], whose images are one symbol each).
 */
uint64_t drvmem_symtab__end(const struct drvmem_symtab *t, const struct drvmem_sym *s);
/* Iterate all symbols in address order. */
size_t drvmem_symtab__count(const struct drvmem_symtab *t);
const struct drvmem_sym *drvmem_symtab__at(const struct drvmem_symtab *t, size_t i);
/*
 * Addresses of up to 16 symbols of the kernel itself, of any type ("modules", "_stext"), in one
 * pass over a kallsyms text; 0 = not there.
 */
void drvmem_kallsyms_lookup(const char *text, size_t len, const char *const names[], size_t n,
			    uint64_t *ret);
/* "name+0x1f" or "name+0x1f [mod]"; "0x..." when there is no symbol. Always NUL-terminated. */
void drvmem_symtab__format(const struct drvmem_symtab *t, uint64_t addr, bool with_module,
			   char *buf, size_t size);

/*
 * Component of built-in code, for owner `kernel`: modules.builtin.ranges when the
 * distribution ships it (exact), else a prefix table of symbol names (a guess).
 */
struct drvmem_builtin;
DRVMEM_MUST_CHECK int drvmem_builtin__parse(const char *text, size_t len, uint64_t stext,
					    struct drvmem_builtin **ret);
void drvmem_builtin__free(struct drvmem_builtin *b);
/* Module name ("ext4"; several joined by ',' where they share code), or NULL. b may be NULL. */
const char *drvmem_builtin__find(const struct drvmem_builtin *b, uint64_t addr);
size_t drvmem_builtin__count(const struct drvmem_builtin *b);
/* Reads /lib/modules/RELEASE/modules.builtin.ranges of the running kernel; -ENOENT is usual. */
DRVMEM_MUST_CHECK int drvmem_builtin__load(uint64_t stext, struct drvmem_builtin **ret);

/*
 * "net/unix" for "unix_stream_sendmsg"; NULL when no prefix fits. Longest prefix wins;
 * leading underscores and compiler suffixes (".isra.0") do not matter.
 */
const char *drvmem_component_guess(const char *symbol);
/* Row i of the prefix table, for tests; false behind the last. */
bool drvmem_component_row(size_t i, const char **ret_prefix, const char **ret_component);

#endif /* DRVMEM_SYMBOL_SYMBOL_H */
