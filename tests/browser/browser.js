"use strict";
/* Chromium for tests: it fetches, sends and keeps nothing of its own. */
const {execFileSync} = require("node:child_process");
const {createHmac} = require("node:crypto");
const {chromium} = require("playwright-core");

exports.FLAGS = ["--headless", "--no-sandbox", "--disable-gpu",
    "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"];

exports.launch = () => chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: exports.FLAGS,
});

/* The code of the newest challenge. */
exports.newestCode = () =>
    execFileSync(process.env.NEWEST_CODE, {encoding: "utf8"}).trim();

/* The digits that the sound of the newest challenge says. */
exports.newestDigits = () => {
    const [key, pid] = execFileSync(process.env.NEWEST_PID,
        {encoding: "utf8"}).trim().split("|");
    const hash = createHmac("sha256", Buffer.from(key, "hex"))
        .update(`captcha-audio-v1${pid}`).digest();

    return [...hash].filter((byte) => byte < 250).map((byte) => byte % 10)
        .slice(0, 6).join("");
};

/* The code of a live challenge, from the database; "" if there is none. */
exports.codeOf = (pid) => {
    if (!/^[0-9A-Za-z]{16}$/.test(pid))
        throw new Error(`no pid: ${pid}`);
    return execFileSync(process.env.CODE_OF, [pid], {encoding: "utf8"}).trim();
};
