// The server side of ../form.html, in short. Needs Express 5 (npm install express).
//
//     CAPTCHA_TRUSTED_PROXIES="127.0.0.1 ::1" script/server
//     SERVICE_URL=http://127.0.0.1:8080/captcha node short.js 8000
const express = require("express");
const service = process.env.SERVICE_URL ?? "http://127.0.0.1/captcha";

express().post("/contact", express.urlencoded({extended: false}), async (req, res) => {
    const {pid = "", code = ""} = req.body ?? {};
    const visitor = `${req.get("X-Forwarded-For") ?? ""}, ${req.socket.remoteAddress}`;
    const accepted = await fetch(`${service}/verification/check`, {
        method: "POST", body: new URLSearchParams({pid, code}),
        headers: {"X-Forwarded-For": visitor}, signal: AbortSignal.timeout(5000),
    }).then((answer) => answer.ok && answer.json())
        .then((answer) => answer.success === true).catch(() => false);
    res.status(accepted ? 200 : 422)
        .send(accepted ? "Sent." : "Not sent: the code was wrong, too old, or could not be checked.");
}).listen(process.argv[2], "127.0.0.1");
