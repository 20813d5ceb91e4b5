/**
 * Breaks the lines of an emitted file as Prettier would, without Prettier, whose
 * start alone takes longer than all the rest of a run.
 *
 * It is no formatter: it knows the few statements that the emitter prints, one to a line,
 * and how Prettier breaks each of them when it is too long. A file with a line that it
 * does not know how to break is left to Prettier. That what it makes is what Prettier
 * makes is tested on random schemas at many widths (line-breaks.test.ts).
 */

/** The text as Prettier prints it at this width, with its other options at their defaults; undefined where that is not certain. */
export function breakLines(text: string, printWidth: number): string | undefined {
  if (text.includes("\n\n\n")) return undefined;
  try {
    return new LineBreaker(text.split("\n"), printWidth).run();
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
    const code = line.trimStart();
    const indent = line.slice(0, line.length - code.length);
    if (line === "") {
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
    for (const [shape, breakIt] of this.#shapes) {
      const match = shape.exec(code);
      if (match !== null) {
        breakIt(indent, match.slice(1));
        return;
      }
    }
    throw new UncertainError();
  }

  readonly #shapes: readonly (readonly [RegExp, (indent: string, parts: string[]) => void])[] = [
    [
      /^((?:import|export)(?: type)?) \{ ([^{}]*) \} (from "[^"\\]*";)$/,
      (indent, [keyword = "", names = "", from = ""]) => {
        const specifiers = names.split(", ");
        if (specifiers.length === 1) {
          // A single name is never put on a line of its own.
          this.#out.push(`${indent}${keyword} { ${names} } ${from}`);
          return;
        }
        this.#out.push(`${indent}${keyword} {`);
        for (const name of specifiers) this.#line(`${indent}  ${name},`);
        this.#out.push(`${indent}} ${from}`);
      },
    ],
    [
      /^(?:import|export) \* as \w+ from "[^"\\]*";$/,
      (indent) => {
        this.#out.push(`${indent}${this.#taken().trimStart()}`);
      },
    ],
    [
      /^(fullName|name): (".*"),$/,
      (indent, [key = "", value = ""]) => {
        this.#value(indent, `${key}: `, value, ",");
      },
    ],
    [
      /^((?:static |function )?\w+\()([\w$?:., |[\]]+)(\): [\w$.]+ \{)$/,
      (indent, [head = "", parameters = "", tail = ""]) => {
        this.#line(indent + head);
        for (const parameter of parameters.split(", ")) this.#line(`${indent}  ${parameter},`);
        this.#line(indent + tail);
      },
    ],
    [
      /^(return [\w$]+ instanceof [\w$]+ \|\| ![\w$.]+\([\w$]+\)) (\? [\w$]+) (: new [\w$]+\([\w$]+\);)$/,
      (indent, [test = "", yes = "", no = ""]) => {
        this.#line(indent + test);
        this.#line(`${indent}  ${yes}`);
        this.#line(`${indent}  ${no}`);
      },
    ],
    [
      /^(return [\w$.]+\()([\w$]+), ([\w$]+\.read\([\w$]+\))\);$/,
      (indent, [head = "", input = "", record = ""]) => {
        this.#line(indent + head);
        this.#line(`${indent}  ${input},`);
        this.#line(`${indent}  ${record},`);
        this.#line(`${indent});`);
      },
    ],
    [
      /^(length \+=) ([\w$.]+ === null) (\? 0) (: [\w$.]+\([^()]*\);)$/,
      (indent, [target = "", test = "", yes = "", no = ""]) => {
        this.#assignChoice(indent, target, [test, yes, no]);
      },
    ],
    [
      /^([\w$]+\.[\w$]+ =) ([\w$]+\?\.[\w$]+ === undefined) (\? [^?:]+) (: [^?:]+;)$/,
      (indent, [target = "", test = "", initial = "", kept = ""]) => {
        this.#assignChoice(indent, target, [test, initial, kept]);
      },
    ],
    [
      /^([\w$]+\.[\w$]+ =) ((?:[\w$]+\?\.[\w$]+|[\w$]+\.vectorFrom\([\w$]+\?\.[\w$]+, [^?:]+\)) \?\? [^?]*;)$/,
      (indent, [target = "", value = ""]) => {
        this.#line(indent + target);
        this.#line(`${indent}  ${value}`);
      },
    ],
    [
      /^([\w$]+\.[\w$]+ =) ([\w$]+\.from\()([\w$]+\?\.[\w$]+)\);$/,
      (indent, [target = "", call = "", value = ""]) => {
        const fits = this.#fits(`${indent}${target} ${call}`);
        const inner = fits ? indent : `${indent}  `;
        if (!fits) this.#line(indent + target);
        if (!fits && this.#fits(`${inner}${call}${value});`)) {
          this.#out.push(`${inner}${call}${value});`);
          return;
        }
        this.#line(fits ? `${indent}${target} ${call}` : inner + call);
        this.#line(`${inner}  ${value},`);
        this.#line(`${inner});`);
      },
    ],
    [
      /^((?:return |throw |length \+= )?[\w$]+(?:\.[\w$]+)*\()((?:[\w$.?]+(?: \+ \d+)?, )+[\w$.?]+(?: \+ \d+)?)\);$/,
      (indent, [head = "", names = ""]) => {
        this.#line(indent + head);
        for (const name of names.split(", ")) this.#line(`${indent}  ${name},`);
        this.#line(`${indent});`);
      },
    ],
    [
      /^(const [\w$]+ =) (input\.newArray<\w+>\()([\w$]+)\);$/,
      (indent, [target = "", call = "", count = ""]) => {
        // Prettier does not find it worth while to give a short argument a line of its own.
        if (count.length <= this.#width / 4) {
          this.#line(indent + target);
          this.#line(`${indent}  ${call}${count});`);
          return;
        }
        this.#line(`${indent}${target} ${call}`);
        this.#line(`${indent}  ${count},`);
        this.#line(`${indent});`);
      },
    ],
    [
      /^(for \(const \[[\w$]+, [\w$]+\] of [\w$.]+\()([\w$]+(?:\.[\w$]+)?)\)\) \{$/,
      (indent, [head = "", map = ""]) => {
        this.#line(indent + head);
        this.#line(`${indent}  ${map},`);
        this.#line(`${indent})) {`);
      },
    ],
    [
      /^for \((let [\w$]+ = 0;) ([\w$]+ < [\w$]+;) ([\w$]+\+\+)\) \{$/,
      (indent, clauses) => {
        this.#line(`${indent}for (`);
        for (const clause of clauses) this.#line(`${indent}  ${clause}`);
        this.#line(`${indent}) {`);
      },
    ],
    [
      /^(for \(const [\w$]+ of this)(\.[\w$]+\) \{)$/,
      (indent, [head = "", tail = ""]) => {
        this.#line(indent + head);
        this.#line(`${indent}  ${tail}`);
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

const COMMENT = /^(?:\/\/|\/\*\* |\/\*\*$|\*)/;

/** Outside of comments and strings the emitter prints ASCII; what is wider counts differently. */
const NON_ASCII = /[^\u0020-\u007e]/;

/** Behind a key that is not longer than the indentation, with its colon and space, Prettier keeps a string on the line. */
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
