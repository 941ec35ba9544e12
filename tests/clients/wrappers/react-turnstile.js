import { Turnstile } from '@marsidev/react-turnstile'
import { beginReact } from './react.js'

beginReact(Turnstile, ({ sitekey, isInvisible }, note) => ({
	siteKey: sitekey,
	options: isInvisible
		? { execution: 'execute', appearance: 'execute' } : {},
	onWidgetLoad: id => note(id ? 'rendered' : 'has no id'),
	onSuccess: token => note('solved', token),
	onExpire: () => note('expired'),
	onError: code => note('error', code),
}))
