/** What a link carries: the whole state of the page, in the part of the address that no server sees. */

export interface State {
  readonly schema: string;
  readonly record: string;
  readonly hex: string;
}

export function toHash(state: State): string {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Undefined for what is no state. */
export function fromHash(hash: string): State | undefined {
  try {
    const text = atob(hash.replace(/^#/, "").replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value !== "object" || value === null) return undefined;
    const { schema, record, hex } = value as Partial<Record<keyof State, unknown>>;
    const isState =
      typeof schema === "string" && typeof record === "string" && typeof hex === "string";
    return isState ? { schema, record, hex } : undefined;
  } catch {
    return undefined;
  }
}
