/*
 * What differs for pages made for reCAPTCHA, version 2 or 3: see api.js.
 */
/* of version 3, by sitekey: the widget, and a promise of the last call's end */
const clients = Object.create(null);

const FLAVOUR = {
    name: "grecaptcha",
    flavour: "recaptcha",
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
            /* version 3: each call is for a token of its own, after that of
             * the call before it, in a page that has a body */
            const action = options && options.action || "";
            const client = clients[id] = clients[id] ||
                {end: new Promise(whenParsed)};
            const ask = () => {
                if (!client.widget) {
                    const place = document.createElement("div");

                    style(place, {display: "none"});
                    document.querySelector("body").append(place);
                    client.widget = find(render(place,
                        {sitekey: id, size: "invisible"}));
                }
                client.widget.reset();
                client.widget.params.action = action;
                return client.widget.execute();
            };

            checkWords({action, cData: ""});
            return client.end = quiet(client.end.then(ask, ask));
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
