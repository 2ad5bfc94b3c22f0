/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running kernel's configuration: single options looked up in the text of
 * /proc/config.gz or /boot/config-RELEASE. A hint for messages and for CONFIG_HZ;
 * whether a feature works is decided by trying it (probe/).
 */
#ifndef DRVMEM_SOURCE_KCONFIG_H
#define DRVMEM_SOURCE_KCONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Value of option ("CONFIG_HZ"): "y", "m", "n" for "is not set", a number, or a string
 * without its quotes. -ENOENT: not mentioned, -EINVAL: malformed, -ENAMETOOLONG.
 */
DRVMEM_MUST_CHECK int drvmem_kconfig__get(const char *text, size_t len, const char *option,
					  char *ret_value, size_t size);
/* A decimal or 0x number. */
DRVMEM_MUST_CHECK int drvmem_kconfig__get_u64(const char *text, size_t len, const char *option,
					      uint64_t *ret);
/*
 * Whole file, gzip or plain, as text for the caller to free(). The limit holds for the
 * content: a small gzip file may unpack to anything. -EFBIG, -EIO: damaged or cut off.
 */
DRVMEM_MUST_CHECK int drvmem_kconfig__read(const char *path, size_t limit, char **ret_text,
					   size_t *ret_len);
/* Text of the running kernel's configuration, for the caller to free(). -ENOENT: none found. */
DRVMEM_MUST_CHECK int drvmem_kconfig__load(char **ret_text, size_t *ret_len);

#endif /* DRVMEM_SOURCE_KCONFIG_H */
