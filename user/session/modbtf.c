// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/modbtf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static bool may_not_list(void)
{
	uint32_t id;

	return bpf_btf_get_next_id(0, &id) && (errno == EPERM || errno == EACCES);
}

void drvmem_modbtf__forgo(struct bpf_object *obj)
{
	struct bpf_program *prog = bpf_object__next_program(obj, NULL);

	/*
	 * libbpf looks for the BTF of modules once in an object's life, at the first name that the kernel's has not.
	 * Asked here for one that nobody has, its refusal is an answer of no consequence; in the midst of loading it
	 * would end that. The target of the program stays as it was, as none is found.
	 */
	if (prog && may_not_list())
		(void)bpf_program__set_attach_target(prog, 0, "drvmem_no_such_function");
}
