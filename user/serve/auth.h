/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passwords against the bcrypt hashes of the web configuration. A hash takes tens of milliseconds: what was checked
 * is remembered, and no more than a quarter of the time goes into others, or whoever guesses would hold up everybody.
 * No clock: the time is passed in.
 */
#ifndef DRVMEM_SERVE_AUTH_H
#define DRVMEM_SERVE_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "serve/webconfig.h"

#define DRVMEM_AUTH_KNOWN	64	/* pairs of name and password that are remembered */
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
	uint64_t next_ns;		/* no hash before */
};

/* c must outlive it. 0, or -errno: no random numbers. */
DRVMEM_MUST_CHECK int drvmem_auth__init(struct drvmem_auth *a, const struct drvmem_webconfig *c);
/*
 * A name that does not exist takes as long as a wrong password of the first user. What is remembered goes by name,
 * password and hash: it stays true when c gets other users.
 */
enum drvmem_auth_result drvmem_auth__check(struct drvmem_auth *a, const char *name, const char *password,
					   uint64_t now_ns);

/* To be told after a check that computed a hash: for three times as long none is computed. */
void drvmem_auth__took(struct drvmem_auth *a, uint64_t start_ns, uint64_t end_ns);

#endif /* DRVMEM_SERVE_AUTH_H */
