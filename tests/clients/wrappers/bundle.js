'use strict'
const { readFile } = require('node:fs/promises')
const { join } = require('node:path')
const { build } = require('esbuild')
const { compile } = require('svelte/compiler')

const svelte = {
	name: 'svelte',
	setup: ({ onLoad }) => onLoad({ filter: /\.svelte$/ },
		async ({ path }) => {
			const { js } = compile(await readFile(path, 'utf8'), {
				filename: path,
				generate: 'client',
				css: 'external',
			})

			return { contents: js.code }
		}),
}

/* A script in the directory for each of the pages, with the packages that it
 * imports, unchanged. */
exports.bundle = (outdir, pages) => build({
	entryPoints: pages.map(name => join(__dirname, `${name}.js`)),
	outdir,
	nodePaths: process.env.NODE_PATH.split(':'),
	bundle: true,
	format: 'iife',
	logLevel: 'warning',
	conditions: ['svelte', 'browser', 'module'],
	mainFields: ['browser', 'module', 'main'],
	plugins: [svelte],
	define: {
		'process.env.NODE_ENV': '"production"',
		__VUE_OPTIONS_API__: 'true',
		__VUE_PROD_DEVTOOLS__: 'false',
		__VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
	},
})
