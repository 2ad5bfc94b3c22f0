// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files are built here with the compiler of the build, as a driver's would be: relocatable, linked with a
 * build id, stripped, split. Labels behind the calls are what the return addresses would be.
 */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "fixture.h"

#include "symbol/lines.h"

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define RELEASE "6.12.0-test"
#define TEXT_AT 0xffffffffc0a10000ull
#define STEXT_AT 0xffffffff9fe00000ull	/* where the kernel was put */

static char root[64];

/* In the directory of the test. */
static void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *fmt, ...)
{
	char command[4096];
	va_list ap;
	int n = snprintf(command, sizeof(command), "cd %s && ", root);

	va_start(ap, fmt);
	vsnprintf(command + n, sizeof(command) - (size_t)n, fmt, ap);
	va_end(ap);
	if (system(command))
		fail_msg("failed: %s", command);
}

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Lines are told by their numbers here. */
static const char header[] =
	"extern void take(unsigned long);\n"
	"static inline __attribute__((always_inline)) void kmalloc_like(unsigned long n)\n"
	"{\n"
	"	take(n + 1);\n"						/* 4 */
	"	__asm__ volatile(\".globl after_take\\nafter_take:\");\n"
	"}\n";
static const char driver[] =
	"#include \"slab.h\"\n"
	"static inline __attribute__((always_inline)) void get_ring(unsigned long n)\n"
	"{\n"
	"	kmalloc_like(n * 2);\n"					/* 4 */
	"}\n"
	"void drv_open(unsigned long n)\n"
	"{\n"
	"	__asm__ volatile(\"nop\");\n"
	"	get_ring(n);\n"						/* 9 */
	"	__asm__ volatile(\"nop\");\n"
	"}\n"
	"__attribute__((section(\".init.text\"))) void drv_init(unsigned long n)\n"
	"{\n"
	"	take(n);\n"						/* 14 */
	"	__asm__ volatile(\".globl after_init\\nafter_init:\");\n"
	"}\n"
	"static __attribute__((noinline, used)) void twice(void) { __asm__ volatile(\"nop\"); }\n";
static const char other[] =
	"static __attribute__((noinline, used)) void twice(void) { __asm__ volatile(\"nop; nop\"); }\n";

static int build_files(void **state)
{
	(void)state;
	strcpy(root, "/tmp/drvmem-lines-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	write_file("slab.h", header);
	write_file("drv.c", driver);
	write_file("other.c", other);
	run("gcc -g -O2 -ffreestanding -fno-pie -mcmodel=kernel -c drv.c");
	run("gcc -g -O2 -ffreestanding -fno-pie -mcmodel=kernel -c other.c");
	run("ld -r --build-id=0x" ID_A " -o drv-x.ko drv.o other.o");
	run("ld -r --build-id=0x" ID_B " -o other.ko drv.o other.o");
	run("ld --build-id=0x" ID_A " -Ttext=0xffffffff81000000 -e 0 --defsym=_stext=0xffffffff81000000 "
	    "--defsym=take=0xffffffff81000000 -o vmlinux drv.o other.o");
	run("objcopy --only-keep-debug drv-x.ko drv-x.ko.split");
	run("cp drv-x.ko stripped.ko && strip -g stripped.ko && cp drv-x.ko.split drv-x.debug && "
	    "objcopy --add-gnu-debuglink=drv-x.debug stripped.ko");
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int remove_files(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static uint64_t address_in(const char *file, const char *id, const char *symbol)
{
	_cleanup_strbuf_ struct drvmem_strbuf why = {};
	struct drvmem_debugfile *f = NULL;
	uint64_t addr = 0, size;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", root, file);
	if (drvmem_debugfile__open(path, id, &f, &why))
		fail_msg("%s", drvmem_strbuf__str(&why));
	assert_int_equal(drvmem_debugfile__symbol(f, symbol, &addr, &size), 0);
	drvmem_debugfile__free(f);
	return addr;
}

/* What the section begins at in the file, as libdw lays it out. */
static uint64_t offset_of(const char *symbol)
{
	return address_in("drv-x.ko", ID_A, symbol) - address_in("drv-x.ko", ID_A, "drv_open");
}

/* drv_x is loaded, its text is at TEXT_AT; /proc and /sys say so below root. */
static struct drvmem_snapshot *machine(const char *build_id)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t i = fix_module(s, "drv_x", 1, 0);

	s->instances[i].text_lo = TEXT_AT;
	s->instances[i].text_hi = TEXT_AT + 0x1000;
	strcpy(s->instances[i].build_id, build_id);
	s->meta.stext = STEXT_AT;
	strcpy(s->meta.build_id, ID_A);
	return s;
}

static void load_sections(void)
{
	char text[64];

	run("mkdir -p sys/module/drv_x/sections");
	snprintf(text, sizeof(text), "0x%llx\n", TEXT_AT);
	write_file("sys/module/drv_x/sections/.text", text);
	write_file("sys/module/drv_x/sections/.data", "0xffffffffc0b00000\n");
	write_file("sys/module/drv_x/sections/.init.text", "0x0000000000000000\n");
}

/* The look-up of one address, from nothing. The caller frees. */
static struct drvmem_places *look(const struct drvmem_debugsearch_opts *how, const struct drvmem_snapshot *s,
				  uint64_t ip, const char *symbol, const char *module)
{
	struct drvmem_debugsearch_opts o = { .root = root, .release = RELEASE };
	struct drvmem_places *p = drvmem_places__new();
	struct drvmem_lines *l = NULL;

	if (how) {
		o.dir = how->dir;
		o.debuginfod = how->debuginfod;
		o.vmlinux = how->vmlinux;
		o.elsewhere = how->elsewhere;
	}
	assert_non_null(p);
	assert_int_equal(drvmem_lines__new(&o, &l), 0);
	assert_int_equal(drvmem_lines__add(l, s, ip, symbol, module, p), 0);
	/* once is enough */
	assert_int_equal(drvmem_lines__add(l, s, ip, symbol, module, p), 0);
	drvmem_lines__free(l);
	return p;
}

/* The only image was refused, or none of it was there, with these words. */
static void refused(struct drvmem_places *p, uint64_t ip, const char *words)
{
	const struct drvmem_debug_use *u;
	uint32_t n;

	assert_null(drvmem_places__at(p, ip, &n));
	u = drvmem_places__uses(p, &n);
	assert_int_equal(n, 1);
	assert_null(u->file);
	if (!strstr(u->why, words))
		fail_msg("'%s' is not in '%s'", words, u->why);
	drvmem_places__free(p);
}

static void ends_with(const char *text, const char *end)
{
	if (!text || strlen(text) < strlen(end) || strcmp(text + strlen(text) - strlen(end), end))
		fail_msg("'%s' does not end with '%s'", text ? text : "(null)", end);
}

/* The call that was inlined twice. */
static void is_inlined_call(struct drvmem_places *p, uint64_t ip, const char *file)
{
	const struct drvmem_debug_use *u;
	const struct drvmem_place *at;
	uint32_t n;

	at = drvmem_places__at(p, ip, &n);
	assert_int_equal(n, 3);
	assert_string_equal(at[0].function, "kmalloc_like");
	ends_with(at[0].file, "slab.h");
	assert_int_equal(at[0].line, 4);
	assert_string_equal(at[1].function, "get_ring");
	ends_with(at[1].file, "drv.c");
	assert_int_equal(at[1].line, 4);
	assert_string_equal(at[2].function, "drv_open");
	ends_with(at[2].file, "drv.c");
	assert_int_equal(at[2].line, 9);
	assert_string_equal(at[2].dir, root);
	assert_ptr_equal(drvmem_places__best(at, n), &at[1]);	/* not in the header */
	u = drvmem_places__uses(p, &n);
	assert_int_equal(n, 1);
	assert_null(u->why);
	ends_with(u->file, file);
	drvmem_places__free(p);
}

static struct drvmem_debugsearch_opts in_dir(const char *dir)
{
	return (struct drvmem_debugsearch_opts){ .dir = dir };
}

/* A module that is there: by the section that its address lies in; symbols are not looked at. */
static void loaded_module(void **state)
{
	struct drvmem_snapshot *s = machine(ID_A);
	struct drvmem_debugsearch_opts dir = in_dir(root);
	uint64_t ip = TEXT_AT + address_in("drv-x.ko", ID_A, "after_take") -
		      address_in("drv-x.ko", ID_A, "drv_open");

	(void)state;
	load_sections();
	is_inlined_call(look(&dir, s, ip, "anything+0x3 [drv_x]", NULL), ip, "/drv-x.ko");
	is_inlined_call(look(&dir, s, ip, "[drv_x]+0x12", "drv_x"), ip, "/drv-x.ko");
	/* one file instead of a directory */
	dir.dir = "drv-x.ko";
	assert_int_equal(chdir(root), 0);
	is_inlined_call(look(&dir, s, ip, "anything+0x3 [drv_x]", NULL), ip, "drv-x.ko");
	drvmem_snapshot__free(s);
}

/* A module that is gone: by the symbol, if there is one of that name. */
static void unloaded_module(void **state)
{
	struct drvmem_snapshot *s = machine(ID_A);
	struct drvmem_debugsearch_opts dir = in_dir(root);
	uint64_t ip = TEXT_AT + 0x123;
	char symbol[64];
	uint32_t n;
	struct drvmem_places *p;

	(void)state;
	load_sections();	/* of another load: not to be used */
	s->instances[DRVMEM_MOD_FIRST].unloaded = true;
	snprintf(symbol, sizeof(symbol), "drv_open+0x%llx [drv_x]", (unsigned long long)offset_of("after_take"));
	is_inlined_call(look(&dir, s, ip, symbol, NULL), ip, "/drv-x.ko");
	symbol[strcspn(symbol, " ")] = 0;
	is_inlined_call(look(&dir, s, ip, symbol, "drv_x"), ip, "/drv-x.ko");
	/* two functions of that name; none; beyond its end; no symbol; no return address */
	static const char *const not[] = { "twice+0x1 [drv_x]", "drv_close+0x1 [drv_x]", "drv_open+0x1000 [drv_x]",
					   "[drv_x]+0x123", "drv_open+0x0 [drv_x]", "drv_open+0xzz [drv_x]" };

	for (size_t i = 0; i < UNIT_NR(not); i++) {
		p = look(&dir, s, ip, not[i], "drv_x");
		assert_null(drvmem_places__at(p, ip, &n));
		drvmem_places__free(p);
	}
	drvmem_snapshot__free(s);
}

/* A session of another boot: a module of that name and build is here too, but lies somewhere else. */
static void a_session_of_elsewhere(void **state)
{
	struct drvmem_snapshot *s = machine(ID_A);
	struct drvmem_debugsearch_opts dir = in_dir(root);
	uint64_t ip = TEXT_AT + offset_of("after_take"), moved = TEXT_AT + 1;
	struct drvmem_places *p;
	char symbol[64];
	uint32_t n;

	(void)state;
	load_sections();
	dir.elsewhere = true;
	snprintf(symbol, sizeof(symbol), "drv_open+0x%llx [drv_x]", (unsigned long long)offset_of("after_take"));
	/* where the one that is loaded has another line */
	is_inlined_call(look(&dir, s, moved, symbol, NULL), moved, "/drv-x.ko");
	/* by its address it would be found, were it this one */
	p = look(&dir, s, ip, "[drv_x]+0x12", "drv_x");
	assert_null(drvmem_places__at(p, ip, &n));
	drvmem_places__free(p);
	dir.elsewhere = false;
	is_inlined_call(look(&dir, s, ip, "[drv_x]+0x12", "drv_x"), ip, "/drv-x.ko");
	drvmem_snapshot__free(s);
}

static void a_vmlinux_that_is_named(void **state)
{
	struct drvmem_debugsearch_opts o = { .vmlinux = "named" };
	struct drvmem_snapshot *s = machine(ID_A);
	uint64_t ip = STEXT_AT + address_in("vmlinux", ID_A, "after_take") - address_in("vmlinux", ID_A, "_stext");

	(void)state;
	assert_int_equal(chdir(root), 0);
	run("cp vmlinux named");
	is_inlined_call(look(&o, s, ip, "drv_open+0x10", NULL), ip, "named");
	strcpy(s->meta.build_id, ID_B);
	refused(look(&o, s, ip, "drv_open+0x10", NULL), ip, "debug file named is of another build");
	run("rm named");
	drvmem_snapshot__free(s);
}

/* Code that ran at load is in no range of the module's. */
static void init_text(void **state)
{
	struct drvmem_snapshot *s = machine(ID_A);
	struct drvmem_debugsearch_opts dir = in_dir(root);
	uint64_t ip = TEXT_AT + 0x9000;
	const struct drvmem_place *at;
	struct drvmem_places *p;
	char symbol[64];
	uint32_t n;

	(void)state;
	snprintf(symbol, sizeof(symbol), "drv_init+0x%llx [drv_x]",
		 (unsigned long long)(address_in("drv-x.ko", ID_A, "after_init") -
				      address_in("drv-x.ko", ID_A, "drv_init")));
	p = look(&dir, s, ip, symbol, NULL);
	at = drvmem_places__at(p, ip, &n);
	assert_int_equal(n, 1);
	assert_string_equal(at->function, "drv_init");
	assert_int_equal(at->line, 14);
	drvmem_places__free(p);
	drvmem_snapshot__free(s);
}

static void another_build(void **state)
{
	struct drvmem_snapshot *s = machine(ID_B);
	struct drvmem_debugsearch_opts dir = in_dir(root);
	uint64_t ip = TEXT_AT + 0x10;

	(void)state;
	run("mkdir -p wrong right && cp drv-x.ko wrong && cp other.ko right/drv-x.ko");
	load_sections();
	dir.dir = "wrong";
	assert_int_equal(chdir(root), 0);
	refused(look(&dir, s, ip, "drv_open+0x10 [drv_x]", NULL), ip, "debug file wrong/drv-x.ko is of another build");
	/* it is no reason not to take the right one */
	ip = TEXT_AT + offset_of("after_take");
	dir.dir = root;
	is_inlined_call(look(&dir, s, ip, "drv_open+0x10 [drv_x]", NULL), ip, "right/drv-x.ko");
	strcpy(s->instances[DRVMEM_MOD_FIRST].build_id, "");
	refused(look(&dir, s, ip, "drv_open+0x10 [drv_x]", NULL), ip, "drv_x has no build id");
	strcpy(s->instances[DRVMEM_MOD_FIRST].build_id, "cccc");
	refused(look(NULL, s, ip, "drv_open+0x10 [drv_x]", NULL), ip, "no debug file of drv_x (build cccc) was found");
	run("rm -r wrong right");
	drvmem_snapshot__free(s);
}

static uint32_t open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	uint32_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* A file as zstd makes it, of two frames; cut: its last bytes are missing. */
static void compress(const char *from, const char *to, bool cut)
{
	char path[256];
	static char in[1 << 20], out[2 << 20];
	size_t n, half, len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, from);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(in, 1, sizeof(in), f);
	fclose(f);
	assert_in_range(n, 100, sizeof(in) - 1);
	half = n / 3;
	len = ZSTD_compress(out, sizeof(out), in, half, 3);
	len += ZSTD_compress(out + len, sizeof(out) - len, in + half, n - half, 19);
	snprintf(path, sizeof(path), "%s/%s", root, to);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(out, 1, len - 7 * cut, f), len - 7 * cut);
	assert_int_equal(fclose(f), 0);
}

/* As distributions ship their modules; by zstd also where libdw was built without it (Debian 12). */
static void compressed_by_zstd(void **state)
{
	struct drvmem_snapshot *s = machine(ID_A);
	uint64_t ip = TEXT_AT + offset_of("after_take");
	struct drvmem_debugsearch_opts dir = in_dir("packed");
	uint32_t files;

	(void)state;
	load_sections();
	assert_int_equal(chdir(root), 0);
	run("mkdir packed");
	compress("drv-x.ko", "packed/drv-x.ko.zst", false);
	files = open_files();
	is_inlined_call(look(&dir, s, ip, "anything+0x3 [drv_x]", NULL), ip, "packed/drv-x.ko.zst");
	compress("drv-x.ko", "packed/drv-x.ko.zst", true);
	refused(look(&dir, s, ip, "x+0x3 [drv_x]", NULL), ip, "debug file packed/drv-x.ko.zst cannot be unpacked (it is damaged)");
	compress("drv.c", "packed/drv-x.ko.zst", false);
	refused(look(&dir, s, ip, "x+0x3 [drv_x]", NULL), ip, "debug file packed/drv-x.ko.zst cannot be read");
	compress("other.ko", "packed/drv-x.ko.zst", false);
	refused(look(&dir, s, ip, "x+0x3 [drv_x]", NULL), ip, "packed/drv-x.ko.zst is of another build");
	run("rm packed/drv-x.ko.zst");
	/* sections that this libdw cannot unpack are told; a newer one can */
	if (!system("objcopy --compress-debug-sections=zstd drv-x.ko packed/drv-x.ko 2>/dev/null")) {
		struct drvmem_places *p = look(&dir, s, ip, "x+0x3 [drv_x]", NULL);
		uint32_t n;

		if (drvmem_places__at(p, ip, &n))
			is_inlined_call(p, ip, "packed/drv-x.ko");
		else
			refused(p, ip, "has its sections compressed by zstd");
	}
	assert_int_equal(open_files(), files);
	run("rm -r packed");
	drvmem_snapshot__free(s);
}

static void places_of_distributions(void **state)
{
	struct drvmem_snapshot *s = machine(ID_A);
	uint64_t ip = TEXT_AT + offset_of("after_take");
	const char *symbol = "drv_open+0x10 [drv_x]";

	(void)state;
	load_sections();
	run("mkdir -p usr/lib/debug/.build-id/aa lib/modules/" RELEASE "/updates/.debug");
	run("cp drv-x.ko.split usr/lib/debug/.build-id/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.debug");
	is_inlined_call(look(NULL, s, ip, symbol, NULL), ip, "aaaaaa.debug");
	run("rm -r usr/lib/debug/.build-id");
	/* depmod knows where the module is */
	write_file("lib/modules/" RELEASE "/modules.dep", "kernel/a.ko: \nupdates/drv-x.ko: kernel/a.ko\n");
	run("cp drv-x.ko lib/modules/" RELEASE "/updates");
	is_inlined_call(look(NULL, s, ip, symbol, NULL), ip, "updates/drv-x.ko");
	run("cp stripped.ko lib/modules/" RELEASE "/updates/drv-x.ko");
	refused(look(NULL, s, ip, symbol, NULL), ip, "drv_x was stripped, and no debug file of build aaaa");
	run("cp drv-x.debug lib/modules/" RELEASE "/updates/.debug");
	is_inlined_call(look(NULL, s, ip, symbol, NULL), ip, "updates/.debug/drv-x.debug");
	run("rm -r lib/modules/" RELEASE "/updates/.debug && mkdir -p usr/lib/debug/lib/modules/" RELEASE "/updates");
	run("cp drv-x.debug usr/lib/debug/lib/modules/" RELEASE "/updates");
	is_inlined_call(look(NULL, s, ip, symbol, NULL), ip, "updates/drv-x.debug");
	run("cd usr/lib/debug/lib/modules/" RELEASE "/updates && mv drv-x.debug drv-x.ko");
	is_inlined_call(look(NULL, s, ip, symbol, NULL), ip, "/usr/lib/debug/lib/modules/" RELEASE "/updates/drv-x.ko");
	run("rm -r usr lib");
	drvmem_snapshot__free(s);
}

static void the_kernel(void **state)
{
	struct drvmem_snapshot *s = machine(ID_A);
	uint64_t ip = STEXT_AT + address_in("vmlinux", ID_A, "after_take") - address_in("vmlinux", ID_A, "_stext");
	char symbol[64];

	(void)state;
	run("mkdir -p usr/lib/debug/boot && cp vmlinux usr/lib/debug/boot/vmlinux-" RELEASE);
	is_inlined_call(look(NULL, s, ip, "whatever+0x5", NULL), ip, "/boot/vmlinux-" RELEASE);
	/* hidden addresses: by the symbol */
	s->meta.stext = 0;
	snprintf(symbol, sizeof(symbol), "drv_open+0x%llx",
		 (unsigned long long)(address_in("vmlinux", ID_A, "after_take") -
				      address_in("vmlinux", ID_A, "drv_open")));
	is_inlined_call(look(NULL, s, ip, symbol, NULL), ip, "/boot/vmlinux-" RELEASE);
	strcpy(s->meta.build_id, ID_B);
	refused(look(NULL, s, ip, symbol, NULL), ip, "vmlinux-" RELEASE " is of another build");
	run("rm -r usr");
	drvmem_snapshot__free(s);
}

/* Two builds were at an address in one session, or a name stands for two. */
static void who_can_tell(void **state)
{
	struct drvmem_snapshot *s = machine(ID_A);
	struct drvmem_debugsearch_opts dir = in_dir(root);
	uint64_t ip = TEXT_AT + offset_of("after_take");
	struct drvmem_places *p;
	uint32_t i, n;

	(void)state;
	load_sections();
	i = fix_module(s, "drv_x", 2, 0);
	s->instances[i].text_lo = TEXT_AT;
	s->instances[i].text_hi = TEXT_AT + 0x1000;
	strcpy(s->instances[i].build_id, ID_A);
	s->instances[DRVMEM_MOD_FIRST].unloaded = true;
	is_inlined_call(look(&dir, s, ip, "drv_open+0x10 [drv_x]", NULL), ip, "/drv-x.ko");
	strcpy(s->instances[i].build_id, ID_B);
	p = look(&dir, s, ip, "drv_open+0x10 [drv_x]", NULL);
	assert_null(drvmem_places__at(p, ip, &n));
	drvmem_places__uses(p, &n);
	assert_int_equal(n, 0);
	drvmem_places__free(p);
	/* the kernel's symbol table says another image than the ranges do; an address of nothing */
	p = look(&dir, s, ip, "drv_open+0x10", NULL);
	assert_null(drvmem_places__at(p, ip, &n));
	drvmem_places__free(p);
	p = look(&dir, s, TEXT_AT + 0x100000, "0xffffffffc0b10000", NULL);
	assert_null(drvmem_places__at(p, TEXT_AT + 0x100000, &n));
	drvmem_places__free(p);
	drvmem_snapshot__free(s);
}

static void servers_are_asked_when_told_to(void **state)
{
	struct drvmem_debugsearch_opts ask = { .debuginfod = true };
	struct drvmem_snapshot *s = machine(ID_A);
	uint64_t ip = TEXT_AT + offset_of("after_take");
	const char *symbol = "drv_open+0x10 [drv_x]";
	struct drvmem_places *p;
	char text[256];
	uint32_t n;

	(void)state;
	load_sections();
	unsetenv("DEBUGINFOD_URLS");
	refused(look(&ask, s, ip, symbol, NULL), ip, "DEBUGINFOD_URLS names no server");
	run("mkdir -p web/buildid/" ID_A " cache && cp drv-x.ko.split web/buildid/" ID_A "/debuginfo");
	snprintf(text, sizeof(text), "file://%s/web/", root);
	setenv("DEBUGINFOD_URLS", text, 1);
	snprintf(text, sizeof(text), "%s/cache", root);
	setenv("DEBUGINFOD_CACHE_PATH", text, 1);
	/* not without being told to */
	refused(look(NULL, s, ip, symbol, NULL), ip, "no debug file of drv_x");
	p = look(&ask, s, ip, symbol, NULL);
	if (!drvmem_places__at(p, ip, &n) && strstr(drvmem_places__uses(p, &n)->why, "is not installed")) {
		drvmem_places__free(p);
		drvmem_snapshot__free(s);
		print_message("no libdebuginfod.so.1 here\n");
		skip();
	}
	is_inlined_call(p, ip, "/debuginfo");
	strcpy(s->instances[DRVMEM_MOD_FIRST].build_id, ID_B);
	refused(look(&ask, s, ip, symbol, NULL), ip, "debuginfod has no debug file of build " ID_B);
	unsetenv("DEBUGINFOD_URLS");
	drvmem_snapshot__free(s);
}

/* What is no debug file is refused by name, and nothing is read beyond its end. */
static void broken_files(void **state)
{
	_cleanup_strbuf_ struct drvmem_strbuf why = {};
	struct drvmem_debugfile *f = NULL;
	uint64_t addr, size;
	char path[128];

	(void)state;
	assert_true(drvmem_debugfile__supported());
	assert_int_equal(drvmem_debugfile__open("/no/such/file", ID_A, &f, &why), -ENOENT);
	snprintf(path, sizeof(path), "%s/slab.h", root);
	assert_int_equal(drvmem_debugfile__open(path, ID_A, &f, &why), -EINVAL);
	assert_non_null(strstr(drvmem_strbuf__str(&why), "slab.h cannot be read ("));
	run("head -c 700 drv-x.ko >cut.ko; : >empty.ko; rm -rf nothing && mkdir nothing");
	snprintf(path, sizeof(path), "%s/cut.ko", root);
	assert_true(drvmem_debugfile__open(path, ID_A, &f, &why) < 0);
	snprintf(path, sizeof(path), "%s/empty.ko", root);
	assert_int_equal(drvmem_debugfile__open(path, ID_A, &f, NULL), -EINVAL);
	snprintf(path, sizeof(path), "%s/nothing", root);
	assert_int_equal(drvmem_debugfile__open(path, ID_A, &f, &why), -EINVAL);
	run("mkfifo pipe.ko");
	snprintf(path, sizeof(path), "%s/pipe.ko", root);
	assert_int_equal(drvmem_debugfile__open(path, ID_A, &f, &why), -EINVAL);
	snprintf(path, sizeof(path), "%s/drv.c/below.ko", root);
	assert_int_equal(drvmem_debugfile__open(path, ID_A, &f, &why), -ENOENT);
	snprintf(path, sizeof(path), "%s/drv.o", root);		/* no build id */
	assert_int_equal(drvmem_debugfile__open(path, ID_A, &f, &why), -ESTALE);
	snprintf(path, sizeof(path), "%s/stripped.ko", root);
	assert_int_equal(drvmem_debugfile__open(path, ID_A, &f, &why), 0);
	assert_false(drvmem_debugfile__has_lines(f));
	assert_string_equal(drvmem_debugfile__link(f), "drv-x.debug");
	assert_int_equal(drvmem_debugfile__symbol(f, "twice", &addr, &size), -ENOTUNIQ);
	assert_int_equal(drvmem_debugfile__symbol(f, "take", &addr, &size), -ENOENT);	/* not defined there */
	assert_int_equal(drvmem_debugfile__section(f, ".none", &addr, &size), -ENOENT);
	assert_int_equal(drvmem_debugfile__section(f, ".text", &addr, &size), 0);
	assert_true(size > 0);
	drvmem_debugfile__free(f);
	drvmem_debugfile__free(NULL);
	drvmem_lines__free(NULL);
	run("rm cut.ko empty.ko pipe.ko && rmdir nothing");
}

/* As distributions keep them, if this libdw can read it. */
static void compressed_module(void **state)
{
	struct drvmem_snapshot *s = machine(ID_A);
	struct drvmem_debugsearch_opts dir = in_dir("packed");
	uint64_t ip = TEXT_AT + offset_of("after_take");

	(void)state;
	load_sections();
	assert_int_equal(chdir(root), 0);
	run("mkdir -p packed && gzip -c drv-x.ko >packed/drv-x.ko.gz");
	is_inlined_call(look(&dir, s, ip, "drv_open+0x10 [drv_x]", NULL), ip, "packed/drv-x.ko.gz");
	run("rm -r packed");
	drvmem_snapshot__free(s);
}

static void a_directory_that_is_not_there(void **state)
{
	struct drvmem_debugsearch_opts o = { .root = root, .release = RELEASE, .dir = "/no/such/dir" };
	struct drvmem_lines *l = NULL;

	(void)state;
	assert_int_equal(drvmem_lines__new(&o, &l), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loaded_module),
		cmocka_unit_test(unloaded_module),
		cmocka_unit_test(a_session_of_elsewhere),
		cmocka_unit_test(a_vmlinux_that_is_named),
		cmocka_unit_test(init_text),
		cmocka_unit_test(another_build), cmocka_unit_test(compressed_by_zstd),
		cmocka_unit_test(places_of_distributions),
		cmocka_unit_test(the_kernel),
		cmocka_unit_test(who_can_tell),
		cmocka_unit_test(servers_are_asked_when_told_to),
		cmocka_unit_test(broken_files),
		cmocka_unit_test(compressed_module),
		cmocka_unit_test(a_directory_that_is_not_there),
	};

	if (!drvmem_lines__supported()) {
		puts("skip all - built without libdw");
		return 0;
	}
	return cmocka_run_group_tests(tests, build_files, remove_files);
}
