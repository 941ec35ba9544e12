"use strict";
/* What tests do with the element <captcha-box>, and look at. */
const {readFileSync} = require("node:fs");
const {newestCode} = require("./browser.js");

const SITE = process.env.SITE;
const AXE = readFileSync(process.env.AXE, "utf8");
const SECRET = "the-secret-of-the-first-site";
const WRONG = "Not right. Try the new task.";

const box = (page) => page.locator("captcha-box");
const part = (page, name) => box(page).locator(`[part=${name}]`);
const shot = async (page, name) => {
    await page.evaluate(() => new Promise((done) => setTimeout(done, 350)));
    await page.screenshot({path: `${process.env.SCREENSHOTS}/box-${name}.png`});
};

/* Of a page without scripts. */
const still = (page, name) =>
    page.screenshot({path: `${process.env.SCREENSHOTS}/box-${name}.png`});

const ready = (page) => page.waitForFunction(() => {
    const root = document.querySelector("captcha-box").shadowRoot;
    return root && !root.querySelector(".empty, .wait") &&
        root.querySelector("label").textContent;
});
const says = (page, name, text) => page.waitForFunction(([part, wanted]) =>
    document.querySelector("captcha-box").shadowRoot
        .querySelector(`[part=${part}]`).textContent === wanted,
[name, text]);
const solved = (page) => page.waitForFunction(() =>
    document.querySelector("captcha-box").value);
const valueOf = (page) => box(page).evaluate((element) => element.value);
const focused = (page) => page.evaluate(() => {
    const inner = document.activeElement.shadowRoot;
    return inner && inner.activeElement
        ? inner.activeElement.getAttribute("part")
        : document.activeElement.name || document.activeElement.textContent;
});
const pictureOf = (page) => part(page, "picture").evaluate((canvas) =>
    canvas.toDataURL());

const solve = async (page) => {
    await part(page, "field").fill(newestCode());
    await part(page, "check").click();
    await solved(page);
};
const fail = async (page) => {
    await part(page, "field").fill("nonono");
    await part(page, "check").click();
    await says(page, "error", WRONG);
    await ready(page);
};

/* What an application is told of a token. */
const verify = async (page, token, secret = SECRET) =>
    (await page.request.post(`${SITE}/captcha/siteverify`,
        {form: {secret, response: token}})).json();

/* What axe finds wrong, with its rules for WCAG 2.2 AA and good practice. */
const axe = async (frame) => {
    await frame.evaluate(AXE);
    const {violations} = await frame.evaluate(() => window.axe.run());
    return violations.map(({id, nodes}) =>
        `${id}: ${nodes.map((node) => node.html).join(" ")}`);
};

Object.assign(exports, {WRONG, axe, box, fail, focused, part, pictureOf, ready,
    says, shot, solve, solved, still, valueOf, verify});
