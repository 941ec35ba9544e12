'use strict'
/*
 * The page of MediaWiki that makes an account, in Chromium, with the module of
 * ConfirmEdit that MODULE names. SCRIPTS=on: the page has the box; off: it has
 * the page without scripts in a frame, and the visitor copies the token.
 *
 *	wiki.js token		solve the captcha, print the token
 *	wiki.js make NAME [TOKEN]
 *		make an account, with a token of the captcha if none is given;
 *		print "made", or what the wiki says
 *	wiki.js elsewhere	what the box says on a host of no site
 */
const { writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { launch, newestCode } = require('../browser/browser.js')
const visitor = require('../browser/visitor.js')

const { MODULE, SCREENSHOTS, SCRIPTS, SENT, WIKI } = process.env
const FORM = `${WIKI}/index.php?title=Special:CreateAccount`

/* The place of the box, and the field of the token. */
const [place, field] = {
	ReCaptchaNoCaptcha: ['.g-recaptcha', 'g-recaptcha-response'],
	hCaptcha: ['.h-captcha', 'h-captcha-response'],
}[MODULE]

const shot = (page, name) => page.screenshot({
	path: join(SCREENSHOTS, `wiki-${MODULE}-${SCRIPTS}-${name}.png`),
	fullPage: true,
})

const solvers = {
	off: async page => {
		const frame = page.frameLocator('iframe[src*="/fallback?"]')

		await frame.getByRole('textbox').waitFor()
		await shot(page, 'asks')
		await frame.getByRole('textbox').fill(newestCode())
		await frame.getByRole('button', { name: 'Check' }).click()
		// it is there before its text
		return frame.locator('textarea').filter({ hasText: 'C1_' })
			.inputValue()
	},
	on: async page => {
		await visitor.boxOf(page, place).waitFor()
		await shot(page, 'asks')
		await visitor.solve(page, place)
		await visitor.isChecked(page, place)
		const token = await page.waitForFunction(name =>
			document.getElementsByName(name)[0].value, field)

		return token.jsonValue()
	},
}
const solve = async page => {
	const token = await solvers[SCRIPTS](page)

	await shot(page, 'solved')
	return token
}

/* How a token of elsewhere gets into the form: by hand, and as a program that
 * knows the field, and needs no api.js. */
const givers = {
	off: (page, token) =>
		page.locator(`textarea[name="${field}"]`).fill(token),
	on: (page, token) => page.locator('#wpCreateaccount').evaluate(
		({ form }, [name, value]) => {
			const given = form.elements[name] ??
				document.createElement('textarea')

			Object.assign(given, { name, value })
			form.append(given)
		}, [field, token]),
}

const make = async (page, name, given) => {
	const token = given ?? await solve(page)

	writeFileSync(SENT, token)
	await page.locator('#wpName2').fill(name)
	await page.locator('#wpPassword2').fill('a-long-password-2')
	await page.locator('#wpRetype').fill('a-long-password-2')
	if (given || SCRIPTS === 'off')
		await givers[SCRIPTS](page, token)
	await Promise.all([
		page.waitForNavigation(),
		page.locator('#wpCreateaccount').click(),
	])
	await shot(page, given ? 'again' : 'made')
	const error = page.locator('.mw-message-box-error')

	return await error.count() ? (await error.innerText()).trim() : 'made'
}

const elsewhere = async page => {
	await page.goto(FORM.replace('localhost', '127.0.0.1'))
	const alert = visitor.frameOf(page, place).getByRole('alert')

	await alert.waitFor()
	await shot(page, 'elsewhere')
	return alert.innerText()
}

const main = async ([verb, ...rest]) => {
	const browser = await launch()
	const page = await browser.newPage({
		javaScriptEnabled: SCRIPTS === 'on',
		ignoreHTTPSErrors: true, // the authority is this test's own
	})

	page.setDefaultTimeout(60000)
	await page.goto(FORM)
	const does = { token: solve, make, elsewhere }[verb]

	console.log(await does(page, ...rest))
	await browser.close()
}

main(process.argv.slice(2)).catch(error => {
	console.log(error.message)
	process.exit(1)
})
