/** What a link carries: the whole state of the page, in the part of the address that no server sees. */

export interface State {
  /** All Jute files by name; undefined when they are ZooKeeper's as the page has them. */
  readonly files: Readonly<Record<string, string>> | undefined;
  /** The name of the file that is shown. */
  readonly source: string;
  /** A record's full name, and its bytes in hexadecimal. */
  readonly record: string;
  readonly hex: string;
  /** A pasted message in hexadecimal, what it is read as, and what its lines must contain. */
  readonly packet: string;
  readonly format: string;
  readonly filter: string;
}

/** A link that holds more than this when it is inflated was not made by this page. */
const MOST_BYTES = 16 * 1024 * 1024;

export async function toHash(state: State): Promise<string> {
  const json = new Blob([JSON.stringify(state)]).stream();
  const bytes = await collect(json.pipeThrough(new CompressionStream("deflate-raw")));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Undefined for what is no state. */
export async function fromHash(hash: string): Promise<State | undefined> {
  try {
    const text = atob(hash.replace(/^#/, "").replaceAll("-", "+").replaceAll("_", "/"));
    const packed = new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))]);
    const json = await collect(packed.stream().pipeThrough(new DecompressionStream("deflate-raw")));
    const value: unknown = JSON.parse(new TextDecoder().decode(json));
    return isState(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value);
    length += next.value.length;
    if (length > MOST_BYTES) throw new RangeError("more than a link holds");
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

const TEXTS = ["source", "record", "hex", "packet", "format", "filter"] as const;

function isState(value: unknown): value is State {
  if (typeof value !== "object" || value === null) return false;
  const { files, ...rest } = value as Partial<Record<keyof State, unknown>>;
  if (!TEXTS.every((key) => typeof rest[key] === "string")) return false;
  if (files === undefined) return true;
  if (typeof files !== "object" || files === null) return false;
  const texts = Object.values(files);
  return texts.length > 0 && texts.every((text) => typeof text === "string");
}
