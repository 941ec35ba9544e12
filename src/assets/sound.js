/*
 * The player of <captcha-box>: what it shows and does once the visitor has asked
 * for the sound. widget.js loads this file then, since few visitors need it. Its
 * texts are loaded apart, too: see script/assets.
 */
const SLOW = .75; /* of the speed */
const BACK_S = 2; /* by a comma */
const PLAY_KEYS = ".。．";
const KEYS = /[.。．,،，、]/;

const STYLE = `
[hidden] {
    display: none !important;
}
.player {
    flex: 0 1 calc(var(--width, 240) * 1px);
    align-content: center;
    gap: .25em;
    min-block-size: calc(var(--height, 80) * 1px);
    padding: .25em;
}
.player button {
    flex: auto;
    min-block-size: 2.125em;
    padding: 0 .5em;
}
@container (max-width: 14em) {
    .player {
        flex-basis: 100%;
    }
}
.player [aria-pressed=true] {
    color: var(--on);
    background: var(--accent);
}
a {
    color: inherit;
}
@media (forced-colors: active) {
    .player [aria-pressed=true] {
        forced-color-adjust: none;
        color: HighlightText;
        background: Highlight;
    }
}
`;

/*
 * p        the parts of the element
 * element  functions of it: addStyle, button, drawing, make, name; say, render;
 *          fail(key), run(work), expire()
 * returns  mode, "audio" or "picture": how the visitor is asked; render(audio,
 *          hasPicture), after the element's own; place(): what gets the focus
 */
export const start = (p, element) => {
    const {canvas, error, field, hint, label, listen, sound} = p;
    const {addStyle, button, drawing, make, name, say} = element;
    const play = button("play", "check");
    const slow = button("slow", "check");
    const look = button("look", "new", drawing(
        "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 4"));
    const player = make("div", {class: "row player"}, play, slow);
    const me = {mode: "picture"};

    /* The visitor types while it plays, so nothing else is said meanwhile. */
    const toggle = () => {
        if (!sound.paused) {
            sound.pause();
            return;
        }
        if (sound.error)
            sound.load();
        element.fail(null);
        sound.play().catch(() => {}); /* there is an event for errors */
        field.focus();
    };

    /* It does not play: say why. */
    const miss = async () => {
        let isGone = false;

        sound.pause();
        await element.run(async () => {
            const answer = await fetch(sound.src, {cache: "no-store"});

            isGone = answer.status === 404;
            if (answer.ok)
                element.fail("unheard");
            else if (!isGone)
                throw Object.assign(new Error(answer.status), {
                    code: answer.status === 429 ? "too-many-requests"
                        : "unavailable",
                    wait: Number(answer.headers.get("Retry-After"))});
        });
        if (isGone)
            element.expire();
    };

    /* Keys for who has the focus in the field, and cannot look for buttons. */
    const typed = () => {
        const [key] = KEYS.exec(field.value) || [];

        if (me.mode !== "audio" || !key)
            return;
        field.value = field.value.replace(key, "");
        if (PLAY_KEYS.includes(key)) {
            toggle();
            return;
        }
        sound.currentTime -= BACK_S;
        if (sound.paused)
            toggle();
    };

    addStyle(canvas.getRootNode(), STYLE);
    canvas.after(player);
    listen.after(look);
    play.addEventListener("click", toggle);
    slow.addEventListener("click", () => {
        sound.defaultPlaybackRate = sound.playbackRate =
            sound.playbackRate < 1 ? 1 : SLOW;
        element.render();
    });
    look.addEventListener("click", () => {
        sound.pause();
        me.mode = "picture";
        element.fail(null);
        field.focus();
    });
    field.addEventListener("input", typed);
    for (const event of ["play", "pause"])
        sound.addEventListener(event, element.render);
    sound.addEventListener("error", miss);
    if (sound.error)
        miss();

    me.place = () => me.mode === "audio" && !sound.currentTime ? play : field;
    me.render = (audio, hasPicture) => {
        const isOn = me.mode === "audio";

        canvas.hidden = isOn;
        player.hidden = !isOn;
        listen.hidden = isOn || !audio;
        look.hidden = !isOn || !hasPicture;
        name(look, say("picture"));
        play.textContent = say(!sound.paused ? "pause"
            : sound.ended ? "replay" : "listen");
        slow.textContent = say("slower");
        slow.setAttribute("aria-pressed", sound.playbackRate < 1);
        if (error.textContent && error.textContent === say("unheard"))
            error.replaceChildren(make("a", {href: sound.src, target: "_blank"},
                error.textContent));
        if (!isOn)
            return;
        label.textContent = say("label_digits");
        hint.textContent = say(matchMedia("(hover: hover)").matches
            ? "hint_digits" : "hint_number");
        field.inputMode = "numeric";
    };
    return me;
};
