"use strict";
/*
 * The demo page without JavaScript, and the form of examples/form.html. box.js
 * has the demo page with its element. Run by demo.sh, which says where the
 * service is.
 */
const assert = require("node:assert/strict");
const {codeOf, newestCode, newestDigits} = require("./browser.js");
const {run} = require("./cases.js");

const SITE = process.env.SITE;
const DEMO = `${SITE}/captcha/demo`;
const RIGHT = "That is right. Here is a new one.";
const WRONG = "That is not what the picture said. Here is a new one.";
const USED = "That picture has expired or was answered before. " +
    "Here is a new one.";
const EMPTY = "Type the answer first.";

/* --- the page ------------------------------------------------------------- */

const pidOf = (page) => page.locator("input[name=pid]").inputValue();
const pictureOf = (page) => page.locator("#captcha").getAttribute("src");
const messageOf = async (page) =>
    (await page.locator("#result").textContent()).trim();
const shot = (page, name) =>
    page.screenshot({path: `${process.env.SCREENSHOTS}/demo-${name}.png`});

const answer = async (page, text) => {
    await page.getByLabel("Characters").fill(text);
    await page.getByRole("button", {name: "Send"}).click();
};

const isInvalid = (page) =>
    page.getByLabel("Characters").getAttribute("aria-invalid");

/* What a screen reader says of the field beside its name. */
const describes = (page) => page.getByLabel("Characters").evaluate((field) =>
    field.getAttribute("aria-describedby").split(" ")
        .map((id) => document.getElementById(id).textContent.trim())
        .join(" ").trim());

/* --- cases ---------------------------------------------------------------- */

const cases = [];
const noScript = (name, run) =>
    cases.push({name: `no JavaScript: ${name}`, run, address: DEMO,
        options: {javaScriptEnabled: false}});
/* Loud: there is no /favicon.ico. */
const formHtml = (name, run, options = {}) =>
    cases.push({name: `form.html: ${name}`, run,
        options: {isLoud: true, ...options}, address: `${SITE}/form.html`});

noScript("a wrong answer: a message and a new picture", async (page) => {
    const pid = await pidOf(page);

    await answer(page, "no" + codeOf(pid));
    assert.equal(await messageOf(page), WRONG);
    assert.equal(await isInvalid(page), "true");
    assert.equal(await describes(page),
		 `${WRONG} Upper or lower case, both work. ` +
		 "Or type the six digits you hear.");
    assert.notEqual(await pidOf(page), pid);
    assert.match(await pictureOf(page), /^data:image\/png;base64,/);
    await shot(page, "no-script-wrong");
});

noScript("the sound plays, and its digits pass", async (page) => {
    const part = page.waitForResponse(/\/audio\/.*\.wav/);

    await page.locator("audio").focus();
    await page.keyboard.press("Space");
    assert.equal((await part).status(), 206);
    await shot(page, "no-script-sound");
    await answer(page, newestDigits());
    assert.equal(await messageOf(page), RIGHT);
});

noScript("a right answer passes once", async (page) => {
    const pid = await pidOf(page);

    await answer(page, codeOf(pid));
    assert.equal(await messageOf(page), RIGHT);
    assert.equal(await isInvalid(page), "false");
    await shot(page, "no-script-right");
    await page.reload(); /* which sends the form again */
    assert.equal(await messageOf(page), USED);
    assert.notEqual(await pidOf(page), pid);
});

noScript("going back shows a new challenge", async (page) => {
    const pid = await pidOf(page);

    await answer(page, codeOf(pid));
    assert.equal(await messageOf(page), RIGHT);
    await page.goBack();
    const second = await pidOf(page);
    assert.notEqual(second, pid);
    await answer(page, codeOf(second));
    assert.equal(await messageOf(page), RIGHT);
});

noScript("New picture and an empty answer", async (page) => {
    const pid = await pidOf(page);

    await page.getByRole("button", {name: "New picture"}).click();
    assert.notEqual(await pidOf(page), pid);
    await answer(page, "");
    assert.equal(await messageOf(page), `${EMPTY} Here is a new one.`);
});

const box = (page) => page.locator("captcha-box");
const field = (page) => box(page).locator("[part=field]");
const accepted = (page) =>
    page.getByText("Thank you, your message was sent.").waitFor();

formHtml("a right answer is accepted by the back end", async (page) => {
    await page.getByLabel("Message").fill("Hello");
    await box(page).locator("[part=picture]:not(.wait)").waitFor();
    await page.screenshot({path: `${process.env.SCREENSHOTS}/form.png`});
    await field(page).fill(newestCode());
    await page.getByRole("button", {name: "Send"}).click();
    await accepted(page);
});

formHtml("a wrong answer is not sent", async (page) => {
    await page.getByLabel("Message").fill("Hello");
    await field(page).fill("nonono");
    await page.getByRole("button", {name: "Send"}).click();
    await page.getByText("Not right. Try the new task.").waitFor();
    assert.equal(await page.getByLabel("Message").inputValue(), "Hello");
    await field(page).fill(newestCode());
    await page.getByRole("button", {name: "Send"}).click();
    await accepted(page);
});

formHtml("without scripts: a token is copied", async (page) => {
    const [popup] = await Promise.all([
        page.waitForEvent("popup"),
        page.getByRole("link", {name: "Show that you are human"}).click(),
    ]);
    await popup.getByRole("textbox").fill(newestCode());
    await popup.getByRole("button", {name: "Check"}).click();
    const token = await popup.locator("textarea").inputValue();
    await page.getByLabel("Message").fill("Hello");
    await page.getByLabel("copy the text").fill(token);
    await page.getByRole("button", {name: "Send"}).click();
    await accepted(page);
}, {javaScriptEnabled: false});

formHtml("without an answer the back end refuses", async (page) => {
    await page.getByLabel("Message").fill("Hello");
    await page.getByRole("button", {name: "Send"}).click();
    await page.getByText("Not sent. Please answer the captcha").waitFor();
    assert.equal(await page.getByLabel("Message").inputValue(), "Hello");
}, {javaScriptEnabled: false});

formHtml("another site may call only if allow_origin lists it",
    async (page) => {
        const other = SITE.replace("127.0.0.1", "localhost");
        const call = (base) => page.evaluate(async (address) =>
            (await fetch(address + "/captcha/verification/get")).json(), base);

        await assert.rejects(call(other), /Failed to fetch/);
        await page.goto(`${other}/form.html`);
        assert.match((await call(SITE)).pid, /^[0-9A-Za-z]{16}$/);
    });

run(cases, "demo");
