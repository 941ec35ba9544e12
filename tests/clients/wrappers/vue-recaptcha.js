import { VueRecaptcha } from 'vue-recaptcha'
import { SITE } from './page.js'
import { beginVue } from './vue.js'

const WAYS = {
	tag: { loadRecaptchaScript: false },
	option: { recaptchaHost: new URL(SITE).host },
	name: {},
}

beginVue(VueRecaptcha, ({ sitekey, isInvisible, way }, note) => ({
	...WAYS[way],
	sitekey,
	size: isInvisible ? 'invisible' : 'normal',
	onVerify: token => note('solved', token),
	onExpired: () => note('expired'),
	onError: () => note('error'),
}))
