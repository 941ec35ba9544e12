import { hCaptchaLoader } from '@hcaptcha/loader'
import { SITE, begin } from './page.js'

const WAYS = {
	option: { scriptSource: `${SITE}/1/api.js` },
	apihost: { apihost: SITE },
	name: {},
}

begin(async (place, { sitekey, isInvisible, way }, note) => {
	const hcaptcha = await hCaptchaLoader(
		{ ...WAYS[way], render: 'explicit' })
	const id = hcaptcha.render(place, {
		sitekey,
		size: isInvisible ? 'invisible' : 'normal',
		callback: token => note('solved', token),
		'expired-callback': () => note('expired'),
		'error-callback': code => note('error', code),
		'close-callback': () => note('closed'),
	})

	return {
		component: () => ({
			reset: () => hcaptcha.reset(id),
			execute: options => hcaptcha.execute(id, options),
		}),
		unmount: () => hcaptcha.remove(id),
	}
})
