import HCaptcha from '@hcaptcha/react-hcaptcha'
import { SITE } from './page.js'
import { beginReact } from './react.js'

const WAYS = {
	tag: {},
	option: { scriptSource: `${SITE}/1/api.js` },
	apihost: { apihost: SITE },
	name: {},
}

beginReact(HCaptcha, ({ sitekey, isInvisible, way }, note) => ({
	...WAYS[way],
	sitekey,
	size: isInvisible ? 'invisible' : 'normal',
	onVerify: token => note('solved', token),
	onExpire: () => note('expired'),
	onError: code => note('error', code),
	onClose: () => note('closed'),
}))
