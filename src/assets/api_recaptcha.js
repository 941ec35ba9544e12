/*
 * What differs for pages made for reCAPTCHA, version 2 or 3: see api.js.
 */
const clients = Object.create(null); /* of version 3, by sitekey */

const FLAVOUR = {
    name: "grecaptcha",
    class: "g-recaptcha",
    path: /\/recaptcha\/(api|enterprise)\.js.*/,
    theme: "light",
    sizes: {normal: [304, 78], compact: [164, 144]},
    moreValues: [],
    expiredValues: () => [],
    isCompatible: () => false,
    idOf: (n) => n,
    errorOf: () => "",
    reason: (word) => new Error(word),
    answerOf: ({token}) => token,
    mark() {},
    again: () => {
        throw new Error("captcha: this element has a widget already; " +
            "reset() empties it");
    },
    fieldsOf: ({n}) => [makeField("textarea", "g-recaptcha-response",
        `g-recaptcha-response${n ? `-${n}` : ""}`,
        {className: "g-recaptcha-response"})],
    methods: {
        render: (where, params) => render(where, params),
        getResponse: (id) => find(id).token,
        reset: (id) => find(id).reset(),
        ready: (act) => {
            later(act);
        },
        execute: (id, options) => {
            if (typeof id !== "string" || /^\d+$/.test(id))
                return find(id).execute();
            /* version 3: each call is for a token of its own */
            const action = options && options.action || "";

            checkWords({action, cData: ""});
            if (!clients[id]) {
                const place = document.createElement("div");

                style(place, {display: "none"});
                document.querySelector("body").append(place);
                clients[id] = find(render(place,
                    {sitekey: id, size: "invisible"}));
            }
            if (clients[id].token)
                clients[id].reset();
            clients[id].params.action = action;
            return clients[id].execute();
        },
    },
    begin: () => {
        const {methods} = FLAVOUR;
        const waiting = window.___grecaptcha_cfg;
        const {grecaptcha} = window;

        grecaptcha.enterprise = Object.assign(grecaptcha.enterprise || {},
            methods);
        if (waiting && waiting.fns)
            waiting.fns.splice(0).forEach(methods.ready);
    },
};
