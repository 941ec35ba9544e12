'use strict'
/*
 * Packages of npm that show captchas in React, Vue, Angular and Svelte,
 * unchanged, in Chromium: the rows of WRAPPERS in the steps of STEPS.
 * wrappers/NAME.js is the page of each. Run by wrappers.sh.
 */
const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { run } = require('../browser/cases.js')
const { answer, boxOf, fieldOf, frameOf, isChecked, solve } =
	require('../browser/visitor.js')
const { bundle } = require('./wrappers/bundle.js')

const { HTDOCS, ONLY, SECRET, URL: SITE } = process.env

/* --- the wrappers --------------------------------------------------------- */

/* Of a flavour: the address of api.js, the field, what error-callback gets, and
 * what a client of siteverify says of a token. */
const FLAVOURS = {
	recaptcha: {
		api: 'recaptcha/api.js',
		field: 'g-recaptcha-response',
		error: 'error',
		verify: token => library('express-recaptcha', token),
	},
	hcaptcha: {
		api: '1/api.js',
		field: 'h-captcha-response',
		error: 'error invalid-data',
		verify: token => library('hcaptcha', token),
	},
	turnstile: {
		api: 'turnstile/v0/api.js',
		field: 'cf-turnstile-response',
		error: 'error 110200',
		verify: async token => {
			const body = new URLSearchParams(
				{ secret: SECRET, response: token })
			const said = await fetch(
				`${SITE}/turnstile/v0/siteverify`,
				{ method: 'POST', body })
			const { success, hostname } = await said.json()

			return success ? `pass ${hostname}` : 'refused'
		},
	},
}

const library = (name, TOKEN) => execFileSync('node',
	[join(__dirname, 'node.js'), name],
	{ encoding: 'utf8', env: { ...process.env, TOKEN } }).trim()

/*
 * ways		how it finds api.js, the first of them in all steps: a script
 *		tag of ours before it, its own option (two have another), or
 *		the vendor's name in the hosts file, which is the row's `host`
 * tag		attributes of that script tag
 * reset	the method
 * execute	the method and what it is given, if there are invisible widgets;
 *		`gives` finds the token in what its promise gives
 * closes	whether a promise says that the challenge was closed
 * expires	what it tells the page when a token is too old
 * needs	what it wants of a Content-Security-Policy beside our origin
 */
const WRAPPERS = [
	{
		name: 'react-google-recaptcha', flavour: 'recaptcha',
		ways: ['tag', 'name'], host: 'www.google.com',
		reset: 'reset', execute: ['executeAsync'],
		gives: token => token,
	},
	{
		name: 'reaptcha', flavour: 'recaptcha',
		ways: ['tag', 'name'], host: 'recaptcha.net',
		reset: 'reset', execute: ['execute'],
	},
	{
		name: 'vue-recaptcha', flavour: 'recaptcha',
		ways: ['option', 'tag', 'name'], host: 'www.google.com',
		reset: 'reset', execute: ['execute'],
	},
	{
		name: 'ng-recaptcha', flavour: 'recaptcha',
		ways: ['option', 'name'], host: 'www.google.com',
		reset: 'reset', execute: ['execute'], expires: 'emptied',
		needs: "'unsafe-eval'", // of Angular's compiler in the page
	},
	{
		name: 'react-hcaptcha', flavour: 'hcaptcha',
		ways: ['tag', 'option', 'apihost', 'name'],
		host: 'js.hcaptcha.com',
		reset: 'resetCaptcha', execute: ['execute', { async: true }],
		gives: ({ response }) => response, closes: true,
	},
	{
		name: 'hcaptcha-loader', flavour: 'hcaptcha',
		ways: ['option', 'apihost', 'name'], host: 'js.hcaptcha.com',
		reset: 'reset', execute: ['execute', { async: true }],
		gives: ({ response }) => response, closes: true,
	},
	{
		name: 'vue3-hcaptcha', flavour: 'hcaptcha',
		ways: ['option', 'tag', 'name'], host: 'hcaptcha.com',
		reset: 'reset', execute: ['executeAsync'],
		gives: ({ response }) => response, closes: true,
	},
	{
		name: 'react-turnstile', flavour: 'turnstile',
		ways: ['tag', 'name'], host: 'challenges.cloudflare.com',
		tag: 'id="cf-turnstile-script"', // it waits for this
		reset: 'reset', execute: ['execute'], hasIsExpired: true,
	},
	{
		name: 'vue-turnstile', flavour: 'turnstile',
		ways: ['tag', 'name'], host: 'challenges.cloudflare.com',
		reset: 'reset', expires: 'emptied', // by its own clock, sooner
	},
	{
		name: 'svelte-turnstile', flavour: 'turnstile',
		ways: ['tag', 'name'], host: 'challenges.cloudflare.com',
		reset: 'reset',
	},
]

/* The page of a row: one document for each way. */
const write = ({ name, flavour, host, tag = '', needs = '' }, way) => {
	const origin = way === 'name' ? `https://${host}` : SITE
	const file = `${name}-${way}.html`

	writeFileSync(join(HTDOCS, file), `<!DOCTYPE html><html lang="en">
<meta charset="utf-8"><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';
img-src data:; script-src 'self' ${origin} ${needs}; frame-src ${origin}">
<title>${name}</title><form><div id="a"></div><hr><div id="b"></div></form>
${way === 'tag' ? `<script ${tag}
src="${SITE}/${FLAVOURS[flavour].api}?render=explicit"></script>` : ''}
<script src="${name}.js"></script></html>`)
	return file
}

/* --- what tests do -------------------------------------------------------- */

const show = (page, way, id, options = {}) => page.evaluate(
	([place, given]) => window.show(place, given),
	[id, { sitekey: 'forum', way, ...options }])
const hide = (page, id) => page.evaluate(place => window.hide(place), id)
const call = (page, id, [method, ...values]) => page.evaluate(
	([place, what, given]) => window.call(place, what, ...given),
	[id, method, values])

/* The rest of the note that begins so, once there are n of them. */
const heard = async (page, begin, n = 1) => {
	const note = await page.waitForFunction(([start, wanted]) =>
		window.notes.filter(one => one.startsWith(start))[wanted - 1],
	[begin, n])

	return (await note.jsonValue()).slice(begin.length).trim()
}
const valueOf = (page, { flavour }, id) =>
	page.locator(`#${id} [name=${FLAVOURS[flavour].field}]`).inputValue()

/* The n-th token that this place gets. */
const solved = async (page, row, id, n = 1) => {
	await solve(page, `#${id}`)
	await isChecked(page, `#${id}`)
	const token = await heard(page, `${id} solved `, n)

	assert.match(token, /^C1_/)
	assert.equal(await valueOf(page, row, id), token)
	return token
}
const passes = async ({ flavour }, token) =>
	assert.match(await FLAVOURS[flavour].verify(token), /^pass/)

/* --- the steps ------------------------------------------------------------ */

/* Each gets a page with nothing shown. if: the field that a row needs */
const STEPS = [
	{
		name: 'is solved, and its token passes once',
		isOfAllWays: true,
		run: async (page, row, way) => {
			await show(page, way, 'a')
			const token = await solved(page, row, 'a')

			await passes(row, token)
			assert.match(await FLAVOURS[row.flavour].verify(token),
				/^refused/)
		},
	},
	{
		name: 'a token that grows old',
		options: { hasClock: true },
		run: async (page, row, way) => {
			await show(page, way, 'a')
			await solved(page, row, 'a')
			await page.clock.fastForward(301000)
			await heard(page, `a ${row.expires ?? 'expired'}`)
			assert.equal(await valueOf(page, row, 'a'), '')
			await isChecked(page, '#a', 'false')
			if (row.hasIsExpired)
				assert.ok(await call(page, 'a', ['isExpired']))
			await passes(row, await solved(page, row, 'a', 2))
		},
	},
	{
		name: 'is reset',
		run: async (page, row, way) => {
			await show(page, way, 'a')
			const token = await solved(page, row, 'a')

			await call(page, 'a', [row.reset])
			await isChecked(page, '#a', 'false')
			assert.equal(await valueOf(page, row, 'a'), '')
			const next = await solved(page, row, 'a', 2)

			assert.notEqual(next, token)
			await passes(row, next)
		},
	},
	{
		name: 'two on a page',
		run: async (page, row, way) => {
			await show(page, way, 'a')
			await show(page, way, 'b')
			await boxOf(page, '#a').waitFor()
			const second = await solved(page, row, 'b')

			assert.equal(await valueOf(page, row, 'a'), '')
			await isChecked(page, '#a', 'false')
			await passes(row, await solved(page, row, 'a'))
			await passes(row, second)
		},
	},
	{
		name: 'is removed and shown again',
		run: async (page, row, way) => {
			await show(page, way, 'a')
			await solved(page, row, 'a')
			await hide(page, 'a')
			await page.locator('#a iframe').waitFor(
				{ state: 'detached' })
			await show(page, way, 'a')
			await isChecked(page, '#a', 'false')
			assert.equal(await valueOf(page, row, 'a'), '')
			await passes(row, await solved(page, row, 'a', 2))
		},
	},
	{
		name: 'is removed while the challenge is open',
		run: async (page, row, way) => {
			await show(page, way, 'a')
			await boxOf(page, '#a').click()
			await fieldOf(page).waitFor()
			await hide(page, 'a')
			await page.locator('dialog').waitFor(
				{ state: 'detached' })
			await show(page, way, 'a')
			await passes(row, await solved(page, row, 'a'))
		},
	},
	{
		name: 'invisible',
		if: 'execute',
		run: async (page, row, way) => {
			const { execute, flavour, gives } = row
			const field = FLAVOURS[flavour].field

			await show(page, way, 'a', { isInvisible: true })
			await page.locator(`#a [name=${field}]`).waitFor(
				{ state: 'attached' })
			assert.equal(await page.locator('#a iframe:visible')
				.count(), 0)
			const promise = call(page, 'a', execute)

			await answer(page)
			const token = await heard(page, 'a solved ')
			const given = await promise

			if (gives)
				assert.equal(gives(given), token)
			assert.equal(await valueOf(page, row, 'a'), token)
			await passes(row, token)
		},
	},
	{
		name: 'a promise says that the challenge was closed',
		if: 'closes',
		run: async (page, row, way) => {
			await show(page, way, 'a', { isInvisible: true })
			await page.locator('#a textarea').first().waitFor(
				{ state: 'attached' })
			const refusal = assert.rejects(
				call(page, 'a', row.execute),
				/challenge-closed/)

			await fieldOf(page).press('Escape')
			await refusal
			await heard(page, 'a closed')
		},
	},
	{
		name: 'tells that the host is wrong',
		host: 'other.example.org',
		options: { isLoud: true },
		run: async (page, row, way) => {
			await show(page, way, 'a')
			await heard(page, `a ${FLAVOURS[row.flavour].error}`)
			await frameOf(page, '#a').getByRole('alert')
				.getByText('other.example.org').waitFor()
		},
	},
]

const caseOf = (row, way, step) => ({
	name: `${row.name}, ${way}: ${step.name}`,
	address: new URL(write(row, way),
		`https://${step.host ?? 'forum.example.org'}`).href,
	// the authority is this test's own
	options: { ignoreHTTPSErrors: true, ...step.options },
	run: page => step.run(page, row, way),
})

const cases = WRAPPERS.flatMap(row => row.ways.flatMap((way, i) =>
	STEPS.filter(step => i === 0
		? !step.if || row[step.if] : step.isOfAllWays)
		.map(step => caseOf(row, way, step))))

bundle(HTDOCS, WRAPPERS.map(({ name }) => name)).then(() => run(
	cases.filter(({ name }) => new RegExp(ONLY || '').test(name)),
	'wrappers'))
