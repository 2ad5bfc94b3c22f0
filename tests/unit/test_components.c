// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include "symbol/symbol.h"

static void the_table_is_sorted_and_clean(void **state)
{
	const char *prefix, *component, *last = "";
	size_t n = 0;

	(void)state;
	for (; drvmem_component_row(n, &prefix, &component); n++) {
		if (strcmp(last, prefix) >= 0)
			fail_msg("'%s' stands behind '%s'", prefix, last);
		assert_in_range(strlen(prefix), 3, 32);
		assert_true(prefix[0] != '_');	/* underscores are skipped before the look-up */
		assert_null(strchr(prefix, '.'));
		assert_true(component[0] && component[0] != '/');
		assert_string_equal(drvmem_component_guess(prefix), component);
		last = prefix;
	}
	assert_in_range(n, 200, 5000);
}

static void well_known_symbols(void **state)
{
	static const char *const c[][2] = {
		{ "unix_stream_sendmsg", "net/unix" }, { "tcp_sendmsg_locked", "net/ipv4" },
		{ "ext4_alloc_inode", "fs/ext4" }, { "sock_alloc_inode", "net/core" },
		{ "skb_clone", "net/core" }, { "__alloc_skb", "net/core" },
		{ "alloc_skb_with_frags", "net/core" }, { "sk_prot_alloc", "net/core" },
		{ "__kernfs_new_node", "fs/kernfs" }, { "getname_flags", "fs" },
		{ "alloc_empty_file", "fs" }, { "__d_alloc", "fs" }, { "seq_open", "fs" },
		{ "dup_task_struct", "kernel" }, { "prepare_creds", "kernel" },
		{ "btrfs_alloc_path", "fs/btrfs" }, { "xfs_trans_alloc", "fs/xfs" },
		{ "bio_alloc_bioset", "block" }, { "blk_mq_alloc_rqs", "block" },
		{ "selinux_inode_alloc_security", "security/selinux" },
		{ "crypto_alloc_tfm_node", "crypto" }, { "nf_conntrack_alloc", "net/netfilter" },
		{ "__nf_conntrack_alloc", "net/netfilter" }, { "xfrm_state_alloc", "net/xfrm" },
		{ "device_add", "drivers/base" }, { "pci_alloc_dev", "drivers/pci" },
		{ "acpi_ns_create_node", "drivers/acpi" }, { "tty_open", "drivers/tty" },
		{ "nvme_probe", "drivers/nvme" }, { "usb_alloc_urb", "drivers/usb" },
		{ "scsi_alloc_sdev", "drivers/scsi" }, { "kobject_set_name_vargs", "lib" },
		{ "kvasprintf", "lib" }, { "kmemdup_noprof", "mm" }, { "kstrdup", "mm" },
		{ "alloc_slab_obj_exts", "mm" }, { "shmem_alloc_inode", "mm" },
		{ "perf_event_alloc", "kernel/events" }, { "bpf_prog_alloc", "kernel/bpf" },
		{ "trace_event_raw_init", "kernel/trace" }, { "cgroup_mkdir", "kernel/cgroup" },
		{ "io_uring_setup", "io_uring" }, { "virtqueue_add_sgs", "drivers/virtio" },
		{ "udp_sendmsg", "net/ipv4" }, { "ip6_dst_alloc", "net/ipv6" },
		{ "netlink_alloc_skb", "net/netlink" }, { "inotify_handle_inode_event", "fs/notify" },
		{ "ext4_htree_store_dirent", "fs/ext4" }, { "__es_insert_extent", "fs/ext4" },
		{ "vm_area_dup", "mm" }, { "anon_vma_clone", "mm" }, { "mas_preallocate", "lib" },
		{ "security_file_alloc", "security" }, { "load_elf_binary", "fs" },
		{ "sock_alloc_inode", "net/core" }, { "copy_process", "kernel" },
	};

	(void)state;
	for (size_t i = 0; i < UNIT_NR(c); i++) {
		const char *got = drvmem_component_guess(c[i][0]);

		if (!got || strcmp(got, c[i][1]))
			fail_msg("'%s' is %s, not %s", c[i][0], got ? got : "unknown", c[i][1]);
	}
}

static void decorations_do_not_matter(void **state)
{
	(void)state;
	assert_string_equal(drvmem_component_guess("unix_create1.isra.0"), "net/unix");
	assert_string_equal(drvmem_component_guess("unix_create1+0x12"), "net/unix");
	assert_string_equal(drvmem_component_guess("___unix_create1"), "net/unix");
	assert_string_equal(drvmem_component_guess("__x64_sys_bpf"), "kernel/bpf");
	assert_string_equal(drvmem_component_guess("__do_sys_bpf"), "kernel/bpf");
	assert_string_equal(drvmem_component_guess("__arm64_sys_bpf"), "kernel/bpf");
	assert_string_equal(drvmem_component_guess("__do_compat_sys_bpf"), "kernel/bpf");
}

static void nothing_fits(void **state)
{
	static const char *const none[] = { "", "_", "___", ".", "q", "zzzzzz_unknown", "0x1234",
					    "+", "unix" };
	char longest[4096];

	(void)state;
	for (size_t i = 0; i < UNIT_NR(none); i++)
		assert_null(drvmem_component_guess(none[i]));
	memset(longest, 'q', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(drvmem_component_guess(longest));
	memcpy(longest, "unix_", 5);
	assert_string_equal(drvmem_component_guess(longest), "net/unix");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted_and_clean),
		cmocka_unit_test(well_known_symbols),
		cmocka_unit_test(decorations_do_not_matter),
		cmocka_unit_test(nothing_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
