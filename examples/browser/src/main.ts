/** Decodes what is typed into the page. */
import { describeRequest } from "./describe.js";

const input = document.querySelector("textarea");
const output = document.querySelector("output");
if (input === null || output === null) throw new Error("the page has lost its fields");

const show = (): void => {
  output.value = describeRequest(input.value);
};
input.addEventListener("input", show);
show();
