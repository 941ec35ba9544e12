/*
 * The frames of api.js: the box, and the challenge with the element. The page
 * around hands a port over, and everything else goes through this port; see
 * doc/architecture.md. The texts are in the page: src/http/frame_*.html.
 */
"use strict";
(() => {
    const {body} = document;
    const {origin, part} = body.dataset;
    const waiting = []; /* messages, before there is a port */
    let port = null;

    const send = (type, more) => {
        if (port)
            port.postMessage({type, ...more});
        else
            waiting.push([type, more]);
    };

    /* Focus an element, now or when the browser gives this frame the focus. */
    const focus = (element) => {
        const take = () => {
            if (document.activeElement === body)
                element.focus();
        };

        take();
        addEventListener("focus", take, {once: true});
    };

    /* --- the box: it shows what it is told -------------------------------- */

    const startBox = () => {
        const button = document.getElementById("check");
        const status = document.getElementById("status");

        if (body.dataset.code) { /* the page cannot show a captcha */
            send("error", {code: body.dataset.code});
            return {};
        }
        const show = ({state, n}) => {
            body.dataset.state = state;
            button.setAttribute("aria-checked", state === "solved");
            button.setAttribute("aria-busy", state === "busy");
            status.textContent =
                (status.dataset[state] || "").replace("{n}", () => n);
        };
        button.addEventListener("click", () => {
            if (body.dataset.state !== "solved")
                send("press");
        });
        show({state: "idle"}); /* so that the style shows it */
        return {init: show, state: show, focus: () => focus(button)};
    };

    /* --- the challenge: it tells what happens ----------------------------- */

    const startChallenge = () => {
        const all = document.querySelector(".all");
        const box = document.querySelector("captcha-box");
        /* A scroll bar takes its part of the frame, and not of the content. */
        const tell = () => send("size", {
            width: all.offsetWidth + innerWidth -
                document.documentElement.clientWidth,
            height: all.offsetHeight,
        });
        const watch = new ResizeObserver(tell);
        const hear = (name, act) =>
            document.addEventListener(`captcha-${name}`, act);

        hear("ready", () => {
            tell(); /* browsers do not observe what is not in sight yet */
            watch.observe(all);
        });
        hear("solved", ({detail}) => send("solved", detail));
        hear("timeout", () => send("timeout"));
        hear("error", ({detail}) => {
            /* the visitor tries again, with the answer that is there */
            if (!detail.isAnswerKept)
                send("error", detail);
        });
        document.addEventListener("keydown", (event) => {
            if (event.key === "Escape" && !event.isComposing)
                send("close");
        });
        document.getElementById("close")
            .addEventListener("click", () => send("close"));
        return {
            focus: () => focus(box),
            init: ({action, cdata}) => {
                box.setAttribute("action", action);
                box.setAttribute("cdata", cdata);
            },
        };
    };

    const acts = part === "box" ? startBox() : startChallenge();
    const hear = ({data}) => acts[data.type] && acts[data.type](data);

    /* The page around is the one that the service was told of: the browser
     * shows this frame to no other. Its first word counts. */
    const begin = (event) => {
        const {data, ports, source} = event;

        if (source !== parent || event.origin !== origin || !data ||
            data.captcha !== 1 || data.type !== "init" || !ports[0])
            return;
        removeEventListener("message", begin);
        port = ports[0];
        port.onmessage = hear;
        send("ready", {title: document.title});
        hear(event);
        for (const [type, more] of waiting)
            send(type, more);
    };
    addEventListener("message", begin);
})();
