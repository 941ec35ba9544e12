/*
 * What the pages of all wrappers have: places, in which the test shows the
 * wrapper, and notes of what the wrapper tells the page.
 *
 * mount(place, options, note) shows the wrapper once, and gives what unmounts
 * it, and a function that gives its component. options are sitekey,
 * isInvisible, and way: how it finds api.js.
 */
const shown = {}

window.notes = []

export const SITE = 'https://captcha.example.org'

export const begin = mount => {
	window.show = async (id, options) => {
		const note = (what, value = '') =>
			window.notes.push(`${id} ${what} ${value}`.trim())

		shown[id] = await mount(document.getElementById(id), options,
			note)
	}
	window.hide = id => shown[id].unmount()
	window.call = (id, method, ...values) =>
		shown[id].component()[method](...values)
}
