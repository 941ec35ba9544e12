"use strict";
/*
 * The demo page without JavaScript, and the form of examples/form.html. box.js
 * has the demo page with its element. Run by demo.sh, which says where the
 * service is.
 */
const assert = require("node:assert/strict");
const {codeOf} = require("./browser.js");
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

/* Wait until the page has another pid; returns it. */
const nextPid = async (page, old) => {
    for (let i = 0; i < 100 && await pidOf(page) === old; i++)
        await new Promise((done) => setTimeout(done, 100));
    assert.notEqual(await pidOf(page), old, "no new picture");
    return pidOf(page);
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
		 `${WRONG} Upper or lower case, both work.`);
    assert.notEqual(await pidOf(page), pid);
    assert.match(await pictureOf(page), /^data:image\/png;base64,/);
    await shot(page, "no-script-wrong");
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

formHtml("a right code is accepted by the back end", async (page) => {
    await page.waitForFunction(() => document.forms[0].pid.value);
    const pid = await pidOf(page);
    await page.getByLabel("Message").fill("Hello");
    await page.getByLabel("Characters").fill(codeOf(pid));
    await page.getByRole("button", {name: "Send"}).click();
    await page.getByText("Thank you, your message was sent.").waitFor();
    await page.goBack();
    await page.waitForFunction((old) => document.forms[0].pid.value &&
        document.forms[0].pid.value !== old, pid);
});

formHtml("a wrong code is refused; New picture shows another", async (page) => {
    await page.waitForFunction(() => document.forms[0].pid.value);
    const pid = await pidOf(page);
    await page.getByRole("button", {name: "New picture"}).click();
    await page.waitForFunction((old) => document.forms[0].pid.value !== old,
        pid);
    await page.screenshot({
        path: `${process.env.SCREENSHOTS}/form.png`});
    await page.getByLabel("Message").fill("Hello");
    await page.getByLabel("Characters").fill("nonono");
    await page.getByRole("button", {name: "Send"}).click();
    await page.getByText("Not sent. That answer does not match").waitFor();
    await page.getByText("Hello").waitFor();
});

formHtml("the picture has its size, and the label its kind", async (page) => {
    await page.waitForFunction(() => document.forms[0].pid.value);
    const box = await page.getByRole("img", {name: "Captcha"}).boundingBox();
    assert.deepEqual([box.width, box.height], [240, 80]);
    await page.route("**/verification/get", async (route) => {
        const response = await route.fetch();
        const json = {...await response.json(), kind: "arithmetic", width: 120};
        await route.fulfill({response, json});
    });
    await page.getByRole("button", {name: "New picture"}).click();
    await page.getByLabel("Result of the sum in the picture").waitFor();
    assert.equal((await page.getByRole("img").boundingBox()).width, 120);
});

formHtml("an old picture is replaced while there is no code", async (page) => {
    await page.waitForFunction(() => document.forms[0].pid.value);
    const pid = await pidOf(page);
    await page.getByLabel("Message").fill("Hello");
    await page.clock.fastForward(271000);
    const second = await nextPid(page, pid);
    await page.getByLabel("Characters").fill("abc");
    await page.clock.fastForward(600000);
    assert.equal(await pidOf(page), second);
    assert.equal(await page.getByLabel("Message").inputValue(), "Hello");
}, {hasClock: true});

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
