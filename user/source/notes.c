// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/notes.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"

#define MAX_ID 64u	/* bytes; SHA-512 would fit */

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static int print_hex(const unsigned char *id, size_t n, char *ret_hex, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	if (!n || n > MAX_ID || size < DRVMEM_BUILD_ID_HEX)
		return -EINVAL;
	if (n > (size - 1) / 2)
		n = (size - 1) / 2;
	for (size_t i = 0; i < n; i++) {
		ret_hex[2 * i] = digits[id[i] >> 4];
		ret_hex[2 * i + 1] = digits[id[i] & 15];
	}
	ret_hex[2 * n] = '\0';
	return 0;
}

int drvmem_notes__build_id(const void *notes, size_t len, char *ret_hex, size_t size)
{
	const unsigned char *p = notes;

	while (len >= sizeof(Elf64_Nhdr)) {
		const unsigned char *name = p + sizeof(Elf64_Nhdr);
		size_t name_len, desc_len;
		Elf64_Nhdr h;

		memcpy(&h, p, sizeof(h));	/* a buffer has no alignment of its own */
		len -= sizeof(h);
		name_len = h.n_namesz;
		if (name_len > len || align4(name_len) > len)
			return -EINVAL;
		name_len = align4(name_len);
		len -= name_len;
		desc_len = h.n_descsz;
		if (desc_len > len)
			return -EINVAL;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 && !memcmp(name, "GNU", 4))
			return print_hex(name + name_len, desc_len, ret_hex, size);
		/* the last note may lack its padding */
		desc_len = align4(desc_len) > len ? len : align4(desc_len);
		len -= desc_len;
		p = name + name_len + desc_len;
	}
	return -ENOENT;
}

static int read_build_id(const char *path, char *ret_hex, size_t size)
{
	_cleanup_free_ char *notes = NULL;
	size_t len;
	int err;

	err = drvmem_file__read(path, DRVMEM_FILE_SMALL, &notes, &len);
	if (err)
		return err;
	return drvmem_notes__build_id(notes, len, ret_hex, size);
}

int drvmem_notes__kernel_build_id(char *ret_hex, size_t size)
{
	return read_build_id("/sys/kernel/notes", ret_hex, size);
}

int drvmem_notes__module_build_id(const char *module, char *ret_hex, size_t size)
{
	char path[160];
	int n;

	if (!*module || *module == '.' || strchr(module, '/'))
		return -EINVAL;
	n = snprintf(path, sizeof(path), "/sys/module/%s/notes/.note.gnu.build-id", module);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -EINVAL;
	return read_build_id(path, ret_hex, size);
}
