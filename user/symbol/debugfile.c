// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbol/debugfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef DRVMEM_LIBDW

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "symbol/unpacked.h"

struct drvmem_debugfile {
	Dwfl *dwfl;
	Dwfl_Module *mod;
	Elf *elf;
	GElf_Addr bias;		/* of addresses in elf to those of mod */
	size_t names;		/* section of section names */
	int nr_syms;
	bool has_lines;
	char *link;
};

bool drvmem_debugfile__supported(void)
{
	return true;
}

/* What a file lacks is not looked for behind our back: libdw would ask debuginfod servers as well. */
static int find_nothing(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
			const char *file, const char *link, GElf_Word crc, char **ret)
{
	(void)mod;
	(void)userdata;
	(void)name;
	(void)base;
	(void)file;
	(void)link;
	(void)crc;
	(void)ret;
	return -1;
}

static int find_no_elf(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base, char **file,
		       Elf **elf)
{
	(void)mod;
	(void)userdata;
	(void)name;
	(void)base;
	(void)file;
	(void)elf;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_no_elf,
	.find_debuginfo = find_nothing,
	.section_address = dwfl_offline_section_address,
};

static void say(struct drvmem_strbuf *why, const char *fmt, ...) DRVMEM_PRINTF(2, 3);

static void say(struct drvmem_strbuf *why, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return;
	drvmem_strbuf__reset(why);
	va_start(ap, fmt);
	drvmem_strbuf__vprintf(why, fmt, ap);
	va_end(ap);
}

static bool next_section(const struct drvmem_debugfile *f, Elf_Scn **scn, GElf_Shdr *ret, const char **ret_name)
{
	while ((*scn = elf_nextscn(f->elf, *scn))) {
		if (!gelf_getshdr(*scn, ret))
			continue;
		*ret_name = elf_strptr(f->elf, f->names, ret->sh_name);
		if (*ret_name)
			return true;
	}
	return false;
}

/* The name is the section's text up to its NUL; a checksum follows, the build id tells more. */
static int read_link(struct drvmem_debugfile *f)
{
	Elf_Scn *scn = NULL;
	const char *name;
	GElf_Shdr h;
	Elf_Data *d;

	while (next_section(f, &scn, &h, &name)) {
		if (strcmp(name, ".gnu_debuglink") || h.sh_type == SHT_NOBITS)
			continue;
		d = elf_rawdata(scn, NULL);
		if (!d || !d->d_buf || !memchr(d->d_buf, 0, d->d_size))
			return 0;
		f->link = strdup(d->d_buf);
		return f->link ? 0 : -ENOMEM;
	}
	return 0;
}

static bool same_build(const struct drvmem_debugfile *f, const char *want)
{
	const unsigned char *bits;
	char hex[2 * 64 + 1];
	GElf_Addr at;
	int i, n = dwfl_module_build_id(f->mod, &bits, &at);

	if (n <= 0 || n > 64)
		return false;
	for (i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", bits[i]);
	return !strcmp(hex, want);
}

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

/* Its debug information is there, in sections that this libdw cannot unpack (elfutils before 0.189). */
static bool is_unreadable(struct drvmem_debugfile *f)
{
	Elf_Scn *scn = NULL;
	const char *name;
	GElf_Shdr h;
	GElf_Chdr c;

	while (next_section(f, &scn, &h, &name))
		if (h.sh_flags & SHF_COMPRESSED && !strncmp(name, ".debug_", 7) && gelf_getchdr(scn, &c) &&
		    c.ch_type == ELFCOMPRESS_ZSTD)
			return true;
	return false;
}

static int read_file(struct drvmem_debugfile *f, const char *path, const char *build_id,
		     struct drvmem_strbuf *why)
{
	Dwarf_Addr bias;
	int r, fd;

	/* libdw can do the others; zstd only where it was built with it */
	r = drvmem_unpacked__open(path, &fd);
	if (r) {
		say(why, "debug file %s cannot be unpacked (%s)", path,
		    r == -EBADMSG ? "it is damaged" : drvmem_errno_name(r));
		return r == -ENOMEM ? r : -EINVAL;
	}
	f->dwfl = dwfl_begin(&callbacks);
	if (!f->dwfl) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	dwfl_report_begin(f->dwfl);
	f->mod = dwfl_report_offline(f->dwfl, "", path, fd);
	if (!f->mod && fd >= 0)
		close(fd);	/* taken only where it succeeds */
	dwfl_report_end(f->dwfl, NULL, NULL);
	f->elf = f->mod ? dwfl_module_getelf(f->mod, &f->bias) : NULL;
	if (!f->elf || elf_getshdrstrndx(f->elf, &f->names)) {
		say(why, "debug file %s cannot be read (%s)", path, dwfl_errmsg(-1));
		return -EINVAL;
	}
	if (!same_build(f, build_id)) {
		say(why, "debug file %s is of another build", path);
		return -ESTALE;
	}
	r = read_link(f);
	if (r)
		return r;
	f->has_lines = dwfl_module_getdwarf(f->mod, &bias) != NULL;
	if (!f->has_lines && is_unreadable(f)) {
		say(why, "debug file %s has its sections compressed by zstd, which this libdw cannot unpack: "
			 "'objcopy --decompress-debug-sections' makes one that it can read", path);
		return -EINVAL;
	}
	f->nr_syms = dwfl_module_getsymtab(f->mod);
	return 0;
}

int drvmem_debugfile__open(const char *path, const char *build_id, struct drvmem_debugfile **ret,
			   struct drvmem_strbuf *why)
{
	struct drvmem_debugfile *f;
	struct stat st;
	int r = stat(path, &st) || access(path, R_OK) ? -errno : 0;

	/* a pipe of that name would keep us waiting */
	if (!r && !S_ISREG(st.st_mode))
		r = -EINVAL;
	if (r == -ENOENT || r == -ENOTDIR)
		return -ENOENT;
	if (r) {
		say(why, "debug file %s cannot be read (%s)", path, drvmem_errno_name(r));
		return r;
	}
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	r = read_file(f, path, build_id, why);
	if (r) {
		drvmem_debugfile__free(f);
		return r;
	}
	*ret = f;
	return 0;
}

void drvmem_debugfile__free(struct drvmem_debugfile *f)
{
	if (!f)
		return;
	dwfl_end(f->dwfl);
	free(f->link);
	free(f);
}

bool drvmem_debugfile__has_lines(const struct drvmem_debugfile *f)
{
	return f->has_lines;
}

const char *drvmem_debugfile__link(const struct drvmem_debugfile *f)
{
	return f->link;
}

int drvmem_debugfile__section(const struct drvmem_debugfile *f, const char *name, uint64_t *ret_addr,
			      uint64_t *ret_size)
{
	Elf_Scn *scn = NULL;
	const char *at;
	int found = 0;
	GElf_Shdr h;

	while (next_section(f, &scn, &h, &at)) {
		if (!(h.sh_flags & SHF_ALLOC) || strcmp(at, name))
			continue;
		if (found++)
			return -ENOTUNIQ;
		*ret_addr = h.sh_addr + f->bias;
		*ret_size = h.sh_size;
	}
	return found ? 0 : -ENOENT;
}

int drvmem_debugfile__symbol(const struct drvmem_debugfile *f, const char *name, uint64_t *ret_addr,
			     uint64_t *ret_size)
{
	const char *at;
	GElf_Addr addr;
	bool found = false;
	GElf_Word shndx;
	GElf_Sym sym;
	int i;

	for (i = 1; i < f->nr_syms; i++) {
		at = dwfl_module_getsym_info(f->mod, i, &sym, &addr, &shndx, NULL, NULL);
		if (!at || shndx == SHN_UNDEF || GELF_ST_TYPE(sym.st_info) == STT_FILE || strcmp(at, name))
			continue;
		if (found && *ret_addr != addr)
			return -ENOTUNIQ;
		found = true;
		*ret_addr = addr;
		*ret_size = sym.st_size;
	}
	return found ? 0 : -ENOENT;
}

/* Not every compiler writes the table that the quick way needs. */
static Dwarf_Die *find_unit(struct drvmem_debugfile *f, uint64_t addr, Dwarf_Addr *ret_bias)
{
	Dwarf_Die *unit = dwfl_module_addrdie(f->mod, addr, ret_bias);

	if (unit)
		return unit;
	while ((unit = dwfl_module_nextcu(f->mod, unit, ret_bias)))
		if (dwarf_haspc(unit, addr - *ret_bias) > 0)
			return unit;
	return NULL;
}

static const char *text_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute a;

	return dwarf_formstring(dwarf_attr_integrate(die, name, &a));
}

static uint64_t number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute a;
	Dwarf_Word v;

	return dwarf_formudata(dwarf_attr(die, name, &a), &v) ? 0 : v;
}

/* Where an inlined function was called. */
static void set_call(Dwarf_Die *unit, Dwarf_Die *inlined, struct drvmem_place *p)
{
	uint64_t index = number_of(inlined, DW_AT_call_file), line = number_of(inlined, DW_AT_call_line);
	Dwarf_Files *files;
	size_t n;

	p->line = line <= UINT32_MAX ? (uint32_t)line : 0;
	if (!dwarf_getsrcfiles(unit, &files, &n) && index < n)
		p->file = dwarf_filesrc(files, index, NULL, NULL);
}

/* The functions around an address, from the innermost scope outwards; place[0] has its line. */
static uint32_t name_scopes(Dwarf_Die *unit, Dwarf_Die *scope, int nr, struct drvmem_place *place)
{
	const char *dir = place->dir;
	uint32_t n = 0;
	int i, tag;

	for (i = 0; i < nr && n < DRVMEM_PLACES_INLINES; i++) {
		tag = dwarf_tag(&scope[i]);
		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		place[n++].function = text_of(&scope[i], DW_AT_name);
		if (tag == DW_TAG_subprogram)
			break;
		if (n == DRVMEM_PLACES_INLINES)
			break;
		place[n] = (struct drvmem_place){ .dir = dir };
		set_call(unit, &scope[i], &place[n]);
	}
	return n;
}

uint32_t drvmem_debugfile__places(struct drvmem_debugfile *f, uint64_t addr,
				  struct drvmem_place place[DRVMEM_PLACES_INLINES])
{
	Dwarf_Die *unit, *scopes = NULL, inner;
	Dwarf_Addr bias;
	Dwarf_Line *line;
	uint32_t n = 0;
	int nr, no;

	unit = find_unit(f, addr, &bias);
	if (!unit)
		return 0;
	place[0] = (struct drvmem_place){ .dir = text_of(unit, DW_AT_comp_dir) };
	line = dwarf_getsrc_die(unit, addr - bias);
	if (line) {
		place[0].file = dwarf_linesrc(line, NULL, NULL);
		place[0].line = !dwarf_lineno(line, &no) && no > 0 ? (uint32_t)no : 0;
	}
	/* its outer scopes are those of where the inlined function was written, not of its call */
	nr = dwarf_getscopes(unit, addr - bias, &scopes);
	if (nr > 0) {
		inner = scopes[0];
		free(scopes);
		scopes = NULL;
		nr = dwarf_getscopes_die(&inner, &scopes);
		if (nr > 0)
			n = name_scopes(unit, scopes, nr, place);
	}
	free(scopes);
	/* assembly has lines and no functions */
	return n ? n : place[0].file != NULL;
}

#else /* DRVMEM_LIBDW */

bool drvmem_debugfile__supported(void)
{
	return false;
}

int drvmem_debugfile__open(const char *path, const char *build_id, struct drvmem_debugfile **ret,
			   struct drvmem_strbuf *why)
{
	(void)path;
	(void)build_id;
	(void)ret;
	if (why) {
		drvmem_strbuf__reset(why);
		drvmem_strbuf__append(why, "drvmem was built without libdw");
	}
	return -ENOTSUP;
}

void drvmem_debugfile__free(struct drvmem_debugfile *f)
{
	(void)f;
}

bool drvmem_debugfile__has_lines(const struct drvmem_debugfile *f)
{
	(void)f;
	return false;
}

const char *drvmem_debugfile__link(const struct drvmem_debugfile *f)
{
	(void)f;
	return NULL;
}

int drvmem_debugfile__section(const struct drvmem_debugfile *f, const char *name, uint64_t *ret_addr,
			      uint64_t *ret_size)
{
	(void)f;
	(void)name;
	(void)ret_addr;
	(void)ret_size;
	return -ENOTSUP;
}

int drvmem_debugfile__symbol(const struct drvmem_debugfile *f, const char *name, uint64_t *ret_addr,
			     uint64_t *ret_size)
{
	(void)f;
	(void)name;
	(void)ret_addr;
	(void)ret_size;
	return -ENOTSUP;
}

uint32_t drvmem_debugfile__places(struct drvmem_debugfile *f, uint64_t addr,
				  struct drvmem_place place[DRVMEM_PLACES_INLINES])
{
	(void)f;
	(void)addr;
	(void)place;
	return 0;
}

#endif /* DRVMEM_LIBDW */
