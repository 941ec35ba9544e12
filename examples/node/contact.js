"use strict";
// A contact form with a captcha, verified on the server. Needs no JavaScript in
// the page, and Express 5 (npm install express). To try it:
//
//     CAPTCHA_TRUSTED_PROXIES="127.0.0.1 ::1" script/server
//     SERVICE_URL=http://127.0.0.1:8080/captcha node contact.js 8000
const express = require("express");

// Where the captcha service is, as this server reaches it.
const SERVICE = process.env.SERVICE_URL || "http://127.0.0.1/captcha";
// Texts for visitors; the file has more languages.
const texts = require("../messages.json").en;

// Call the service for the visitor: whether the status is 200, and the answer.
// The service limits visitors, so tell it whose request this is. Its setting
// trusted_proxies has to list this server.
const call = async (req, path, fields) => {
    const visitor = `${req.get("X-Forwarded-For") ?? ""}, ${req.socket.remoteAddress}`;
    try {
        const response = await fetch(SERVICE + path, {
            method: fields ? "POST" : "GET",
            headers: {"X-Forwarded-For": visitor},
            body: fields && new URLSearchParams(fields),
            signal: AbortSignal.timeout(5000),
        });
        return {ok: response.status === 200, answer: await response.json()};
    } catch {
        return {ok: false, answer: {}};
    }
};

const html = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const page = (says, form) => `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Contact</title>
<p role="status">${html(says)}</p>
${form}`;

const formOf = (message, captcha) => `<form method="post">
<p><label>Message<br><textarea name="message" required>
${html(message)}</textarea></label></p>
${captcha ? `<p><img src="${html(captcha.img)}" width="${captcha.width}" height="${captcha.height}" alt="Captcha"></p>
<input type="hidden" name="pid" value="${html(captcha.pid)}">
<p><label>${html(texts.labels[captcha.kind])}
<input name="code" maxlength="64" autocomplete="off" required></label></p>
` : ""}<p><button>Send</button></p>
</form>
`;

// Answer with the form and a new captcha.
const show = async (req, res, status = 200, says = "") => {
    const {ok, answer} = await call(req, "/verification/get");
    const message = says || (ok ? "" : texts.errors["no-picture"]);
    res.status(status).set("Cache-Control", "no-store")
        .send(page(message, formOf(req.body?.message ?? "", ok && answer)));
};

const app = express();
app.get("/", (req, res) => show(req, res));
app.post("/", express.urlencoded({extended: false}), async (req, res) => {
    const {pid = "", code = ""} = req.body ?? {};
    const {ok, answer} = await call(req, "/verification/check", {pid, code});
    if (ok && answer?.success === true) { // nothing else is a yes
        // Send the message here: req.body.message.
        res.send(page("Thank you, your message was sent.", ""));
        return;
    }
    const error = answer?.["error-codes"]?.[0] ?? "unavailable";
    const status = {"too-many-requests": 429, "unavailable": 503}[error] ?? 422;
    await show(req, res, status, `Not sent. ${texts.errors[error]}`);
});
app.listen(process.argv[2], "127.0.0.1");
