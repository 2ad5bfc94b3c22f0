// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A browser without a window, driven over its debugging pipe (descriptors 3 and 4, JSON messages that
 * end with a NUL): no packages. Waits are for conditions; their limit is for a page that never gets there.
 */
'use strict';
const { spawn } = require('child_process');

const LIMIT_MS = 60000;

class Browser {
	constructor(profile)
	{
		this.next = 1;
		this.waiting = new Map();
		this.listeners = [];
		this.process = spawn('chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe',
						  '--no-first-run', '--disable-extensions', '--disable-background-networking',
						  '--disable-dev-shm-usage', `--user-data-dir=${profile}`, 'about:blank'],
				     { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
		let left = '';
		this.process.stdio[4].on('data', (chunk) => {
			const parts = (left + chunk).split('\0');

			left = parts.pop();
			for (const text of parts)
				this.take(JSON.parse(text));
		});
		const gone = () => {
			for (const { reject } of this.waiting.values())
				reject(new Error('the browser ended'));
			this.waiting.clear();
		};
		this.process.on('exit', gone);
		this.process.on('error', gone);
		this.process.stdio[3].on('error', gone);
	}

	take(message)
	{
		const waits = this.waiting.get(message.id);

		if (!waits) {
			for (const listen of this.listeners)
				listen(message);
			return;
		}
		this.waiting.delete(message.id);
		message.error ? waits.reject(new Error(message.error.message)) : waits.resolve(message.result);
	}

	send(method, params = {}, sessionId = undefined)
	{
		const id = this.next++;

		return new Promise((resolve, reject) => {
			this.waiting.set(id, { resolve, reject });
			this.process.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0');
		});
	}

	close()
	{
		return new Promise((done) => {
			this.process.once('exit', done);
			this.process.kill('SIGKILL');
		});
	}
}

// A page that keeps what it complained of, and what it asked of any network.
class Page {
	static async open(browser, url, { scripts = true, dark = false } = {})
	{
		const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
		const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
		const page = new Page();

		Object.assign(page, { browser, sessionId, targetId, complaints: [], requests: [], loaded: false, url });
		browser.listeners.push((m) => m.sessionId === sessionId && page.hear(m));
		for (const domain of ['Page', 'Runtime', 'Network', 'Log'])
			await page.send(`${domain}.enable`);
		await page.send('Emulation.setScriptExecutionDisabled', { value: !scripts });
		await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
		await page.send('Emulation.setDeviceMetricsOverride', { width: 1280, height: 2000, deviceScaleFactor: 1, mobile: false });
		await page.send('Page.navigate', { url });
		await page.until(() => page.loaded, 'the page to load');
		return page;
	}

	send(method, params)
	{
		return this.browser.send(method, params, this.sessionId);
	}

	hear({ method, params })
	{
		if (method === 'Page.loadEventFired')
			this.loaded = true;
		else if (method === 'Runtime.exceptionThrown')
			this.complaints.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
		else if (method === 'Runtime.consoleAPICalled')
			this.complaints.push(`console.${params.type}`);
		else if (method === 'Log.entryAdded')
			this.complaints.push(params.entry.text);
		else if (method === 'Network.requestWillBeSent' && !/^(data|blob):/.test(params.request.url) && params.request.url !== this.url)
			this.requests.push(params.request.url);
	}

	async until(condition, what)
	{
		const end = Date.now() + LIMIT_MS;

		while (!await condition()) {
			if (Date.now() > end)
				throw new Error(`waited too long for ${what}`);
			await new Promise((r) => setTimeout(r, 20));
		}
	}

	// The value of an expression in the page.
	async eval(expression)
	{
		const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });

		if (exceptionDetails)
			throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
		return result.value;
	}

	ready()
	{
		return this.until(() => this.eval('document.documentElement.dataset.ready === "1"'), 'the script');
	}

	// A drag of the mouse from one place to another.
	async drag(from, to)
	{
		const mouse = (type, [x, y], buttons) => this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons, clickCount: 1 });

		await mouse('mouseMoved', from, 0);
		await mouse('mousePressed', from, 1);
		await mouse('mouseMoved', to, 1);
		await mouse('mouseReleased', to, 0);
	}
}

module.exports = { Browser, Page };
