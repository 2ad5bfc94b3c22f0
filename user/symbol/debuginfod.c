// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbol/debuginfod.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Of elfutils/debuginfod.h, whose library is not there to link to where nobody asks for it. */
struct client {
	void *lib;
	void *(*begin)(void);
	int (*find)(void *client, const unsigned char *build_id, int len, char **path);
	void (*end)(void *client);
};

static bool load_client(struct client *c)
{
	c->lib = dlopen("libdebuginfod.so.1", RTLD_NOW);
	if (!c->lib)
		return false;
	c->begin = (void *(*)(void))dlsym(c->lib, "debuginfod_begin");
	c->find = (int (*)(void *, const unsigned char *, int, char **))
		dlsym(c->lib, "debuginfod_find_debuginfo");
	c->end = (void (*)(void *))dlsym(c->lib, "debuginfod_end");
	if (c->begin && c->find && c->end)
		return true;
	dlclose(c->lib);
	return false;
}

static int ask(const struct client *c, const char *build_id, char **ret_path, struct drvmem_strbuf *why)
{
	void *h = c->begin();
	char *path = NULL;
	int fd;

	if (!h)
		return -ENOMEM;
	/* length 0: the id is hexadecimal text */
	fd = c->find(h, (const unsigned char *)build_id, 0, &path);
	c->end(h);
	if (fd < 0) {
		free(path);
		drvmem_strbuf__printf(why, "debuginfod has no debug file of build %s (%s)", build_id,
				      drvmem_errno_name(fd));
		return fd;
	}
	close(fd);
	*ret_path = path;
	return 0;
}

int drvmem_debuginfod__find(const char *build_id, char **ret_path, struct drvmem_strbuf *why)
{
	const char *urls = getenv("DEBUGINFOD_URLS");
	struct client c;
	int r;

	drvmem_strbuf__reset(why);
	if (!urls || !urls[0]) {
		drvmem_strbuf__append(why, "debuginfod was not asked: DEBUGINFOD_URLS names no server");
		return -EDESTADDRREQ;
	}
	if (!load_client(&c)) {
		drvmem_strbuf__append(why, "debuginfod was not asked: its client (libdebuginfod.so.1) is not installed");
		return -ENOTSUP;
	}
	/* never unloaded: it has threads and libraries of its own */
	r = ask(&c, build_id, ret_path, why);
	return r;
}
