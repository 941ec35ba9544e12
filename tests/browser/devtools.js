"use strict";
/*
 * Chrome DevTools open our heap snapshots: the browser serves its own front
 * end, so one page of it shows another's Memory panel, loads two snapshots and
 * compares them. Prints TAP.
 *
 *   SNAPSHOTS    a directory with two or more, in which generators leak
 *   SCREENSHOTS  where devtools.png goes
 */
const {spawn} = require("node:child_process");
const {mkdtempSync, readdirSync, rmSync} = require("node:fs");
const {tmpdir} = require("node:os");
const path = require("node:path");
const {chromium} = require("playwright-core");
const {FLAGS} = require("./browser.js");

/* playwright-core talks over a pipe; here pages have to find a port. */
function start(profile) {
    const browser = spawn(process.env.CHROMIUM, [...FLAGS,
        "--remote-debugging-port=0", "--remote-allow-origins=*",
        `--user-data-dir=${profile}`, "about:blank"],
        {stdio: ["ignore", "ignore", "pipe"]});
    const address = new Promise((resolve, reject) => {
        let text = "";
        browser.stderr.on("data", (part) => {
            text += part;
            const found = text.match(/DevTools listening on (ws:\S+)/);
            if (found)
                resolve(found[1]);
        });
        browser.on("exit", () => reject(new Error(text)));
    });
    return {browser, address};
}

async function openMemoryPanel(page, port, target) {
    await page.setViewportSize({width: 1100, height: 560});
    await page.goto(`http://127.0.0.1:${port}/devtools/inspector.html` +
        `?ws=127.0.0.1:${port}/devtools/page/${target.id}`);
    await page.locator("[aria-label='Toggle screencast']").first().click();
    await page.getByRole("tab", {name: "Memory"}).click();
    await page.locator("[aria-label='Memory panel']").waitFor();
}

async function load(page, file) {
    const button = page.locator("devtools-button, button")
        .filter({hasText: "Load profile"}).first();
    const name = path.basename(file, ".heapsnapshot");

    const [chooser] = await Promise.all([page.waitForEvent("filechooser"),
        button.click()]);
    await chooser.setFiles(file);
    await page.getByRole("treeitem").filter({hasText: name})
        .filter({hasText: /B\)/}).waitFor();
}

/* The rows of the comparison: class, new, deleted, delta. */
async function compare(page, name) {
    await page.getByRole("treeitem").filter({hasText: name}).click();
    await page.locator("select[aria-label=Perspective]")
        .selectOption({label: "Comparison"});
    await page.getByRole("columnheader", {name: "# Delta"}).waitFor();
    await page.waitForFunction(() => true);
    await page.locator("td", {hasText: /^generator/}).first().waitFor();
    return page.locator("tr").evaluateAll((rows) => rows.map((row) =>
        [...row.querySelectorAll("td")].map((cell) => cell.innerText.trim()))
        .filter((cells) => cells.length > 3));
}

async function main() {
    const files = readdirSync(process.env.SNAPSHOTS)
        .filter((name) => name.endsWith(".heapsnapshot")).sort();
    const profile = mkdtempSync(path.join(tmpdir(), "captcha-devtools-"));
    const {browser, address} = start(profile);

    try {
        const ws = await address;
        const port = new URL(ws).port;
        const client = await chromium.connectOverCDP(ws);
        const targets = await (
            await fetch(`http://127.0.0.1:${port}/json/list`)).json();
        const page = await client.contexts()[0].newPage();

        page.setDefaultTimeout(60000);
        await openMemoryPanel(page, port,
            targets.find((target) => target.type === "page"));
        for (const name of files.slice(0, 2))
            await load(page, path.join(process.env.SNAPSHOTS, name));
        console.log("ok 1 - the Memory panel loads two snapshots");
        const rows = await compare(page,
            path.basename(files[1], ".heapsnapshot"));
        await page.screenshot({path:
            path.join(process.env.SCREENSHOTS, "devtools.png")});
        const row = rows.find((cells) => cells[0].startsWith("generator"));
        console.log(`# ${row.join(" | ")}`);
        const [created, deleted] = row.slice(1, 3)
            .map((text) => Number(text.replace(/\D/g, "")));
        console.log(`${created > 100 && deleted === 0 ? "" : "not "}ok 2 - ` +
            "Comparison shows new generators and none deleted");
        await client.close();
    } finally {
        browser.removeAllListeners("exit");
        browser.kill();
        await new Promise((resolve) => browser.once("close", resolve));
        rmSync(profile, {recursive: true, force: true});
    }
    console.log("1..2");
}

main().catch((err) => {
    console.log(`Bail out! ${err.message.replace(/\n/g, " ")}`);
    process.exit(1);
});
