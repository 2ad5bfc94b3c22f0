// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/pagepools.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "source/devowner.h"
#include "source/netdev_uapi.h"

#define BUFFER		65536u	/* more than the kernel puts into one reply */
#define MAX_REPLIES	8192u
#define WAIT_S		2	/* a reply is there at once, or never */

struct request {
	struct nlmsghdr h;
	struct genlmsghdr g;
	struct nlattr a;
	char name[8];		/* "netdev" and NUL, padded */
};

static int open_netlink(void)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int receive(int fd, char *buf, size_t *ret_len)
{
	ssize_t n;

	do {
		n = recv(fd, buf, BUFFER, MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n > BUFFER)
		return -EMSGSIZE;
	*ret_len = (size_t)n;
	return 0;
}

static int get_family(int fd, char *buf, uint16_t *ret_id)
{
	struct request q = {
		.h = { .nlmsg_len = sizeof(q), .nlmsg_type = GENL_ID_CTRL,
		       .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = 1 },
		.g = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.a = { .nla_len = NLA_HDRLEN + sizeof(DRVMEM_NETDEV_FAMILY),
		       .nla_type = CTRL_ATTR_FAMILY_NAME },
		.name = DRVMEM_NETDEV_FAMILY,
	};
	size_t len;
	int err;

	if (send(fd, &q, sizeof(q), 0) != (ssize_t)sizeof(q))
		return -errno;
	err = receive(fd, buf, &len);
	return err ? err : drvmem_pagepools__parse_family(buf, len, ret_id);
}

static int dump(int fd, char *buf, uint16_t family, bool stats, struct drvmem_pagerows *rows)
{
	struct request q = {
		.h = { .nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN), .nlmsg_type = family,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = stats ? 3 : 2 },
		.g = { .cmd = stats ? DRVMEM_NETDEV_CMD_PAGE_POOL_STATS_GET :
				      DRVMEM_NETDEV_CMD_PAGE_POOL_GET,
		       .version = DRVMEM_NETDEV_VERSION },
	};
	size_t len, n = 0;
	int err = 0;

	rows->done = false;
	rows->error = 0;
	if (send(fd, &q, q.h.nlmsg_len, 0) != (ssize_t)q.h.nlmsg_len)
		return -errno;
	while (!err && !rows->done && n++ < MAX_REPLIES) {
		err = receive(fd, buf, &len);
		if (!err)
			err = drvmem_pagepools__parse(buf, len, stats, rows);
	}
	return err ? err : rows->error;
}

/* Interfaces without a device (veth, say) name their driver by ethtool only. */
static void ask_ethtool(const char *name, char *buf, size_t size)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq req = { .ifr_data = (void *)&info };

	buf[0] = '\0';
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	if (fd >= 0 && !ioctl(fd, SIOCETHTOOL, &req) && !memchr(info.driver, '/', sizeof(info.driver)))
		snprintf(buf, size, "%.*s", (int)sizeof(info.driver), info.driver);
}

static void set_owner(struct drvmem_pools *p, struct drvmem_pool *k, const char *name)
{
	char path[128], driver[DRVMEM_DEV_NAME];
	struct drvmem_devowner by = { "", "" };
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", name);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		drvmem_devowner__read(fd, &by);
	if (by.driver[0]) {
		k->owner = drvmem_pools__str(p, by.module);
		k->driver = drvmem_pools__str(p, by.driver);
		k->owner_by = "driver bound to the interface's device";
		return;
	}
	ask_ethtool(name, driver, sizeof(driver));
	if (!driver[0])
		return;
	k->driver = drvmem_pools__str(p, driver);
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", driver);
	if (!access(path, F_OK)) {
		k->owner = k->driver;
		k->owner_by = "name of the interface's driver";
	}
}

static int add_row(struct drvmem_pools *p, const struct drvmem_pagerow *row)
{
	struct drvmem_pool *k = drvmem_pools__add(p, DRVMEM_POOL_PAGE);
	char name[IF_NAMESIZE] = "", text[IF_NAMESIZE + 32];

	if (!k)
		return p->source[DRVMEM_POOL_PAGE].overflow ? 0 : -ENOMEM;
	drvmem_pagepools__fill(k, row);
	if (row->ifindex.st == DRVMEM_OK && row->ifindex.v <= UINT32_MAX &&
	    if_indextoname((unsigned int)row->ifindex.v, name)) {
		k->device = drvmem_pools__str(p, name);
		set_owner(p, k, name);
	} else if (row->ifindex.st == DRVMEM_OK) {
		drvmem_pools__note(p, "page_pool %u: its interface vanished while it was read", k->id);
	}
	snprintf(text, sizeof(text), "%s:%u", name[0] ? name : "no interface", k->id);
	k->name = drvmem_pools__str(p, text);
	return k->name ? 0 : -ENOMEM;
}

static void tell_error(struct drvmem_pool_source *src, int err)
{
	src->st = drvmem_avail_of(err);
	if (src->st == DRVMEM_DENIED)
		src->why = "the kernel does not let this process list them";
	else if (err == -ENOENT || err == -EOPNOTSUPP || err == -ENOSYS)
		src->why = "this kernel does not list them (netlink page-pool-get came with 6.8)";
	else
		src->why = "the kernel's netlink gave no answer that could be read";
}

static int read_rows(struct drvmem_pools *p, int fd, char *buf, struct drvmem_pagerows *rows)
{
	struct drvmem_pool_source *src = &p->source[DRVMEM_POOL_PAGE];
	uint16_t family;
	int err = get_family(fd, buf, &family);

	if (!err)
		err = dump(fd, buf, family, false, rows);
	if (err == -ENOMEM)
		return err;
	if (err) {
		tell_error(src, err);
		return 0;
	}
	src->st = DRVMEM_OK;
	src->why = "";
	if (rows->n)
		err = dump(fd, buf, family, true, rows);
	if (err && err != -EOPNOTSUPP)	/* a kernel without CONFIG_PAGE_POOL_STATS */
		drvmem_pools__note(p, "the statistics of page_pools cannot be read (%s)",
				   drvmem_errno_name(err));
	if (rows->skipped)
		drvmem_pools__note(p, "%zu netlink messages on page_pools are malformed", rows->skipped);
	return err == -ENOMEM ? err : 0;
}

int drvmem_pagepools__read(struct drvmem_pools *p)
{
	struct drvmem_pool_source *src = &p->source[DRVMEM_POOL_PAGE];
	_cleanup_free_ char *buf = malloc(BUFFER);
	struct drvmem_pagerows rows = {0};
	_cleanup_close_ int fd = -1;
	int err;

	if (!buf)
		return -ENOMEM;
	src->from = "netlink netdev page-pool-get";
	fd = open_netlink();
	if (fd < 0) {
		tell_error(src, -errno);
		return 0;
	}
	err = read_rows(p, fd, buf, &rows);
	for (size_t i = 0; i < rows.n && !err; i++)
		err = add_row(p, &rows.v[i]);
	drvmem_pagepools__free_rows(&rows);
	return err;
}
