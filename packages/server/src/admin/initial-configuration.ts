/** `initial_configuration`: the zoo.cfg with which a server that stands alone was started. */
import { parseProperties } from "../configuration/properties.js";
import { isSecret } from "./secret-keys.js";

/** The text as it is, without the lines of keys whose values are secret, be they comments now. */
export function initialConfiguration(text: string): string {
  const lines = text.split(/(?<=\n|\r(?!\n))/u);
  const hidden = new Set<number>();
  for (const [at, line] of lines.entries())
    if (/^\s*[#!]/u.test(line) && isSecret(line)) hidden.add(at);
  for (const { key, line } of parseProperties(text).entries) {
    if (!isSecret(key)) continue;
    let at = line - 1;
    for (hidden.add(at); goesOn(lines[at]); at++) hidden.add(at + 1);
  }
  return lines.filter((_, index) => !hidden.has(index)).join("");
}

/** Whether the next line belongs to the same value: where the number of backslashes at the end is odd. */
function goesOn(line = ""): boolean {
  const [backslashes = ""] = /\\*(?=[\r\n]*$)/u.exec(line) ?? [];
  return backslashes.length % 2 === 1;
}
