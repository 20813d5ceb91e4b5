/** The schema, what is wrong with it, and the TypeScript that comes of it. */
import { compile, type Diagnostic, LineTable, type Schema, checkSources } from "@jute-ts/compiler";
import { button, element, listItem, setChoices } from "./page.js";

const PATH = "schema.jute";

export class SchemaPanel {
  readonly #text = element("schema", HTMLTextAreaElement);
  readonly #problems = element("problems", HTMLUListElement);
  readonly #file = element("file", HTMLSelectElement);
  readonly #code = element("code", HTMLPreElement);
  readonly #onSchema: (schema: Schema) => void;
  #files: ReadonlyMap<string, string> = new Map();
  #run = 0;

  /** `onSchema` gets every version of the schema that has no error. */
  constructor(onSchema: (schema: Schema) => void) {
    this.#onSchema = onSchema;
    this.#text.addEventListener("input", () => void this.#update());
    this.#file.addEventListener("change", () => {
      this.#showCode();
    });
  }

  get text(): string {
    return this.#text.value;
  }

  async set(text: string): Promise<void> {
    this.#text.value = text;
    await this.#update();
  }

  async #update(): Promise<void> {
    const run = ++this.#run;
    const source = { path: PATH, text: this.#text.value };
    const { schema, diagnostics } = checkSources([source]);
    this.#showProblems(diagnostics);
    if (schema === undefined) return;
    this.#onSchema(schema);
    const { files } = await compile([source], { prettier: false });
    // Somebody may have typed on.
    if (run !== this.#run) return;
    this.#files = new Map(files.map(({ path, text }) => [path, text]));
    setChoices(this.#file, [...this.#files.keys()]);
    this.#showCode();
  }

  #showCode(): void {
    this.#code.textContent = this.#files.get(this.#file.value) ?? "";
  }

  #showProblems(diagnostics: readonly Diagnostic[]): void {
    const table = new LineTable(this.#text.value);
    const items = diagnostics.map(({ severity, code, message, suggestion, span }) => {
      const { line, column } = table.positionOf(span.start);
      const advice = suggestion === undefined ? "" : ` (${suggestion})`;
      const text = `${String(line)}:${String(column)} ${severity} ${code}: ${message}${advice}`;
      const item = listItem(
        button(text, () => {
          this.#text.focus();
          this.#text.setSelectionRange(span.start, span.end);
        }),
      );
      item.className = severity;
      return item;
    });
    this.#problems.replaceChildren(...(items.length > 0 ? items : [listItem("None.")]));
  }
}
