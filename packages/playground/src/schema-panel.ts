/** The files of a schema, what is wrong with them, and the TypeScript that comes of them. */
import { checkSources, compile, type Diagnostic, LineTable, type Schema } from "@jute-ts/compiler";
import { button, element, listItem, setChoices } from "./page.js";
import { zookeeperFiles } from "./zookeeper-files.js";

/** A pause in typing that is long enough to generate code. */
const QUIET_MS = 150;
/** More problems than anybody reads. */
const MOST_PROBLEMS = 100;

export class SchemaPanel {
  readonly #source = element("source", HTMLSelectElement);
  readonly #status = element("source-status", HTMLParagraphElement);
  readonly #text = element("schema", HTMLTextAreaElement);
  readonly #problems = element("problems", HTMLUListElement);
  readonly #file = element("file", HTMLSelectElement);
  readonly #code = element("code", HTMLPreElement);
  readonly #onSchema: (schema: Schema) => void;
  #sources = new Map(zookeeperFiles);
  /** The generated files. */
  #files: ReadonlyMap<string, string> = new Map();
  #timer: number | undefined;
  #run = 0;

  /** `onSchema` gets every version of the schema that has no error. */
  constructor(onSchema: (schema: Schema) => void) {
    this.#onSchema = onSchema;
    this.#text.addEventListener("input", () => {
      this.#sources.set(this.#source.value, this.#text.value);
      this.#update();
    });
    this.#source.addEventListener("change", () => {
      this.#showSource(this.#source.value);
    });
    this.#file.addEventListener("change", () => {
      this.#showCode();
    });
    element("add-source", HTMLButtonElement).addEventListener("click", () => {
      this.#add();
    });
    element("remove-source", HTMLButtonElement).addEventListener("click", () => {
      this.#remove();
    });
  }

  /** The name of the file that is shown. */
  get source(): string {
    return this.#source.value;
  }

  /** All files; undefined when they are ZooKeeper's, unchanged. */
  get files(): Readonly<Record<string, string>> | undefined {
    const isUnchanged =
      this.#sources.size === zookeeperFiles.size &&
      [...this.#sources].every(([name, text]) => zookeeperFiles.get(name) === text);
    return isUnchanged ? undefined : Object.fromEntries(this.#sources);
  }

  /** Shows `source`, or the first file when there is none of that name. */
  set(files: Readonly<Record<string, string>> | undefined, source: string | undefined): void {
    this.#sources = new Map(files === undefined ? zookeeperFiles : Object.entries(files));
    this.#showSource(source);
    this.#update();
  }

  /** Shows the TypeScript of a record, when there is a file for it. */
  showRecord(fullName: string): void {
    const path = `${fullName.replaceAll(".", "/")}.ts`;
    if (!this.#files.has(path)) return;
    this.#file.value = path;
    this.#showCode();
  }

  #add(): void {
    let number = 1;
    while (this.#sources.has(`new-${String(number)}.jute`)) number++;
    const name = `new-${String(number)}.jute`;
    this.#sources.set(
      name,
      `module example {\n    class Example${String(number)} {\n        int id;\n    }\n}\n`,
    );
    this.#showSource(name);
    this.#update();
    this.#status.textContent = `${name} is added; other files can include it.`;
    this.#text.focus();
  }

  #remove(): void {
    if (this.#sources.size === 1) {
      this.#status.textContent = "This is the only file.";
      return;
    }
    const name = this.#source.value;
    this.#sources.delete(name);
    this.#showSource(undefined);
    this.#update();
    this.#status.textContent = `${name} is removed.`;
  }

  #showSource(name: string | undefined): void {
    const names = [...this.#sources.keys()];
    setChoices(this.#source, names, names[0]);
    if (name !== undefined && this.#sources.has(name)) this.#source.value = name;
    this.#text.value = this.#sources.get(this.#source.value) ?? "";
    this.#status.textContent = "";
  }

  #update(): void {
    const sources = [...this.#sources].map(([path, text]) => ({ path, text }));
    const { schema, diagnostics } = checkSources(sources);
    this.#showProblems(diagnostics);
    clearTimeout(this.#timer);
    const run = ++this.#run;
    if (schema === undefined) return;
    this.#onSchema(schema);
    this.#timer = setTimeout(() => {
      void compile(sources, { prettier: false }).then(({ files }) => {
        // Somebody may have typed on.
        if (run !== this.#run) return;
        this.#files = new Map(files.map(({ path, text }) => [path, text]));
        const names = [...this.#files.keys()];
        setChoices(this.#file, names, names[0]);
        this.#showCode();
      });
    }, QUIET_MS);
  }

  #showCode(): void {
    this.#code.textContent = this.#files.get(this.#file.value) ?? "";
  }

  #showProblems(diagnostics: readonly Diagnostic[]): void {
    const tables = new Map([...this.#sources].map(([name, text]) => [name, new LineTable(text)]));
    const items = diagnostics.slice(0, MOST_PROBLEMS).map((diagnostic) => {
      const { severity, code, message, suggestion, span } = diagnostic;
      const position = tables.get(span.file)?.positionOf(span.start);
      const place = position && `:${String(position.line)}:${String(position.column)}`;
      const advice = suggestion === undefined ? "" : ` (${suggestion})`;
      const text = `${span.file}${place ?? ""} ${severity} ${code}: ${message}${advice}`;
      const item = listItem(
        button(text, () => {
          this.#showSource(span.file);
          this.#text.focus();
          this.#text.setSelectionRange(span.start, span.end);
        }),
      );
      item.className = severity;
      return item;
    });
    const rest = diagnostics.length - items.length;
    if (rest > 0) items.push(listItem(`and ${String(rest)} more`));
    this.#problems.replaceChildren(...(items.length > 0 ? items : [listItem("None.")]));
  }
}
