/*
 * What differs for pages made for Turnstile: see api.js.
 */
const ERRORS = {
    "malformed-sitekey": "110100",
    "too-many-requests": "300010",
    "unknown-host": "110200",
    "unknown-sitekey": "110110",
};

const FLAVOUR = {
    name: "turnstile",
    flavour: "turnstile",
    class: "cf-turnstile",
    path: /\/turnstile\/v0\/api\.js.*/,
    theme: "auto",
    sizes: {normal: [300, 65], compact: [150, 140], flexible: [0, 65]},
    moreValues: [false],
    expiredValues: (token) => [token],
    takesSelectors: true,
    lateError: "110600",
    isCompatible: (asked) => asked.get("compat") === "recaptcha",
    idOf: (n) => `cf-chl-widget-${n}`,
    errorOf: (code) => ERRORS[code] || "300030",
    reason: (word) => new Error(word),
    answerOf: ({token}) => token,
    mark() {},
    again: ({id}) => {
        console.warn("captcha: this element has a widget already: " + id);
    },
    fieldsOf: ({id, params}, isCompatible) =>
        String(params["response-field"]) === "false" ? [] : [
            [params["response-field-name"] || "cf-turnstile-response",
                `${id}_response`],
            ...isCompatible ? [["g-recaptcha-response",
                `${id}_g_response`]] : [],
        ].map(([name, fieldId]) =>
            makeField("input", name, fieldId, {type: "hidden"})),
    methods: {
        render: (where, params) => render(where, params),
        getResponse: (id) => find(id).token || undefined,
        isExpired: (id) => find(id).isExpired,
        reset: (id) => find(id).reset(),
        remove: (id) => find(id).remove(),
        implicitRender: () => renderAll(),
        ready: (act) => {
            later(act);
        },
        execute: (where, params) => {
            let widget;

            try {
                widget = find(where);
            } catch (error) {
                if (!params)
                    throw error;
                widget = find(render(where, params));
            }
            widget.execute();
        },
    },
};
