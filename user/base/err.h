/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An error as a value: negative errno, one sentence of what failed, one remedy.
 * Layers below cmd_* return 0 / -errno; the first function that knows what the
 * user asked for fills a drvmem_err. Nothing here prints.
 */
#ifndef DRVMEM_BASE_ERR_H
#define DRVMEM_BASE_ERR_H

#define DRVMEM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define DRVMEM_MUST_CHECK __attribute__((warn_unused_result))

/* Exit codes (architecture.md). Never an errno. */
enum drvmem_exit {
	DRVMEM_EXIT_OK = 0,
	DRVMEM_EXIT_FINDINGS = 1,
	DRVMEM_EXIT_USAGE = 2,
	DRVMEM_EXIT_CANNOT_RUN = 3,
	DRVMEM_EXIT_INCOMPLETE = 4,
	DRVMEM_EXIT_INTERNAL = 5,
};

struct drvmem_err {
	int code;		/* -errno, 0 = no error */
	enum drvmem_exit exit;	/* what the process should end with */
	char what[320];		/* "cannot attach 'slab_alloc': tracepoint kmem:kmalloc is missing (ENOENT)" */
	char remedy[480];	/* one or more lines; "" = none known */
};

/*
 * Fills err unless it already holds an error (the first cause wins). Returns code.
 * err may be NULL.
 */
int drvmem_err__set(struct drvmem_err *err, int code, enum drvmem_exit exit_code,
		    const char *fmt, ...) DRVMEM_PRINTF(4, 5);
/* Sets the remedy of an error just set. */
void drvmem_err__remedy(struct drvmem_err *err, const char *fmt, ...) DRVMEM_PRINTF(2, 3);
/* "ENOENT" for -2 or 2; "E999" style fallback in a static per-thread buffer. */
const char *drvmem_errno_name(int code);

#endif /* DRVMEM_BASE_ERR_H */
