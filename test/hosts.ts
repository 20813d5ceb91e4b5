/**
 * The runtime as it loads in other hosts than the one that runs the tests. What it chooses by
 * the engine's version or by what the host lacks gives the same results whichever is really there, so all of
 * its ways are tested on every Node.
 */
import { vi } from "vitest";
import type * as RuntimeModule from "../packages/runtime/src/index.js";
import { withOwnModules } from "./own-modules.js";

export type Runtime = typeof RuntimeModule;

export interface Host {
  /** For the title of a test. */
  readonly host: string;
  /** Globals that it lacks. */
  readonly missing: readonly string[];
  /** The version of V8 that it names. Undefined: it names none, as outside of Node. */
  readonly v8: string | undefined;
}

const NO_BUFFER = ["Buffer"];
const NO_CODECS = ["Buffer", "TextEncoder", "TextDecoder"];

/** Each way through the runtime is one of these hosts'. */
export const HOSTS: readonly Host[] = [
  { host: "with Node's Buffer and V8 11", missing: [], v8: "11.3.244.8-node.38" },
  { host: "with Node's Buffer and V8 12", missing: [], v8: "12.4.254.21-node.57" },
  { host: "with Node's Buffer and V8 13", missing: [], v8: "13.6.233.17-node.53" },
  { host: "with TextEncoder and TextDecoder only", missing: NO_BUFFER, v8: undefined },
  { host: "with them and V8 12", missing: NO_BUFFER, v8: "12.4.254.21" },
  { host: "with neither", missing: NO_CODECS, v8: undefined },
  { host: "with neither and V8 12", missing: NO_CODECS, v8: "12.4.254.21" },
];

/** What `load` imports finds itself in this host. */
export async function inHost<T>({ missing, v8 }: Host, load: () => Promise<T>): Promise<T> {
  for (const name of missing) vi.stubGlobal(name, undefined);
  const versions = { ...process.versions, v8 };
  vi.stubGlobal("process", Object.create(process, { versions: { value: versions } }));
  try {
    return await withOwnModules(load);
  } finally {
    vi.unstubAllGlobals();
  }
}
