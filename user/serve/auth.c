// SPDX-License-Identifier: GPL-2.0-or-later
#include "serve/auth.h"

#include <crypt.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <sys/random.h>

int drvmem_auth__init(struct drvmem_auth *a, const struct drvmem_webconfig *c)
{
	memset(a, 0, sizeof(*a));
	a->c = c;
	return getrandom(a->salt, sizeof(a->salt), 0) == (ssize_t)sizeof(a->salt) ? 0 : -EIO;
}

static int fingerprint(const struct drvmem_auth *a, const char *name, const char *password, const char *hash,
		       bool is_user, uint8_t ret[32])
{
	gnutls_hash_hd_t h;
	int e = gnutls_hash_init(&h, GNUTLS_DIG_SHA256);

	if (e)
		return -EIO;
	e = gnutls_hash(h, a->salt, sizeof(a->salt));
	if (!e)
		e = gnutls_hash(h, name, strlen(name) + 1);
	if (!e)
		e = gnutls_hash(h, password, strlen(password) + 1);
	if (!e)
		e = gnutls_hash(h, hash, strlen(hash) + 1);
	if (!e)
		e = gnutls_hash(h, &is_user, sizeof(is_user));
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

void drvmem_auth__took(struct drvmem_auth *a, uint64_t start_ns, uint64_t end_ns)
{
	a->next_ns = end_ns + 3 * (end_ns - start_ns);
}

enum drvmem_auth_result drvmem_auth__check(struct drvmem_auth *a, const char *name, const char *password,
					   uint64_t now_ns)
{
	bool is_user = false, ok;
	const char *hash;
	uint8_t print[32];
	uint32_t i;

	if (!a->c->nr_users)
		return DRVMEM_AUTH_WRONG;
	hash = a->c->users[0].hash;	/* for a name that is not known: as dear as one that is */
	for (i = 0; i < a->c->nr_users; i++)
		if (!strcmp(a->c->users[i].name, name)) {
			hash = a->c->users[i].hash;
			is_user = true;
		}
	if (fingerprint(a, name, password, hash, is_user, print))
		return DRVMEM_AUTH_WRONG;
	for (i = 0; i < DRVMEM_AUTH_KNOWN; i++)
		if (a->known[i].used && same((const char *)a->known[i].fingerprint, (const char *)print, sizeof(print)))
			return a->known[i].ok ? DRVMEM_AUTH_OK : DRVMEM_AUTH_WRONG;
	if (now_ns < a->next_ns)
		return DRVMEM_AUTH_BUSY;
	a->hashes++;
	ok = hash_fits(hash, password) && is_user;
	/* guesses must not push out who is known: they take the last place only */
	i = ok ? a->next : DRVMEM_AUTH_KNOWN - 1;
	if (ok)
		a->next = (a->next + 1) % (DRVMEM_AUTH_KNOWN - 1);
	memcpy(a->known[i].fingerprint, print, sizeof(print));
	a->known[i].used = true;
	a->known[i].ok = ok;
	return ok ? DRVMEM_AUTH_OK : DRVMEM_AUTH_WRONG;
}
