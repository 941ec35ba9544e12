"use strict";
// A contact form with a captcha. Needs Express 5 (npm install express). To try it:
//
//     script/server
//     SITE_SECRET=$(build/captchactl site show default --secret --config var/captcha.conf) \
//         SERVICE_URL=http://127.0.0.1:8080/captcha node contact.js 8000
const express = require("express");

// Where the service is, for browsers and for this program.
const service = process.env.SERVICE_URL ?? "http://127.0.0.1/captcha";

// Whether a visitor earned this token: yes once, and no when nobody can say.
const verify = (token) => fetch(`${service}/siteverify`, {
    method: "POST", signal: AbortSignal.timeout(5000),
    body: new URLSearchParams({secret: process.env.SITE_SECRET, response: token}),
}).then((answer) => answer.json()).then((answer) => answer.success === true)
    .catch(() => false);

const html = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const page = (says, form) => `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Contact</title>
<script src="${service}/widget.js" defer></script>
<p role="status">${says}</p>
${form}`;

const formOf = (message) => `<form method="post">
<p><label>Message<br><textarea name="message" required>
${html(message)}</textarea></label></p>
<captcha-box sitekey="default" required>
<a href="${service}/recaptcha/api/fallback?k=default" target="_blank">Show that you are human</a>
</captcha-box>
<noscript><p><label>and copy the text here:<br>
<textarea name="captcha-response"></textarea></label></p></noscript>
<p><button>Send</button></p>
</form>
`;

const app = express();
app.get("/{*path}", (req, res) => res.send(page("", formOf(""))));
app.post("/{*path}", express.urlencoded({extended: false}), async (req, res) => {
    const {message = "", "captcha-response": token = ""} = req.body ?? {};
    if (await verify(token))
        res.send(page("Thank you, your message was sent.", "")); // send it here
    else
        res.status(422).send(page("Not sent. Please answer the captcha again.", formOf(message)));
});
app.listen(process.argv[2], "127.0.0.1");
