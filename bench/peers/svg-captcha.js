// svg-captcha (npm): SVG text, letters as paths. Default options but for the
// size and the number of letters.
//
//	node svg-captcha.js SECONDS DIR
//
// Draws for so many seconds of CPU time and prints what bench/draw prints;
// leaves a few pictures in DIR.
'use strict'
const fs = require('fs')
const captcha = require('svg-captcha')
const { measure } = require('./measure')

const draw = i => captcha.create({ width: 240, height: 80, size: 5 + i % 2 }).data

for (let i = 0; i < 20; i++) fs.writeFileSync(`${process.argv[3]}/${i}.svg`, draw(i))
measure(Number(process.argv[2]), draw)
