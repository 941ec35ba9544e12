import VueTurnstile from 'vue-turnstile'
import { beginVue } from './vue.js'

beginVue(VueTurnstile, ({ sitekey }, note) => ({
	siteKey: sitekey,
	modelValue: '',
	'onUpdate:modelValue': token =>
		note(token ? 'solved' : 'emptied', token),
	onExpired: () => note('expired'),
	onError: code => note('error', code),
}))
