/** The classes of a text, found by its words alone: a tenth of what parsing costs, and as exact while nothing is wrong. */

export interface ScannedClass {
  readonly name: string;
  readonly module: string;
  /** Where the name starts in the text. */
  readonly at: number;
}

/** Comments and paths, which are passed over, then names, braces and dots. */
const TOKENS = /\/\/[^\r\n]*|\/\*[^]*?\*\/|"[^"]*"|[A-Za-z]\w*|[{}.]/g;

/** In the order of the text. */
export function classesIn(text: string): readonly ScannedClass[] {
  const classes: ScannedClass[] = [];
  let module = "";
  let before = "";
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    if (token.startsWith("/") || token.startsWith('"')) continue;
    if (before === "class" && /^\w/.test(token)) classes.push({ name: token, module, at: index });
    if (token === "module") module = "";
    else if (before === "module" && token !== "{") {
      // Its parts come one by one.
      module += token;
      continue;
    }
    before = token;
  }
  return classes;
}
