"use strict";
/*
 * Run cases in Chromium, and print TAP. A case has a name, a function of a page,
 * an address, and options of the browser. isLoud: expect complaints on the
 * console. hasClock: the test moves the page's clock. hasBars: scroll bars take
 * room, as on most desktops.
 */
const assert = require("node:assert/strict");
const {launch} = require("./browser.js");

const runCase = async (common, {name, run, options = {}, address}, prefix) => {
    const {isLoud, hasClock, hasBars, ...contextOptions} = options;
    const own = hasBars ? await launch(["--hide-scrollbars"]) : null;
    const browser = own || common;
    const context = await browser.newContext(contextOptions);
    const page = await context.newPage();
    const complaints = [];

    page.setDefaultTimeout(60000); /* the machine may be busy */
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type()))
            complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    try {
        if (hasClock)
            await page.clock.install();
        if (address)
            await page.goto(address);
        await run(page);
        if (!isLoud)
            assert.deepEqual(complaints, [], "the console is not empty");
        return null;
    } catch (error) {
        await page.screenshot({path:
            `${process.env.SCREENSHOTS}/${prefix}-failed.png`})
            .catch(() => {});
        return `${error.stack}\nconsole: ${complaints.join("\n")}`;
    } finally {
        await context.close();
        if (own)
            await own.close();
    }
};

const runAll = async (cases, prefix) => {
    const browser = await launch();
    let nFailed = 0;

    console.log(`1..${cases.length}`);
    for (const [i, one] of cases.entries()) {
        const trouble = await runCase(browser, one, prefix);
        nFailed += trouble ? 1 : 0;
        console.log(`${trouble ? "not ok" : "ok"} ${i + 1} - ${one.name}`);
        if (trouble)
            console.log(trouble.replace(/^/gm, "# "));
    }
    await browser.close();
    process.exitCode = nFailed ? 1 : 0;
};

/* prefix: of the screenshot of a failed case */
exports.run = (cases, prefix) => runAll(cases, prefix).catch((error) => {
    console.log(`Bail out! ${String(error.stack).replace(/\n/g, " ")}`);
    process.exitCode = 1;
});
