'use strict'
/*
 * The page of MediaWiki that makes an account, in Chromium without scripts:
 *
 *	wiki.js token            solve the captcha in its frame, print the token
 *	wiki.js make NAME [TOKEN]  make an account, with a token of the frame if
 *	                         there is none; print "made", or what the wiki says
 */
const { writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { launch, newestCode } = require('../browser/browser.js')

const { SCREENSHOTS, SENT, WIKI } = process.env

const shot = (page, name) => page.screenshot({
	path: join(SCREENSHOTS, `wiki-${name}.png`),
	fullPage: true,
})

const solve = async page => {
	const frame = page.frameLocator('iframe[src*="/fallback?"]')

	await frame.getByRole('textbox').waitFor()
	await shot(page, 'asks')
	await frame.getByRole('textbox').fill(newestCode())
	await frame.getByRole('button', { name: 'Check' }).click()
	const token = await frame.locator('textarea').inputValue()

	await shot(page, 'solved')
	return token
}

const make = async (page, name, given) => {
	const token = given ?? await solve(page)

	writeFileSync(SENT, token)
	await page.locator('#wpName2').fill(name)
	await page.locator('#wpPassword2').fill('a-long-password-2')
	await page.locator('#wpRetype').fill('a-long-password-2')
	await page.locator('textarea[name="g-recaptcha-response"]').fill(token)
	await page.locator('#wpCreateaccount').click()
	await page.waitForLoadState()
	await shot(page, given ? 'again' : 'made')
	const error = page.locator('.mw-message-box-error')

	return await error.count() ? (await error.innerText()).trim() : 'made'
}

const main = async ([verb, ...rest]) => {
	const browser = await launch()
	const page = await browser.newPage({
		javaScriptEnabled: false,
		ignoreHTTPSErrors: true, // the authority is this test's own
	})

	await page.goto(`${WIKI}/index.php?title=Special:CreateAccount`)
	console.log(await (verb === 'token' ? solve(page) : make(page, ...rest)))
	await browser.close()
}

main(process.argv.slice(2)).catch(error => {
	console.log(error.message)
	process.exit(1)
})
