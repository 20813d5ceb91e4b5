/**
 * A second copy of our packages that finds no Buffer while it loads, as in a browser. Both copies
 * run in one process, so that their ratio can be taken round by round.
 */
import { register } from "node:module";
import { pick, type JuteLibrary } from "./jute-library.js";

export async function loadJuteWithoutBuffer(): Promise<JuteLibrary> {
  // A module that is imported under another query is evaluated again. This hands the query on
  // to what such a module imports in turn.
  const handOn = `
    export async function resolve(specifier, context, next) {
      const resolved = await next(specifier, context);
      const portable = context.parentURL?.endsWith("?portable") === true;
      return portable ? { ...resolved, url: resolved.url + "?portable" } : resolved;
    }`;
  register(`data:text/javascript,${encodeURIComponent(handOn)}`);
  const load = async (name: string): Promise<unknown> =>
    import(`${import.meta.resolve(name)}?portable`);
  const buffer = Object.getOwnPropertyDescriptor(globalThis, "Buffer");
  if (buffer === undefined) throw new Error("This host has no Buffer to hide");
  Reflect.deleteProperty(globalThis, "Buffer");
  try {
    const [runtime, codegen, data, proto, quorum] = [
      await load("@jute-ts/runtime"),
      await load("@jute-ts/runtime/codegen"),
      await load("@jute-ts/records/data"),
      await load("@jute-ts/records/proto"),
      await load("@jute-ts/records/quorum"),
    ] as Parameters<typeof pick>;
    return pick(runtime, codegen, data, proto, quorum);
  } finally {
    Object.defineProperty(globalThis, "Buffer", buffer);
  }
}
