// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/auth.h"

#include <crypt.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <sys/random.h>

#define SECOND_NS 1000000000ull

/* Of no password: a name that is not known is checked against it. */
static const char nobody[] = "$2y$10$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

int drvmem_auth__init(struct drvmem_auth *a, const struct drvmem_webconfig *c)
{
	memset(a, 0, sizeof(*a));
	a->c = c;
	return getrandom(a->salt, sizeof(a->salt), 0) == (ssize_t)sizeof(a->salt) ? 0 : -EIO;
}

static int fingerprint(const struct drvmem_auth *a, const char *name, const char *password, uint8_t ret[32])
{
	gnutls_hash_hd_t h;
	int e = gnutls_hash_init(&h, GNUTLS_DIG_SHA256);

	if (e)
		return -EIO;
	e = gnutls_hash(h, a->salt, sizeof(a->salt));
	if (!e)
		e = gnutls_hash(h, name, strlen(name) + 1);
	if (!e)
		e = gnutls_hash(h, password, strlen(password));
	gnutls_hash_deinit(h, ret);
	return e ? -EIO : 0;
}

static bool same(const char *a, const char *b, size_t len)
{
	volatile uint8_t differ = 0;
	size_t i;

	for (i = 0; i < len; i++)
		differ |= (uint8_t)(a[i] ^ b[i]);
	return !differ;
}

static bool hash_fits(const char *hash, const char *password)
{
	struct crypt_data data;
	const char *got;
	bool fits;

	memset(&data, 0, sizeof(data));
	got = crypt_r(password, hash, &data);
	fits = got && strlen(got) == strlen(hash) && same(got, hash, strlen(hash));
	explicit_bzero(&data, sizeof(data));
	return fits;
}

static bool may_hash(struct drvmem_auth *a, uint64_t now_ns)
{
	if (now_ns - a->second_ns >= SECOND_NS) {
		a->second_ns = now_ns;
		a->in_second = 0;
	}
	if (a->in_second >= DRVMEM_AUTH_RATE)
		return false;
	a->in_second++;
	return true;
}

enum drvmem_auth_result drvmem_auth__check(struct drvmem_auth *a, const char *name, const char *password,
					   uint64_t now_ns)
{
	const char *hash = NULL;
	uint8_t print[32];
	uint32_t i;
	bool ok;

	if (fingerprint(a, name, password, print))
		return DRVMEM_AUTH_WRONG;
	for (i = 0; i < DRVMEM_AUTH_KNOWN; i++)
		if (a->known[i].used && same((const char *)a->known[i].fingerprint, (const char *)print, sizeof(print)))
			return a->known[i].ok ? DRVMEM_AUTH_OK : DRVMEM_AUTH_WRONG;
	if (!may_hash(a, now_ns))
		return DRVMEM_AUTH_BUSY;
	for (i = 0; i < a->c->nr_users; i++)
		if (!strcmp(a->c->users[i].name, name))
			hash = a->c->users[i].hash;
	a->hashes++;
	ok = hash_fits(hash ? hash : nobody, password) && hash;
	/* guesses must not push out who is known: they take the last place only */
	i = ok ? a->next : DRVMEM_AUTH_KNOWN - 1;
	if (ok)
		a->next = (a->next + 1) % (DRVMEM_AUTH_KNOWN - 1);
	memcpy(a->known[i].fingerprint, print, sizeof(print));
	a->known[i].used = true;
	a->known[i].ok = ok;
	return ok ? DRVMEM_AUTH_OK : DRVMEM_AUTH_WRONG;
}
