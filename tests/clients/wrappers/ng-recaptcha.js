// Its package is compiled in part: the rest happens here, in the page.
import 'zone.js'
import '@angular/compiler'
import { createComponent, importProvidersFrom } from '@angular/core'
import { createApplication } from '@angular/platform-browser'
import { RECAPTCHA_BASE_URL, RecaptchaComponent, RecaptchaModule }
	from 'ng-recaptcha'
import { SITE, begin } from './page.js'

const WAYS = {
	option: [{
		provide: RECAPTCHA_BASE_URL,
		useValue: `${SITE}/recaptcha/api.js`,
	}],
	name: [],
}
let application

begin(async (place, { sitekey, isInvisible, way }, note) => {
	application ??= createApplication({
		providers: [importProvidersFrom(RecaptchaModule), ...WAYS[way]],
	})
	const angular = await application
	const hostElement = document.createElement('re-captcha')

	place.append(hostElement)
	const component = createComponent(RecaptchaComponent,
		{ hostElement, environmentInjector: angular.injector })

	component.setInput('siteKey', sitekey)
	component.setInput('errorMode', 'handled')
	component.setInput('size', isInvisible ? 'invisible' : 'normal')
	component.instance.resolved.subscribe(token =>
		note(token ? 'solved' : 'emptied', token ?? ''))
	component.instance.errored.subscribe(() => note('error'))
	angular.attachView(component.hostView)
	angular.tick()
	return {
		component: () => component.instance,
		unmount: () => component.destroy(),
	}
})
