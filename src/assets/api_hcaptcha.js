/*
 * What differs for pages made for hCaptcha: see api.js.
 */
const ERRORS = {
    "bad-request": "invalid-data",
    "malformed-sitekey": "invalid-data",
    offline: "network-error",
    "too-many-requests": "rate-limited",
    unavailable: "internal-error",
    "unknown-host": "invalid-data",
    "unknown-sitekey": "invalid-data",
};

const FLAVOUR = {
    name: "hcaptcha",
    flavour: "hcaptcha",
    class: "h-captcha",
    path: /(\/hcaptcha)?\/1\/api\.js.*/,
    theme: "light",
    sizes: {normal: [303, 78], compact: [164, 144]},
    moreValues: [],
    expiredValues: () => [],
    isCompatible: (asked) => asked.get("recaptchacompat") !== "off",
    idOf: (n) => `h${n}`,
    errorOf: (code) => ERRORS[code] || "challenge-error",
    reason: (word) => word, /* clients look at it as a text */
    answerOf: ({token}) => ({response: token, key: token.split("_")[1] || ""}),
    mark: ({id, frame, token}) => {
        if (frame)
            Object.assign(frame.dataset,
                {hcaptchaWidgetId: id, hcaptchaResponse: token});
    },
    again: ({id}) => {
        console.warn("captcha: this element has a widget already: " + id);
        return id;
    },
    fieldsOf: ({id}, isCompatible) => ["h-captcha-response",
        ...isCompatible ? ["g-recaptcha-response"] : []].map((name) =>
        makeField("textarea", name, `${name}-${id}`)),
    methods: {
        render: (where, params) => render(where, params),
        getResponse: (id) => find(id).token,
        getRespKey: (id) => find(id).answer.key,
        reset: (id) => find(id).reset(),
        remove: (id) => find(id).remove(),
        close: (id) => find(id).close(),
        setData: (id) => {
            find(typeof id === "object" ? null : id);
        },
        execute: (id, options) => {
            const isAlone = id && typeof id === "object";
            const isAsync = (isAlone ? id : options || {}).async;
            let widget;

            try {
                widget = find(isAlone ? null : id);
            } catch (error) {
                if (!isAsync)
                    throw error;
                return Promise.reject(widgets.length ? "invalid-captcha-id"
                    : "missing-captcha");
            }
            const promise = widget.execute();
            return isAsync ? promise : undefined;
        },
    },
};
