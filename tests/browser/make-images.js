"use strict";
/* A picture of the form of the demo page after a wrong answer. */
const {launch} = require("./browser.js");

(async () => {
    const browser = await launch();
    const page = await browser.newPage({viewport: {width: 480, height: 640}});

    await page.goto(`${process.env.SITE}/captcha/demo`);
    await page.getByLabel("Characters").fill("nonono");
    await page.keyboard.press("Enter");
    await page.locator("#result.bad").waitFor();
    await page.waitForFunction(() => !document.body.matches(".busy"));
    const box = await page.locator("main").boundingBox();
    await page.screenshot({path: process.argv[2], clip: {
        x: box.x - 24, y: box.y - 24,
        width: box.width + 48, height: box.height + 48}});
    await browser.close();
})();
