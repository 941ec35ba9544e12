import ReCAPTCHA from 'react-google-recaptcha'
import { beginReact } from './react.js'

beginReact(ReCAPTCHA, ({ sitekey, isInvisible }, note) => ({
	sitekey,
	size: isInvisible ? 'invisible' : 'normal',
	onChange: token => note('solved', token),
	onExpired: () => note('expired'),
	onErrored: () => note('error'),
}))
