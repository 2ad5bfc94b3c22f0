/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debug files from servers (elfutils' debuginfod client, loaded when it is asked for, as libdw
 * does). The servers are those of DEBUGINFOD_URLS; nothing is asked without being told to.
 */
#ifndef DRVMEM_SYMBOL_DEBUGINFOD_H
#define DRVMEM_SYMBOL_DEBUGINFOD_H

#include "base/err.h"
#include "base/strbuf.h"

/*
 * Path of the debug file of a build id, in the client's cache; the caller frees it. Takes as long as
 * the servers do (DEBUGINFOD_TIMEOUT). Negative errno, why says more: -ENOTSUP: no client here,
 * -EDESTADDRREQ: no servers are named, -ENOENT: none has it.
 */
DRVMEM_MUST_CHECK int drvmem_debuginfod__find(const char *build_id, char **ret_path,
					      struct drvmem_strbuf *why);

#endif /* DRVMEM_SYMBOL_DEBUGINFOD_H */
