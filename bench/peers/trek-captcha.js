// trek-captcha (npm): GIF in plain JavaScript, always 200x70. Default options:
// five letters.
//
//	node trek-captcha.js SECONDS DIR
//
// As svg-captcha.js.
'use strict'
const fs = require('fs')
const captcha = require('trek-captcha')
const { measure } = require('./measure')

const draw = async () => (await captcha()).buffer

async function main() {
  for (let i = 0; i < 20; i++) fs.writeFileSync(`${process.argv[3]}/${i}.gif`, await draw())
  await measure(Number(process.argv[2]), draw)
}
main()
