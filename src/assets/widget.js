/*
 * The element <captcha-box>: picture, field, messages; see doc/element.md. It
 * needs script-src and connect-src of the service, and media-src for the sound:
 * the picture is drawn on a canvas, and the style is a constructed style sheet.
 * sound.js has the player.
 * script/assets puts the texts and the list of languages in, and takes comments
 * and indents out.
 */
"use strict";
(() => {
    if (!window.customElements || customElements.get("captcha-box"))
        return;

    const ENGLISH = @ENGLISH@;
    const TAGS = "@TAGS@".split(" ");
    const TEXTS = "assets/@HASH@/";
    const ALIASES = {iw: "he", no: "nb", nn: "nb", zh: "zh-CN",
        "zh-hk": "zh-TW", "zh-mo": "zh-TW", "zh-hant": "zh-TW"};

    const SECOND_MS = 1000;
    const ANSWER_MS = 15000; /* how long the service may take */
    const RETRY_S = 60; /* after a failure of the service */
    const WARN_S = 60; /* before a picture's end */
    const RENEWALS_MAX = 12; /* of pictures that nobody looks at */

    const script = document.currentScript ||
        document.querySelector('script[src*="/widget.js"]');
    const HOME = new URL(".", script ? script.src : location.href).href;

    const STYLE = `
:host {
    display: inline-block;
    max-width: 100%;
    vertical-align: top;
}
:host([hidden]) {
    display: none;
}
* {
    box-sizing: border-box;
    min-width: 0;
}
.box {
    --bg: var(--captcha-background, #fff);
    --text: var(--captcha-text, #1a1d24);
    --quiet: var(--captcha-quiet, #5a6272);
    --edge: var(--captcha-edge, #d9dde5);
    --field: var(--captcha-field-edge, #858c9b);
    --soft: var(--captcha-soft, #f2f4f8);
    --accent: var(--captcha-accent, #2952d9);
    --on: var(--captcha-on-accent, #fff);
    --good: var(--captcha-good, #12703f);
    --bad: var(--captcha-bad, #b42318);
    --round: var(--captcha-radius, 12px);
    color-scheme: light;
    width: calc(var(--width, 240) * 1px + 5.75em);
    max-width: 100%;
    padding: min(.875em, 5%);
    overflow-wrap: break-word;
    color: var(--text);
    background: var(--bg);
    border: 1px solid var(--edge);
    border-radius: var(--round);
    line-height: 1.4;
    text-align: start;
}
.dark {
    --bg: var(--captcha-background, #1b1f28);
    --text: var(--captcha-text, #eff1f5);
    --quiet: var(--captcha-quiet, #a8b0bf);
    --edge: var(--captcha-edge, #323947);
    --field: var(--captcha-field-edge, #7c8597);
    --soft: var(--captcha-soft, #262c38);
    --accent: var(--captcha-accent, #93aeff);
    --on: var(--captcha-on-accent, #0c1430);
    --good: var(--captcha-good, #7fdca6);
    --bad: var(--captcha-bad, #ffa29a);
    color-scheme: dark;
}
label {
    font-weight: 600;
    min-height: 1.4em;
}
.stack {
    display: grid;
    container-type: inline-size;
}
.stack > * {
    grid-area: 1 / 1;
}
.ask {
    display: grid;
    gap: .625em;
    align-content: start;
}
.frame,
.row {
    display: flex;
}
.row {
    flex-wrap: wrap;
    gap: .5em;
}
.frame {
    overflow: hidden;
    background: var(--soft);
    border: 1px solid var(--edge);
    border-radius: calc(var(--round) * .667);
}
canvas {
    display: block;
    flex: 0 1 calc(var(--width, 240) * 1px);
    width: calc(var(--width, 240) * 1px);
    height: auto;
    aspect-ratio: var(--width, 240) / var(--height, 80);
    transition: opacity .2s;
}
.wait canvas {
    opacity: .35;
}
.empty canvas {
    opacity: 0;
}
.empty:not(.failed) .frame {
    background: linear-gradient(100deg, var(--soft) 40%, var(--edge) 50%,
        var(--soft) 60%) 0 0 / 300% 100%;
    animation: shimmer 1.6s linear infinite;
}
@keyframes shimmer {
    from { background-position: 100% 0; }
    to { background-position: -50% 0; }
}
.tools {
    display: flex;
    flex: 1 0 2.75em;
    flex-direction: column;
}
@container (max-width: 14em) {
    .frame {
        flex-wrap: wrap;
    }
    canvas,
    .tools {
        flex-basis: 100%;
    }
    .tools {
        flex-direction: row;
    }
}
button,
input {
    margin: 0;
    font: inherit;
    color: inherit;
    border-radius: calc(var(--round) * .667);
}
button {
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
}
button[aria-disabled=true] {
    cursor: progress;
}
.new {
    flex: 1;
    min-height: 2.5em;
    padding: 2px;
    color: var(--accent);
    background: none;
    border: 0;
    border-radius: 0;
}
.new:hover {
    background: var(--edge);
}
svg {
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
}
.new svg {
    display: block;
    margin: auto;
    width: 1.375em;
    height: 1.375em;
    transition: transform .5s;
}
.wait [part=new] svg {
    transform: rotate(360deg);
}
input {
    flex: 100 1 6em;
    min-height: 2.75em;
    padding: 0 .75em;
    background: var(--bg);
    border: 1px solid var(--field);
    letter-spacing: .08em;
}
input[aria-invalid=true] {
    border-color: var(--bad);
    box-shadow: inset 0 0 0 1px var(--bad);
}
[dir=rtl] input {
    text-align: end;
}
.check {
    flex: 1 0 auto;
    max-width: 100%;
    min-height: 2.75em;
    padding: 0 1.25em;
    font-weight: 600;
    color: var(--accent);
    background: none;
    border: 1px solid var(--accent);
}
.check:hover {
    color: var(--on);
    background: var(--accent);
}
:focus {
    outline: none;
}
:focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
}
.new:focus-visible,
.done:focus-visible {
    outline-offset: -3px;
}
.says {
    min-height: 1.4em;
    font-size: .875em;
    color: var(--quiet);
}
.says p {
    margin: 0;
}
.bad {
    font-weight: 600;
    color: var(--bad);
}
.bad:not(:empty) {
    display: flex;
    gap: .45em;
    align-items: baseline;
}
.bad:not(:empty)::before {
    content: "!";
    content: "!" / "";
    flex: none;
    width: 1.3em;
    height: 1.3em;
    font: 700 .9em/1.3 system-ui, sans-serif;
    text-align: center;
    color: var(--bg);
    background: var(--bad);
    border-radius: 50%;
}
.done {
    display: grid;
    margin: -.25em;
    grid-template-columns: auto auto;
    gap: .875em;
    place-content: center;
    align-items: center;
    padding: .5em;
    color: var(--good);
    text-align: start;
}
.done svg {
    width: 3em;
    height: 3em;
}
.done b {
    display: block;
    font-size: 1.125em;
}
.done span {
    color: var(--quiet);
}
.done,
.solved .ask {
    visibility: hidden;
}
.solved .done {
    visibility: visible;
}
.solved .done svg {
    animation: pop .3s;
}
@keyframes pop {
    from { transform: scale(.5); opacity: 0; }
}
@media (prefers-reduced-motion: reduce) {
    * {
        animation: none !important;
        transition: none !important;
    }
}
@media (forced-colors: active) {
    .new,
    .check {
        color: ButtonText;
        background: ButtonFace;
        border: 1px solid;
    }
    .bad:not(:empty)::before {
        border: 1px solid;
    }
    [aria-invalid=true] {
        outline: 2px dashed;
    }
    :focus-visible {
        outline: 3px solid Highlight;
    }
}
`;

    /* --- languages ------------------------------------------------------- */

    /* The tag of ours for a tag of a page or a browser; "" for none. */
    const tagFor = (wanted) => {
        const low = wanted.toLowerCase().replace(/_/g, "-");
        const parts = low.split("-");

        while (parts.length) {
            const part = parts.join("-");
            const tag = ALIASES[part] ||
                TAGS.find((ours) => ours.toLowerCase() === part);
            if (tag)
                return tag;
            parts.pop();
        }
        return "";
    };

    /* A frame of ours has the texts of its language in itself. */
    const given = document.getElementById("captcha-texts");

    const loads = {}; /* texts by address, so that two boxes fetch once */
    const load = (address) => loads[address] = loads[address] ||
        fetch(address).then((answer) => {
            if (!answer.ok)
                throw new Error(answer.status);
            return answer.json();
        }).catch((error) => {
            delete loads[address];
            throw error;
        });

    /* --- parts of the page ----------------------------------------------- */

    const make = (name, attributes, ...children) => {
        const element = document.createElement(name);

        for (const [key, value] of Object.entries(attributes))
            element.setAttribute(key, value);
        element.append(...children);
        return element;
    };

    const drawing = (d) => {
        const space = "http://www.w3.org/2000/svg";
        const svg = document.createElementNS(space, "svg");
        const path = document.createElementNS(space, "path");

        svg.setAttribute("viewBox", "0 0 24 24");
        svg.setAttribute("aria-hidden", "true");
        path.setAttribute("d", d);
        svg.append(path);
        return svg;
    };

    /* A button whose text or name comes later. */
    const button = (part, look, ...children) =>
        make("button", {part, class: look, type: "button"}, ...children);

    const name = (tool, text) => {
        tool.title = text;
        tool.setAttribute("aria-label", text);
    };

    const sheets = {}; /* by style */
    const addStyle = (root, style) => {
        const sheet = sheets[style] || new CSSStyleSheet();

        if (root.adoptedStyleSheets && sheet.replaceSync) {
            if (!sheets[style])
                sheet.replaceSync(style);
            sheets[style] = sheet;
            root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
        } else {
            root.append(make("style", {}, style));
        }
    };

    /* The bytes of a data: address. fetch() would need it in connect-src. */
    const bytesOf = (address) => Uint8Array.from(
        atob(address.slice(address.indexOf(",") + 1)),
        (c) => c.charCodeAt(0));

    const isLight = (colour) => {
        const parts = /^rgba?\(([\d.]+),\s([\d.]+),\s([\d.]+)/.exec(colour);

        return parts ? parts[1] * .3 + parts[2] * .59 + parts[3] * .11 > 140
            : matchMedia("(prefers-color-scheme: dark)").matches;
    };

    /* --- the element ------------------------------------------------------ */

    class CaptchaBox extends HTMLElement {
        static formAssociated = true;
        static observedAttributes = ["lang", "name", "required", "sitekey",
            "src", "theme"];

        #internals = null; /* null: a hidden field stands in */
        #hidden = null;
        #form = null;
        #parts = {};
        #words = null; /* null: not loaded yet */
        #coming = null; /* while they are loaded */
        #tag = "";
        #value = "";
        #pid = "";
        #kind = "text";
        #audio = ""; /* the address of the sound, if there is one */
        #hasPicture = true;
        #player = null; /* see sound.js */
        #state = "empty"; /* ready, failed, solved */
        #isLive = false; /* in a document, with all its attributes */
        #stop = null; /* while a request is under way: ends it */
        #checking = null; /* while an answer is checked: whether it is right */
        #sender = null; /* sends the form after that */
        #lifeMs = 0;
        #endMs = 0; /* of the picture, the token or the wait */
        #isWarned = false;
        #isSent = false; /* the form was, with the token */
        #nRenewals = 0;
        #error = null; /* the key of a text, and its number */
        #timer = 0;

        constructor() {
            super();
            const root = this.attachShadow({mode: "open"});

            if (this.attachInternals) {
                const internals = this.attachInternals();
                if (internals.setFormValue)
                    this.#internals = internals;
            }
            addStyle(root, STYLE);
            root.append(this.#build());
        }

        #build() {
            const p = this.#parts;

            p.label = make("label", {part: "label", for: "field"});
            p.canvas = make("canvas", {part: "picture", role: "img",
                width: 240, height: 80});
            p.fresh = button("new", "new", drawing(
                "M20 12a8 8 0 1 1-2.5-5.8L20 8.5M20 3.5v5h-5"));
            p.listen = button("listen", "new", drawing(
                "M4 9v6h4l5 4V5L8 9zM16 9q3 3 0 6M19 6q5.5 6 0 12"));
            p.sound = make("audio", {preload: "none"});
            p.field = make("input", {part: "field", id: "field", type: "text",
                dir: "ltr", maxlength: 64, autocomplete: "off",
                autocapitalize: "off", autocorrect: "off",
                spellcheck: "false", enterkeyhint: "done",
                "aria-describedby": "error hint"});
            p.check = button("check", "check");
            p.error = make("p", {part: "error", class: "bad", id: "error",
                role: "alert"});
            p.status = make("p", {part: "status", role: "status"});
            p.hint = make("p", {part: "hint", id: "hint"});
            p.doneTitle = make("b", {});
            p.doneHint = make("span", {});
            p.done = make("div", {part: "done", class: "done",
                tabindex: "-1", role: "group", "aria-labelledby": "done"}, drawing(
                "M12 2a10 10 0 1 1 0 20a10 10 0 1 1 0-20zM7.5 12.5l3 3 6-6.5"),
                make("div", {id: "done"}, p.doneTitle, p.doneHint));
            p.box = make("div", {part: "box", class: "box empty",
                role: "group", "aria-labelledby": "title"},
                make("div", {class: "stack"},
                    make("div", {class: "ask"}, p.label,
                        make("div", {part: "frame", class: "frame"},
                            p.canvas, make("div", {class: "tools"}, p.fresh,
                                p.listen), p.sound),
                        make("div", {class: "row"}, p.field, p.check),
                        make("div", {class: "says"}, p.error, p.status,
                            p.hint)),
                    p.done));
            p.label.id = "title";
            p.check.addEventListener("click", () => this.#check());
            p.fresh.addEventListener("click", () => {
                this.#nRenewals = 0;
                this.#renew(null, true);
            });
            p.listen.addEventListener("click", () => this.#listen());
            p.field.addEventListener("input", () => this.#typed());
            p.field.addEventListener("keydown", (event) => {
                if (event.key !== "Enter" || event.isComposing)
                    return;
                event.preventDefault();
                this.#check();
            });
            for (const name of ["focusin", "pointerenter"])
                p.box.addEventListener(name, () => {
                    this.#nRenewals = 0;
                    this.#tick();
                });
            this.addEventListener("invalid", (event) => this.#refuse(event));
            return p.box;
        }

        connectedCallback() {
            if (!this.#internals && !this.#hidden) {
                this.#hidden = make("input", {type: "hidden"});
                this.append(this.#hidden);
                this.formAssociatedCallback(this.closest("form"));
            }
            this.#isLive = true;
            this.#setTheme();
            this.#setLanguage();
            this.#setValue(this.#value);
            for (const [target, name] of this.#wakers())
                target.addEventListener(name, this.#wake);
            this.#timer = setInterval(() => this.#tick(), SECOND_MS);
            if (this.#state === "empty")
                this.#renew();
        }

        disconnectedCallback() {
            this.#isLive = false;
            this.#parts.sound.pause();
            clearInterval(this.#timer);
            for (const [target, name] of this.#wakers())
                target.removeEventListener(name, this.#wake);
        }

        attributeChangedCallback(name, old, now) {
            if (old === now)
                return;
            if (name === "sitekey" || name === "src")
                this.reset();
            else if (!this.#isLive)
                return; /* connectedCallback looks at the others */
            else if (name === "theme")
                this.#setTheme();
            else if (name === "lang")
                this.#setLanguage();
            else
                this.#setValue(this.#value);
        }

        formAssociatedCallback(form) {
            if (this.#form)
                for (const name of ["submit", "reset"])
                    this.#form.removeEventListener(name, this.#onForm, true);
            this.#form = form;
            if (form)
                for (const name of ["submit", "reset"])
                    form.addEventListener(name, this.#onForm, true);
        }

        formDisabledCallback(isDisabled) {
            for (const one of this.#parts.box.querySelectorAll("button, input"))
                one.disabled = isDisabled;
        }

        /* --- what pages use ---------------------------------------------- */

        get value() {
            return this.#value;
        }

        get name() {
            return this.getAttribute("name") || "captcha-response";
        }

        set name(name) {
            this.setAttribute("name", name);
        }

        get required() {
            return this.hasAttribute("required");
        }

        set required(isRequired) {
            this.toggleAttribute("required", isRequired);
        }

        get form() {
            return this.#form;
        }

        get type() {
            return "captcha-box";
        }

        focus(options) {
            const {done, field} = this.#parts;

            (this.#value ? done : this.#player?.place() || field)
                .focus(options);
        }

        checkValidity() {
            return this.#internals ? this.#internals.checkValidity()
                : !this.required || Boolean(this.#value);
        }

        reportValidity() {
            return this.#internals ? this.#internals.reportValidity()
                : this.checkValidity();
        }

        /* Drop the token, and show a new picture. */
        reset() {
            this.#isSent = false;
            this.#setValue("");
            this.#setState("empty");
            this.#pid = "";
            if (this.#stop)
                this.#stop.abort();
            else if (this.#isLive)
                this.#renew();
        }

        #tell(name, detail) {
            this.dispatchEvent(new CustomEvent(`captcha-${name}`,
                {bubbles: true, composed: true, detail}));
        }

        /* --- the form ------------------------------------------------------ */

        #setValue(value) {
            this.#value = value;
            if (this.#hidden) {
                this.#hidden.name = this.name;
                this.#hidden.value = value;
            }
            if (!this.#internals)
                return;
            const data = new FormData();
            data.append(this.name, value);
            this.#internals.setFormValue(data);
            this.#setValidity();
        }

        /* A typed answer is valid: it is checked when the form is sent. */
        #setValidity() {
            const isMissing = this.required && !this.#value &&
                !this.#parts.field.value;

            if (!this.#internals)
                return;
            if (isMissing)
                this.#internals.setValidity({valueMissing: true},
                    this.#say("empty"), this.#parts.field);
            else
                this.#internals.setValidity({});
        }

        /* The form cannot be sent: say so here, and not in the browser's own
         * bubble beside it. */
        #refuse(event) {
            const other = document.activeElement;

            event.preventDefault();
            this.#fail("empty");
            /* a page may ask for validity at each key: leave its field alone */
            if (this.#form && this.#form.querySelector(":invalid") === this &&
                (!other || !/^(text|search|email|url|tel|password|textarea)/
                    .test(other.type)))
                this.focus();
        }

        /* A form that is sent with an answer that is typed, but not checked. */
        #onForm = (event) => {
            if (event.type === "reset") {
                this.reset();
                return;
            }
            if (this.#value) {
                this.#isSent = true;
                return;
            }
            if (!this.#parts.field.value &&
                (this.#internals || !this.required))
                return;
            const isWaiting = this.#sender;
            this.#sender = event;
            event.preventDefault();
            event.stopImmediatePropagation();
            if (isWaiting)
                return;
            (this.#checking || this.#check()).then((isRight) => {
                const {submitter} = this.#sender;

                this.#sender = null;
                if (!isRight || !this.#form)
                    return;
                if (this.#form.requestSubmit)
                    this.#form.requestSubmit(submitter);
                else
                    this.#form.submit();
            });
        };

        /* --- texts ---------------------------------------------------------- */

        #say(key, n) {
            return ((this.#words || ENGLISH)[key] || "").replace("{n}", () => n);
        }

        #setLanguage() {
            const near = this.closest("[lang]");
            const wanted = [this.getAttribute("lang"),
                near && near.getAttribute("lang"), ...navigator.languages];
            const tag = wanted.map((one) => one ? tagFor(one) : "")
                .find(Boolean) || "en";

            if (tag === this.#tag)
                return;
            this.#tag = tag;
            if (tag === "en") {
                this.#useWords(ENGLISH, tag);
                return;
            }
            if (given && given.lang === tag) {
                this.#useWords(JSON.parse(given.textContent), tag);
                return;
            }
            this.#coming = load(this.#address(TEXTS + tag + ".json"))
                .catch(() => ENGLISH).then((words) => {
                    if (this.#tag === tag)
                        this.#useWords(words, words === ENGLISH ? "en" : tag);
                });
        }

        #useWords(words, tag) {
            this.#words = words;
            this.#parts.box.lang = tag;
            this.#parts.box.dir = words.dir;
            this.#render();
            if (this.#player)
                this.#learn().catch((error) => this.#stumble(error, true));
        }

        #setTheme() {
            const theme = this.getAttribute("theme");

            /* auto is what the page is: light text stands on a dark page */
            this.#parts.box.classList.toggle("dark", theme === "dark" ||
                (theme !== "light" && isLight(getComputedStyle(this).color)));
        }

        #render() {
            const p = this.#parts;
            const kind = this.#kind;
            const audio = this.#audio && this.#address(this.#audio);

            if (!this.#words)
                return;
            if (audio && p.sound.src !== audio)
                p.sound.src = audio; /* nothing is loaded before a press */
            p.label.textContent = this.#say(`label_${kind}`);
            p.canvas.setAttribute("aria-label",
                this.#say("alt", this.#say(audio ? "listen" : "new")));
            name(p.fresh, this.#say("new"));
            name(p.listen, this.#say("listen"));
            p.listen.hidden = !audio;
            p.check.textContent = this.#say("check");
            p.hint.textContent = this.#say(
                kind === "arithmetic" ? "hint_number" : "hint_case");
            p.doneTitle.textContent = this.#say("solved");
            p.doneHint.textContent = this.#say("solved_hint");
            p.error.textContent = this.#error ? this.#say(...this.#error) : "";
            p.hint.hidden = Boolean(this.#error || p.status.textContent ||
                this.#state === "solved");
            p.field.inputMode = kind === "arithmetic" ? "numeric" : "text";
            this.#player?.render(audio, this.#hasPicture);
            this.#setValidity();
        }

        #setState(state) {
            const {box, sound, status} = this.#parts;

            this.#state = state;
            sound.pause();
            status.textContent = "";
            box.classList.toggle("empty", state === "empty" ||
                state === "failed");
            box.classList.toggle("failed", state === "failed");
            box.classList.toggle("solved", state === "solved");
        }

        /* Say what is wrong. A text that blames the answer marks the field. */
        #fail(key, n) {
            const blames = ["wrong", "expired", "empty"].includes(key);

            this.#error = key ? [key, n] : null;
            this.#parts.field.setAttribute("aria-invalid", blames);
            this.#render();
        }

        /* --- the service ---------------------------------------------------- */

        #address(path) {
            const src = this.getAttribute("src");

            return new URL(path, src ? new URL(src.replace(/\/*$/, "/"),
                document.baseURI) : HOME).href;
        }

        /* The origin of the page: a frame of ours names the one around. */
        #page() {
            return this.getAttribute("origin") || self.origin;
        }

        async #ask(path, fields) {
            const late = new AbortController();
            const end = () => late.abort();
            const timer = setTimeout(end, ANSWER_MS);

            this.#stop.signal.addEventListener("abort", end);
            try {
                const answer = await fetch(this.#address(path), {
                    method: "POST",
                    cache: "no-store",
                    signal: late.signal,
                    body: new URLSearchParams({
                        k: this.getAttribute("sitekey") || "default",
                        o: this.#page(),
                        theme: this.#parts.box.classList.contains("dark")
                            ? "dark" : "light",
                        hl: this.#tag,
                        mode: this.#player?.mode ||
                            this.getAttribute("mode") || "",
                        ...fields}),
                });
                const found = await answer.json();
                if (answer.ok)
                    return found;
                throw Object.assign(new Error(found.detail), {
                    code: (found["error-codes"] || [])[0] || "unavailable",
                    wait: Number(answer.headers.get("Retry-After"))});
            } finally {
                clearTimeout(timer);
            }
        }

        /* The service has refused, or cannot be reached. An answer stays for
         * another try. */
        #stumble(error, isAnswer) {
            const key = {"too-many-requests": "limited",
                "unknown-sitekey": "key", "unknown-host": "host"}[error.code] ||
                (error.code ? "down" : "offline");
            const isFinal = key === "key" || key === "host";
            const wait = error.wait || RETRY_S;

            if (!isAnswer || isFinal) {
                this.#setState("failed");
                this.#pid = "";
                this.#lifeMs = 0; /* so that no part of the wait is cut */
                this.#endMs = isFinal ? Infinity
                    : Date.now() + wait * SECOND_MS;
            }
            this.#fail(key, {limited: wait, key: this.getAttribute("sitekey"),
                host: this.#page().replace(/^.*:\/\//, "")}[key]);
            this.#tell("error", {code: error.code || "offline", text: key, wait,
                isAnswerKept: Boolean(isAnswer && !isFinal)});
        }

        /* One thing at a time, until it is done or reset; buttons keep the
         * focus while they wait. */
        async #run(work, isAnswer) {
            const {box, check, fresh, field} = this.#parts;
            const setBusy = (isBusy) => {
                field.readOnly = isBusy;
                box.classList.toggle("wait", isBusy);
                box.setAttribute("aria-busy", isBusy);
                for (const button of [check, fresh])
                    button.setAttribute("aria-disabled", isBusy);
            };

            if (this.#stop)
                return false;
            const {signal} = this.#stop = new AbortController();
            setBusy(true);
            try {
                return await work();
            } catch (error) {
                if (!signal.aborted)
                    this.#stumble(error, isAnswer);
                return false;
            } finally {
                this.#stop = null;
                setBusy(false);
                if (signal.aborted && this.#isLive)
                    this.#renew();
            }
        }

        /* Show another picture, and say why. */
        #renew(why, takesFocus) {
            return this.#run(async () => {
                const challenge = await this.#ask("box/new", {});
                if (challenge.token) { /* nothing to answer */
                    this.#accept(challenge);
                    return;
                }
                await this.#show(challenge, why);
                if (takesFocus)
                    this.focus();
            });
        }

        async #show(challenge, why) {
            const {box, canvas, field} = this.#parts;
            const {signal} = this.#stop;
            const {audio, img, mode} = challenge;

            if (img) {
                const bitmap =
                    await createImageBitmap(new Blob([bytesOf(img)]));
                canvas.width = bitmap.width;
                canvas.height = bitmap.height;
                canvas.getContext("2d").drawImage(bitmap, 0, 0);
                box.style.setProperty("--width", challenge.width);
                box.style.setProperty("--height", challenge.height);
            }
            if (mode === "audio")
                await this.#learn();
            if (signal.aborted)
                throw new Error("reset");
            this.#hasPicture = Boolean(img);
            this.#audio = audio || "";
            if (this.#player)
                this.#player.mode = mode;
            this.#pid = challenge.pid;
            this.#kind = challenge.kind;
            this.#lifeMs = challenge.expires_in * SECOND_MS;
            this.#endMs = Date.now() + this.#lifeMs;
            this.#isWarned = false;
            field.value = "";
            this.#setState("ready");
            this.#fail(why);
            this.#tell("ready", {});
        }

        #accept({token, expires_in}) {
            const {done, field, status} = this.#parts;
            const hasFocus = this.matches(":focus-within");

            this.#pid = "";
            field.value = "";
            this.#endMs = Date.now() + expires_in * SECOND_MS;
            this.#setState("solved");
            this.#fail(null);
            this.#setValue(token);
            status.textContent = "";
            if (hasFocus)
                done.focus();
            this.#tell("solved", {token, expires_in});
        }

        /* Returns whether the answer is right. */
        async #check() {
            const {field} = this.#parts;
            const code = field.value;

            if (this.#stop || this.#state === "solved")
                return false;
            if (!this.#pid) {
                this.#renew(null, true);
                return false;
            }
            if (!code.trim()) {
                this.#fail("empty");
                this.focus();
                return false;
            }
            this.#checking = this.#run(async () => {
                const answer = await this.#ask("box/answer", {pid: this.#pid,
                    code, action: this.getAttribute("action") || "",
                    cdata: this.getAttribute("cdata") || ""});

                if (answer.success !== true) {
                    await this.#show(answer.next,
                        answer["error-codes"][0] === "wrong" ? "wrong"
                            : "expired");
                    this.focus();
                    return false;
                }
                this.#accept(answer);
                return true;
            }, true);
            const isRight = await this.#checking;
            this.#checking = null;
            return isRight;
        }

        /* --- sound ----------------------------------------------------------- */

        /* Load what few visitors need: the player, and its texts. */
        async #learn() {
            const [{start}, texts] = await Promise.all([
                import(this.#address(TEXTS + "sound.js")),
                load(this.#address(TEXTS + this.#tag + ".sound.json")),
                this.#coming]);

            Object.assign(this.#words, texts);
            this.#player ||= start(this.#parts, {
                addStyle, button, drawing, make, name,
                say: (key) => this.#say(key),
                render: () => this.#render(),
                fail: (key) => this.#fail(key),
                run: (work) => this.#run(work, true),
                expire: () => {
                    this.#endMs = 0;
                    if (!this.hasAttribute("once"))
                        this.#renew("expired", true);
                },
            });
            this.#render();
        }

        async #listen() {
            const {field, sound} = this.#parts;

            /* at once: browsers want it to be part of the press */
            sound.play().catch(() => {});
            try {
                await this.#learn();
                this.#player.mode = "audio";
                this.#fail(null);
                field.focus();
            } catch (error) {
                sound.pause();
                this.#stumble(error, true);
            }
        }

        /* --- time ------------------------------------------------------------ */

        #typed() {
            this.#nRenewals = 0;
            if (this.#error && this.#state === "ready")
                this.#fail(null);
            this.#setValidity();
        }

        #wakers() {
            return [[window, "pageshow"], [window, "online"],
                [document, "visibilitychange"]];
        }

        #wake = (event) => {
            /* the form was sent, and the visitor came back: the token is spent */
            if (event.type === "pageshow" && event.persisted && this.#isSent)
                this.reset();
            if (event.type === "online" && this.#state === "failed" &&
                this.#endMs !== Infinity)
                this.#endMs = 0;
            this.#tick();
        };

        /* Each second, and when the page is seen again: then hours may have
         * passed. A picture that nobody answers is replaced a while before its
         * end, so that there is time to type; with `once` the page decides. */
        #tick() {
            const {field, status, hint, sound} = this.#parts;
            const isOnce = this.hasAttribute("once");
            const isTyped = Boolean(field.value) || !sound.paused;
            const leftMs = this.#endMs - Date.now();

            this.#setTheme();
            if (this.#stop || document.hidden)
                return;
            if (this.#state === "solved") {
                if (leftMs > 0)
                    return;
                this.#setValue("");
                this.#tell("expired", {});
                this.#renew("again");
            } else if ((isTyped || isOnce) && this.#state === "ready" &&
                leftMs > 0) {
                if (this.#isWarned || !sound.paused ||
                    leftMs > WARN_S * SECOND_MS ||
                    this.#lifeMs < 2 * WARN_S * SECOND_MS)
                    return;
                this.#isWarned = true;
                status.textContent = this.#say("left", WARN_S);
                hint.hidden = true;
            } else if (isOnce && leftMs <= 0 && this.#state === "ready") {
                this.#endMs = Infinity;
                this.#tell("timeout", {});
            } else if (leftMs <= (isTyped ? 0 : this.#lifeMs / 10) &&
                this.#nRenewals < RENEWALS_MAX) {
                this.#nRenewals++;
                this.#renew(isTyped ? "expired" : null);
            }
        }
    }

    customElements.define("captcha-box", CaptchaBox);
})();
