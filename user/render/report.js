// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The script of drvmem's HTML report: windows of time, sorting, the pages of the call sites, the flame
 * graph; of a comparison sorting and the flame graph. It reads the data block only, asks no network, and
 * makes elements, never markup from texts.
 */
'use strict';
(() => {
const PAGE = 25;		// call sites in the document at once
const MAX_FRAMES = 2000;	// rectangles of the flame graph
const $ = (id) => document.getElementById(id);
const data = JSON.parse($('data').textContent);
const isDiff = data.kind === 'diff';
const col = Object.fromEntries((data.site_columns || []).map((name, i) => [name, i]));
const last = (data.t_ms || []).length - 1;	// the last point; below 1: there is no history
const win = { a: 0, b: Math.max(last, 0) };

// ---- small helpers

function el(tag, props, ...children)
{
	const e = document.createElement(tag);

	Object.assign(e, props);
	e.append(...children);
	return e;
}

function svg(tag, attrs, ...children)
{
	const e = document.createElementNS('http://www.w3.org/2000/svg', tag);

	for (const [k, v] of Object.entries(attrs))
		e.setAttribute(k, v);
	e.append(...children);
	return e;
}

// As base/units.c writes them. Two decimals only from the unit on that fine names.
function scaled(v, base, units, fine, oneBelow)
{
	const n = Math.abs(v), sign = v < 0 ? '-' : '';
	let unit = base, u = 0;

	while (u < units.length - 1 && Math.round(n / unit) >= base) {
		unit *= base;
		u++;
	}
	const x = n / unit;
	return sign + x.toFixed(u >= fine && Math.round(x * 100) < 1000 ? 2 : Math.round(x * 10) < oneBelow * 10 ? 1 : 0) + units[u];
}
const bytes = (v) => (Math.abs(v) < 1024 ? `${v}` : scaled(v, 1024, ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'], 2, 1000));
const count = (v) => (Math.abs(v) < 10000 ? `${v}` : scaled(v, 1000, ['k', 'M', 'G', 'T', 'P'], 9, 100));
const signed = (text, v) => (v > 0 ? '+' : '') + text;
const seconds = (ms) => `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
// What must be said before a figure: of a cache some of whose frees cannot be seen, of losses in sums; of samples.
const bound = (upper, sum, of = data) => (upper && sum && of.lower_bound ? '~' : upper ? '≤' : sum && of.lower_bound ? '≥' : '');
const mark = (upper, sum, of = data) => (of.sampled ? '~' : bound(upper, sum, of));
const plus = (text, error) => (error > 0 ? `±${text(Math.round(error))}` : '');
// A figure with the error of its sample where that is known, else with what must be said of it; undefined: not known.
const told = (figure, text, error, upper, sum, of = data) => (error === undefined ? mark(upper, sum, of) + figure : bound(upper, sum, of) + figure + plus(text, error));
const bounded = [data, data.a, data.b].some((k) => k && (k.lower_bound || k.upper_bound));
const unsure = [data, data.a, data.b].some((k) => k && (k.sampled || k.lower_bound || k.upper_bound));

// ---- counts at a point, from rows that each say by how much they differ from the one before

const FIELDS = ['allocs', 'frees', 'alloc_bytes', 'free_bytes', 'live_objects', 'live_bytes'];

function at(rows, point)
{
	const sum = [0, 0, 0, 0, 0, 0];

	for (let i = 0; i < rows.length && rows[i] <= point; i += 7)
		for (let f = 0; f < 6; f++)
			sum[f] += rows[i + 1 + f];
	return sum;
}

/*
 * What rows of counts say of a window. Objects allocated inside and not freed inside: a free inside may be of an
 * older object, of which there were live0, so the number lies between two bounds.
 */
function inWindow(rows)
{
	const x = at(rows, win.a), y = at(rows, win.b);
	const d = Object.fromEntries(FIELDS.map((name, f) => [name, y[f] - x[f]]));
	const bounds = (made, freed, end) => {
		const hi = Math.max(0, Math.min(made, end));

		return [Math.min(hi, Math.max(0, made - freed)), hi];
	};

	d.end_bytes = y[5];
	d.end_objects = y[4];
	d.left_objects = bounds(d.allocs, d.frees, y[4]);
	d.left_bytes = bounds(d.alloc_bytes, d.free_bytes, y[5]);
	return d;
}

// Live at the end of the session and allocated in the window; null: ages are not known.
function stillLive(born)
{
	let objects = 0, sum = 0;

	if (!born)
		return null;
	for (let i = 0; i < born.length; i += 3) {
		if (born[i] > win.a && born[i] <= win.b) {
			objects += born[i + 1];
			sum += born[i + 2];
		}
	}
	return { objects, bytes: sum };
}

/*
 * The error of a figure in the window, of a site or an owner. Those of the whole session are known, and so are those of
 * what is live at its end: how much of them is a window's is not.
 */
function errorIn(errors, key)
{
	const end = { end_bytes: 'live_bytes', end_objects: 'live_objects' }[key], f = FIELDS.indexOf(end || key);

	return errors && f >= 0 && win.b === Math.max(last, 0) && (end || win.a === 0) ? errors[f] : undefined;
}

const sites = (data.sites || []).map((row, i) => ({
	i, unit: row[col.unit], name: row[col.site] || '?', module: row[col.module], allocator: row[col.allocator],
	cache: row[col.cache], rows: row[col.rows], born: row[col.born], all: row,
}));
const wholeSession = () => win.a === 0 && win.b === Math.max(last, 0);

// A site's figures in the window; of one without history only those of the whole session are known.
function figures(s)
{
	if (s.rows)
		return inWindow(s.rows);
	if (!wholeSession())
		return null;
	const v = (name) => s.all[col[name]];
	return {
		allocs: v('allocs'), frees: v('frees'), alloc_bytes: v('alloc_bytes'), free_bytes: v('free_bytes'),
		live_bytes: v('live_bytes'), live_objects: v('live_objects'), end_bytes: v('live_bytes'),
		end_objects: v('live_objects'), left_objects: [v('live_objects'), v('live_objects')],
		left_bytes: [v('live_bytes'), v('live_bytes')],
	};
}

// Two bounds, or one number where they are the same; frees that are not seen take the lower one away.
function range(pair, text, upper)
{
	if (data.sampled)
		return `~${text(pair[0])} to ${text(pair[1])}`;
	if (pair[0] === pair[1] || upper)
		return (upper && pair[1] ? '≤' : '') + text(pair[1]);
	return `≥${text(pair[0])} ≤${text(pair[1])}`;
}

// ---- sorting of any table with class sort

function sortTable(table, th)
{
	const column = [...th.parentNode.children].indexOf(th), body = table.tBodies[0];
	const down = th.getAttribute('aria-sort') ? th.getAttribute('aria-sort') === 'ascending' : th.classList.contains('n');
	const key = (tr) => {
		const td = tr.children[column];

		return !th.classList.contains('n') ? td.textContent : td.dataset.v === undefined ? -Infinity : +td.dataset.v;
	};
	const rows = [...body.rows].map((tr) => [key(tr), tr]);

	rows.sort((x, y) => (x[0] < y[0] ? -1 : x[0] > y[0] ? 1 : 0) * (down ? -1 : 1));
	body.append(...rows.map((r) => r[1]));
	for (const other of th.parentNode.children)
		other.removeAttribute('aria-sort');
	th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
}

function onHead(th, act)
{
	th.classList.add('by');
	th.tabIndex = 0;
	th.addEventListener('click', act);
	th.addEventListener('keydown', (e) => { if (e.key === 'Enter') act(); });
}

function makeSortable(table)
{
	for (const th of table.tHead.rows[0].cells)
		if (!th.classList.contains('x'))
			onHead(th, () => sortTable(table, th));
}

// ---- owners: cells that the window changes, and two columns that only a window gives meaning to

// Sites of each unit, for what is known of single sites only.
const unitSites = (data.units || []).map(() => []);
for (const s of sites)
	unitSites[s.unit].push(s);

// Bounds and ages add up over sites; one without history leaves the sum unknown.
function unitLeft(u)
{
	const sum = { lo: 0, hi: 0, live: 0, known: unitSites[u].length === data.units[u].sites, aged: true };

	for (const s of unitSites[u]) {
		const f = figures(s), live = stillLive(s.born);

		if (!f)
			sum.known = false;
		else
			sum.lo += f.left_bytes[0], sum.hi += f.left_bytes[1];
		if (!live)
			sum.aged = false;
		else
			sum.live += live.bytes;
	}
	return sum;
}

function setCell(td, value, text, changed)
{
	if (value === null)
		delete td.dataset.v;
	else
		td.dataset.v = value;
	td.textContent = text;
	td.classList.toggle('win', changed);
}

function addOwnerColumns(table)
{
	const titles = [['left_bytes', 'not freed inside', 'allocated in the window and not freed in it'],
			['kept_bytes', 'still live', 'allocated in the window and live at the end of the session']];

	for (const [key, title, long] of titles) {
		table.tHead.rows[0].append(el('th', { className: 'n', textContent: title, title: long, scope: 'col' }));
		for (const tr of [...table.tBodies[0].rows, ...(table.tFoot ? table.tFoot.rows : [])]) {
			const td = el('td', { className: 'n' });

			td.dataset.k = key;
			tr.append(td);
		}
	}
	for (const tr of table.tBodies[0].rows)
		for (const td of tr.cells)
			if (['delta_bytes', 'allocs', 'frees'].includes(td.dataset.k))
				td.original = { v: td.dataset.v, text: td.textContent };
}

function showOwner(tr)
{
	const u = +tr.dataset.u, unit = data.units[u], whole = wholeSession(), left = unitLeft(u);
	const d = last > 0 ? inWindow(unit.rows) : null;
	const now = d ? {
		delta_bytes: [d.live_bytes, (unit.upper_bound || data.sampled ? '~' : '') + signed(bytes(d.live_bytes), d.live_bytes)],
		allocs: [d.allocs, mark(false, true) + count(d.allocs)], frees: [d.frees, mark(false, true) + count(d.frees)],
	} : {};

	for (const td of tr.cells) {
		const key = td.dataset.k;

		if (key === 'left_bytes')
			setCell(td, left.known ? left.hi : null, left.known ? range([left.lo, left.hi], bytes, unit.upper_bound) : '-', false);
		else if (key === 'kept_bytes')
			setCell(td, left.aged ? left.live : null, left.aged ? mark(unit.upper_bound, true) + bytes(left.live) : '-', false);
		else if (td.original && (whole || !now[key]))
			setCell(td, td.original.v === undefined ? null : td.original.v, td.original.text, false);
		else if (td.original)
			setCell(td, now[key][0], now[key][1], true);
	}
}

const showOwners = () => {
	for (const tr of $('owners').tBodies[0].rows)
		showOwner(tr);
};

// A name opens its panel.
function openPanel()
{
	const panel = /^#u\d+$/.test(location.hash) && $(location.hash.slice(1));

	if (panel) {
		panel.open = true;
		panel.scrollIntoView();
	}
}

// ---- call sites: all of them, a page at a time

const siteView = { page: 0, key: 'end_bytes', down: true, filter: '', rows: [] };
const SITE_COLUMNS = [
	['name', 'call site'], ['owner', 'owner'], ['cache', 'cache'], ['end_bytes', 'live', bytes], ['live_bytes', 'Δ', bytes],
	['end_objects', 'objects', count], ['allocs', 'allocs', count], ['frees', 'frees', count],
	['left', 'not freed inside', bytes], ['kept', 'still live', bytes], ['failures', 'failures', count],
];

function siteRow(s)
{
	const f = figures(s), live = stillLive(s.born);
	const row = { s, name: s.module && s.module !== data.units[s.unit].name ? `${s.name} [${s.module}]` : s.name,
		      owner: data.units[s.unit].name + (data.units[s.unit].guess ? '~' : ''), cache: s.cache || '?', failures: s.all[col.failures] };

	if (f)
		Object.assign(row, f, { left: f.left_bytes[1], leftText: range(f.left_bytes, bytes, s.all[col.upper_bound]) });
	if (live)
		row.kept = live.bytes;
	return row;
}

function collectSites()
{
	const { key, down, filter } = siteView;
	const compare = (x, y) => (x === undefined ? -1 : y === undefined ? 1 : x < y ? -1 : x > y ? 1 : 0);

	siteView.rows = sites.map(siteRow).filter((r) => !filter || `${r.name} ${r.owner} ${r.cache}`.toLowerCase().includes(filter));
	siteView.rows.sort((x, y) => compare(x[key], y[key]) * (down ? -1 : 1) || x.s.i - y.s.i);
	siteView.page = Math.min(siteView.page, Math.max(0, Math.ceil(siteView.rows.length / PAGE) - 1));
}

function siteCell(row, [key, , text])
{
	const v = row[key];

	if (!text)
		return el('td', { textContent: v });
	const td = el('td', { className: 'n' });
	const upper = ['end_bytes', 'end_objects', 'kept'].includes(key) && v !== 0 && row.s.all[col.upper_bound];
	const error = errorIn(row.s.all[col.errors], key), change = key === 'live_bytes' && row.s.all[col.upper_bound] && v;
	td.textContent = v === undefined ? '-' : key === 'left' ? row.leftText : key === 'failures' ? text(v) :
			 change ? `~${signed(text(v), v)}${plus(text, error)}` :
			 told(key === 'live_bytes' ? signed(text(v), v) : text(v), text, error, upper);
	if (v !== undefined)
		td.dataset.v = v;
	return td;
}

function drawSites()
{
	const from = siteView.page * PAGE, rows = siteView.rows.slice(from, from + PAGE);

	$('sites').tBodies[0].replaceChildren(...rows.map((row) => el('tr', {}, ...SITE_COLUMNS.map((c) => siteCell(row, c)))));
	$('site-page').textContent = rows.length ? `${from + 1} to ${from + rows.length} of ${siteView.rows.length}` +
		(data.sites_in_all > sites.length ? ` (${data.sites_in_all} in the session)` : '') : 'none';
	$('site-prev').disabled = !from;
	$('site-next').disabled = from + PAGE >= siteView.rows.length;
	[...$('sites').tHead.rows[0].cells].forEach((th, i) => {
		th.toggleAttribute('aria-sort', SITE_COLUMNS[i][0] === siteView.key);
		if (SITE_COLUMNS[i][0] === siteView.key)
			th.setAttribute('aria-sort', siteView.down ? 'descending' : 'ascending');
	});
}

const showSites = () => {
	collectSites();
	drawSites();
};

function startSites()
{
	const head = $('sites').tHead.rows[0];
	const turn = (by) => () => { siteView.page += by; drawSites(); };
	const search = el('input', { id: 'site-filter', type: 'search', placeholder: 'site, owner or cache' });

	head.replaceChildren(...SITE_COLUMNS.map(([key, title, text]) => {
		const th = el('th', { textContent: title, scope: 'col', className: text ? 'n' : '' });

		onHead(th, () => {
			siteView.down = siteView.key === key ? !siteView.down : !!text;
			siteView.key = key;
			siteView.page = 0;
			showSites();
		});
		return th;
	}));
	if ($('sites').tFoot)
		$('sites').tFoot.remove();	// its columns are others; the table of owners has the total
	search.addEventListener('input', () => {
		siteView.filter = search.value.toLowerCase();
		siteView.page = 0;
		showSites();
	});
	$('site-tools').append(search, el('button', { id: 'site-prev', textContent: '‹ previous', onclick: turn(-1) }),
			       el('output', { id: 'site-page' }), el('button', { id: 'site-next', textContent: 'next ›', onclick: turn(1) }));
}

// ---- flame graph: owner, then callers from the outermost to the call site

const MAYBE = '[not known: freed inside or not]';

/*
 * Allocated inside the window and not freed in it. Where the window ends with the session ages tell, within the bounds
 * that the counts set; else only the bounds are known, and what lies between them is shown as such.
 */
function heldInside(f, s)
{
	const [lo, hi] = f.left_bytes, live = win.b === Math.max(last, 0) && stillLive(s.born);
	const upper = s.all[col.upper_bound], v = upper ? 0 : live ? Math.min(hi, Math.max(lo, live.bytes)) : lo;

	return { v, maybe: live && !upper ? 0 : hi - v };
}

const REPORT_MODES = {
	'in use': { pick: (f, s) => ({ v: f.end_bytes, e: errorIn(s.all[col.errors], 'end_bytes') }), live: true },
	'allocated in the window': { pick: (f, s) => ({ v: f.alloc_bytes, e: errorIn(s.all[col.errors], 'alloc_bytes') }) },
	'inside: allocated in the window and not freed in it': { pick: heldInside, live: true,
		note: 'Where counts alone cannot tell whether a free was of one of these objects or of an older one, the bytes in ' +
		      `doubt stand in a frame ${MAYBE}: at least what is without it, at most all.` },
	'allocated outside the window': { pick: (f, s) => ({ v: s.all[col.alloc_bytes] - f.alloc_bytes }) },
	'change in the window': { pick: (f, s) => ({ v: f.live_bytes, e: errorIn(s.all[col.errors], 'live_bytes') }), change: true, note: '+ and red: more at its end. - and blue: less. Width: ' +
		'how much changed, whatever the sign.' },
};
// Of a comparison the errors of its sums alone are known: where neither side was sampled, there is none.
const errorOf = (k) => (k.live_bytes_error === undefined ? k.sampled ? undefined : 0 : k.live_bytes_error);
const BETWEEN = '+ and red: more in B. - and blue: less in B. Width: how much changed, whatever the sign.';
const DIFF_MODES = {
	'difference A to B, in use': { pick: (t) => ({ v: t[1] - t[0], a: t[0], b: t[1] }), change: true, note: BETWEEN,
		error: () => Math.hypot(errorOf(data.a), errorOf(data.b)) },
	'difference A to B, allocated': { pick: (t) => ({ v: t[3] - t[2], a: t[2], b: t[3] }), change: true, note: BETWEEN },
	'in use in A': { pick: (t) => ({ v: t[0] }), live: true, of: data.a, error: () => errorOf(data.a) },
	'in use in B': { pick: (t) => ({ v: t[1] }), live: true, of: data.b, error: () => errorOf(data.b) },
	'allocated in A': { pick: (t) => ({ v: t[2] }), of: data.a },
	'allocated in B': { pick: (t) => ({ v: t[3] }), of: data.b },
};
const FLAME_MODES = isDiff ? DIFF_MODES : REPORT_MODES;
const flame = { mode: Object.keys(FLAME_MODES)[0], zoom: null, find: '' };

const node = (name, unit) => ({ name, unit, value: 0, size: 0, maybe: 0, a: 0, b: 0, var: 0, children: new Map() });

// The bytes of a path, from the root on.
function put(root, path, unit, k)
{
	let at_ = root;

	for (const name of [null, ...path]) {
		if (name !== null && !at_.children.has(name))
			at_.children.set(name, node(name, unit));
		at_ = name === null ? at_ : at_.children.get(name);
		at_.value += k.v;
		at_.size += Math.abs(k.v) + (k.maybe || 0);
		at_.maybe += k.maybe || 0;
		at_.a += k.a || 0;
		at_.b += k.b || 0;
		at_.var += k.e * k.e;	// NaN: of some part the error is not known
	}
}

function pathOf(s)
{
	const stack = data.stacks[s.i] || ['[callers are not in this file]'];
	const path = [data.units[s.unit].name, ...(stack[0] ? [stack[0]] : []), ...stack.slice(1).reverse().map((i) => data.frames[i])];

	if (stack.length < 2)
		path.push(s.name);
	return path;
}

// value: the bytes, with a sign where they are a change; maybe: those in doubt; size: what is drawn.
function flameTree()
{
	const root = Object.assign(node('all', -1), { unknown: 0 }), { pick } = FLAME_MODES[flame.mode];

	for (const t of data.diff_stacks || []) {
		const k = pick(t);

		if (k.v || k.a || k.b)
			put(root, t.slice(4).map((i) => data.frames[i]), t[4], k);
	}
	for (const s of sites) {
		const f = figures(s), k = f ? pick(f, s) : { v: 0 };

		root.unknown += !f;
		if (k.v || k.e)
			put(root, pathOf(s), s.unit, { ...k, maybe: 0 });
		if (k.maybe)
			put(root, [...pathOf(s), MAYBE], s.unit, { v: 0, maybe: k.maybe });
	}
	return root;
}

// "12.0Ki", "+1.2Ki", "3.0Ki to 4.0Ki"
const isChange = () => !!FLAME_MODES[flame.mode].change;
const flameText = (n, text) => (isChange() ? signed(text(n.value), n.value) : text(n.value) + (n.maybe ? ` to ${text(n.value + n.maybe)}` : ''));
const flameError = (n) => (Number.isNaN(n.var) ? undefined : Math.sqrt(n.var));
const flameTitle = (n) => `${n.name}: ${flameText(n, bytes)}${plus(bytes, flameError(n))} (${flameText(n, String)} bytes)` +
	(isDiff && isChange() ? `; A ${bytes(n.a)}, B ${bytes(n.b)}` : '');

const hue = (unit) => (unit * 47 + 205) % 360;

function colour(n)
{
	if (n.name === MAYBE)
		return 'hsl(0 0% 82%)';
	if (isChange())
		return n.value > 0 ? `hsl(4 75% ${82 - 22 * n.value / n.size}%)` : `hsl(212 75% ${82 + 22 * n.value / n.size}%)`;
	return n.unit < 0 ? 'hsl(0 0% 78%)' : `hsl(${hue(n.unit)} 58% ${66 + n.name.length % 5 * 3}%)`;
}

function drawFrame(g, n, x, y, w)
{
	const box = svg('g', {}, svg('rect', { x, y, width: Math.max(w, .5), height: 17, fill: colour(n) }));

	const room = Math.floor((w - 4) / 6.7), v = isChange() ? flameText(n, bytes) : '';
	const label = v.length > room ? v[0] : `${v} ${n.name}`.trim().slice(0, room);	// half a number would be another one

	box.append(svg('title', {}, flameTitle(n)));
	if (w > 34 || (v && w > 9))
		box.append(svg('text', { x: x + 3, y: y + 12.5 }, label));
	if (flame.find && n.name.toLowerCase().includes(flame.find))
		box.classList.add('hit');
	else if (flame.find)
		box.classList.add('faded');
	box.addEventListener('click', () => { flame.zoom = n.path; drawFlame(); });
	g.append(box);
}

// Widest first, level by level, so that the bound on rectangles cuts only the narrowest.
function drawFlame()
{
	const root = flameTree(), width = 1180, box = svg('svg', { class: 'flame', role: 'img', 'aria-label': 'Flame graph' });
	let level = [], rows = 0, drawn = 0, top = root;

	root.path = [];
	for (const name of flame.zoom || [])
		if (top.children.has(name)) {
			const next = top.children.get(name);

			next.path = [...top.path, name];
			top = next;
		}
	level = top.size ? [[top, 0, width]] : [];
	for (; level.length && drawn < MAX_FRAMES; rows++) {
		const next = [];

		for (const [n, x, w] of level.sort((p, q) => q[2] - p[2]).slice(0, MAX_FRAMES - drawn)) {
			let cx = x;

			drawFrame(box, n, x, rows * 18, w);
			drawn++;
			for (const child of [...n.children.values()].sort((p, q) => q.size - p.size)) {
				const cw = w * child.size / n.size;

				child.path = [...n.path, child.name];
				if (cw >= .5)
					next.push([child, cx, cw]);
				cx += cw;
			}
		}
		level = next;
	}
	box.setAttribute('viewBox', `0 0 ${width} ${Math.max(rows, 1) * 18}`);
	$('flame').replaceChildren(box);
	const { change, live, note, of = data, error } = FLAME_MODES[flame.mode], e = error && top === root ? error() : flameError(top);
	const sum = change ? `${(e === undefined ? unsure : bounded) ? '~' : ''}${flameText(top, bytes)}${plus(bytes, e)}` :
		told(flameText(top, bytes), bytes, e, live && of.upper_bound, true, of);
	$('flame-total').textContent = `${sum} ${flame.zoom && flame.zoom.length ? `in ${top.name}` : 'in all'}` +
		(root.unknown ? `; ${root.unknown} sites are left out, for their history is not in this file` : '');
	$('flame-total').dataset.v = top.value;
	$('flame-total').dataset.maybe = top.maybe;
	$('flame-note').textContent = note || '';
}

function startFlame()
{
	const mode = el('select', { id: 'flame-mode' }, ...Object.keys(FLAME_MODES).map((name) => el('option', { textContent: name })));
	const find = el('input', { id: 'flame-find', type: 'search', placeholder: 'find a function' });

	mode.addEventListener('change', () => { flame.mode = mode.value; drawFlame(); });
	find.addEventListener('input', () => { flame.find = find.value.toLowerCase(); drawFlame(); });
	$('flame-tools').append(mode, find, el('button', { id: 'flame-reset', textContent: 'show all',
		onclick: () => { flame.zoom = null; drawFlame(); } }), el('output', { id: 'flame-total' }));
}

// ---- the window: by dragging over a chart, or by numbers

function nearest(ms)
{
	let best = 0;

	data.t_ms.forEach((t, i) => { if (Math.abs(t - ms) < Math.abs(data.t_ms[best] - ms)) best = i; });
	return best;
}

const charts = () => [...document.querySelectorAll('svg.chart')];

// Time in ms of a place of the mouse over a chart.
function timeAt(chart, event)
{
	const box = chart.getBoundingClientRect(), { left, right } = chart.dataset;
	const x = (event.clientX - box.left) / box.width * chart.viewBox.baseVal.width;

	return Math.min(1, Math.max(0, (x - left) / (right - left))) * data.t_ms[last];
}

function xAt(chart, point)
{
	const { left, right } = chart.dataset;

	return +left + (right - left) * (data.t_ms[last] ? data.t_ms[point] / data.t_ms[last] : 0);
}

function drawWindow()
{
	for (const chart of charts()) {
		const { top, bottom } = chart.dataset, x = xAt(chart, win.a);

		for (const old of chart.querySelectorAll('.brush'))
			old.remove();
		if (!wholeSession())
			chart.append(svg('rect', { class: 'brush', x, y: top, width: Math.max(1, xAt(chart, win.b) - x), height: bottom - top }));
	}
	$('win-from').value = (data.t_ms[win.a] / 1000).toFixed(2);
	$('win-to').value = (data.t_ms[win.b] / 1000).toFixed(2);
	$('win-text').textContent = wholeSession() ? 'the whole session' :
		`${seconds(data.t_ms[win.b] - data.t_ms[win.a])}: Δ, allocs and frees of the tables below are of this window`;
}

// From one point to another one that is not the same.
function setWindow(a, b)
{
	if (a > b)
		[a, b] = [b, a];
	if (a === b)
		b < last ? b++ : a--;
	win.a = a;
	win.b = b;
	drawWindow();
	showOwners();
	showSites();
	drawFlame();
}

function startBrush(chart)
{
	let from = null;

	chart.addEventListener('pointerdown', (e) => {
		from = nearest(timeAt(chart, e));
		chart.setPointerCapture(e.pointerId);
	});
	chart.addEventListener('pointermove', (e) => {
		showCursor(chart, timeAt(chart, e));
		if (from === null)
			return;
		[win.a, win.b] = [from, nearest(timeAt(chart, e))].sort((p, q) => p - q);
		drawWindow();
	});
	chart.addEventListener('pointerup', (e) => {
		const to = nearest(timeAt(chart, e));

		if (from !== null)	// a click without a way is the whole session again
			from === to ? setWindow(0, last) : setWindow(from, to);
		from = null;
	});
}

// One line through all charts, and what stands there.
function showCursor(chart, ms)
{
	const point = nearest(ms);

	for (const c of charts()) {
		const x = xAt(c, point);

		for (const old of c.querySelectorAll('.cursor'))
			old.remove();
		c.append(svg('line', { class: 'cursor', x1: x, x2: x, y1: c.dataset.top, y2: c.dataset.bottom }));
	}
	const kernel = data.classes.reduce((sum, k) => sum + (k.bytes[point] || 0), 0);
	const live = data.units.every((u) => u.rows) ? mark(false) + bytes(data.units.reduce((sum, u) => sum + at(u.rows, point)[5], 0)) : '-';
	$('win-cursor').textContent = `at ${seconds(data.t_ms[point])}: ` + (kernel ? `kernel ${bytes(kernel)}, ` : '') +
		`allocated in the session ${live}`;
}

function startWindow()
{
	const number = (id) => el('input', { id, type: 'number', step: 'any', min: 0, max: data.t_ms[last] / 1000 });
	const from = number('win-from'), to = number('win-to');
	const apply = () => setWindow(nearest(from.value * 1000), nearest(to.value * 1000));

	from.addEventListener('change', apply);
	to.addEventListener('change', apply);
	$('window').append('Window: drag over a chart, or from', from, 'to', to, 's',
			   el('button', { id: 'win-all', textContent: 'whole session', onclick: () => setWindow(0, last) }),
			   el('output', { id: 'win-text' }), el('output', { id: 'win-cursor' }));
	charts().forEach(startBrush);
	drawWindow();
}

// ---- the data as a file

function startRaw()
{
	const button = el('button', { id: 'raw-save', textContent: 'save it as a file' });

	button.addEventListener('click', () => {
		const url = URL.createObjectURL(new Blob([$('data').textContent], { type: 'application/json' }));

		el('a', { href: url, download: 'drvmem-report-data.json' }).click();
		URL.revokeObjectURL(url);
	});
	$('raw').append(' ', button);
	$('raw').classList.add('tools');
}

if (!isDiff)
	addOwnerColumns($('owners'));
for (const table of document.querySelectorAll('table.sort'))
	if (isDiff || table.id !== 'sites')
		makeSortable(table);
startFlame();
if (!isDiff) {
	startSites();
	if (last > 0)
		startWindow();
	showOwners();
	showSites();
}
drawFlame();
startRaw();
addEventListener('hashchange', openPanel);
openPanel();
document.documentElement.dataset.ready = '1';	// tests wait for it
})();
