/*
 * api.js: pages made for another vendor's captcha get ours. This is the common
 * part; api_recaptcha.js, api_hcaptcha.js and api_turnstile.js have what
 * differs, and script/assets puts one of them in. Each widget has a frame with
 * a box, and while it is open a frame with the challenge, in a dialog: see
 * doc/architecture.md. The page around needs script-src and frame-src of the
 * service, and nothing else.
 */
"use strict";
(() => {
@FLAVOUR@

    const LOAD_S = 10; /* how long a frame may take, while it can be seen */
    const NARROW_PX = 480; /* below it a challenge is in the middle */
    const GAP_PX = 8;
    const MARK = Symbol.for("captcha-fcgi");
    const KEY = /^[\w-]{1,64}$/;
    const WORDS = {action: /^[\w/-]{0,32}$/, cData: /^[\w-]{0,255}$/};

    /* --- this script ------------------------------------------------------ */

    /* An <img name="currentScript"> of a comment is document.currentScript. */
    const script = [document.currentScript,
        ...[...document.getElementsByTagName("script")].reverse()]
        .find((one) => one instanceof HTMLScriptElement &&
            FLAVOUR.path.test(one.src));
    if (!script)
        throw new Error("captcha: no script element has this file's address; " +
            "load it by <script src>");
    const asked = new URL(script.src).searchParams;
    const HOME = script.src.replace(/[?#].*/, "").replace(FLAVOUR.path, "/");
    const ORIGIN = new URL(HOME).origin;
    const isCompatible = FLAVOUR.isCompatible(asked);
    /* Of the page. A script of it may have a variable with this name. */
    const PAGE = /^(null|[a-z][^/:]*:\/\/[^/]+)$/.test(window.origin)
        ? window.origin : location.origin;

    /* --- small parts ------------------------------------------------------ */

    const isAbsent = (value) =>
        value === undefined || value === null || value === "";

    /* With all: "initial" nothing is left that the page's own style says. */
    const style = (element, rules) => {
        for (const [name, value] of Object.entries(rules))
            element.style.setProperty(name, value, "important");
    };

    /* Each call of the page's own functions is a task: a fault of one of them
     * stops nothing here. */
    const later = (act, ...values) => setTimeout(() => act(...values));

    /* Pages may not want to know how it ends. */
    const quiet = (promise) => {
        promise.catch(() => {});
        return promise;
    };

    /* A function, or that of window with this name; dots are allowed. */
    const functionOf = (value) => {
        let found = value;

        if (typeof value === "string") {
            found = window; /* Prototype.js has a reduce() of its own */
            for (const name of value.split("."))
                found = isAbsent(found) ? found : found[name];
        }
        return typeof found === "function" ? found : null;
    };

    const whenParsed = (act) => {
        if (document.readyState === "loading")
            document.addEventListener("DOMContentLoaded", act, {once: true});
        else
            act();
    };

    /* A frame with the page of a part. It loads anew when it is moved, and then
     * gets a new port. */
    const makeFrame = (widget, part, hello, hear, fail) => {
        const frame = document.createElement("iframe");
        const {hl, sitekey, theme} = widget.params;
        let port = null;
        let timer = 0;

        const wait = (leftS = LOAD_S) => {
            clearTimeout(timer);
            if (!leftS)
                fail();
            else if (PAGE !== "null")
                timer = setTimeout(() => wait(leftS -
                    (frame.isConnected && !document.hidden)), 1000);
        };
        frame.src = `${HOME}frame?${new URLSearchParams({k: sitekey,
            o: PAGE, part, hl, theme, f: FLAVOUR.flavour})}`;
        frame.title = "captcha";
        frame.referrerPolicy = "origin";
        frame.allow = "autoplay";
        style(frame, {all: "initial",
            "color-scheme": theme === "auto" ? "light dark" : theme});
        frame.addEventListener("load", () => {
            const {port1, port2} = new MessageChannel();

            if (port)
                port.close();
            port = port1;
            port.onmessage = ({data}) => {
                clearTimeout(timer);
                if (data.type === "ready")
                    frame.title = data.title;
                hear(data);
            };
            wait();
            frame.contentWindow.postMessage({captcha: 1, type: "init",
                ...hello()}, ORIGIN, [port2]);
        });
        wait();
        return {
            frame,
            send: (message) => port && port.postMessage(message),
            end: () => {
                clearTimeout(timer);
                if (port)
                    port.close();
                frame.remove();
            },
        };
    };

    const checkWords = (params) => {
        for (const [name, pattern] of Object.entries(WORDS))
            if (!pattern.test(params[name]))
                throw new Error(`captcha: ${name} "${params[name]}" is not ` +
                    `as in ${pattern}`);
    };

    /* --- widgets ---------------------------------------------------------- */

    const widgets = [];
    let opened = null; /* the widget whose challenge is open */
    let nMade = 0;

    /* The first can be set back, the second may stand still while a machine
     * sleeps. */
    const clocks = () => [Date.now(), performance.now()];

    /* "formdata": the form is sent, by whatever means. "reset" comes here at
     * last: the page may prevent it. */
    for (const name of ["visibilitychange", "pageshow", "focus", "online",
        "formdata", "reset"])
        addEventListener(name, (event) => {
            for (const widget of widgets)
                widget.look(event);
        }, name !== "reset");

    class Widget {
        token = "";
        isExpired = false;
        #state = {state: "idle"}; /* as the box shows it */
        #box = null; /* null: invisible */
        #button = null; /* in place of a box that did not come */
        #challenge = null;
        #dialog = null;
        #size = null; /* of the challenge; null: not known yet */
        #waiting = []; /* promises of execute() */
        /* Single pages take a form away with what is in it, and tell nobody. */
        #watch = new MutationObserver(() => {
            if (!this.where.isConnected)
                this.close();
        });
        #endsMs = []; /* of the token, by each clock */
        #isSent = false; /* the form was, with the token */
        #timer = 0;
        #nResets = 0;

        constructor(where, params) {
            const {size, sitekey} = params;

            if (isAbsent(sitekey))
                throw new Error("captcha: no sitekey: give it as parameter " +
                    "or as data-sitekey");
            checkWords(params);
            this.n = nMade++;
            this.id = FLAVOUR.idOf(this.n);
            this.where = where;
            this.params = params;
            this.isButton = where.matches("button, input");
            this.isInvisible = size === "invisible" || this.isButton;
            this.fields = FLAVOUR.fieldsOf(this, isCompatible);
            if (this.isButton)
                where.addEventListener("click", this.#press);
            if (!this.isInvisible)
                this.#makeBox();
            for (const field of this.fields)
                this.#put(field);
            if (!window.HTMLDialogElement) /* of 2022 */
                this.#tell("unsupported-callback");
            if (PAGE === "null") /* sandboxed */
                later(() => this.#fail({code: "unknown-host"}));
        }

        get isThere() {
            const first = this.#box ? this.#box.frame : this.fields[0];

            return this.isButton || !first || first.parentNode === this.where;
        }

        get frame() {
            return this.#box && this.#box.frame;
        }

        /* A button cannot have the fields in itself. */
        #put(element) {
            this.where[this.isButton ? "after" : "append"](element);
        }

        #press = (event) => {
            event.preventDefault();
            this.execute();
        };

        #makeBox() {
            const {appearance, size, tabindex} = this.params;
            const [width, height] = FLAVOUR.sizes[size] || FLAVOUR.sizes.normal;

            this.#box = makeFrame(this, "box", () => this.#state, (data) => {
                if (data.type === "press")
                    this.open();
                else if (data.type === "error")
                    this.#fail(data);
                else
                    this.#comeBack();
            }, () => this.#offerAgain());
            const {frame} = this.#box;
            style(frame, {width: width ? `${width}px` : "100%",
                "min-width": width ? "0" : "300px", height: `${height}px`,
                "vertical-align": "top"});
            if (/^-?\d+$/.test(tabindex))
                frame.tabIndex = tabindex;
            if (appearance === "execute")
                style(frame, {display: "none"});
            FLAVOUR.mark(this);
            this.#put(frame);
        }

        /* The box's own page did not come, so it cannot say so. */
        #offerAgain() {
            const {frame} = this.#box;
            const button = this.#button = document.createElement("button");

            button.type = "button";
            button.textContent = "captcha: no connection. Try again \u21bb";
            style(button, {width: frame.style.width, height:
                frame.style.height, font: "14px system-ui, sans-serif",
            color: "inherit", background: "none", border: "1px solid #8889",
            "border-radius": "8px", cursor: "pointer"});
            button.addEventListener("click", () => {
                this.#comeBack();
                frame.src += "";
            });
            style(frame, {display: "none"});
            frame.before(button);
            this.#fail({code: "offline"});
        }

        /* It came after all, or is to come. */
        #comeBack() {
            if (!this.#button)
                return;
            this.#button.remove();
            this.#button = null;
            style(this.frame, {display: "inline"});
            this.#show(this.token ? "solved" : "idle");
        }

        #tell(name, ...values) {
            const act = functionOf(this.params[name]);

            if (act)
                later(act, ...values);
        }

        #show(state, n) {
            this.#state = {state, n};
            if (this.#box)
                this.#box.send({type: "state", state, n});
        }

        #settle(isRight, value) {
            for (const [resolve, reject] of this.#waiting.splice(0))
                later(isRight ? resolve : reject,
                    isRight ? value : FLAVOUR.reason(value));
        }

        #setToken(token) {
            this.token = token;
            this.#isSent = false;
            for (const field of this.fields)
                field.value = token;
            FLAVOUR.mark(this);
        }

        /* --- open, and how it ends ---------------------------------------- */

        open() {
            if (opened === this && this.#dialog.isConnected)
                return;
            if (opened) /* of another widget, or gone with its page */
                opened.close();
            opened = this;
            this.#size = null;
            this.isExpired = false;
            this.#show("busy");
            this.#tell("before-interactive-callback");
            this.#tell("open-callback");
            const {action, cData} = this.params;
            this.#challenge = makeFrame(this, "challenge",
                () => ({action, cdata: cData}), (data) => this.#hear(data),
                () => this.#hear({type: "error", code: "offline"}));
            const {frame} = this.#challenge;
            const dialog = this.#dialog = document.createElement("dialog");
            /* laid out, so that it has a size, but not seen until that is
             * known */
            style(dialog, {all: "initial", display: "block",
                position: "fixed", inset: "0 auto auto 0",
                border: "1px solid #8886", overflow: "hidden",
                "border-radius": "14px", visibility: "hidden",
                "box-shadow": "0 12px 40px #0006"});
            style(frame, {display: "block", width:
                `${Math.min(innerWidth - 2 * GAP_PX, 460)}px`,
            height: "400px"});
            dialog.append(frame);
            dialog.addEventListener("close", () => { /* by Esc */
                if (this.#dialog === dialog)
                    this.close();
            });
            dialog.addEventListener("pointerdown", (event) => {
                if (event.target === dialog) /* outside of the frame */
                    this.close();
            });
            this.#container().append(dialog);
            for (let root = this.where; root && this.where.isConnected;
                root = root.host) {
                root = root.getRootNode(); /* the page, or a shadow in it */
                this.#watch.observe(root, {childList: true, subtree: true});
            }
            for (const name of ["resize", "scroll"])
                addEventListener(name, this.#place, true);
        }

        #container() {
            const where = this.params["challenge-container"];

            return (typeof where === "string"
                ? document.getElementById(where) : where) ||
                document.querySelector("body"); /* not <img name="body"> */
        }

        #hear(data) {
            const dialog = this.#dialog;
            const {frame, send} = this.#challenge;

            if (data.type === "size") {
                this.#size = data;
                this.#place();
                if (dialog.style.visibility !== "hidden")
                    return;
                style(dialog, {visibility: "visible"});
                dialog.setAttribute("aria-label", frame.title);
                dialog.showModal();
                frame.focus();
                send({type: "focus"});
            } else if (data.type === "close") {
                this.close();
            } else if (["solved", "timeout", "error"].includes(data.type)) {
                this.#shut();
                this.#tell("after-interactive-callback");
                if (data.type === "solved")
                    this.#accept(data);
                else if (data.type === "timeout")
                    this.#miss();
                else
                    this.#fail(data);
            }
        }

        #place = () => {
            if (!this.#size)
                return;
            const width = Math.min(this.#size.width, innerWidth - 2 * GAP_PX);
            const height =
                Math.min(this.#size.height, innerHeight - 2 * GAP_PX);
            const at = (this.frame || this.where).getBoundingClientRect();
            const isBeside = innerWidth >= NARROW_PX && at.width > 0;
            const fit = (wanted, most) =>
                Math.max(GAP_PX, Math.min(wanted, most - GAP_PX));
            const right = at.right + GAP_PX;
            const left = at.left - GAP_PX - width;
            const x = !isBeside ? (innerWidth - width) / 2
                : right + width + GAP_PX <= innerWidth ? right
                    : left >= GAP_PX ? left : at.left;
            const y = isBeside ? at.top + (at.height - height) / 2
                : (innerHeight - height) / 2;

            style(this.#challenge.frame,
                {width: `${width}px`, height: `${height}px`});
            style(this.#dialog, {
                left: `${fit(x, innerWidth - width)}px`,
                top: `${fit(y, innerHeight - height)}px`});
        };

        /* The challenge goes: whether there was one. */
        #shut() {
            if (opened !== this)
                return false;
            opened = null;
            for (const name of ["resize", "scroll"])
                removeEventListener(name, this.#place, true);
            this.#watch.disconnect();
            const dialog = this.#dialog;
            this.#dialog = null;
            dialog.close();
            this.#challenge.end();
            dialog.remove();
            if (dialog.style.visibility === "visible") { /* it had the focus */
                (this.frame || this.where).focus();
                if (this.#box)
                    this.#box.send({type: "focus"});
            }
            return true;
        }

        close() {
            if (!this.#shut())
                return;
            this.#show("idle");
            this.#tell("after-interactive-callback");
            this.#tell("close-callback");
            this.#settle(false, "challenge-closed");
        }

        #miss() {
            this.#show("late");
            this.#tell("chalexpired-callback");
            this.#tell("timeout-callback");
            if (FLAVOUR.lateError)
                this.#tell("error-callback", FLAVOUR.lateError);
            this.#settle(false, "challenge-expired");
        }

        #accept({token, expires_in}) {
            const n = this.#nResets;

            this.#show("solved");
            later(() => {
                if (n !== this.#nResets) /* by a callback before */
                    return;
                this.#setToken(token);
                this.#endsMs = clocks().map((now) => now + expires_in * 1000);
                this.look();
                this.#tell("callback", token, ...FLAVOUR.moreValues);
                this.#settle(true, this.answer);
            });
        }

        /* Timers stand still while a machine sleeps, and a page comes out of
         * the history as it was. */
        look({type, target, persisted, defaultPrevented} = {}) {
            if (target === this.where.closest("form")) {
                this.#isSent = true;
                if (type === "reset" && !defaultPrevented)
                    this.reset();
            }
            if (persisted && this.#isSent)
                this.#endsMs = [0, 0];
            const leftMs = Math.min(...clocks().map((now, i) =>
                this.#endsMs[i] - now));
            const {token} = this;

            clearTimeout(this.#timer);
            if (!token)
                return;
            if (leftMs > 0) {
                this.#timer = setTimeout(() => this.look(), leftMs);
                return;
            }
            this.#setToken("");
            this.isExpired = true;
            this.#show("again");
            this.#tell("expired-callback", ...FLAVOUR.expiredValues(token));
        }

        #fail({code, text, wait}) {
            this.#show(text || code, wait);
            const word = FLAVOUR.errorOf(code === "unknown-sitekey" &&
                !KEY.test(this.params.sitekey) ? "malformed-sitekey" : code);

            this.#tell("error-callback", ...word ? [word] : []);
            this.#settle(false, word || code);
        }

        /* --- what pages call ---------------------------------------------- */

        get answer() {
            return FLAVOUR.answerOf(this);
        }

        execute() {
            const promise = quiet(new Promise((resolve, reject) => {
                this.#waiting.push([resolve, reject]);
            }));

            if (this.frame && this.params.appearance === "execute")
                style(this.frame, {display: "inline"});
            if (!this.token) {
                this.open();
            } else {
                if (this.isButton)
                    this.#tell("callback", this.token, ...FLAVOUR.moreValues);
                this.#settle(true, this.answer);
            }
            return promise;
        }

        reset() {
            this.#nResets++;
            this.#settle(false, "challenge-closed");
            this.#shut();
            this.#setToken("");
            this.isExpired = false;
            this.#show("idle");
        }

        remove() {
            this.reset();
            if (this.isButton)
                this.where.removeEventListener("click", this.#press);
            this.#comeBack();
            if (this.#box)
                this.#box.end();
            for (const field of this.fields)
                field.remove();
            widgets.splice(widgets.indexOf(this), 1);
            delete this.where[MARK];
        }
    }

    /* --- parameters ------------------------------------------------------- */

    const NAMES = ["sitekey", "theme", "size", "tabindex", "hl", "language",
        "callback", "expired-callback", "error-callback", "open-callback",
        "close-callback", "chalexpired-callback", "timeout-callback",
        "unsupported-callback", "before-interactive-callback",
        "after-interactive-callback", "challenge-container", "action", "cData",
        "appearance", "response-field", "response-field-name"];

    const paramsOf = (element, given) => {
        const params = {};

        for (const name of NAMES) {
            const value = given[name];

            params[name] = isAbsent(value)
                ? element.getAttribute(`data-${name.toLowerCase()}`) : value;
        }
        const language = params.hl || params.language ||
            asked.get("hl") || asked.get("language");
        params.hl = language && language !== "auto" ? language : "";
        if (isAbsent(params.theme))
            params.theme = FLAVOUR.theme;
        if (params.theme !== "light" && params.theme !== "dark")
            params.theme = "auto";
        params.action = params.action || "";
        params.cData = params.cData || "";
        return params;
    };

    const elementOf = (where) => {
        let element = where;

        if (typeof where === "string")
            element = document.getElementById(where) ||
                FLAVOUR.takesSelectors && document.querySelector(where);
        if (!element || element.nodeType !== Node.ELEMENT_NODE)
            throw new Error(`captcha: no element for ${where}: give an ` +
                "element that is in the page, or its id");
        return element;
    };

    /* --- what all flavours have ------------------------------------------- */

    /* The first widget, or the one with this id. */
    const find = (id) => {
        const found = isAbsent(id) ? widgets[0]
            : widgets.find((one) => String(one.id) === String(id) ||
                FLAVOUR.takesSelectors && (one.where === id ||
                    typeof id === "string" && /^[#.[]/.test(id) &&
                    one.where.matches(id)));

        if (!found)
            throw new Error(isAbsent(id)
                ? "captcha: there is no widget; render one"
                : `captcha: no widget has the id ${id}; render() returns ids`);
        found.look();
        return found;
    };

    const render = (where, given) => {
        const element = elementOf(where);
        const old = widgets.find((one) => one.where === element);

        if (old && old.isThere)
            return FLAVOUR.again(old);
        if (old)
            old.remove();
        const widget = new Widget(element, paramsOf(element, given || {}));
        widgets.push(widget);
        element[MARK] = widget;
        return widget.id;
    };

    /* Two flavours may be in a page: elements of reCAPTCHA's class are for the
     * flavour that has its global. */
    const renderAll = () => {
        const classes = [FLAVOUR.class,
            ...markOf("grecaptcha") === mark ? ["g-recaptcha"] : []];

        for (const element of document.querySelectorAll(classes.map((name) =>
            `.${name}[data-sitekey]`).join()))
            if (!element[MARK])
                try {
                    render(element);
                } catch (error) {
                    reportError(error);
                }
    };

    const makeField = (tag, name, id, attributes) => {
        const field = document.createElement(tag);

        Object.assign(field, {name, id, ...attributes});
        if (tag === "textarea")
            style(field, {display: "none"});
        return field;
    };

    /* --- the globals ------------------------------------------------------ */

    /* An element with such an id is a property of window, but not its own. */
    const isOwn = (name) =>
        Object.prototype.hasOwnProperty.call(window, name) && window[name];
    const markOf = (name) => isOwn(name) && window[name][MARK];
    const mark = {flavour: FLAVOUR.name, renderAll};
    const found = markOf(FLAVOUR.name);
    const known = found && found.flavour === FLAVOUR.name ? found : null;

    if (!known)
        for (const name of [FLAVOUR.name,
            ...isCompatible ? ["grecaptcha"] : []]) {
            const api = isOwn(name) || (window[name] = {});

            /* a name belongs to its own flavour, if that is there */
            if (!api[MARK] || name === FLAVOUR.name)
                Object.assign(api, FLAVOUR.methods, {[MARK]: mark});
        }
    if (!known && FLAVOUR.begin)
        FLAVOUR.begin();

    const isImplicit = [null, "", "onload"].includes(asked.get("render"));
    const tellLoaded = () => {
        const act = functionOf(asked.get("onload"));

        if (act)
            act();
    };
    const whenLoaded = () => setTimeout(() =>
        isImplicit ? whenParsed(tellLoaded) : tellLoaded());

    if (isImplicit)
        whenParsed((known || mark).renderAll);
    /* some loaders of others get ready in their own listener of "load" */
    if (document.currentScript === script)
        script.addEventListener("load", whenLoaded, {once: true});
    else
        whenLoaded();
})();
