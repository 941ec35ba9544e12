import { createApp, h } from 'vue'
import { begin } from './page.js'

export const beginVue = (Component, propsOf) =>
	begin((place, options, note) => {
		let component
		const app = createApp({
			render: () => h(Component, {
				...propsOf(options, note),
				ref: it => {
					component = it
				},
			}),
		})

		app.mount(place)
		return {
			component: () => component,
			unmount: () => app.unmount(),
		}
	})
