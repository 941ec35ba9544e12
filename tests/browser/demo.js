"use strict";
/*
 * The demo page in a browser, with JavaScript and without, and the form of
 * examples/form.html. Run by demo.sh, which says where the service is.
 */
const assert = require("node:assert/strict");
const {launch, codeOf} = require("./browser.js");

const SITE = process.env.SITE;
const DEMO = `${SITE}/captcha/demo`;
const RIGHT = "That is right. Here is a new one.";
const WRONG = "That is not what the picture said. Here is a new one.";
const USED = "That picture has expired or was answered before. " +
    "Here is a new one.";
const EMPTY = "Type the answer first.";
const AWAY = "The answer could not be checked just now. Try again in a moment.";
const NO_PICTURE = "There is no picture to show just now. " +
    "Try again in a moment.";
const LIMITED = "Too many requests came from your address. " +
    "Wait a minute, then try again.";

/* --- the page ------------------------------------------------------------- */

const pidOf = (page) => page.locator("input[name=pid]").inputValue();
const pictureOf = (page) => page.locator("#captcha").getAttribute("src");
const messageOf = async (page) =>
    (await page.locator("#result").textContent()).trim();
const shot = (page, name) =>
    page.screenshot({path: `${process.env.SCREENSHOTS}/demo-${name}.png`});

const saysSoon = async (page, text) => {
    await page.waitForFunction((wanted) => document.querySelector("#result")
        .textContent.trim() === wanted, text, {timeout: 10000})
        .catch(async () => assert.equal(await messageOf(page), text));
    await page.waitForFunction(() => !document.body.matches(".busy"));
};

const answer = async (page, text) => {
    await page.getByLabel("Characters").fill(text);
    await page.getByRole("button", {name: "Check"}).click();
};

/* A mark that loading the page removes. */
const mark = (page) => page.evaluate(() => { window.isMarked = true; });
const isMarked = (page) => page.evaluate(() => window.isMarked === true);

const hasPicture = async (page) => {
    const size = await page.locator("#captcha").evaluate((img) =>
        img.decode().then(() => [img.naturalWidth, img.naturalHeight]));
    assert.deepEqual(size, [240, 80]);
};

/* Wait until the page has another pid; returns it. */
const nextPid = async (page, old) => {
	for (let i = 0; i < 100 && await pidOf(page) === old; i++)
		await new Promise((done) => setTimeout(done, 100));
	assert.notEqual(await pidOf(page), old, "no new picture");
	return pidOf(page);
};

/* The number of challenges that the page has asked for: a function. */
const countIssued = (page) => {
	let n = 0;
	page.on("request", (request) => {
		n += request.url().includes("/verification/get") ? 1 : 0;
	});
	return () => n;
};

const isInvalid = (page) =>
	page.getByLabel("Characters").getAttribute("aria-invalid");

/* What a screen reader says of the field beside its name. */
const describes = (page) =>
	page.getByLabel("Characters")
		.evaluate(
			(field) =>
				field.getAttribute("aria-describedby")
					.split(" ")
					.map((id) => document.getElementById(id)
							     .textContent
							     .trim())
					.join(" ")
					.trim());

/* The least contrast (WCAG 2.2, 1.4.3) of all visible text, and where. */
const leastContrast = (page) => page.evaluate(() => {
    const numbers = (text) => (text.match(/[\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
        .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const colour = numbers(getComputedStyle(e).backgroundColor);
            if (colour.length === 3 || colour[3] === 1)
                return colour;
        }
        return [255, 255, 255];
    };
    let least = [99, ""];
    for (const e of document.querySelectorAll("h1, p, label, button, input")) {
        if (!e.offsetWidth || !(e.textContent || e.value).trim())
            continue;
        const [a, b] = [light(numbers(getComputedStyle(e).color)),
            light(ground(e))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < least[0])
            least = [ratio, e.outerHTML.slice(0, 60)];
    }
    return least;
});

/* --- cases: a name, a function, options of the browser --------------------
 * isLoud: expect complaints on the console. hasClock: the test moves the
 * page's clock. */

const cases = [];
const withScript = (name, run, options = {}) =>
    cases.push({name, run, options, address: DEMO});
const noScript = (name, run) =>
    cases.push({name: `no JavaScript: ${name}`, run, address: DEMO,
        options: {javaScriptEnabled: false}});
/* Loud: there is no /favicon.ico. */
const formHtml = (name, run) =>
    cases.push({name: `form.html: ${name}`, run, options: {isLoud: true},
        address: `${SITE}/form.html`});

withScript("the page shows the picture, and the field has the focus",
    async (page) => {
        await hasPicture(page);
        assert.equal(await page.evaluate(() => document.activeElement.id),
            "code");
        assert.equal(await messageOf(page), "");
        await shot(page, "first");
    });

withScript("a wrong answer: a message and a new picture", async (page) => {
    const [pid, picture] = [await pidOf(page), await pictureOf(page)];

    await mark(page);
    await answer(page, "no" + codeOf(pid));
    await saysSoon(page, WRONG);
    assert.notEqual(await pidOf(page), pid);
    assert.notEqual(await pictureOf(page), picture);
    assert.equal(await page.getByLabel("Characters").inputValue(), "");
    assert.ok(await isMarked(page), "the page was loaded again");
    await hasPicture(page);
    await shot(page, "wrong");
});

withScript("a message is between picture and field, and describes the field",
	   async (page) => {
		   const box = (selector) =>
			   page.locator(selector).boundingBox();

		   assert.equal(await isInvalid(page), "false");
		   await answer(page, "nonono");
		   await saysSoon(page, WRONG);
		   assert.equal(await isInvalid(page), "true");
		   assert.equal(await describes(page),
				`${WRONG} Upper or lower case, both work.`);
		   const [picture, message, field] = [
			   await box("#captcha"), await box("#result"),
			   await box("#code")
		   ];
		   assert.ok(picture.y + picture.height <= message.y,
			     "above the picture");
		   assert.ok(message.y + message.height <= field.y,
			     "below the field");
		   await page.getByLabel("Characters").fill("a");
		   assert.equal(await isInvalid(page), "false");
		   await answer(page, "");
		   await saysSoon(page, EMPTY);
		   assert.equal(await isInvalid(page), "true");
		   await answer(page, codeOf(await pidOf(page)));
		   await saysSoon(page, RIGHT);
		   assert.equal(await isInvalid(page), "false");
	   });

for (const width of [1280, 360])
	withScript(
		`${width} px wide: picture and button fill the frame in a row`,
		async (page) => {
			const frame =
				await page.locator(".picture").boundingBox();
			const picture =
				await page.locator("#captcha").boundingBox();
			const button =
				await page.locator("#again").boundingBox();

			assert.equal(picture.width, 240);
			assert.equal(button.y, picture.y);
			assert.equal(button.height, picture.height);
			assert.ok(frame.width - picture.width - button.width <=
				  2);
			assert.ok(button.width >= 44,
				  "too narrow for a finger");
			await page.getByText(/^To put it into a form of yours/)
				.waitFor();
			await shot(page, `${width}px`);
		},
		{viewport : {width, height : 740}});

/* The service takes an answer for 300 seconds. */
withScript(
	"a picture that grows old is replaced before the visitor types",
	async (page) => {
		const [pid, issued] = [ await pidOf(page), countIssued(page) ];

		await page.clock.fastForward(200000);
		assert.equal(await pidOf(page), pid);
		assert.equal(issued(), 0, "too early");
		await page.clock.fastForward(71000);
		const second = await nextPid(page, pid);
		await saysSoon(page, "");
		await page.clock.fastForward(200000);
		assert.equal(await pidOf(page), second);
		assert.equal(issued(), 1);
		await answer(page, codeOf(second));
		await saysSoon(page, RIGHT);
	},
	{hasClock : true});

withScript("a picture that expires while the visitor types: a message",
	   async (page) => {
		   const pid = await pidOf(page);

		   await page.getByLabel("Characters").fill("abc");
		   await page.clock.fastForward(290000);
		   assert.equal(await pidOf(page), pid);
		   await page.clock.fastForward(11000);
		   await nextPid(page, pid);
		   await saysSoon(page, USED);
		   assert.equal(
			   await page.getByLabel("Characters").inputValue(),
			   "");
	   },
	   {hasClock : true});

withScript("a renewal leaves the focus where it is", async (page) => {
	const pid = await pidOf(page);

	await page.getByRole("button", {name : "Check"}).focus();
	await page.clock.fastForward(271000);
	await nextPid(page, pid);
	await saysSoon(page, "");
	assert.equal(await page.evaluate(() => document.activeElement.id),
		     "check");
}, {hasClock : true});

const hide = (page, isHidden) => page.evaluate((hidden) => {
	Object.defineProperty(document, "hidden",
			      {value : hidden, configurable : true});
	document.dispatchEvent(new Event("visibilitychange"));
}, isHidden);

withScript(
	"a page in the background asks for nothing until it is shown",
	async (page) => {
		const [pid, issued] = [ await pidOf(page), countIssued(page) ];

		await hide(page, true);
		await page.clock.fastForward(3600000);
		assert.equal(await pidOf(page), pid);
		assert.equal(issued(), 0);
		await hide(page, false);
		await nextPid(page, pid);
		await saysSoon(page, "");
		assert.equal(issued(), 1);
	},
	{hasClock : true});

withScript(
	"after a sleep, or out of the history, the picture is new",
	async (page) => {
		const [pid, issued] = [ await pidOf(page), countIssued(page) ];
		const later = await page.evaluate(() => Date.now() + 3600000);

		/* no timer runs now */
		await page.clock.pauseAt(later - 3599000);
		await page.clock.setSystemTime(later);
		assert.equal(issued(), 0);
		await page.evaluate(() => dispatchEvent(new PageTransitionEvent(
					    "pageshow", {persisted : true})));
		await nextPid(page, pid);
		assert.equal(issued(), 1);
	},
	{hasClock : true});

withScript(
	"no new picture: the page tries again after a minute", async (page) => {
		const [pid, issued] = [ await pidOf(page), countIssued(page) ];

		await page.route("**/verification/get",
				 (route) => route.abort());
		await page.clock.fastForward(271000);
		await saysSoon(page, NO_PICTURE);
		await page.clock.fastForward(20000);
		assert.equal(issued(), 1);
		await page.unroute("**/verification/get");
		await page.clock.fastForward(41000);
		await nextPid(page, pid);
		await saysSoon(page, "");
		assert.equal(issued(), 2);
	}, {hasClock : true, isLoud : true});

withScript("a right answer: a message, and the page stays", async (page) => {
    const pid = await pidOf(page);

    await mark(page);
    await answer(page, codeOf(pid));
    await saysSoon(page, RIGHT);
    assert.ok(await isMarked(page), "the page was loaded again");
    assert.equal(codeOf(pid), "", "the challenge is still there");
    await shot(page, "right");
});

withScript("New picture: another pid, another picture, no message",
    async (page) => {
        const [pid, picture] = [await pidOf(page), await pictureOf(page)];

        await mark(page);
        await answer(page, "");
        await saysSoon(page, EMPTY);
        await page.getByRole("button", {name: "New picture"}).click();
        await saysSoon(page, "");
        assert.notEqual(await pidOf(page), pid);
        assert.notEqual(await pictureOf(page), picture);
        assert.ok(await isMarked(page), "the page was loaded again");
        await hasPicture(page);
    });

withScript("an empty answer costs nothing", async (page) => {
    const pid = await pidOf(page);

    await answer(page, "");
    await saysSoon(page, EMPTY);
    assert.equal(await pidOf(page), pid);
    await answer(page, codeOf(pid));
    await saysSoon(page, RIGHT);
});

withScript("a used challenge: a message", async (page) => {
    const pid = await pidOf(page);
    const code = codeOf(pid);

    await page.request.post(`${SITE}/captcha/verification/check`,
        {form: {pid, code}});
    await answer(page, code);
    await saysSoon(page, USED);
});

const refusals = [
    ["the service is away", (route) => route.abort(), AWAY, NO_PICTURE],
    ["a limit is reached", (route) => route.fulfill({status: 429, body: "{}"}),
        LIMITED, LIMITED],
];
for (const [what, refuse, withoutVerdict, withoutPicture] of refusals)
    withScript(`${what}: the answer stays for another try`, async (page) => {
        const pid = await pidOf(page);
        const code = codeOf(pid);

        await page.route("**/verification/check", refuse);
        await answer(page, code);
        await saysSoon(page, withoutVerdict);
        assert.equal(await pidOf(page), pid);
        assert.equal(await page.getByLabel("Characters").inputValue(), code);
        await page.unroute("**/verification/check");
        await page.route("**/verification/get", refuse);
        await page.getByRole("button", {name: "Check"}).click();
        await saysSoon(page, `That is right. ${withoutPicture}`);
    }, {isLoud: true});

withScript("the keyboard is enough", async (page) => {
    const focused = () => page.evaluate(() => document.activeElement.id);
    const pid = await pidOf(page);

    await page.keyboard.type(codeOf(pid));
    await page.keyboard.press("Enter");
    await saysSoon(page, RIGHT);
    assert.equal(await focused(), "code");
    await page.keyboard.type("nonono");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "check");
    await page.keyboard.press("Space");
    await saysSoon(page, WRONG);
    assert.equal(await focused(), "code");
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(), "again");
    await shot(page, "focus");
    const second = await pidOf(page);
    await page.keyboard.press("Enter");
    await saysSoon(page, "");
    assert.notEqual(await pidOf(page), second);
    assert.equal(await focused(), "code");
});

withScript("roles and names for a screen reader", async (page) => {
    await page.getByRole("heading", {name: "Are you human?"}).waitFor();
    await page.getByRole("img", {name: /^Captcha: /}).waitFor();
    await page.getByRole("textbox", {name: "Characters"}).waitFor();
    assert.equal(await page.getByRole("status").count(), 1);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
});

for (const colorScheme of ["light", "dark"])
    withScript(`${colorScheme} scheme: text has contrast`, async (page) => {
        const ground = await page.evaluate(() =>
            getComputedStyle(document.querySelector("main")).backgroundColor);

        assert.equal(Number(/\d+/.exec(ground)[0]) < 128,
            colorScheme === "dark", ground);
        for (const text of ["nonono", ""]) {
            await answer(page, text);
            await saysSoon(page, text ? WRONG : EMPTY);
            const [ratio, where] = await leastContrast(page);
            assert.ok(ratio >= 4.5, `${ratio.toFixed(2)} at ${where}`);
        }
        await answer(page, codeOf(await pidOf(page)));
        await saysSoon(page, RIGHT);
        const [ratio, where] = await leastContrast(page);
        assert.ok(ratio >= 4.5, `${ratio.toFixed(2)} at ${where}`);
        await shot(page, colorScheme);
	await page.setViewportSize({width : 360, height : 740});
	await answer(page, "nonono");
	await saysSoon(page, WRONG);
	await shot(page, `${colorScheme}-360px`);
    }, {colorScheme});

for (const width of [320, 240])
    withScript(`${width} px wide: nothing to scroll sideways`, async (page) => {
        await answer(page, "nonono");
        await saysSoon(page, WRONG);
        assert.ok(await page.evaluate(() =>
            document.documentElement.scrollWidth <= innerWidth));
        for (const id of ["captcha", "code", "check", "again", "result"]) {
            const box = await page.locator(`#${id}`).boundingBox();
            assert.ok(box.x >= 0 && box.x + box.width <= width, id);
        }
        await shot(page, `${width}px`);
    }, {viewport: {width, height: 640}});

withScript("text of twice the size fits", async (page) => {
    await page.evaluate(() => {
        document.documentElement.style.fontSize = "200%";
    });
    assert.ok(await page.evaluate(() =>
        document.documentElement.scrollWidth <= innerWidth));
    await shot(page, "large-text");
}, {viewport: {width: 640, height: 900}});

withScript("the policy lets no other script run", async (page) => {
    await page.evaluate(() => {
        const script = document.createElement("script");
        script.textContent = "window.isForeign = true";
        document.body.append(script);
    });
    assert.equal(await page.evaluate(() => window.isForeign), undefined);
}, {isLoud: true});

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
    await page.getByText("Not sent: that is not what").waitFor();
});

formHtml("another site may call only if allow_origin lists it",
    async (page) => {
        const other = SITE.replace("127.0.0.1", "localhost");
        const call = (base) => page.evaluate(async (address) =>
            (await fetch(address + "/captcha/verification/get")).json(), base);

        await assert.rejects(call(other), /Failed to fetch/);
        await page.goto(`${other}/form.html`);
        assert.match((await call(SITE)).pid, /^[0-9A-Za-z]{16}$/);
    });

/* --- TAP ------------------------------------------------------------------ */

const runCase = async (browser, {name, run, options, address}) => {
	const {isLoud, hasClock, ...contextOptions} = options;
	const context = await browser.newContext(contextOptions);
	const page = await context.newPage();
	const complaints = [];

	page.setDefaultTimeout(15000);
	page.on("console", (message) => {
		if ([ "error", "warning" ].includes(message.type()))
			complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(String(error)));
	try {
		if (hasClock)
			await page.clock.install();
		await page.goto(address);
		await run(page);
		if (!isLoud)
			assert.deepEqual(complaints, [],
					 "the console is not empty");
		return null;
	} catch (error) {
		await shot(page, "failed").catch(() => {});
		return `${error.stack}\nconsole: ${complaints.join("\n")}`;
	} finally {
		await context.close();
	}
};

(async () => {
    const browser = await launch();
    let nFailed = 0;

    console.log(`1..${cases.length}`);
    for (const [i, one] of cases.entries()) {
        const trouble = await runCase(browser, one);
        nFailed += trouble ? 1 : 0;
        console.log(`${trouble ? "not ok" : "ok"} ${i + 1} - ${one.name}`);
        if (trouble)
            console.log(trouble.replace(/^/gm, "# "));
    }
    await browser.close();
    process.exitCode = nFailed ? 1 : 0;
})().catch((error) => {
    console.log(`Bail out! ${String(error.stack).replace(/\n/g, " ")}`);
    process.exitCode = 1;
});
