/** A file or a message of ZooKeeper, decoded without leaving the machine. */
import { createDecoder, type Format, type Item, itemLine } from "@jute-ts/inspect";
import { bytesOf } from "./hex.js";
import { formatOf, streamOf } from "./input.js";
import { element, listItem, setChoices } from "./page.js";

/** Formats that are decoded piece by piece, whatever their size. */
const STREAMS = ["log", "snapshot", "capture"] as const satisfies readonly Format[];
/** One message each, which is in memory as a whole. */
const MESSAGES = [
  ...["epoch", "request", "response", "event", "connectRequest", "connectResponse"],
  ...["packet", "hello", "notification", "txn"],
] as const satisfies readonly Format[];
const FORMATS = [...STREAMS, ...MESSAGES];

/** More lines than this make a page slow; the filter finds the others. */
const MOST_LINES = 2_000;
const MOST_MESSAGE_BYTES = 16 * 1024 * 1024;

export class InspectPanel {
  readonly #packet = element("packet", HTMLTextAreaElement);
  readonly #format = element("format", HTMLSelectElement);
  readonly #filter = element("filter", HTMLInputElement);
  readonly #status = element("items-status", HTMLParagraphElement);
  readonly #items = element("items", HTMLOListElement);
  #input: Blob = new Blob();
  /** What begins later makes what is still running end. */
  #run = 0;

  constructor() {
    setChoices(this.#format, FORMATS, "request");
    const upload = element("upload", HTMLInputElement);
    upload.addEventListener("change", () => void this.#open(upload.files?.[0]));
    this.#acceptDrops();
    this.#packet.addEventListener("input", () => {
      this.#paste();
    });
    for (const choice of [this.#format, this.#filter]) {
      choice.addEventListener("input", () => void this.#decode());
    }
  }

  get packet(): string {
    return this.#packet.value;
  }

  get format(): string {
    return this.#format.value;
  }

  get filter(): string {
    return this.#filter.value;
  }

  set(packet: string, format: string, filter: string): void {
    setChoices(this.#format, FORMATS, "request");
    if (FORMATS.some((each) => each === format)) this.#format.value = format;
    this.#packet.value = packet;
    this.#filter.value = filter;
    this.#paste();
  }

  #acceptDrops(): void {
    const drop = element("drop", HTMLDivElement);
    // A file that misses its place must not replace the page.
    for (const event of ["dragover", "drop"] as const) {
      document.addEventListener(event, (happened) => {
        happened.preventDefault();
      });
    }
    drop.addEventListener("dragover", () => {
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => {
      drop.classList.remove("over");
    });
    drop.addEventListener("drop", (event) => {
      drop.classList.remove("over");
      void this.#open(event.dataTransfer?.files[0]);
    });
  }

  #paste(): void {
    const bytes = bytesOf(this.#packet.value);
    if (bytes === undefined) {
      this.#run++;
      this.#items.replaceChildren();
      this.#status.textContent = "This is not hexadecimal: pairs of 0-9 and a-f.";
      return;
    }
    this.#input = new Blob([new Uint8Array(bytes)]);
    void this.#decode();
  }

  async #open(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    const run = ++this.#run;
    const found = await formatOf(file);
    if (run !== this.#run) return;
    this.#input = file;
    this.#packet.value = "";
    const format = FORMATS.find((each) => each === found);
    if (format !== undefined) this.#format.value = format;
    const unknown = "Its first bytes do not say what it is, so it is read as chosen.";
    await this.#decode(format === undefined ? `${file.name}: ${unknown}` : `${file.name}:`);
  }

  /** Looks through all of the input, and keeps no more than what is shown. */
  async #decode(name = ""): Promise<void> {
    const run = ++this.#run;
    const format = FORMATS.find((each) => each === this.#format.value);
    const input = this.#input;
    if (format === undefined) return;
    if (input.size === 0) {
      this.#items.replaceChildren();
      this.#status.textContent = name === "" ? "" : `${name} The file is empty.`;
      return;
    }
    const isMessage = MESSAGES.some((each) => each === format);
    if (isMessage && input.size > MOST_MESSAGE_BYTES) {
      this.#items.replaceChildren();
      this.#status.textContent = "This is too long for one message: choose what the file is.";
      return;
    }
    const found = new Lines(this.#filter.value);
    const failure = await this.#readAll(input, format, found, run);
    if (run !== this.#run) return;
    this.#items.replaceChildren(...found.shown);
    this.#status.textContent = [name, found.counts, failure]
      .filter((part) => part !== "")
      .join(" ");
  }

  /** What is wrong with the input as a whole, or nothing. */
  async #readAll(input: Blob, format: Format, found: Lines, run: number): Promise<string> {
    const decoder = createDecoder(format);
    let failure = "";
    let read = 0;
    try {
      const reader = (await streamOf(input)).getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        if (run !== this.#run) {
          reader.cancel().catch(() => undefined);
          return "";
        }
        found.add(decoder.push(next.value));
        read += next.value.length;
        this.#status.textContent = `${(read / 1e6).toFixed(1)} MB read`;
      }
    } catch {
      failure = `The packed data is damaged after ${String(read)} bytes of content.`;
    }
    found.add(decoder.finish());
    return failure;
  }
}

/** Lines that contain a text: the first are kept, all are counted. */
class Lines {
  readonly shown: HTMLLIElement[] = [];
  readonly #wanted: string;
  #items = 0;
  #matching = 0;
  #faults = 0;

  constructor(wanted: string) {
    this.#wanted = wanted;
  }

  add(items: Iterable<Item>): void {
    for (const item of items) {
      this.#items++;
      if (item.hasFaults) this.#faults += item.faults.length;
      const line = itemLine(item);
      if (!line.includes(this.#wanted)) continue;
      this.#matching++;
      if (this.shown.length === MOST_LINES) continue;
      const shown = listItem(line);
      if (item.hasFaults) shown.className = "error";
      this.shown.push(shown);
    }
  }

  get counts(): string {
    const counts = `${String(this.#matching)} of ${String(this.#items)} items`;
    const cut = this.#matching > this.shown.length ? `, the first ${String(MOST_LINES)} shown` : "";
    const places = this.#faults === 1 ? "place" : "places";
    const faults = this.#faults === 0 ? "" : `, ${String(this.#faults)} damaged ${places}`;
    return `${counts}${cut}${faults}.`;
  }
}
