"use strict";
/* What visitors do with a widget of api.js. where: a selector of its place. */
const {newestCode} = require("./browser.js");

const frameOf = (page, where) => page.frameLocator(`${where} iframe`);
const boxOf = (page, where) => frameOf(page, where).getByRole("checkbox");
const fieldOf = (page) =>
    page.frameLocator("dialog iframe").getByRole("textbox");

exports.frameOf = frameOf;
exports.boxOf = boxOf;
exports.fieldOf = fieldOf;

exports.isChecked = (page, where, wanted = "true") =>
    frameOf(page, where).locator(`[aria-checked=${wanted}]`).waitFor();

/* Answer the challenge that is open, or opens. */
exports.answer = async (page) => {
    await page.locator("dialog:modal iframe").waitFor();
    await fieldOf(page).waitFor();
    await fieldOf(page).fill(newestCode());
    await fieldOf(page).press("Enter");
    await page.locator("dialog").waitFor({state: "detached"});
};

exports.solve = async (page, where) => {
    await boxOf(page, where).click();
    await exports.answer(page);
};
