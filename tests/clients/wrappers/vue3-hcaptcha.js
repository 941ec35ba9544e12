import VueHcaptcha from '@hcaptcha/vue3-hcaptcha'
import { SITE } from './page.js'
import { beginVue } from './vue.js'

const WAYS = {
	tag: {},
	option: { apiEndpoint: `${SITE}/1/api.js` },
	name: {},
}

beginVue(VueHcaptcha, ({ sitekey, isInvisible, way }, note) => ({
	...WAYS[way],
	sitekey,
	size: isInvisible ? 'invisible' : 'normal',
	onVerify: token => note('solved', token),
	onExpired: () => note('expired'),
	onError: code => note('error', code),
	onClosed: () => note('closed'),
}))
