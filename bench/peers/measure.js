// What the two programs for Node share: draw for some seconds of CPU time,
// of all threads, after a fifth of that to let the compiler settle.
'use strict'
const fs = require('fs')

function cpuSeconds() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

async function drawFor(seconds, draw) {
  const began = cpuSeconds()
  let pictures = 0
  let bytes = 0
  while (pictures % 16 || cpuSeconds() - began < seconds) {
    bytes += (await draw(pictures++)).length
  }
  return { pictures, bytes, seconds: cpuSeconds() - began }
}

exports.measure = async function measure(seconds, draw) {
  await drawFor(seconds / 5, draw)
  const done = await drawFor(seconds, draw)
  const peak = /VmHWM:\s*(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]
  console.log(JSON.stringify({
    pictures: done.pictures,
    cpu_seconds: Number(done.seconds.toFixed(3)),
    per_cpu_second: Math.round(done.pictures / done.seconds),
    mean_bytes: Math.round(done.bytes / done.pictures),
    resident_kb: Number(peak)
  }))
}
