// SPDX-License-Identifier: GPL-2.0-or-later
#include "probe/types.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bpf/btf.h>

bool drvmem_types__has_func(const struct btf *btf, const char *name)
{
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

int drvmem_types__args(const struct btf *btf, const char *func)
{
	int id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);

	if (id < 0)
		return -1;
	return btf_vlen(btf__type_by_id(btf, btf__type_by_id(btf, (uint32_t)id)->type));
}

bool drvmem_types__returns_bool(const struct btf *btf, const char *func)
{
	int id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);

	t = t ? btf__type_by_id(btf, btf__type_by_id(btf, t->type)->type) : NULL;
	return t && btf_is_int(t) && (btf_int_encoding(t) & BTF_INT_BOOL);
}

bool drvmem_types__has_member(const struct btf *btf, const char *type, const char *member)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
	const struct btf_member *m = t ? btf_members(t) : NULL;
	int i;

	for (i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, m[i].name_off), member))
			return true;
	return false;
}

int drvmem_types__event(const struct btf *btf, const char *event, const char **ret_struct2)
{
	char name[64];
	const struct btf_type *t;
	int id;

	*ret_struct2 = "";
	snprintf(name, sizeof(name), "btf_trace_%s", event);
	id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	if (id < 0)
		return -1;
	t = btf__type_by_id(btf, btf__type_by_id(btf, (uint32_t)id)->type);
	t = btf__type_by_id(btf, t->type);
	if (!btf_is_func_proto(t))
		return -1;
	if (btf_vlen(t) > 3) {
		const struct btf_type *a = btf__type_by_id(btf, btf_params(t)[3].type);

		if (btf_is_ptr(a)) {
			a = btf__type_by_id(btf, a->type);
			if (btf_is_const(a))
				a = btf__type_by_id(btf, a->type);
			if (btf_is_struct(a))
				*ret_struct2 = btf__name_by_offset(btf, a->name_off);
		}
	}
	return btf_vlen(t) - 1;
}

/* By the members of the entries' bit field. */
enum drvmem_orc_form drvmem_types__orc(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, "orc_entry", BTF_KIND_STRUCT);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
	const struct btf_member *m = t ? btf_members(t) : NULL;
	int i;

	for (i = 0; t && i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, m[i].name_off);

		if (!strcmp(name, "signal"))
			return DRVMEM_ORC_SIGNAL;
		if (!strcmp(name, "end"))
			return DRVMEM_ORC_END;
	}
	return DRVMEM_ORC_NONE;
}
