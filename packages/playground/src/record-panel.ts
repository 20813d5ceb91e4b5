/** A record as bytes and as a value: each can be edited, and the parts of one light up with those of the other. */
import type { Schema } from "@jute-ts/compiler";
import { decodeAll, recordTypesOf, valueText } from "@jute-ts/inspect";
import type { AnyRecordType, JsonValue } from "@jute-ts/runtime";
import { bytesOf, hexOf } from "./hex.js";
import { button, element, listItem, setChoices } from "./page.js";

export class RecordPanel {
  readonly #record = element("record", HTMLSelectElement);
  readonly #hex = element("hex", HTMLTextAreaElement);
  readonly #json = element("json", HTMLTextAreaElement);
  readonly #fault = element("fault", HTMLParagraphElement);
  readonly #dump = element("dump", HTMLDivElement);
  readonly #fields = element("fields", HTMLOListElement);
  #types: ReadonlyMap<string, AnyRecordType> = new Map();

  readonly #onRecord: (fullName: string) => void;

  /** `onRecord` gets the full name of every record that somebody chooses. */
  constructor(onRecord: (fullName: string) => void) {
    this.#onRecord = onRecord;
    this.#record.addEventListener("change", () => {
      this.#showDefault();
      this.#onRecord(this.#record.value);
    });
    this.#hex.addEventListener("input", () => {
      this.#decode();
    });
    this.#json.addEventListener("input", () => {
      this.#encode();
    });
  }

  get record(): string {
    return this.#record.value;
  }

  get hex(): string {
    return this.#hex.value;
  }

  set(record: string, hex: string): void {
    this.#record.value = record;
    this.#hex.value = hex;
    this.#decode();
  }

  use(schema: Schema): void {
    this.#types = recordTypesOf(schema);
    const before = this.#record.value;
    setChoices(this.#record, [...this.#types.keys()]);
    if (this.#record.value === before && this.#hex.value !== "") this.#decode();
    else this.#showDefault();
  }

  get #type(): AnyRecordType | undefined {
    return this.#types.get(this.#record.value);
  }

  #showDefault(): void {
    const type = this.#type;
    if (type === undefined) return;
    this.#hex.value = hexOf(type.encode({}));
    this.#decode();
  }

  #encode(): void {
    const type = this.#type;
    if (type === undefined) return;
    try {
      this.#hex.value = hexOf(type.fromJSON(JSON.parse(this.#json.value) as JsonValue).encode());
      this.#show();
    } catch (error) {
      this.#fault.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  #decode(): void {
    const bytes = bytesOf(this.#hex.value);
    const type = this.#type;
    if (this.#show() && bytes !== undefined && type !== undefined) {
      this.#json.value = JSON.stringify(type.decode(bytes).toJSON(), null, 2);
    }
  }

  /** Whether the bytes are those of such a record. */
  #show(): boolean {
    const bytes = bytesOf(this.#hex.value);
    const type = this.#type;
    if (bytes === undefined || type === undefined) {
      this.#fault.textContent = "This is not hexadecimal: pairs of 0-9 and a-f.";
      return false;
    }
    const items = decodeAll(bytes, "record", { recordType: type });
    const faults = items.flatMap((item) => item.faults);
    this.#fault.textContent = faults
      .map(({ offset, reason }) => `at byte ${String(offset)}: ${reason}`)
      .join("; ");
    const fields = items.flatMap((item) => item.fields);
    const pairs = fields.map((field) => {
      const part = hexOf(bytes.subarray(field.offset, field.offset + field.length));
      return [
        button(part, () => undefined),
        button(`${field.path}: ${valueText(field)}`, () => undefined),
      ] as const;
    });
    for (const pair of pairs) linkUp(pair);
    this.#dump.replaceChildren(...pairs.map(([part]) => part));
    this.#fields.replaceChildren(...pairs.map(([, value]) => listItem(value)));
    return faults.length === 0;
  }
}

/** Both light up when one has the pointer or the focus. */
function linkUp(pair: readonly HTMLButtonElement[]): void {
  const toggle = (isOn: boolean) => () => {
    for (const each of pair) each.classList.toggle("on", isOn);
  };
  for (const each of pair) {
    for (const event of ["pointerenter", "focus"]) each.addEventListener(event, toggle(true));
    for (const event of ["pointerleave", "blur"]) each.addEventListener(event, toggle(false));
  }
}
