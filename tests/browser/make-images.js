"use strict";
/* The pictures of the demo page and of the element in doc/images/. */
const path = require("node:path");
const {launch, newestCode} = require("./browser.js");

const MARGIN = 16;

/* The element in the demo page, or the whole page's form. */
const take = async (browser, {name, what, options, act}) => {
    const page = await browser.newPage({viewport: {width: 480, height: 900},
        ...options});
    const part = (of) => page.locator(`captcha-box [part=${of}]`);
    const ready = () => page.waitForFunction(() => !document
        .querySelector("captcha-box").shadowRoot.querySelector(".empty, .wait"));

    await page.goto(`${process.env.SITE}/captcha/demo`);
    await ready();
    await act(page, part);
    await ready();
    await page.mouse.move(0, 0);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
    const box = await page.locator(what).first().boundingBox();
    await page.screenshot({path: path.join(process.argv[2], name), clip: {
        x: box.x - MARGIN, y: box.y - MARGIN,
        width: box.width + 2 * MARGIN, height: box.height + 2 * MARGIN}});
    await page.close();
};

const fail = async (page, part) => {
    await part("field").fill("nonono");
    await part("check").click();
    await part("error").filter({hasText: /./}).waitFor();
};

const images = [
    {name: "demo.png", what: "main", act: fail},
    {name: "element.png", what: "captcha-box",
        act: async (page, part) => {
            await part("field").fill("ab");
        }},
    {name: "element-dark.png", what: "captcha-box",
        options: {colorScheme: "dark"},
        act: async (page, part) => {
            await part("field").fill(newestCode());
            await part("check").click();
            await part("done").waitFor();
        }},
    {name: "element-sound.png", what: "captcha-box",
        options: {colorScheme: "dark"},
        act: async (page, part) => {
            await part("listen").click();
            await part("slow").click();
            await part("field").pressSequentially("27");
        }},
    {name: "element-arabic.png", what: "captcha-box",
        act: async (page, part) => {
            await page.locator("captcha-box").evaluate((element) => {
                element.lang = "ar";
            });
            await page.locator("captcha-box [dir=rtl]").waitFor();
            await fail(page, part);
        }},
];

(async () => {
    const browser = await launch();

    for (const image of images)
        await take(browser, image);
    await browser.close();
})();
