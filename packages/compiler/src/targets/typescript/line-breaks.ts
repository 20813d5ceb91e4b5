/**
 * Breaks the lines of an emitted file as Prettier would, without Prettier, whose
 * start alone takes longer than all the rest of a run.
 *
 * It is no formatter: it knows the few statements that the emitter prints, one to a line,
 * and how Prettier breaks each of them when it is too long. A file with a line that it
 * does not know how to break is left to Prettier. That what it makes is what Prettier
 * makes is tested on random schemas at many widths (line-breaks.test.ts).
 */

/** The text of these lines as Prettier prints it at this width, with its other options at their defaults; undefined where that is not certain. */
export function breakLines(lines: readonly string[], printWidth: number): string | undefined {
  try {
    return new LineBreaker(lines, printWidth).run();
  } catch (error) {
    if (error instanceof UncertainError) return undefined;
    throw error;
  }
}

/** In comments: characters that Prettier trims or replaces, and words that it obeys. */
const UNUSUAL_COMMENT =
  // eslint-disable-next-line no-control-regex -- control characters are what must not be there
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\s$|prettier-ignore|@format|@prettier/;

/** The way a line would be broken is not known here. */
class UncertainError extends Error {}

class LineBreaker {
  readonly #lines: readonly string[];
  readonly #width: number;
  readonly #out: string[] = [];
  #next = 0;

  constructor(lines: readonly string[], width: number) {
    this.#lines = lines;
    this.#width = width;
  }

  run(): string {
    while (this.#next < this.#lines.length) this.#statement();
    return this.#out.join("\n");
  }

  #statement(): void {
    const line = this.#take();
    if (line.length <= this.#width && isWhole(line)) {
      this.#out.push(line);
      return;
    }
    const code = line.trimStart();
    const indent = line.slice(0, line.length - code.length);
    if (line === "") {
      // Prettier keeps no more than one.
      if (this.#lines[this.#next] === "") throw new UncertainError();
      this.#out.push(line);
    } else if (COMMENT.test(code)) {
      if (UNUSUAL_COMMENT.test(line)) throw new UncertainError();
      this.#out.push(line);
    } else if (NON_ASCII.test(line) || line.endsWith(" ")) {
      throw new UncertainError();
    } else if (code === "fields: [") {
      this.#list(indent, code, "],");
    } else if (code.endsWith("createRegistry([")) {
      this.#list(indent, code, "]);");
    } else if (code.endsWith("{") && this.#lines[this.#next]?.trimStart().startsWith("}")) {
      // An empty block would have to be joined.
      throw new UncertainError();
    } else if (this.#fits(line)) {
      this.#out.push(line);
    } else {
      this.#long(indent, code);
    }
  }

  /** An array whose elements stand on lines of their own, each with its comma. */
  #list(indent: string, head: string, end: string): void {
    const elements: string[] = [];
    for (let line = this.#take(); line !== indent + end; line = this.#take()) {
      if (NON_ASCII.test(line)) throw new UncertainError();
      elements.push(line.trim().replace(/,$/, ""));
    }
    const objects = elements.length > 1 && elements.every((element) => element.startsWith("{"));
    const joined = indent + head + elements.join(", ") + end;
    if (!objects && this.#fits(joined)) {
      this.#out.push(joined);
      return;
    }
    this.#line(indent + head);
    for (const element of elements) this.#value(`${indent}  `, "", element, ",");
    this.#line(indent + end);
  }

  /** A value of an object or an array, between what stands before and after it on its line. */
  #value(indent: string, before: string, value: string, after: string): void {
    const line = indent + before + value + after;
    if (this.#fits(line)) {
      this.#out.push(line);
    } else if (value.startsWith("{ ")) {
      this.#line(`${indent}${before}{`);
      for (const member of splitAtCommas(value.slice(2, -2))) {
        const [, key = "", content = ""] = /^(\w+: )(.*)$/.exec(member) ?? [];
        this.#value(`${indent}  `, key, content, ",");
      }
      this.#line(`${indent}}${after}`);
    } else if (before.length > SHORT_KEY && isPlainString(value)) {
      this.#line(indent + before.trimEnd());
      // A string cannot be broken, so here it may be as long as it is.
      this.#out.push(`${indent}  ${value}${after}`);
    } else {
      throw new UncertainError();
    }
  }

  #long(indent: string, code: string): void {
    if (code.startsWith(SIGNATURE) && code.endsWith(",")) {
      // Before any expression looks at what may be 64 KB.
      this.#value(indent, SIGNATURE, code.slice(SIGNATURE.length, -1), ",");
      return;
    }
    for (const [shape, breakIt] of LineBreaker.#shapes) {
      const match = shape.exec(code);
      if (match !== null) {
        breakIt(this, indent, match.slice(1));
        return;
      }
    }
    throw new UncertainError();
  }

  /** How statements that are too long are broken. Made once, not for each file. */
  static readonly #shapes: readonly (readonly [
    RegExp,
    (breaker: LineBreaker, indent: string, parts: string[]) => void,
  ])[] = [
    [
      /^((?:import|export)(?: type)?) \{ ([^{}]*) \} (from "[^"\\]*";)$/,
      (breaker, indent, [keyword = "", names = "", from = ""]) => {
        const specifiers = names.split(", ");
        if (specifiers.length === 1) {
          // A single name is never put on a line of its own.
          breaker.#out.push(`${indent}${keyword} { ${names} } ${from}`);
          return;
        }
        breaker.#out.push(`${indent}${keyword} {`);
        for (const name of specifiers) breaker.#line(`${indent}  ${name},`);
        breaker.#out.push(`${indent}} ${from}`);
      },
    ],
    [
      // Never broken.
      /^(?:(?:import|export) \* as \w+ from "[^"\\]*";|export interface [\w$]+ extends [\w$.]+<[\w$]+> \{\}|for \(const [\w$]+ of [\w$]+\.[\w$]+\) \{)$/,
      (breaker, indent) => {
        breaker.#out.push(`${indent}${breaker.#taken().trimStart()}`);
      },
    ],
    [
      /^(fullName|name): (".*"),$/,
      (breaker, indent, [key = "", value = ""]) => {
        breaker.#value(indent, `${key}: `, value, ",");
      },
    ],
    [
      /^((?:static |function )?\w+\()([\w$?:., |[\]]+)(\): [\w$.]+ \{)$/,
      (breaker, indent, [head = "", parameters = "", tail = ""]) => {
        breaker.#line(indent + head);
        for (const parameter of parameters.split(", ")) breaker.#line(`${indent}  ${parameter},`);
        breaker.#line(indent + tail);
      },
    ],
    [
      /^(return [\w$]+ instanceof [\w$]+ \|\| ![\w$.]+\([\w$]+\)) (\? [\w$]+) (: new [\w$]+\([\w$]+\);)$/,
      (breaker, indent, [test = "", yes = "", no = ""]) => {
        breaker.#line(indent + test);
        breaker.#line(`${indent}  ${yes}`);
        breaker.#line(`${indent}  ${no}`);
      },
    ],
    [
      /^(return [\w$.]+\()([\w$]+), ([\w$]+\.read\([\w$]+\))\);$/,
      (breaker, indent, [head = "", input = "", record = ""]) => {
        breaker.#line(indent + head);
        breaker.#line(`${indent}  ${input},`);
        breaker.#line(`${indent}  ${record},`);
        breaker.#line(`${indent});`);
      },
    ],
    [
      /^(length \+=) ([\w$.]+ === null) (\? 0) (: [\w$.]+\([^()]*\);)$/,
      (breaker, indent, [target = "", test = "", yes = "", no = ""]) => {
        breaker.#assignChoice(indent, target, [test, yes, no]);
      },
    ],
    [
      /^([\w$]+\.[\w$]+ =) ([\w$]+\?\.[\w$]+ === undefined) (\? [^?:]+) (: [^?:]+;)$/,
      (breaker, indent, [target = "", test = "", initial = "", kept = ""]) => {
        breaker.#assignChoice(indent, target, [test, initial, kept]);
      },
    ],
    [
      /^([\w$]+\.[\w$]+ =) ((?:[\w$]+\?\.[\w$]+|[\w$]+\.vectorFrom\([\w$]+\?\.[\w$]+, [^?:]+\)) \?\? [^?]*;)$/,
      (breaker, indent, [target = "", value = ""]) => {
        breaker.#line(indent + target);
        breaker.#line(`${indent}  ${value}`);
      },
    ],
    [
      /^([\w$]+\.[\w$]+ =) ([\w$]+\.from\()([\w$]+\?\.[\w$]+)\);$/,
      (breaker, indent, [target = "", call = "", value = ""]) => {
        const fits = breaker.#fits(`${indent}${target} ${call}`);
        const inner = fits ? indent : `${indent}  `;
        if (!fits) breaker.#line(indent + target);
        if (!fits && breaker.#fits(`${inner}${call}${value});`)) {
          breaker.#out.push(`${inner}${call}${value});`);
          return;
        }
        breaker.#line(fits ? `${indent}${target} ${call}` : inner + call);
        breaker.#line(`${inner}  ${value},`);
        breaker.#line(`${inner});`);
      },
    ],
    [
      /^((?:return |throw |length \+= )?[\w$]+(?:\.[\w$]+)*\()((?:[\w$.?]+(?: \+ \d+)?, )+[\w$.?]+(?: \+ \d+)?)\);$/,
      (breaker, indent, [head = "", names = ""]) => {
        breaker.#line(indent + head);
        for (const name of names.split(", ")) breaker.#line(`${indent}  ${name},`);
        breaker.#line(`${indent});`);
      },
    ],
    [
      /^(const [\w$]+ =) (input\.newArray<\w+>\()([\w$]+)\);$/,
      (breaker, indent, [target = "", call = "", count = ""]) => {
        // Prettier does not find it worth while to give a short argument a line of its own.
        if (count.length <= breaker.#width / 4) {
          breaker.#line(indent + target);
          breaker.#line(`${indent}  ${call}${count});`);
          return;
        }
        breaker.#line(`${indent}${target} ${call}`);
        breaker.#line(`${indent}  ${count},`);
        breaker.#line(`${indent});`);
      },
    ],
    [
      /^(for \(const \[[\w$]+, [\w$]+\] of [\w$.]+\()([\w$]+(?:\.[\w$]+)?)\)\) \{$/,
      (breaker, indent, [head = "", map = ""]) => {
        breaker.#line(indent + head);
        breaker.#line(`${indent}  ${map},`);
        breaker.#line(`${indent})) {`);
      },
    ],
    [
      /^for \((let [\w$]+ = 0;) ([\w$]+ < [\w$]+;) ([\w$]+\+\+)\) \{$/,
      (breaker, indent, clauses) => {
        breaker.#line(`${indent}for (`);
        for (const clause of clauses) breaker.#line(`${indent}  ${clause}`);
        breaker.#line(`${indent}) {`);
      },
    ],
  ];

  /** A conditional expression after `target`: on the next line, or else on three. */
  #assignChoice(indent: string, target: string, parts: readonly [string, string, string]): void {
    this.#line(indent + target);
    const joined = `${indent}  ${parts.join(" ")}`;
    if (this.#fits(joined)) {
      this.#out.push(joined);
      return;
    }
    const [test, yes, no] = parts;
    this.#line(`${indent}  ${test}`);
    this.#line(`${indent}    ${yes}`);
    const last = `${indent}    ${no}`;
    const call = /^(: [\w$.]+\()([\w$.]+), ([\w$.?]+)\);$/.exec(no);
    if (this.#fits(last) || call === null) {
      this.#line(last);
      return;
    }
    const [, head = "", first = "", second = ""] = call;
    this.#line(`${indent}    ${head}`);
    for (const argument of [first, second]) this.#line(`${indent}        ${argument},`);
    this.#line(`${indent}      );`);
  }

  /** A line that must fit, because how it would be broken further is not known. */
  #line(line: string): void {
    if (!this.#fits(line)) throw new UncertainError();
    this.#out.push(line);
  }

  #fits(line: string): boolean {
    return line.length <= this.#width;
  }

  #take(): string {
    const line = this.#lines[this.#next++];
    if (line === undefined) throw new UncertainError();
    return line;
  }

  #taken(): string {
    return this.#lines[this.#next - 1] ?? "";
  }
}

const SIGNATURE = "signature: ";

const COMMENT = /^(?:\/\/|\/\*\*? |\/\*\*$|\*)/;

/** Outside of comments and strings the emitter prints ASCII; what is wider counts differently. */
const NON_ASCII = /[^\u0020-\u007e]/;

/**
 * Whether a line is a statement or the end of a block, without strings: most lines are, so it is found out without
 * expressions. Whole lines that fit stay as they are.
 */
function isWhole(line: string): boolean {
  const last = line.charCodeAt(line.length - 1);
  if (last !== SEMICOLON && last !== CLOSING_BRACE) return false;
  let start = 0;
  while (line.charCodeAt(start) === SPACE) start++;
  const first = line.charCodeAt(start);
  return first !== SLASH && first !== ASTERISK && !line.includes('"');
}

const SPACE = 0x20;
const ASTERISK = 0x2a;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const CLOSING_BRACE = 0x7d;

/** After a key that is not longer than the indentation, with its colon and space, Prettier keeps a string on the line. */
const SHORT_KEY = 4;

/** A string without escapes. Found by searches instead of an expression, because a signature may have 64 KB. */
function isPlainString(value: string): boolean {
  return (
    value.length > 1 &&
    value.startsWith('"') &&
    value.indexOf('"', 1) === value.length - 1 &&
    !value.includes("\\")
  );
}

/** The members of an object literal, whose strings hold no commas or brackets. */
function splitAtCommas(members: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < members.length; at++) {
    switch (members.charAt(at)) {
      case "{":
      case "(":
      case "[":
        depth++;
        break;
      case "}":
      case ")":
      case "]":
        depth--;
        break;
      case ",":
        if (depth > 0) break;
        parts.push(members.slice(start, at));
        start = at + 2;
    }
  }
  parts.push(members.slice(start));
  return parts;
}
