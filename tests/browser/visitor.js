"use strict";
/* What visitors do with a widget of api.js. where: a selector of its place. */
const {newestCode} = require("./browser.js");

const frameOf = (page, where = "#c") => page.frameLocator(`${where} iframe`);
const boxOf = (page, where) => frameOf(page, where).getByRole("checkbox");
const challengeOf = (page) => page.frameLocator("dialog iframe");
const fieldOf = (page) => challengeOf(page).getByRole("textbox");

const isChecked = (page, where, wanted = "true") =>
    frameOf(page, where).locator(`[aria-checked=${wanted}]`).waitFor();
const isOpen = (page) => page.locator("dialog:modal iframe").waitFor();
const isClosed = (page) => page.locator("dialog").waitFor({state: "detached"});

const press = async (page, where) => {
    await boxOf(page, where).click();
    await isOpen(page);
    await fieldOf(page).waitFor();
};
const type = async (page, code = newestCode()) => {
    await fieldOf(page).fill(code);
    await fieldOf(page).press("Enter");
};
/* Answer the challenge that is open, or opens. */
const answer = async (page) => {
    await isOpen(page);
    await fieldOf(page).waitFor();
    await type(page);
    await isClosed(page);
};
const solve = async (page, where) => {
    await boxOf(page, where).click();
    await answer(page);
};

module.exports = {frameOf, boxOf, challengeOf, fieldOf, isChecked, isOpen,
    isClosed, press, type, answer, solve};
