/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF notes: the GNU build id that names the exact binary of the kernel
 * (/sys/kernel/notes) or of a module (/sys/module/X/notes/.note.gnu.build-id).
 * Native byte order, 4-byte alignment. The parser takes a buffer.
 */
#ifndef DRVMEM_SOURCE_NOTES_H
#define DRVMEM_SOURCE_NOTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DRVMEM_BUILD_ID_HEX 41	/* 20 bytes of SHA-1 in hexadecimal, and NUL */

/*
 * Build id as lower-case hexadecimal, size at least DRVMEM_BUILD_ID_HEX; a longer id
 * is cut. -ENOENT: no such note, -EINVAL: the notes are malformed before one is found.
 */
DRVMEM_MUST_CHECK int drvmem_notes__build_id(const void *notes, size_t len, char *ret_hex,
					     size_t size);
DRVMEM_MUST_CHECK int drvmem_notes__kernel_build_id(char *ret_hex, size_t size);
/* -ENOENT: not loaded, or built without an id. -EINVAL: not a module name. */
DRVMEM_MUST_CHECK int drvmem_notes__module_build_id(const char *module, char *ret_hex,
						    size_t size);

#endif /* DRVMEM_SOURCE_NOTES_H */
