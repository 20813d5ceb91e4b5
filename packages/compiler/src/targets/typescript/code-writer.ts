/** Builds the text of one file: indented lines, and the imports that they turned out to need. */
import type { NameScope } from "./names.js";

export class CodeWriter {
  readonly #lines: string[] = [];
  #indent = "";

  /** One line; an empty text is an empty line. */
  line(text = ""): void {
    this.#lines.push(text === "" ? "" : this.#indent + text);
  }

  /** `head {`, the body indented, and `}` followed by `tail`. */
  block(head: string, body: () => void, tail = ""): void {
    this.line(`${head} {`);
    this.indented(body);
    this.line(`}${tail}`);
  }

  /** Goes on after the block before: `} head {`, the body, and `}`. */
  continuation(head: string, body: () => void): void {
    this.#lines.pop();
    this.block(`} ${head}`, body);
  }

  indented(body: () => void): void {
    const before = this.#indent;
    this.#indent += "  ";
    body();
    this.#indent = before;
  }

  /** A TSDoc comment; nothing for an empty text. */
  doc(text: string): void {
    if (text === "") {
      return;
    }
    // The comment must not end where the text happens to say so, nor tell the type checker anything.
    const harmless = text.replaceAll("*/", "*\\/").replaceAll("@ts-", "\\@ts-");
    if (!harmless.includes("\n")) {
      this.line(`/** ${harmless} */`);
      return;
    }
    this.line("/**");
    for (const line of harmless.split("\n")) {
      this.line(line === "" ? " *" : ` * ${line}`);
    }
    this.line(" */");
  }

  /** What has been written so far; not copied. */
  get lines(): readonly string[] {
    return this.#lines;
  }
}

/** What generated files call the runtime, unless a class of theirs has that name. */
export const RUNTIME_NAMESPACE = "jute";

interface Import {
  readonly imported: string;
  readonly local: string;
  typeOnly: boolean;
}

/** The imports of one file. Names that are taken in the file get a local alias. */
export class Imports {
  readonly #scope: NameScope;
  readonly #modules = new Map<string, Map<string, Import>>();
  readonly #runtime: string;
  readonly #namespace: string;

  /** `scope` is that of the file; imported names are claimed in it. `runtime` is imported as one namespace. */
  constructor(scope: NameScope, runtime: string) {
    this.#scope = scope;
    this.#runtime = runtime;
    this.#namespace = scope.claim(RUNTIME_NAMESPACE);
  }

  /** How the file spells a type or a value of the runtime. */
  runtime(name: string): string {
    return `${this.#namespace}.${name}`;
  }

  /** The local name of something that is used as a value. */
  value(module: string, name: string): string {
    const entry = this.#entry(module, name);
    entry.typeOnly = false;
    return entry.local;
  }

  /** The local name of something that is used as a type only. */
  type(module: string, name: string): string {
    return this.#entry(module, name).local;
  }

  #entry(module: string, name: string): Import {
    let names = this.#modules.get(module);
    if (names === undefined) {
      names = new Map();
      this.#modules.set(module, names);
    }
    let entry = names.get(name);
    if (entry === undefined) {
      entry = { imported: name, local: this.#scope.claim(name), typeOnly: true };
      names.set(name, entry);
    }
    return entry;
  }

  /** A whole file: its header, the imports, and its code. The last line is empty, for the break before it. */
  linesOfFile(header: string, out: CodeWriter): readonly string[] {
    return [...header.split("\n"), "", ...this.statements(), "", ...out.lines, ""];
  }

  /** The import statements: the runtime's, then those of other files, sorted by name. */
  statements(): string[] {
    const modules = [...this.#modules].sort(([a], [b]) => compareText(a, b));
    const runtime = `import * as ${this.#namespace} from ${JSON.stringify(this.#runtime)};`;
    const others = modules.map(([module, names]) => {
      const entries = [...names.values()].sort((a, b) => compareText(a.imported, b.imported));
      const allTypes = entries.every((entry) => entry.typeOnly);
      const list = entries.map((entry) => {
        const name =
          entry.local === entry.imported ? entry.local : `${entry.imported} as ${entry.local}`;
        return entry.typeOnly && !allTypes ? `type ${name}` : name;
      });
      return `import ${allTypes ? "type " : ""}{ ${list.join(", ")} } from ${JSON.stringify(module)};`;
    });
    return [runtime, ...others];
  }
}

/** By code unit, so that the order does not depend on the machine's language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
