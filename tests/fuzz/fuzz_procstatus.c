// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz.h"
#include "source/procstatus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct drvmem_procstatus st;

	if (!drvmem_procstatus__parse((const char *)data, size, &st))
		FUZZ_ASSERT((st.pid_depth.st == DRVMEM_OK) == (st.ns_pid.st == DRVMEM_OK));
	return 0;
}
