import { createElement, createRef } from 'react'
import { createRoot } from 'react-dom/client'
import { begin } from './page.js'

export const beginReact = (Component, propsOf) =>
	begin((place, options, note) => {
		const root = createRoot(place)
		const ref = createRef()

		root.render(createElement(Component,
			{ ...propsOf(options, note), ref }))
		return {
			component: () => ref.current,
			unmount: () => root.unmount(),
		}
	})
