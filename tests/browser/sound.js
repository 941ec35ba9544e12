"use strict";
/*
 * The sound of the element <captcha-box>, and of the page without scripts: a real
 * audio element plays it, and the digits pass. Run by sound.sh.
 */
const assert = require("node:assert/strict");
const {newestCode, newestDigits} = require("./browser.js");
const {run} = require("./cases.js");
const {WRONG, axe, box, fail, focused, part, ready, says, shot, solve, solved,
    still, valueOf, verify} = require("./element.js");

const SITE = process.env.SITE;
const HEARD = "Type the six digits you hear";
const SEEN = "Type the characters you see";
const EXPIRED = "Time is over. Try the new task.";

/* --- the sound --------------------------------------------------------------- */

/* What of the audio element, such as "paused", is true or above 0. */
const sounds = (page, what) => page.waitForFunction((name) =>
    document.querySelector("captcha-box").shadowRoot
        .querySelector("audio")[name], what);
const soundOf = (page) => box(page).evaluate(({shadowRoot}) => {
    const audio = shadowRoot.querySelector("audio");

    return Object.fromEntries(["currentTime", "duration", "ended", "paused",
        "playbackRate", "preservesPitch", "src"].map((name) =>
        [name, audio[name]]));
});
const stands = (page) => page.waitForFunction(() =>
    document.querySelector("captcha-box").shadowRoot
        .querySelector("audio").paused);

/* Press "Play sound", and wait until it is heard. */
const isHeard = async (page) => {
    await part(page, "play").waitFor();
    await sounds(page, "currentTime");
};
const listen = async (page) => {
    await part(page, "listen").click();
    await isHeard(page);
};
/* Set properties of the audio element. With `loop` a machine that stops for a
 * while does not bring the sound to its end. */
const setSound = (page, values) =>
    box(page).evaluate(({shadowRoot}, given) => {
        Object.assign(shadowRoot.querySelector("audio"), given);
    }, values);
/* Skip to the last second. */
const skip = (page) => box(page).evaluate(({shadowRoot}) => {
    const audio = shadowRoot.querySelector("audio");

    audio.currentTime = audio.duration - 1;
});

/* The answers with parts of sounds: their status and Content-Range. */
const watchSounds = (page) => {
    const seen = [];

    page.on("response", (response) => {
        if (response.url().includes("/audio/"))
            seen.push([response.status(),
                response.headers()["content-range"]]);
    });
    return seen;
};

const cases = [];
const plainly = (name, run, options = {}, address = `${SITE}/default.html`) =>
    cases.push({name, run, options, address});
const withBox = (name, run, options = {}, site = "default") =>
    plainly(name, async (page) => {
        await ready(page);
        await run(page);
    }, options, `${SITE}/${site}.html`);

/* --- by mouse and by keyboard ------------------------------------------------- */

withBox("it plays to its end, the visitor types meanwhile, and the digits pass",
    async (page) => {
        const before = await box(page).boundingBox();
        const seen = watchSounds(page);

        assert.equal(seen.length, 0);
        assert.equal((await soundOf(page)).paused, true);
        await listen(page);
        await setSound(page, {loop: true});
        assert.equal(await focused(page), "field");
        await page.getByRole("textbox", {name: HEARD}).waitFor();
        assert.equal(await part(page, "field").getAttribute("inputmode"),
            "numeric");
        assert.equal(await part(page, "play").textContent(), "Pause");
        await shot(page, "sound-plays");
        await page.keyboard.type(newestDigits().slice(0, 3));
        /* nothing talks while it plays */
        assert.equal(await part(page, "status").textContent(), "");
        assert.equal(await part(page, "error").textContent(), "");
        const {duration, paused} = await soundOf(page);
        assert.ok(duration > 5 && duration <= 10, String(duration));
        assert.equal(paused, false);
        await setSound(page, {loop: false});
        await sounds(page, "ended");
        assert.equal(await part(page, "play").textContent(), "Play again");
        assert.equal(await focused(page), "field");
        assert.deepEqual(await box(page).boundingBox(), before);
        await page.keyboard.type(newestDigits().slice(3));
        await page.keyboard.press("Enter");
        await solved(page);
        assert.equal(await focused(page), "done");
        assert.equal((await verify(page, await valueOf(page))).success, true);
        assert.ok(seen.length && seen.every(([status]) => status === 206),
            String(seen));
    });

withBox("again, slower with the same pitch, pause, and any place in it",
    async (page) => {
        const seen = watchSounds(page);

        await listen(page);
        await setSound(page, {loop: true});
        await part(page, "slow").click();
        assert.equal(await part(page, "slow").getAttribute("aria-pressed"),
            "true");
        let sound = await soundOf(page);
        assert.equal(sound.playbackRate, .75);
        assert.equal(sound.preservesPitch, true);
        await part(page, "play").click();
        sound = await soundOf(page);
        assert.equal(sound.paused, true);
        assert.equal(await part(page, "play").textContent(), "Play sound");
        await box(page).evaluate(({shadowRoot}) => new Promise((done) => {
            const audio = shadowRoot.querySelector("audio");
            audio.addEventListener("seeked", done);
            audio.currentTime = 4;
        }));
        assert.equal((await soundOf(page)).currentTime, 4);
        await part(page, "play").click();
        assert.equal(await focused(page), "field");
        await setSound(page, {loop: false});
        await sounds(page, "ended");
        const first = box(page).evaluate(({shadowRoot}) =>
            new Promise((done) => {
                const audio = shadowRoot.querySelector("audio");
                audio.addEventListener("timeupdate",
                    () => done(audio.currentTime), {once: true});
            }));
        await part(page, "play").click(); /* from its beginning */
        assert.ok(await first < 2);
        await sounds(page, "currentTime");
        assert.equal((await soundOf(page)).playbackRate, .75);
        await part(page, "slow").click();
        assert.equal((await soundOf(page)).playbackRate, 1);
        assert.ok(seen.every(([status]) => status === 206), String(seen));
    });

withBox("by keyboard alone", async (page) => {
    const tab = async (wanted, key = "Tab") => {
        await page.keyboard.press(key);
        assert.equal(await focused(page), wanted);
    };

    await tab("message");
    await tab("new");
    await tab("listen");
    await shot(page, "sound-focus");
    await page.keyboard.press("Enter");
    await isHeard(page);
    await setSound(page, {loop: true});
    assert.equal(await focused(page), "field");
    await page.keyboard.type("1.");
    await stands(page);
    assert.equal(await part(page, "field").inputValue(), "1");
    await page.keyboard.type(".");
    await page.waitForFunction(() => document.querySelector("captcha-box")
        .shadowRoot.querySelector("audio").currentTime > 3);
    await setSound(page, {playbackRate: 1 / 16});
    const {currentTime} = await soundOf(page);
    await page.keyboard.type(",");
    assert.ok((await soundOf(page)).currentTime < currentTime - 1);
    await setSound(page, {playbackRate: 1});
    assert.equal((await soundOf(page)).paused, false);
    assert.equal(await part(page, "field").inputValue(), "1");
    await page.keyboard.press("Backspace");
    await tab("look", "Shift+Tab");
    await tab("new", "Shift+Tab");
    await tab("slow", "Shift+Tab");
    await page.keyboard.press("Space");
    assert.equal((await soundOf(page)).playbackRate, .75);
    await tab("play", "Shift+Tab");
    await page.keyboard.press("Space");
    await stands(page);
    await page.keyboard.press("Space");
    assert.equal(await focused(page), "field");
    await page.keyboard.type(newestDigits());
    await tab("check");
    await page.keyboard.press("Enter");
    await solved(page);
    await tab("Send");
    await page.keyboard.press("Enter");
    await page.waitForURL(/captcha-response=C1_/);
});

withBox("wrong digits: it stops, and the button of the next sound has the focus",
    async (page) => {
        await listen(page);
        const {src} = await soundOf(page);

        await fail(page);
        assert.equal((await soundOf(page)).paused, true);
        assert.notEqual((await soundOf(page)).src, src);
        assert.equal(await focused(page), "play");
        assert.equal(await part(page, "play").textContent(), "Play sound");
        await shot(page, "sound-wrong");
        await page.keyboard.press("Space");
        await sounds(page, "currentTime");
        await says(page, "error", "");
        await page.keyboard.type(newestDigits().replace(/(...)/, "$1 "));
        await page.keyboard.press("Enter");
        await solved(page);
        assert.equal((await soundOf(page)).paused, true);
    });

withBox("back to the picture, whose code passes, too", async (page) => {
    await listen(page);
    await part(page, "look").click();
    assert.equal((await soundOf(page)).paused, true);
    assert.equal(await focused(page), "field");
    await page.getByRole("textbox", {name: SEEN}).waitFor();
    assert.equal(await part(page, "field").getAttribute("inputmode"), "text");
    assert.ok(await part(page, "picture").isVisible());
    await part(page, "field").fill("nonono");
    await part(page, "check").click();
    await says(page, "error", WRONG);
    await ready(page);
    assert.equal(await focused(page), "field"); /* and not asked by sound */
    await solve(page);
});

withBox("New task while it plays: it stops, and the visitor is asked by sound",
    async (page) => {
        await listen(page);
        const {src} = await soundOf(page);

        await part(page, "new").click();
        await page.waitForFunction((old) =>
            document.querySelector("captcha-box").shadowRoot
                .querySelector("audio").src !== old, src);
        await ready(page);
        assert.equal((await soundOf(page)).paused, true);
        assert.equal(await focused(page), "play");
        assert.ok(await part(page, "play").isVisible());
    });

withBox("an element that leaves the page is silent", async (page) => {
    await listen(page);
    assert.ok(await box(page).evaluate((element) => {
        const audio = element.shadowRoot.querySelector("audio");

        element.remove();
        return audio.paused;
    }));
});

/* --- what sites and pages say -------------------------------------------------- */

withBox("a site for ears alone: no picture, and its code does not pass",
    async (page) => {
        assert.equal(await part(page, "picture").isVisible(), false);
        assert.equal(await part(page, "look").isVisible(), false);
        assert.equal(await part(page, "listen").isVisible(), false);
        await page.getByRole("textbox", {name: HEARD}).waitFor();
        await box(page).evaluate((element) => element.focus());
        assert.equal(await focused(page), "play");
        await shot(page, "sound-alone");
        await part(page, "field").fill(newestCode());
        await part(page, "check").click();
        await says(page, "error", WRONG);
        await ready(page);
        await part(page, "play").click();
        await sounds(page, "currentTime");
        await part(page, "field").fill(newestDigits());
        await part(page, "check").click();
        await solved(page);
    }, {}, "ears");

withBox("the attribute mode: sound first, and the picture on a press",
    async (page) => {
        await box(page).evaluate((element) => {
            element.setAttribute("mode", "audio");
            element.reset();
        });
        await page.getByRole("textbox", {name: HEARD}).waitFor();
        await part(page, "look").click();
        assert.ok(await part(page, "picture").isVisible());
        await solve(page);
    });

plainly("a page of another origin plays it, and sees when it is gone",
    async (page) => {
        await page.goto(`${SITE.replace("127.0.0.1", "localhost")}/other.html`);
        await ready(page);
        await listen(page);
        await part(page, "new").click();
        await ready(page);
        await page.route("**/audio/**", (route) => route.continue({
            url: route.request().url().replace(/.{8}\.wav/, "AAAAAAAA.wav")}));
        await part(page, "play").click();
        await says(page, "error", EXPIRED);
    }, {isLoud: true}, "");

plainly("sound in the language of the element, which may change", async (page) => {
    await ready(page);
    await listen(page);
    assert.match((await soundOf(page)).src, /hl=en\b/);
    await box(page).evaluate((element) => {
        element.lang = "de";
    });
    await says(page, "label", "Tippen Sie die sechs Ziffern, die Sie hören");
    await says(page, "slow", "Langsamer");
    await part(page, "new").click();
    await ready(page);
    assert.match((await soundOf(page)).src, /hl=de\b/);
});

plainly("nothing of the sound is loaded before a press", async (page) => {
    const names = [];

    page.on("response", async (response) => {
        const {length} = await response.body().catch(() => []);

        if (/sound|audio/.test(response.url()))
            names.push(response.url().replace(/.*\/captcha/, ""));
        console.log(`# ${response.url().replace(/.*\/captcha/, "")
            .slice(0, 50)} ${length} bytes`);
    });
    await page.goto(`${SITE}/default.html`);
    await ready(page);
    assert.deepEqual(names, []);
    await listen(page);
    while (names.filter((name) => name.includes("/assets/")).length < 2)
        await page.waitForTimeout(50);
    assert.deepEqual(names.filter((name) => name.includes("/assets/"))
        .map((name) => name.replace(/.*\//, "")).sort(),
    ["en.sound.json", "sound.js"]);
}, {}, "");

/* --- time -------------------------------------------------------------------- */

withBox("a sound that plays is not cut off, and nothing is said over it",
    async (page) => {
        await listen(page);
        await setSound(page, {loop: true});
        const {src} = await soundOf(page);
        const pause = () => box(page).evaluate(({shadowRoot}) =>
            shadowRoot.querySelector("audio").pause());

        await page.clock.fastForward(242000); /* 58 s are left */
        await page.clock.runFor(3000);
        assert.equal(await part(page, "status").textContent(), "");
        await page.clock.fastForward(30000);
        assert.equal((await soundOf(page)).src, src);
        await pause();
        await part(page, "field").fill("12");
        await page.clock.runFor(2000);
        await says(page, "status", "60 seconds left for this task.");
        await page.clock.fastForward(60000);
        await says(page, "error", EXPIRED);
        await ready(page);
        assert.notEqual((await soundOf(page)).src, src);
        assert.equal((await soundOf(page)).paused, true);
    }, {hasClock: true}, "slow");

/* --- faults -------------------------------------------------------------------- */

/* Have the next sounds answered so. */
const answerSounds = (page, how) =>
    page.route("**/audio/**", (route) => route.fulfill(how));

withBox("too many sounds: said in words, and then it plays", async (page) => {
    await answerSounds(page, {status: 429, headers: {"Retry-After": "7"}});
    await part(page, "listen").click();
    await says(page, "error", "Too many tries. Wait 7 seconds.");
    assert.equal((await soundOf(page)).paused, true);
    assert.equal(await part(page, "play").textContent(), "Play sound");
    await shot(page, "sound-limited");
    await page.unroute("**/audio/**");
    await part(page, "play").click();
    await sounds(page, "currentTime");
    await says(page, "error", "");
}, {isLoud: true});

withBox("a sound that is gone: a new task", async (page) => {
    const {src} = await soundOf(page);

    await answerSounds(page, {status: 404});
    await part(page, "listen").click();
    await says(page, "error", EXPIRED);
    await page.unroute("**/audio/**");
    await ready(page);
    assert.notEqual((await soundOf(page)).src, src);
    await part(page, "play").click();
    await sounds(page, "currentTime");
}, {isLoud: true});

withBox("the service is out of order, or away", async (page) => {
    await answerSounds(page, {status: 503});
    await part(page, "listen").click();
    await says(page, "error", "Out of order. Try again in a minute.");
    await page.unroute("**/audio/**");
    await page.route("**/audio/**", (route) => route.abort());
    await part(page, "play").click();
    await says(page, "error", "No connection. Press New task to try again.");
}, {isLoud: true});

withBox("the player cannot be loaded: a word, and the picture stays",
    async (page) => {
        await page.route("**/sound.js", (route) => route.abort());
        await part(page, "listen").click();
        await says(page, "error",
            "No connection. Press New task to try again.");
        assert.equal((await soundOf(page)).paused, true);
        await solve(page);
    }, {isLoud: true});

for (const [what, change] of [
    ["bytes that are no sound", (page) =>
        answerSounds(page, {body: "no sound", contentType: "audio/wav"})],
    ["a page without media-src", (page) =>
        page.route("**/default.html", async (route) => {
            const answer = await route.fetch();
            await route.fulfill({response: answer, body: (await answer.text())
                .replace("media-src 'self'; ", "")});
        })]])
    plainly(`${what}: a link to the sound`, async (page) => {
        await change(page);
        await page.goto(`${SITE}/default.html`);
        await ready(page);
        await part(page, "listen").click();
        const link = page.getByRole("link",
            {name: "The sound does not play here. Open it in a new tab."});
        await link.waitFor();
        await shot(page, "sound-unheard");
        assert.equal(await link.getAttribute("href"), (await soundOf(page)).src);
        await part(page, "field").fill(newestDigits());
        await part(page, "check").click();
        await solved(page);
    }, {isLoud: true}, "");

/* --- reading ------------------------------------------------------------------- */

const looks = [
    ["light", {}],
    ["dark", {colorScheme: "dark", deviceScaleFactor: 2}],
    ["forced", {forcedColors: "active"}],
    ["phone", {viewport: {width: 320, height: 640}, deviceScaleFactor: 2}],
];
for (const [name, options] of looks)
    plainly(`${name}: axe finds nothing, in the demo page`, async (page) => {
        await ready(page);
        await shot(page, `demo-picture-${name}`);
        await listen(page);
        await part(page, "slow").click();
        assert.deepEqual(await axe(page), []);
        await shot(page, `demo-sound-${name}`);
        await fail(page);
        assert.deepEqual(await axe(page), []);
    }, {viewport: {width: 480, height: 640}, bypassCSP: true, ...options},
    `${SITE}/captcha/demo`);

for (const [lang, width, size] of [["ar", 320, "100%"], ["de", 320, "200%"],
    ["fr", 240, "100%"], ["fi", 420, "100%"]])
    withBox(`${lang}, ${width} px wide with text of ${size}: all is in sight`,
        async (page) => {
            await page.evaluate(([tag, fontSize]) => {
                document.querySelector("captcha-box").lang = tag;
                document.documentElement.style.fontSize = fontSize;
            }, [lang, size]);
            await page.waitForFunction((tag) =>
                document.querySelector("captcha-box").shadowRoot
                    .querySelector(".box").lang === tag, lang);
            const buttons = async (names) => {
                for (const name of names) {
                    const at = await part(page, name).boundingBox();
                    assert.ok(at.x >= 0 && at.x + at.width <= width, name);
                    assert.ok(at.width >= 24 && at.height >= 24, name);
                }
            };
            await buttons(["new", "listen"]);
            await shot(page, `sound-${lang}-before`);
            await listen(page);
            await buttons(["play", "slow", "new", "look", "field", "check"]);
            assert.ok(await page.evaluate(() =>
                document.documentElement.scrollWidth <= innerWidth));
            await shot(page, `sound-${lang}`);
        }, {viewport: {width, height: 640}});

/* --- without scripts ------------------------------------------------------------- */

plainly("scripts off: the page has a player, and the digits pass",
    async (page) => {
        const frame = page.frameLocator("iframe");
        const seen = watchSounds(page);
        const player = frame.locator("audio");

        await player.waitFor();
        assert.equal(seen.length, 0);
        await player.focus();
        const sent = page.waitForResponse(/\/audio\/.*\.wav/);
        await page.keyboard.press("Space");
        await sent;
        assert.equal(seen[0][0], 206);
        await frame.getByRole("textbox").fill("111111");
        await frame.getByRole("button", {name: "Check"}).click();
        await frame.getByText(WRONG).waitFor();
        await still(page, "frame-sound");
        const height = await frame.locator("html").evaluate((html) =>
            html.scrollHeight);
        assert.ok(height <= 422, String(height));
        await frame.getByRole("textbox", {name: HEARD}).fill(newestDigits());
        await frame.getByRole("button", {name: "Check"}).click();
        await frame.getByText("Correct").waitFor();
    }, {javaScriptEnabled: false}, `${SITE}/frame.html`);

const {ONLY} = process.env; /* part of a name, by hand */
run(cases.filter(({name}) => !ONLY || name.includes(ONLY)), "sound");
