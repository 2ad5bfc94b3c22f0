// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/bpfmaps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/file.h"

#define MAX_MAPS 65536u	/* ids only grow: bounds a loop beside somebody who makes maps all the time */

static int read_one(uint32_t id, uint64_t *ret_bytes)
{
	_cleanup_close_ int fd = bpf_map_get_fd_by_id(id);
	_cleanup_free_ char *text = NULL;
	char path[64];
	size_t len;
	int err;

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	err = drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, &len);
	return err ? err : drvmem_bpfmaps__parse_memlock(text, len, ret_bytes);
}

int drvmem_bpfmaps__read(struct drvmem_bpfmaps *ret)
{
	struct drvmem_bpfmaps m = {0};
	uint32_t id = 0, i;
	uint64_t bytes;
	int err;

	for (i = 0; i < MAX_MAPS; i++) {
		if (bpf_map_get_next_id(id, &id)) {
			if (errno == ENOENT)
				break;
			return -errno;
		}
		err = read_one(id, &bytes);
		if (err == -ENOENT)
			continue;	/* freed since its id was told */
		m.maps++;
		if (err)
			m.unread++;
		else
			m.bytes += bytes;
	}
	*ret = m;
	return 0;
}
