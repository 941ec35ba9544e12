"use strict";
/*
 * The page that plays sounds to a person and scores them, opened from a file.
 * Run by listen.sh: LABELS has the digits of the same seed.
 */
const assert = require("node:assert/strict");
const {readFileSync} = require("node:fs");
const {run} = require("./cases.js");

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const DIGITS = readFileSync(process.env.LABELS, "utf8").trim().split("\n")
    .map((line) => line.split("\t")[1]);
const cases = [];
const listen = (name, run, options = {}) => cases.push({name, run, options,
    address: `file://${process.env.PAGE}`});

const shot = (page, name) =>
    page.screenshot({path: `${process.env.SCREENSHOTS}/listen-${name}.png`});

/* What axe finds wrong. The page's policy keeps other scripts out. */
const faults = (page) => page.evaluate(`(() => { ${AXE};
    return axe.run().then((result) => result.violations.map((v) => v.id));
})()`);

/* Hear and answer a sound by keyboard: the focus is on its heading. */
const answer = async (page, digits, plays = 1) => {
    for (let i = 0; i < plays; i++) {
        await page.getByRole("button", {name: /Play|Again/}).focus();
        await page.keyboard.press("Enter");
    }
    await page.keyboard.type(digits); /* the focus went to the field */
    await page.keyboard.press("Enter");
};

for (const colorScheme of ["light", "dark"])
    listen(`axe finds nothing, ${colorScheme}`, async (page) => {
        assert.deepEqual(await faults(page), []);
        await page.getByRole("button", {name: "Begin"}).click();
        assert.deepEqual(await faults(page), []);
        await shot(page, colorScheme);
        await page.setViewportSize({width: 320, height: 480});
        assert.equal(await page.evaluate(
            "document.documentElement.scrollWidth"), 320);
    }, {colorScheme});

listen("a sound plays, and its digits are nowhere to be seen", async (page) => {
    await page.getByRole("button", {name: "Begin"}).click();
    await page.getByRole("button", {name: "Play"}).click();
    /* not waitForFunction: the page's policy forbids to evaluate texts */
    await page.evaluate(() => new Promise((resolve) => {
        audio.ontimeupdate = () => audio.currentTime > 0.2 && resolve();
        audio.ontimeupdate();
    }));
    assert.ok(await page.evaluate("audio.duration") >= 5);
    assert.ok(!(await page.locator("main").innerText()).includes(DIGITS[0]));
    await page.getByRole("button", {name: "Slower"}).click();
    assert.equal(await page.evaluate("audio.playbackRate"), 0.75);
});

listen("what is missing is said, and nothing is counted", async (page) => {
    await page.getByRole("button", {name: "Begin"}).click();
    await page.keyboard.press("Tab");
    await page.getByLabel("The six digits").fill("123456");
    await page.keyboard.press("Enter");
    assert.equal(await page.getByRole("status").innerText(),
        "Play the sound first.");
    await answer(page, "x");
    assert.equal(await page.getByRole("status").innerText(),
        "Type six digits. A guess counts, too.");
    assert.equal(await page.locator("#number").innerText(), "1");
});

listen("20 sounds by keyboard, and the score", async (page) => {
    const last = DIGITS[19].replace(/.$/, (d) => (Number(d) + 1) % 10);

    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    for (const [i, digits] of DIGITS.entries())
        await answer(page, i < 19 ? digits.replace(/.../, "$& ") : last,
            i < 9 ? 1 : 2);
    assert.equal(await page.locator("#result").innerText(),
        "19 of 20 codes are right, and 119 of 120 digits. " +
        "Median of plays again: 1.");
    assert.match(await page.locator("#line").inputValue(), new RegExp(
        "^\\| \\d{4}-\\d\\d-\\d\\d \\| en \\| [0-9a-f]{16} \\| 60 dB \\| " +
        "19 of 20 \\| 119 of 120 \\| 1 \\|$"));
    assert.equal(await page.locator("tbody tr").count(), 20);
    assert.deepEqual(await faults(page), []);
    await shot(page, "end");
});

run(cases, "listen");
