import Reaptcha from 'reaptcha'
import { beginReact } from './react.js'

beginReact(Reaptcha, ({ sitekey, isInvisible }, note) => ({
	sitekey,
	size: isInvisible ? 'invisible' : 'normal',
	onVerify: token => note('solved', token),
	onExpire: () => note('expired'),
	onError: () => note('error'),
}))
