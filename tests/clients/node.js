// express-recaptcha, recaptcha2 or hcaptcha, of npm.
'use strict'

const { SECRET: secret, TOKEN: token, URL: url } = process.env
const ip = '203.0.113.9'

const refused = codes => `refused ${[].concat(codes ?? []).join(' ')}`.trim()

const clients = {
	'express-recaptcha': tell => {
		const { RecaptchaV2 } = require('express-recaptcha')
		const request = {
			body: { 'g-recaptcha-response': token },
			headers: { 'x-forwarded-for': `${ip}, 10.0.0.1` },
			connection: {},
		}

		new RecaptchaV2('forum', secret, { checkremoteip: true }).verify(
			request,
			(error, data) => tell(error
				? refused(error)
				: `pass ${data.hostname}`))
	},
	recaptcha2: tell => {
		const Recaptcha2 = require('recaptcha2')
		const client = new Recaptcha2({ siteKey: 'forum',
			secretKey: secret })

		client.apiEndpoint = `${url}/recaptcha/api/siteverify`
		client.validate(token, ip)
			.then(() => tell('pass'), codes => tell(refused(codes)))
	},
	hcaptcha: tell => {
		require('hcaptcha').verify(secret, token, ip, 'forum')
			.then(answer => tell(answer.success
				? `pass ${answer.sitekey}`
				: refused(answer['error-codes'])),
			error => tell(`error ${error.name}`))
	},
}

clients[process.argv[2]](line => console.log(line))
