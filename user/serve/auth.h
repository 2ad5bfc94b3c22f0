/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passwords against the bcrypt hashes of the web configuration. A hash takes tens of milliseconds: what was checked
 * is remembered, and only so many are checked in a second, or whoever guesses would hold up everybody.
 * No clock: the time is passed in.
 */
#ifndef DRVMEM_SERVE_AUTH_H
#define DRVMEM_SERVE_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "serve/webconfig.h"

#define DRVMEM_AUTH_KNOWN	64	/* pairs of name and password that are remembered */
#define DRVMEM_AUTH_RATE	4	/* hashes in a second */
#define DRVMEM_AUTH_MAX		256	/* letters of a name or password, the NUL included */

enum drvmem_auth_result { DRVMEM_AUTH_OK = 0, DRVMEM_AUTH_WRONG, DRVMEM_AUTH_BUSY /* ask again later */ };

struct drvmem_auth {
	const struct drvmem_webconfig *c;
	uint8_t salt[16];		/* of the fingerprints: random, of this process */
	struct {
		uint8_t fingerprint[32];	/* SHA-256 of salt, name, NUL, password: the password itself is not kept */
		bool used, ok;
	} known[DRVMEM_AUTH_KNOWN];
	uint32_t next;
	uint64_t hashes;		/* computed so far */
	uint64_t second_ns;
	uint32_t in_second;
};

/* c must outlive it. 0, or -errno: no random numbers. */
DRVMEM_MUST_CHECK int drvmem_auth__init(struct drvmem_auth *a, const struct drvmem_webconfig *c);
/* A name that does not exist takes as long as a wrong password. */
enum drvmem_auth_result drvmem_auth__check(struct drvmem_auth *a, const char *name, const char *password,
					   uint64_t now_ns);

#endif /* DRVMEM_SERVE_AUTH_H */
