// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * node html.js DIR PAGE DIFF [LIVE]: tests of the HTML report in a browser. PAGE is the page of the unit
 * tests' machine, DIFF that of a comparison; LIVE one of this machine. DIR is for what it writes. Says ok and
 * not ok, as all tests do.
 */
'use strict';
const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { Browser, Page } = require('./cdp.js');

const [dir, fixed, compared, live] = process.argv.slice(2);
let failed = 0;

function check(name, good, why = '')
{
	console.log(good ? `ok ${name}` : `not ok ${name} - ${String(why).replace(/\s+/g, ' ').slice(0, 300)}`);
	failed |= !good;
}

const same = (name, got, want) =>
	check(name, JSON.stringify(got) === JSON.stringify(want), `${JSON.stringify(got)}, not ${JSON.stringify(want)}`);

function quiet(page, name)
{
	same(`${name}: nothing on the console`, page.complaints, []);
	same(`${name}: nothing asked of a network`, page.requests, []);
}

const open = async (browser, file, options) => {
	const page = await Page.open(browser, pathToFileURL(file).href, options);

	if (!options || options.scripts !== false)
		await page.ready();
	return page;
};

// In pages: cells of a table by key, from the top.
const cells = (table, key) => `[...document.querySelectorAll('#${table} tbody td[data-k=${key}]')].map((td) => td.dataset.v)`;
const owner = (name, key) => `[...document.querySelectorAll('#owners tbody tr')].find((tr) => tr.cells[0].textContent === '${name}')` +
	`.querySelector('td[data-k=${key}]')`;

// In pages: chooses a kind of flame graph; its total, what is in doubt of it, and the note.
const kind = (name) => `(() => { const m = document.getElementById('flame-mode'), t = document.getElementById('flame-total');
	m.value = '${name}'; m.dispatchEvent(new Event('change'));
	return { chosen: m.value, v: +t.dataset.v, maybe: +t.dataset.maybe, note: document.getElementById('flame-note').textContent }; })()`;
const INSIDE = 'inside: allocated in the window and not freed in it', CHANGE = 'change in the window';
const titles = '[...document.querySelectorAll("#flame title")].map((t) => t.textContent)';
const labels = '[...document.querySelectorAll("#flame text")].map((t) => t.textContent)';

// The page's data with every site n / sites times, and the numbers of a page that large.
function multiply(file, n)
{
	const html = fs.readFileSync(file, 'utf8');

	return html.replace(/(id="data">)(.*?)(<\/script>)/s, (all, a, json, b) => {
		const data = JSON.parse(json), sites = data.sites, stacks = data.stacks;

		data.sites = Array.from({ length: n }, (_, i) => sites[i % sites.length].map((v, k) => (k === 1 ? `${v}_${i}` : v)));
		data.stacks = data.sites.map((_, i) => stacks[i % sites.length]);
		data.units.forEach((u, i) => { u.sites = data.sites.filter((s) => s[0] === i).length; });
		data.sites_in_all = n;
		return a + JSON.stringify(data).replace(/</g, '\\u003c') + b;
	});
}

/*
 * The fixed machine: e1000e took 300 x 200 + 50 x 60 bytes and gave 100 x 200 back, evenly over 10 s; its points are
 * at 0, 2, 4, 6, 8 and 10 s.
 */
async function testTables(browser)
{
	const page = await open(browser, fixed);
	const before = await page.eval(cells('owners', 'live_bytes'));

	await page.eval('document.querySelector("#owners th[data-k=live_bytes]").click()');
	const down = await page.eval(cells('owners', 'live_bytes'));
	await page.eval('document.querySelector("#owners th[data-k=live_bytes]").click()');
	const up = await page.eval(cells('owners', 'live_bytes'));
	const numbers = [...before].map(Number).sort((x, y) => y - x);
	same('a click sorts, the most first', down.map(Number), numbers);
	same('another click turns it around', up.map(Number), numbers.reverse());
	same('the sum stays at the foot', await page.eval('document.querySelector("#owners tfoot td").textContent'), 'TOTAL');
	await page.eval('document.querySelector("#owners tbody a").click()');
	await page.until(() => page.eval('document.querySelector(location.hash).open'), 'the panel');
	check('a name opens its panel', true);
	await page.eval('document.getElementById("raw-save").click()');
	quiet(page, 'tables');
}

async function testWindow(browser)
{
	const page = await open(browser, fixed);
	const whole = await page.eval(`${owner('e1000e#1', 'allocs')}.dataset.v`);
	const box = await page.eval('(() => { const c = document.getElementById("lines"); c.scrollIntoView(); const b = c.getBoundingClientRect();' +
				    'return { x: b.left, y: b.top, w: b.width, h: b.height, left: +c.dataset.left, right: +c.dataset.right,' +
				    'all: c.viewBox.baseVal.width }; })()');
	const at = (share) => [box.x + (box.left + (box.right - box.left) * share) / box.all * box.w, box.y + box.h / 2];

	same('before: the whole session', whole, '350');
	await page.drag(at(0.2), at(0.6));
	await page.until(() => page.eval('document.querySelectorAll(".brush").length > 0'), 'the window');
	same('a drag is a window: from', await page.eval('document.getElementById("win-from").value'), '2.00');
	same('a drag is a window: to', await page.eval('document.getElementById("win-to").value'), '6.00');
	same('its allocs', await page.eval(`${owner('e1000e#1', 'allocs')}.dataset.v`), '140');
	same('its frees', await page.eval(`${owner('e1000e#1', 'frees')}.dataset.v`), '40');
	same('its change', await page.eval(`${owner('e1000e#1', 'delta_bytes')}.dataset.v`), String(120 * 200 + 20 * 60 - 40 * 200));
	// of 120 and 20 objects allocated inside, 40 frees may have been of older ones
	same('not freed inside: two bounds', await page.eval(`${owner('e1000e#1', 'left_bytes')}.textContent`), '≥16.8Ki ≤24.6Ki');
	// of the objects that have an age one was allocated 4 s after the start
	same('still live at the end', await page.eval(`${owner('e1000e#1', 'kept_bytes')}.dataset.v`), '200');
	same('the flame graph follows', await page.eval(`(() => { const m = document.getElementById('flame-mode');
		m.value = 'allocated in the window'; m.dispatchEvent(new Event('change')); const inside = +document.getElementById('flame-total').dataset.v;
		m.value = 'allocated outside the window'; m.dispatchEvent(new Event('change')); const outside = +document.getElementById('flame-total').dataset.v;
		const data = JSON.parse(document.getElementById('data').textContent), k = data.site_columns.indexOf('alloc_bytes');
		return inside > 0 && outside > 0 && inside + outside === data.sites.reduce((sum, s) => sum + s[k], 0); })()`), true);
	await testInside(page);
	await page.eval('document.getElementById("win-all").click()');
	same('the whole session again', await page.eval(`${owner('e1000e#1', 'allocs')}.dataset.v`), whole);
	same('no window is drawn then', await page.eval('document.querySelectorAll(".brush").length'), 0);
	quiet(page, 'window');
}

// What the rows of each site say of the window from point a to b: [at least, at most] of what was left of it, by hand.
function leftOf(data, a, b)
{
	const k = Object.fromEntries(data.site_columns.map((name, i) => [name, i])), sum = [0, 0];

	for (const site of data.sites) {
		let made = 0, freed = 0, end = 0;

		for (let i = 0; i < site[k.rows].length; i += 7) {
			const [point, , , alloc, free, , live] = site[k.rows].slice(i, i + 7);

			end += point <= b ? live : 0;
			made += point > a && point <= b ? alloc : 0;
			freed += point > a && point <= b ? free : 0;
		}
		const most = Math.max(0, Math.min(made, end));
		sum[0] += site[k.upper_bound] ? 0 : Math.min(most, Math.max(0, made - freed));
		sum[1] += most;
	}
	return sum;
}

// The window is that from 2 to 6 s, points 1 to 3.
async function testInside(page)
{
	const data = JSON.parse(await page.eval('document.getElementById("data").textContent'));
	const [least, most] = leftOf(data, 1, 3), inside = await page.eval(kind(INSIDE));

	same('inside: what is sure, and with what is in doubt', [inside.v, inside.v + inside.maybe], [least, most]);
	check('inside: something is in doubt', inside.maybe > 0 && /in doubt/.test(inside.note), JSON.stringify(inside));
	check('inside: an owner by its bounds', (await page.eval(titles)).includes('e1000e#1: 16.8Ki to 24.6Ki (17200 to 25200 bytes)'));
	check('inside: what is in doubt has a frame', (await page.eval(titles)).some((t) => t.startsWith('[not known: freed inside or not]: 0 to ')));
	const change = await page.eval(kind(CHANGE));
	check('a change: every frame has its sign', (await page.eval(labels)).every((t) => /^[+-]/.test(t)) && /\+ and red/.test(change.note),
	      JSON.stringify(await page.eval(labels)));
	check('a change: an owner', (await page.eval(titles)).includes('e1000e#1: +16.8Ki (+17200 bytes)'));
}

async function testFlame(browser)
{
	const page = await open(browser, fixed);
	const total = await page.eval('JSON.parse(document.getElementById("data").textContent).live_bytes');

	same('in use adds up to the total, to the byte', await page.eval('+document.getElementById("flame-total").dataset.v'), total);
	const data = JSON.parse(await page.eval('document.getElementById("data").textContent'));
	const all = await page.eval(kind(INSIDE)), upper = data.site_columns.indexOf('upper_bound'), live = data.site_columns.indexOf('live_bytes');
	const unseen = data.sites.reduce((sum, s) => sum + (s[upper] ? s[live] : 0), 0);
	same('of the whole session all is inside, and what some frees may have ended is in doubt', [all.v, all.maybe], [total - unseen, unseen]);
	await page.eval(kind('in use'));
	const n = await page.eval('document.querySelectorAll("#flame rect").length');
	await page.eval('[...document.querySelectorAll("#flame g")].find((g) => g.textContent.startsWith("e1000e#1:"))' +
			'.dispatchEvent(new MouseEvent("click", { bubbles: true }))');
	const zoomed = await page.eval('document.getElementById("flame-total").textContent');
	check('a click goes into an owner', /in e1000e#1$/.test(zoomed) && await page.eval('document.querySelectorAll("#flame rect").length') < n, zoomed);
	await page.eval('document.getElementById("flame-reset").click()');
	same('and out again', await page.eval('document.querySelectorAll("#flame rect").length'), n);
	await page.eval('(() => { const f = document.getElementById("flame-find"); f.value = "vfs_write"; f.dispatchEvent(new Event("input")); })()');
	check('it finds functions', await page.eval('document.querySelectorAll("#flame .hit").length') > 0);
	quiet(page, 'flame graph');
}

/*
 * The fixed machine as if it had been sampled from 2 s on: each site's figures with errors, 3 bytes and 4 objects for
 * the first one, 6 and 8 for the second, ...: in all sqrt(sum of their squares).
 */
async function testSampled(browser)
{
	const file = path.join(dir, 'sampled.html');
	let n = 0, all = 0;

	fs.writeFileSync(file, fs.readFileSync(fixed, 'utf8').replace(/(id="data">)(.*?)(<\/script>)/s, (whole, a, json, b) => {
		const data = JSON.parse(json), k = data.site_columns.indexOf('errors');

		data.sampled = true;
		data.epochs = [0, 0, 2000, 4096];
		data.sites.forEach((s, i) => { s[k] = [7, 5, 2000 + i, 1000, 4 * (i + 1), 300 * (i + 1)]; all += (300 * (i + 1)) ** 2; });
		n = data.sites.length;
		return a + JSON.stringify(data).replace(/</g, '\\u003c') + b;
	}));
	const page = await open(browser, file);
	const row = (i) => `[...document.querySelectorAll('#sites tbody tr')][${i}]`;
	const site = async (i) => page.eval(`[...${row(i)}.cells].map((td) => td.textContent)`);
	const text = (v) => (v < 1024 ? `${Math.round(v)}` : `${(v / 1024).toFixed(1)}Ki`);
	const total = () => page.eval('document.getElementById("flame-total").textContent');

	// the one with most live bytes first; some of the frees of skbuff_head_cache cannot be seen
	same('sampled: live, change, objects, allocs and frees with their errors', (await site(0)).slice(3, 8),
	     ['≤87.5Ki±300', '~+87.5Ki±300', '≤400±4', '900±7', '500±5']);
	same('sampled: no bounds where there are none', (await site(1)).slice(3, 8), ['39.1Ki±600', '+39.1Ki±600', '200±8', '300±7', '100±5']);
	same('sampled: what is left has no error that is known', (await site(1))[8].slice(0, 1), '~');
	check('sampled: the flame graph with the error of its sum', (await total()).includes(`±${text(Math.sqrt(all))} in all`), await total());
	check('sampled: an owner of two sites', (await page.eval(titles)).some((t) => /^nvme: 2[.]4Ki±[0-9.]+(Ki)? [(]2500 bytes[)]/.test(t)),
	      JSON.stringify((await page.eval(titles)).slice(0, 9)));
	await page.eval(kind('allocated in the window'));
	check('sampled: allocated, with its error', /^[0-9.]+Mi±[0-9.]+Ki in all/.test(await total()), await total());
	await page.eval(`(() => { const f = document.getElementById('win-to'); document.getElementById('win-from').value = 2;
		f.value = 6; f.dispatchEvent(new Event('change')); })()`);
	check('sampled: of a window no error is known', (await total()).startsWith('~') && !(await total()).includes('±'), await total());
	same('sampled: nor of a site', (await site(1)).slice(3, 8).filter((t) => !/^~/.test(t) || /±/.test(t)), []);
	await page.eval('document.getElementById("win-all").click()');
	await page.eval(kind('in use'));
	check('sampled: all again', (await total()).includes('±') && n > 2, await total());
	quiet(page, 'sampled');
}

async function testMany(browser)
{
	const file = path.join(dir, 'many.html');

	fs.writeFileSync(file, multiply(fixed, 5000));
	const page = await open(browser, file);
	const rows = () => page.eval('document.querySelectorAll("#sites tbody tr").length');
	const first = () => page.eval('document.querySelector("#sites tbody tr").textContent');

	same('5,000 sites: a page of rows', await rows(), 25);
	check('5,000 sites: a bounded document', await page.eval('document.querySelectorAll("*").length') < 12000,
	      await page.eval('document.querySelectorAll("*").length'));
	const before = await first();
	await page.eval('document.getElementById("site-next").click()');
	check('5,000 sites: the next page', await first() !== before && await rows() === 25);
	await page.eval('(() => { const f = document.getElementById("site-filter"); f.value = "_4999"; f.dispatchEvent(new Event("input")); })()');
	same('5,000 sites: a search finds one', await rows(), 1);
	check('5,000 sites: a bounded flame graph', await page.eval('document.querySelectorAll("#flame rect").length') <= 2000);
	quiet(page, '5,000 sites');
}

/*
 * The compared machines: in B e1000e has 140,000 bytes more, nvme 2,500 less, igc 2,000 that A has not.
 */
async function testDiff(browser)
{
	const page = await open(browser, compared);
	const data = JSON.parse(await page.eval('document.getElementById("data").textContent'));
	const change = 'td[data-k=change_bytes]', first = 'document.querySelector("#owners tbody tr").cells[0].textContent';
	const kinds = {};

	for (const name of await page.eval('[...document.querySelectorAll("#flame-mode option")].map((o) => o.value)'))
		kinds[name] = (await page.eval(kind(name))).v;
	same('diff: kinds of flame graphs add up', kinds, {
		'difference A to B, in use': data.change_bytes, 'difference A to B, allocated': 60000 + 80000 + 3000,
		'in use in A': data.a.live_bytes, 'in use in B': data.b.live_bytes,
		'allocated in A': data.diff_stacks.reduce((sum, s) => sum + s[2], 0), 'allocated in B': data.diff_stacks.reduce((sum, s) => sum + s[3], 0),
	});
	same('diff: the change', data.change_bytes, 140000 - 2500 + 2000);
	same('diff: the table of owners has it', await page.eval(`+document.querySelector('#owners tfoot tr:last-child ${change}').dataset.v`), data.change_bytes);
	same('diff: so has that of call sites', await page.eval(`+document.querySelector('#sites tfoot tr:last-child ${change}').dataset.v`), data.change_bytes);
	const note = (await page.eval(kind('difference A to B, in use'))).note;
	check('diff: every frame has its sign', (await page.eval(labels)).every((t) => /^[+-]/.test(t)) && /red: more in B/.test(note));
	check('diff: what grew, by owner', (await page.eval(titles)).includes('e1000e: +136.7Ki (+140000 bytes); A 54.3Ki, B 191.0Ki'),
	      JSON.stringify((await page.eval(titles)).slice(0, 5)));
	check('diff: what shrank', (await page.eval(titles)).includes('nvme: -2.4Ki (-2500 bytes); A 2.4Ki, B 0'));
	const hues = await page.eval('Object.fromEntries([...document.querySelectorAll("#flame g")].map((g) => [g.querySelector("title").textContent.split(":")[0],' +
				     'g.querySelector("rect").getAttribute("fill")]))');
	check('diff: red grows, blue shrinks', /^hsl\(4 /.test(hues.e1000e) && /^hsl\(212 /.test(hues.nvme), JSON.stringify(hues));
	same('diff: the largest change first', await page.eval(first), 'e1000e');
	await page.eval('document.querySelector("#owners th[data-k=change_bytes]").click()');
	await page.eval('document.querySelector("#owners th[data-k=change_bytes]").click()');
	same('diff: it sorts', await page.eval(first), 'nvme');
	quiet(page, 'diff');
	const plain = await open(browser, compared, { scripts: false });
	const { root } = await plain.send('DOM.getDocument', { depth: 0 });
	const n = async (selector) => (await plain.send('DOM.querySelectorAll', { nodeId: root.nodeId, selector })).nodeIds.length;
	check('diff without script: tables and what is not there', await n('#owners tbody tr') === 3 && await n('#sites tbody tr') === 3 &&
	      await n('#caches tbody tr') > 0 && await n('#sec-flame p.none') === 1);
}

async function testManyDiff(browser)
{
	const file = path.join(dir, 'manydiff.html'), html = fs.readFileSync(compared, 'utf8');

	fs.writeFileSync(file, html.replace(/(id="data">)(.*?)(<\/script>)/s, (all, a, json, b) => {
		const data = JSON.parse(json), stacks = data.diff_stacks;

		data.diff_stacks = Array.from({ length: 5000 }, (_, i) => [...stacks[i % stacks.length], data.frames.push(`leaf_${i}`) - 1]);
		return a + JSON.stringify(data).replace(/</g, '\\u003c') + b;
	}));
	const page = await open(browser, file);
	check('diff of 5,000 stacks: a bounded flame graph', await page.eval('document.querySelectorAll("#flame rect").length') <= 2000);
	await page.eval('(() => { const f = document.getElementById("flame-find"); f.value = "leaf_0"; f.dispatchEvent(new Event("input")); })()');
	check('diff of 5,000 stacks: it finds functions', await page.eval('document.querySelectorAll("#flame .faded").length') > 0);
	quiet(page, 'diff of 5,000 stacks');
}

async function testWithoutScript(browser)
{
	const page = await open(browser, fixed, { scripts: false });
	const { root } = await page.send('DOM.getDocument', { depth: 0 });
	const all = async (selector) => (await page.send('DOM.querySelectorAll', { nodeId: root.nodeId, selector })).nodeIds.length;

	check('without script: owners', await all('#owners tbody tr') > 3 && await all('#owners tfoot tr') === 1);
	check('without script: call sites', await all('#sites tbody tr') > 3);
	check('without script: the timeline', await all('svg.chart path.area') > 0 && await all('svg.chart path.line') > 0);
	check('without script: panels', await all('details.panel') > 3 && await all('figure.hist rect') > 0);
	check('without script: it says what is not there', await all('#sec-flame p.none') === 1);
	quiet(page, 'without script');
}

async function testPaper(browser)
{
	const page = await open(browser, fixed, { dark: true });
	const { data } = await page.send('Page.printToPDF', { printBackground: false });
	const pdf = Buffer.from(data, 'base64');

	check('prints', pdf.subarray(0, 5).toString() === '%PDF-' && pdf.length > 10000, pdf.length);
	check('dark is dark', await page.eval('getComputedStyle(document.body).backgroundColor') === 'rgb(20, 23, 28)');
	quiet(page, 'paper');
}

async function testLive(browser)
{
	const page = await open(browser, live);

	check('live: owners', await page.eval('document.querySelectorAll("#owners tbody tr").length') > 0);
	check('live: the flame graph adds up', await page.eval('+document.getElementById("flame-total").dataset.v === ' +
		'JSON.parse(document.getElementById("data").textContent).live_bytes'));
	check('live: sums of the units at the last point are the total', await page.eval('(() => { const d = JSON.parse(document.getElementById("data")' +
		'.textContent); let sum = 0; for (const u of d.units) for (let i = 6; i < u.rows.length; i += 7) sum += u.rows[i]; return sum === d.live_bytes; })()'));
	check('live: at most 2 MB', fs.statSync(live).size <= 2000000, fs.statSync(live).size);
	quiet(page, 'live');
}

// A page that does what ours must not: else a test that hears nothing would prove nothing.
async function testEars(browser)
{
	const file = path.join(dir, 'loud.html');

	fs.writeFileSync(file, fs.readFileSync(fixed, 'utf8').replace('<header>', '<img src="http://127.0.0.1:9/x.png"><header>'));
	const blocked = await open(browser, file);
	await blocked.until(() => blocked.complaints.length > 0, 'the complaint of a request that the page forbids');
	check('a request that the page forbids is heard', true);
	fs.writeFileSync(file, '<!DOCTYPE html><img src="http://127.0.0.1:9/x.png"><script>document.documentElement.dataset.ready = 1; boom();</script>');
	const loud = await open(browser, file);
	await loud.until(() => loud.requests.length > 0 && loud.complaints.length > 0, 'a request and an exception');
	check('a request and an exception are heard', true);
}

async function main()
{
	const browser = new Browser(path.join(dir, 'profile'));

	try {
		for (const test of [testEars, testTables, testWindow, testFlame, testSampled, testMany, testDiff, testManyDiff, testWithoutScript, testPaper, ...(live ? [testLive] : [])]) {
			try {
				await test(browser);
			} catch (e) {
				check(test.name, false, e.message);
			}
		}
	} finally {
		await browser.close();
	}
	process.exit(failed);
}

main();
