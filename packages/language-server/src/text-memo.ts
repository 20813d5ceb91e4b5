/** What is worked out from the text of a file, once for each text that it has had. */
export class TextMemo<T> {
  readonly #work: (path: string, text: string) => T;
  readonly #known = new Map<string, { readonly text: string; readonly result: T }>();

  constructor(work: (path: string, text: string) => T) {
    this.#work = work;
  }

  of(path: string, text: string): T {
    const known = this.#known.get(path);
    if (known?.text === text) return known.result;
    const result = this.#work(path, text);
    this.#known.set(path, { text, result });
    return result;
  }
}
