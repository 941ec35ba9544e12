import { mount, unmount } from 'svelte'
import { Turnstile } from 'svelte-turnstile'
import { begin } from './page.js'

begin((target, { sitekey }, note) => {
	const component = mount(Turnstile, {
		target,
		props: { siteKey: sitekey },
		events: {
			callback: ({ detail }) => note('solved', detail.token),
			expired: () => note('expired'),
			error: ({ detail }) => note('error', detail.code),
		},
	})

	return {
		component: () => component,
		unmount: () => unmount(component),
	}
})
