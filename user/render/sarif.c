// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fnv.h"
#include "render/evidence.h"
#include "render/findings.h"
#include "render/json_writer.h"
#include "render/reach.h"
#include "render/where.h"

/* Of SARIF 2.1.0 (OASIS, errata 01); section numbers below are its. */
#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#define NAME_LEN 256u

struct rule {
	enum drvmem_growth_class class;
	const char *id, *what, *help;
};

/* In the order of their indices in a run. */
static const struct rule rules[] = {
	{ DRVMEM_GROWTH_GROWING, "growing",
	  "More and more objects of this call site become old.",
	  "In all windows of the session that are old enough to tell, some objects stayed, and the number of live "
	  "ones rises. A leak, unless somebody holds them for a reason: look for the path on which what was "
	  "allocated here is not freed." },
	{ DRVMEM_GROWTH_STEADY, "steady",
	  "Some objects of this call site are old, their number does not grow.",
	  "They live for long, or as long as the load lasts. Trace longer to tell slow growth from none." },
	{ DRVMEM_GROWTH_WARM_UP, "warm-up",
	  "Only objects from the beginning of the session are left.",
	  "What was allocated later was freed: most likely a cache or a table that filled." },
	{ DRVMEM_GROWTH_QUIET, "quiet",
	  "Objects are left from the beginning of the session, and none was allocated later.",
	  "The call site did not run in the last third of the session: repeat what made it run." },
	{ DRVMEM_GROWTH_SAWTOOTH, "sawtooth",
	  "Objects gather and are freed many at once.",
	  "A batch or a cache that is flushed now and then. Trace for several of its periods." },
	{ DRVMEM_GROWTH_SHORT, "too-short",
	  "Objects are old, and the session was too short to say how their number goes.",
	  "Fewer than three windows of the session are older than what is old: trace longer." },
};

#define NR_RULES (sizeof(rules) / sizeof(rules[0]))

static uint32_t rule_of(enum drvmem_growth_class class)
{
	uint32_t i;

	for (i = 0; i < NR_RULES; i++)
		if (rules[i].class == class)
			return i;
	return 0;
}

/* What nobody holds is an error whether it grows or not. */
static const char *level_of(const struct drvmem_outstanding_site *k)
{
	const struct drvmem_growth *g = &k->growth;

	if (drvmem_outstanding__lost(k))
		return "error";
	if (g->class != DRVMEM_GROWTH_GROWING || g->confidence == DRVMEM_CONFIDENCE_LOW)
		return "note";
	return g->confidence == DRVMEM_CONFIDENCE_HIGH ? "error" : "warning";
}

static void put_message(struct drvmem_json *w, const char *key, const char *text)
{
	drvmem_json__key(w, key);
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "text", text);
	drvmem_json__end_object(w);
}

static void put_rules(struct drvmem_json *w)
{
	uint32_t i;

	drvmem_json__key(w, "rules");
	drvmem_json__begin_array(w);
	for (i = 0; i < NR_RULES; i++) {
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "id", rules[i].id);
		put_message(w, "shortDescription", rules[i].what);
		put_message(w, "fullDescription", rules[i].what);
		put_message(w, "help", rules[i].help);
		drvmem_json__key(w, "defaultConfiguration");
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "level", rules[i].class == DRVMEM_GROWTH_GROWING ? "warning" : "note");
		drvmem_json__end_object(w);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

static void put_tool(struct drvmem_json *w, const struct drvmem_meta *m)
{
	drvmem_json__key(w, "tool");
	drvmem_json__begin_object(w);
	drvmem_json__key(w, "driver");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "name", "drvmem");
	drvmem_json__kv_str(w, "version", m->version ? m->version : "");
	put_rules(w);
	drvmem_json__end_object(w);
	drvmem_json__end_object(w);
}

static void notify(struct drvmem_json *w, const char *level, const char *id, const char *text)
{
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "level", level);
	drvmem_json__key(w, "descriptor");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "id", id);
	drvmem_json__end_object(w);
	put_message(w, "message", text);
	drvmem_json__end_object(w);
}

/* 3.20.21: what happened at run time. Losses first. */
static void put_notifications(struct drvmem_json *w, const struct drvmem_snapshot *s,
			      const struct drvmem_places *places, const struct drvmem_findings_opts *f)
{
	const struct drvmem_debug_use *u;
	char text[160];
	uint32_t i, n;

	drvmem_json__key(w, "toolExecutionNotifications");
	drvmem_json__begin_array(w);
	if (drvmem_loss__total(&s->loss)) {
		snprintf(text, sizeof(text), "%" PRIu64 " of %" PRIu64 " events were lost (%.3f ppm)%s",
			 drvmem_loss__total(&s->loss), s->loss.events, f->loss_ppm,
			 f->too_lossy ? ": more than --max-loss" : "");
		notify(w, f->too_lossy ? "error" : "warning", "loss", text);
	}
	for (i = 0; i < s->meta.nr_notes && i < sizeof(s->meta.notes) / sizeof(s->meta.notes[0]); i++)
		notify(w, "note", "not-seen", s->meta.notes[i] ? s->meta.notes[i] : "");
	u = drvmem_places__uses(places, &n);
	for (i = 0; i < n; i++)
		if (u[i].why)
			notify(w, "note", "no-lines", u[i].why);
	drvmem_json__end_array(w);
}

static void put_time(struct drvmem_json *w, const char *key, const struct drvmem_meta *m, uint64_t when_ns)
{
	char when[40];

	drvmem_findings__time(m, when_ns, when, sizeof(when) - 1);
	strcat(when, "Z");
	drvmem_json__kv_str(w, key, when);
}

static void put_invocation(struct drvmem_json *w, const struct drvmem_snapshot *s,
			   const struct drvmem_places *places, const struct drvmem_findings_opts *f)
{
	drvmem_json__key(w, "invocations");
	drvmem_json__begin_array(w);
	drvmem_json__begin_object(w);
	/* findings are what it is for; what is incomplete, or was aborted, is not done */
	drvmem_json__kv_bool(w, "executionSuccessful", f->exit_status == DRVMEM_EXIT_OK ||
						       f->exit_status == DRVMEM_EXIT_FINDINGS);
	drvmem_json__kv_i64(w, "exitCode", f->exit_status);
	put_time(w, "startTimeUtc", &s->meta, s->meta.started_ns);
	put_time(w, "endTimeUtc", &s->meta, s->meta.taken_ns);
	drvmem_json__kv_str(w, "machine", s->meta.hostname ? s->meta.hostname : "");
	put_notifications(w, s, places, f);
	drvmem_json__end_object(w);
	drvmem_json__end_array(w);
}

/* "e1000_open" of "e1000_open.isra.0+0x1f [e1000e]"; false where there is no symbol. */
static bool function_of(const char *symbol, char ret[NAME_LEN])
{
	size_t n = symbol ? strcspn(symbol, ".+ ") : 0;

	if (!n || *symbol == '[' || !strncmp(symbol, "0x", 2))
		return false;
	snprintf(ret, NAME_LEN, "%.*s", (int)(n < NAME_LEN ? n : NAME_LEN - 1), symbol);
	return true;
}

/* "e1000e" of "e1000_open+0x1f [e1000e]"; false for the kernel's. */
static bool module_of(const char *symbol, char ret[NAME_LEN])
{
	const char *open = symbol ? strchr(symbol, '[') : NULL;
	size_t n = open ? strcspn(open + 1, "]") : 0;

	if (!n)
		return false;
	snprintf(ret, NAME_LEN, "%.*s", (int)(n < NAME_LEN ? n : NAME_LEN - 1), open + 1);
	return true;
}

/* A path as a URI reference (RFC 3986): absolute ones as file://. */
static void make_uri(const char *path, struct drvmem_strbuf *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

	if (!strncmp(path, "./", 2))
		path += 2;
	if (*path == '/')
		drvmem_strbuf__append(out, "file://");
	for (; *path; path++) {
		if (strchr(plain, *path))
			drvmem_strbuf__putc(out, *path);
		else
			drvmem_strbuf__printf(out, "%%%02X", (unsigned char)*path);
	}
}

static void put_physical(struct drvmem_json *w, const struct drvmem_place *p)
{
	_cleanup_strbuf_ struct drvmem_strbuf uri = {};

	if (p && p->file)
		make_uri(p->file, &uri);
	if (!uri.len || drvmem_strbuf__error(&uri))
		return;
	drvmem_json__key(w, "physicalLocation");
	drvmem_json__begin_object(w);
	drvmem_json__key(w, "artifactLocation");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "uri", drvmem_strbuf__str(&uri));
	drvmem_json__end_object(w);
	if (p->line) {
		drvmem_json__key(w, "region");
		drvmem_json__begin_object(w);
		drvmem_json__kv_u64(w, "startLine", p->line);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_object(w);
}

/* A function of a module (NULL = the kernel), or the module as such. */
static void put_logical(struct drvmem_json *w, const char *module, const char *function)
{
	char full[2 * NAME_LEN + 2];

	snprintf(full, sizeof(full), "%s%s%s", module ? module : "vmlinux", function ? "!" : "",
		 function ? function : "");
	drvmem_json__key(w, "logicalLocations");
	drvmem_json__begin_array(w);
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "name", function ? function : module ? module : "vmlinux");
	drvmem_json__kv_str(w, "fullyQualifiedName", full);
	drvmem_json__kv_str(w, "kind", function ? "function" : "module");
	drvmem_json__end_object(w);
	drvmem_json__end_array(w);
}

/* Where the result is shown: of calls that were inlined the one that is no header's. */
static void put_locations(struct drvmem_json *w, const struct drvmem_sitesnap *t,
			  const struct drvmem_places *places)
{
	const struct drvmem_place *p, *best;
	char function[NAME_LEN];
	uint32_t n;

	p = drvmem_places__at(places, t->call_site, &n);
	best = drvmem_places__best(p, n);
	drvmem_json__key(w, "locations");
	drvmem_json__begin_array(w);
	drvmem_json__begin_object(w);
	put_physical(w, best);
	put_logical(w, t->module, function_of(t->site, function) ? function : NULL);
	drvmem_json__end_object(w);
	drvmem_json__end_array(w);
}

/* 3.45: a frame of a function that was inlined has the name of it and the place of the next. */
static void put_frame(struct drvmem_json *w, const char *symbol, const struct drvmem_place *p, bool inlined)
{
	char module[NAME_LEN], function[NAME_LEN];
	bool in_module = module_of(symbol, module), named = function_of(symbol, function);

	drvmem_json__begin_object(w);
	drvmem_json__key(w, "location");
	drvmem_json__begin_object(w);
	put_physical(w, p);
	if (inlined)
		put_logical(w, in_module ? module : NULL, p->function);
	else
		put_logical(w, in_module ? module : NULL, named ? function : NULL);
	put_message(w, "message", inlined ? "inlined" : symbol);
	drvmem_json__end_object(w);
	drvmem_json__kv_str(w, "module", in_module ? module : "vmlinux");
	drvmem_json__end_object(w);
}

static void put_frames(struct drvmem_json *w, const struct drvmem_stacksnap *k,
		       const struct drvmem_places *places)
{
	const struct drvmem_place *p;
	uint32_t i, j, n;

	drvmem_json__key(w, "frames");
	drvmem_json__begin_array(w);
	for (i = 0; i < k->nr; i++) {
		p = drvmem_places__at(places, k->ip[i], &n);
		for (j = 0; j + 1 < n; j++)
			put_frame(w, k->frame[i] ? k->frame[i] : "?", &p[j], true);
		put_frame(w, k->frame[i] ? k->frame[i] : "?", n ? &p[n - 1] : NULL, false);
	}
	drvmem_json__end_array(w);
}

static void put_stacks(struct drvmem_json *w, const struct drvmem_scope *v, uint32_t site,
		       const struct drvmem_places *places)
{
	const struct drvmem_stacksnap *k;
	uint32_t first, nr, i;
	char text[80];

	drvmem_scope__stacks(v, site, &first, &nr);
	if (!nr)
		return;
	drvmem_json__key(w, "stacks");
	drvmem_json__begin_array(w);
	for (i = 0; i < nr; i++) {
		k = &v->s->stacks[v->stacks[first + i]];
		/* numbered: no two elements may be the same (3.27.19), and frames beyond those kept may differ */
		snprintf(text, sizeof(text), "stack %u of %u, sampled %" PRIu64 " times", i + 1, nr, k->count);
		drvmem_json__begin_object(w);
		put_message(w, "message", text);
		put_frames(w, k, places);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}

/*
 * The same for one call site on every boot and, mostly, after a change of the code around it: no
 * offsets, no addresses, no suffixes of the compiler. None where the function has no name.
 */
static void put_fingerprint(struct drvmem_json *w, const char *owner, const struct drvmem_sitesnap *t)
{
	const char *parts[] = { owner ? owner : "", NULL, drvmem_allocator_name(t->allocator) };
	uint64_t h = DRVMEM_FNV_INIT;
	char function[NAME_LEN], hex[20];
	uint32_t i;

	if (!function_of(t->site, function))
		return;
	parts[1] = function;
	for (i = 0; i < 3; i++)
		h = drvmem_fnv1a_more(h, parts[i], strlen(parts[i]) + 1);
	snprintf(hex, sizeof(hex), "%016" PRIx64, h);
	drvmem_json__key(w, "partialFingerprints");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "drvmemSite/v1", hex);
	drvmem_json__end_object(w);
}

static void put_properties(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			   const struct drvmem_outstanding_site *k)
{
	const struct drvmem_sitesnap *t = &v->s->sites[k->site];

	drvmem_json__key(w, "properties");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "owner", v->owner_name[t->owner]);
	drvmem_json__kv_str(w, "site", t->site);
	drvmem_json__kv_str(w, "allocator", drvmem_allocator_name(t->allocator));
	drvmem_json__kv_str(w, "cache", v->s->caches[t->cache].name);
	drvmem_json__kv_u64(w, "objects", k->objects);
	drvmem_json__kv_u64(w, "bytes", k->bytes);
	drvmem_json__kv_bool(w, "upper_bound", k->upper_bound);
	drvmem_json__kv_u64(w, "oldest_ns", k->oldest_ns);
	drvmem_json__kv_u64(w, "age_p50_ns", k->age_p50_ns);
	drvmem_json__kv_u64(w, "old_ns", k->growth.old_ns);
	drvmem_json__kv_u64(w, "rcu_pending", k->rcu_pending);
	drvmem_json__kv_str(w, "confidence", drvmem_confidence__name(k->growth.confidence));
	drvmem_json__kv_str(w, "why", k->why);
	drvmem_json__reach_site(w, o, k);
	if (o->listed) {
		drvmem_json__key(w, "addresses");
		drvmem_json__listed(w, t, o, k);
		drvmem_json__kv_u64(w, "addresses_left_out", k->objects - k->nr_listed);
	}
	drvmem_json__end_object(w);
}

static int put_result(struct drvmem_json *w, const struct drvmem_scope *v, const struct drvmem_outstanding *o,
		      const struct drvmem_outstanding_site *k)
{
	const struct drvmem_sitesnap *t = &v->s->sites[k->site];
	uint32_t rule = rule_of(k->growth.class);
	_cleanup_strbuf_ struct drvmem_strbuf text = {};

	drvmem_evidence__sentence(v, k, &text);
	drvmem_strbuf__append(&text, ". ");
	drvmem_evidence__put(&text, k->why);
	drvmem_strbuf__putc(&text, '.');
	if (drvmem_strbuf__error(&text))
		return -ENOMEM;
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "ruleId", rules[rule].id);
	drvmem_json__kv_u64(w, "ruleIndex", rule);
	drvmem_json__kv_str(w, "level", level_of(k));
	put_message(w, "message", drvmem_strbuf__str(&text));
	put_locations(w, t, o->places);
	put_stacks(w, v, k->site, o->places);
	put_fingerprint(w, v->s->instances[t->owner].name, t);
	put_properties(w, v, o, k);
	drvmem_json__end_object(w);
	return 0;
}

static void put_run_properties(struct drvmem_json *w, const struct drvmem_snapshot *s,
			       const struct drvmem_outstanding *o, const struct drvmem_findings_opts *f)
{
	drvmem_json__key(w, "properties");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "kernel", s->meta.kernel);
	drvmem_json__kv_str(w, "arch", s->meta.arch);
	drvmem_json__kv_u64(w, "objects", o->objects);
	drvmem_json__kv_u64(w, "bytes", o->bytes);
	drvmem_json__kv_bool(w, "above_threshold", f->found);
	drvmem_json__kv_u64(w, "fail_over", f->fail_over);
	drvmem_json__kv_double(w, "loss_ppm", f->loss_ppm);
	drvmem_json__end_object(w);
}

int drvmem_sarif__outstanding(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
			      const struct drvmem_findings_opts *f, FILE *out)
{
	struct drvmem_json w;
	uint32_t i;
	int r = 0;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__kv_str(&w, "$schema", SCHEMA);
	drvmem_json__kv_str(&w, "version", "2.1.0");
	drvmem_json__key(&w, "runs");
	drvmem_json__begin_array(&w);
	drvmem_json__begin_object(&w);
	put_tool(&w, &v->s->meta);
	put_invocation(&w, v->s, o->places, f);
	drvmem_json__key(&w, "results");
	drvmem_json__begin_array(&w);
	for (i = 0; i < o->nr_sites + o->nr_mappings && !r; i++)
		if (i < o->nr_sites || drvmem_outstanding__is_finding(o, &o->site[i]))
			r = put_result(&w, v, o, &o->site[i]);
	drvmem_json__end_array(&w);
	put_run_properties(&w, v->s, o, f);
	drvmem_json__end_object(&w);
	drvmem_json__end_array(&w);
	drvmem_json__end_object(&w);
	putc('\n', out);
	return r;
}
