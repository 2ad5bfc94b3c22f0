// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/size.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "session/sampling.h"

#define TRACK_DEFAULT 1000000u
#define TRACK_LIMIT 100000000u
#define SITE_CPU_BUDGET (64u << 20)	/* default for the per-CPU sums of all sites */
#define REGION_BYTES                                                                               \
	(DRVMEM_REGION_BUCKETS * (sizeof(struct drvmem_bucket) + sizeof(uint64_t)))
/* kernel/bpf/hashtab.c: struct htab_elem 48 B, key 8, value 16, plus half a bucket head */
#define HASH_ENTRY_BYTES 80u

static uint32_t round_up_pow2(uint64_t v)
{
	uint32_t r = 1;

	while (r < v && r < 1u << 31)
		r <<= 1;
	return r;
}

static uint64_t available_bytes(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kb = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %llu kB", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb * 1024;
}

/* With full stacks a call site becomes as many sites as it has stacks. */
static uint32_t default_sites(uint32_t nr_rows, bool full_stacks)
{
	uint32_t n = full_stacks ? 65536 : 8192;

	while (n > 1024 && (uint64_t)n * nr_rows * sizeof(struct drvmem_site_cpu) > SITE_CPU_BUDGET)
		n /= 2;
	return n;
}

static int check_options(const struct drvmem_session_opts *o, uint32_t nr_cpus,
			 struct drvmem_err *err)
{
	if (o->track_max > TRACK_LIMIT)
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE,
				       "--track-max is at most %u objects", TRACK_LIMIT);
	if (o->max_sites > DRVMEM_MAX_SITES / 2)
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--max-sites is at most %u",
				       DRVMEM_MAX_SITES / 2);
	if (o->max_size && o->min_size > o->max_size)
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE,
				       "--min-size is larger than --max-size");
	if (!nr_cpus || nr_cpus > DRVMEM_MAX_CPUS)
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_CANNOT_RUN,
				       "%u possible CPUs: drvmem counts on up to %u", nr_cpus,
				       DRVMEM_MAX_CPUS);
	if (o->marks && (o->may_sample || o->sample_bytes)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "between marks every object counts: none may be sampled");
		drvmem_err__remedy(err, "leave --sample and --max-overhead out, or --marks");
		return -EINVAL;
	}
	if (o->use && (o->may_sample || o->sample_bytes))
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "for advice every object counts: none may be sampled");
	if ((o->may_sample || o->sample_bytes) && !drvmem_sampling__fits(nr_cpus)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_CANNOT_RUN,
				"%u possible CPUs: sampling counts on up to %u", nr_cpus,
				DRVMEM_SAMPLER_CPUS);
		drvmem_err__remedy(err, "take every object: leave --sample and --max-overhead out");
		return -EINVAL;
	}
	return drvmem_sampling__check(o->sample_bytes, err);
}

int drvmem_size__make(const struct drvmem_session_opts *o, uint32_t nr_cpus, uint32_t window_pages,
		      bool hash, struct drvmem_size *ret, struct drvmem_err *err)
{
	uint64_t track = o->track_max ? o->track_max :
			 o->sample_bytes ? DRVMEM_SAMPLING_TRACK : TRACK_DEFAULT;
	uint64_t avail = available_bytes();
	struct drvmem_size z = { .nr_cpus = nr_cpus };
	bool full = o->stacks == DRVMEM_STACKS_FULL, may_sample = o->may_sample || o->sample_bytes;
	int r = check_options(o, nr_cpus, err);

	if (r)
		return r;
	/* 32 bytes an object, the counters included: full at 78.1 % load */
	z.nr_regions = hash ? 1 : (uint32_t)((track * 32 + REGION_BYTES - 1) / REGION_BYTES);
	z.nr_buckets = z.nr_regions * DRVMEM_REGION_BUCKETS;
	z.nr_spill = z.nr_buckets;
	z.nr_hash = hash ? (uint32_t)track : 1;
	z.nr_site_rows = may_sample ? 2 * nr_cpus : nr_cpus;
	z.nr_sites = round_up_pow2(o->max_sites ? o->max_sites : default_sites(z.nr_site_rows, full));
	if (z.nr_sites < 16)
		z.nr_sites = 16;
	/* full stacks lie at their site's number */
	z.nr_stacks = full ? z.nr_sites : o->stacks ? 8192 : 16;
	z.nr_mempools = o->mempools ? DRVMEM_MEMPOOLS : 1;
	z.nr_gens = o->marks ? z.nr_sites : 1;
	z.nr_uses = o->use ? z.nr_sites : 1;
	z.nr_sizes = o->use ? DRVMEM_SIZES : 1;
	z.nr_pairs = o->use ? DRVMEM_PAIRS : 1;
	z.nr_remaps = o->use ? DRVMEM_REMAPS : 1;
	z.nr_claims = DRVMEM_MAX_MODULES;
	if (hash)
		z.nr_claims += z.nr_sites + DRVMEM_MAX_CLASSES + z.nr_stacks;
	z.table_bytes = hash ? (uint64_t)z.nr_hash * HASH_ENTRY_BYTES :
			       (uint64_t)z.nr_regions * REGION_BYTES;
	z.bytes = z.table_bytes + (uint64_t)z.nr_sites * sizeof(struct drvmem_site) +
		  (uint64_t)z.nr_sites * z.nr_site_rows * sizeof(struct drvmem_site_cpu) +
		  (uint64_t)z.nr_gens * sizeof(struct drvmem_gens) + (uint64_t)z.nr_uses * sizeof(struct drvmem_use) +
		  z.nr_sizes * (sizeof(struct drvmem_sized) + 64ull) + (z.nr_pairs + z.nr_remaps) * 72ull +
		  DRVMEM_MAX_MODULES * sizeof(struct drvmem_module) +
		  DRVMEM_MAX_CLASSES * sizeof(struct drvmem_class) +
		  DRVMEM_MAX_RANGES * sizeof(struct drvmem_range) + window_pages * 2ull +
		  (uint64_t)z.nr_stacks * sizeof(struct drvmem_stack) +
		  nr_cpus * sizeof(struct drvmem_stats) +
		  DRVMEM_PRESENT * sizeof(uint32_t) +
		  DRVMEM_SAMPLER_CPUS * DRVMEM_SAMPLERS * sizeof(struct drvmem_sampler) +
		  (uint64_t)nr_cpus * DRVMEM_SCRATCH_SLOTS * sizeof(struct drvmem_scratch) +
		  DRVMEM_RULES_SETS * sizeof(struct drvmem_rules) + z.nr_claims * 72ull +
		  z.nr_mempools * (sizeof(struct drvmem_mempool) + 64ull);
	if (avail && z.bytes > avail / 2) {
		drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_USAGE,
				"the tables would take %llu MiB of kernel memory, %llu MiB are available",
				(unsigned long long)(z.bytes >> 20), (unsigned long long)(avail >> 20));
		drvmem_err__remedy(err, "lower --track-max (now %llu) or --max-sites (now %u)",
				   (unsigned long long)track, z.nr_sites);
		return -ENOMEM;
	}
	*ret = z;
	return 0;
}

uint64_t drvmem_library_hash(const char *name)
{
	uint64_t h = DRVMEM_FNV_INIT;

	for (; *name; name++)
		h = (h ^ (uint8_t)(*name == '-' ? '_' : *name)) * DRVMEM_FNV_PRIME;
	return h;
}

/*
 * Modules that allocate for others: a driver calls them, and what they allocate is the
 * driver's. A module that is not here is a driver of its own.
 */
const char *const *drvmem_library_default(void)
{
	static const char *const names[] = {
		/* buses and cores */
		"usbcore", "usb_common", "scsi_mod", "scsi_common", "scsi_transport_*", "libata",
		"libahci", "nvme_core", "nvme_fabrics", "nvme_auth", "nvme_keyring", "i2c_core",
		"i2c_algo_*", "i2c_smbus", "spi_*", "regmap_*", "mfd_core", "hid", "hid_generic",
		"serio", "libps2", "pcmcia_core", "pcmcia_rsrc", "mmc_core", "sdhci", "cqhci",
		"thunderbolt", "typec", "typec_ucsi", "ucsi_acpi", "firewire_core", "xhci_hcd",
		"ehci_hcd", "uhci_hcd", "ohci_hcd", "udc_core", "roles", "extcon_core",
		/* sound */
		"snd", "snd_pcm", "snd_timer", "snd_seq", "snd_seq_device", "snd_rawmidi",
		"snd_hwdep", "snd_compress", "snd_hda_codec", "snd_hda_core", "snd_hda_ext_core",
		"snd_ac97_codec", "ac97_bus", "snd_soc_core", "snd_intel_dspcfg", "snd_intel_sdw_acpi",
		"soundcore", "soundwire_bus",
		/* graphics */
		"drm", "drm_*", "ttm", "gpu_sched", "video", "fb_sys_fops", "syscopyarea", "sysfillrect",
		"sysimgblt", "cec",
		/* network */
		"mac80211", "cfg80211", "lib80211*", "libphy", "phylink", "mii", "mdio", "mdio_devres",
		"of_mdio", "fixed_phy", "ptp", "pps_core", "dca", "net_failover", "failover", "llc",
		"stp", "garp", "mrp", "bluetooth", "libarc4", "rfkill", "can_dev", "macsec", "libie",
		"libeth", "ppp_generic", "slhc", "udp_tunnel", "ip6_udp_tunnel", "nf_tables",
		"x_tables", "nf_conntrack", "nf_nat", "nfnetlink",
		/* block, file systems, storage */
		"dm_mod", "dm_bufio", "dm_persistent_data", "dm_region_hash", "raid6_pq", "async_*",
		"xor", "jbd2", "mbcache", "fscache", "netfs", "iscsi_boot_sysfs", "libiscsi",
		"libiscsi_tcp", "libfc", "libfcoe", "libsas", "t10_pi", "cdrom", "target_core_mod",
		"nfs_acl", "lockd", "sunrpc", "grace", "auth_rpcgss", "fat", "isofs_common",
		"zsmalloc", "zpool",
		/* rdma, virtio, media, misc */
		"ib_core", "ib_uverbs", "rdma_cm", "ib_cm", "iw_cm", "virtio", "virtio_ring",
		"virtio_pci", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "vhost", "vhost_iotlb",
		"vringh", "9pnet", "videodev", "videobuf2_*", "mc", "v4l2_*", "dvb_core", "rc_core",
		"industrialio", "industrialio_*", "kvm", "irqbypass", "vfio", "vfio_*", "mei",
		"ecdh_generic", "ecc", "crypto_engine", "cryptd", "crypto_simd", "ipmi_msghandler",
		"parport", "uio", "backlight", "led_class", "input_polldev", "sparse_keymap",
		"drvmem_testlib", NULL,
	};

	return names;
}
