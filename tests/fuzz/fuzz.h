/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target takes any bytes and must neither crash nor read past them. It is
 * linked either with libFuzzer or with replay.c, which feeds it recorded files.
 */
#ifndef DRVMEM_TESTS_FUZZ_H
#define DRVMEM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property of the result that must hold for every input. */
#define FUZZ_ASSERT(cond)		\
	do {				\
		if (!(cond))		\
			abort();	\
	} while (0)

#endif /* DRVMEM_TESTS_FUZZ_H */
