/** A file or a message of ZooKeeper, decoded without leaving the machine. */
import { decodeAll, type Format, itemLine, recognizeFormat } from "@jute-ts/inspect";
import { bytesOf } from "./hex.js";
import { element, listItem, setChoices } from "./page.js";

const FORMATS = [
  ...["log", "snapshot", "capture", "epoch", "request", "response", "event"],
  ...["connectRequest", "connectResponse", "packet", "hello", "notification", "txn"],
] as const satisfies readonly Format[];

/** More lines than this make a page slow; the filter finds the others. */
const MOST_LINES = 2_000;

export class InspectPanel {
  readonly #packet = element("packet", HTMLTextAreaElement);
  readonly #format = element("format", HTMLSelectElement);
  readonly #filter = element("filter", HTMLInputElement);
  readonly #status = element("items-status", HTMLParagraphElement);
  readonly #items = element("items", HTMLOListElement);
  #bytes: Uint8Array = new Uint8Array();
  #lines: readonly string[] = [];

  constructor() {
    setChoices(this.#format, FORMATS, "request");
    const upload = element("upload", HTMLInputElement);
    upload.addEventListener("change", () => void this.#open(upload.files?.[0]));
    const drop = element("drop", HTMLDivElement);
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => {
      drop.classList.remove("over");
    });
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      void this.#open(event.dataTransfer?.files[0]);
    });
    this.#packet.addEventListener("input", () => {
      const bytes = bytesOf(this.#packet.value);
      if (bytes === undefined) this.#status.textContent = "This is not hexadecimal.";
      else this.#decode(bytes);
    });
    this.#format.addEventListener("change", () => {
      this.#decode(this.#bytes);
    });
    this.#filter.addEventListener("input", () => {
      this.#show();
    });
  }

  async #open(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    let stream: ReadableStream<Uint8Array> = file.stream();
    const start = new Uint8Array(await file.slice(0, 16).arrayBuffer());
    let found = recognizeFormat(start);
    if (found === "gzip") stream = file.stream().pipeThrough(new DecompressionStream("gzip"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    if (found === "gzip") found = recognizeFormat(bytes.subarray(0, 16));
    if (found !== undefined && found !== "gzip") this.#format.value = found;
    this.#decode(bytes);
  }

  #decode(bytes: Uint8Array): void {
    this.#bytes = bytes;
    const format = FORMATS.find((each) => each === this.#format.value);
    if (format === undefined) return;
    this.#lines = decodeAll(bytes, format).map((item) => itemLine(item));
    this.#show();
  }

  #show(): void {
    const wanted = this.#filter.value;
    const matching = this.#lines.filter((line) => line.includes(wanted));
    const shown = matching.slice(0, MOST_LINES);
    this.#items.replaceChildren(...shown.map((line) => listItem(line)));
    const counts = `${String(matching.length)} of ${String(this.#lines.length)} items`;
    const rest = matching.length - shown.length;
    this.#status.textContent =
      rest === 0 ? counts : `${counts}, the first ${String(MOST_LINES)} shown`;
  }
}
