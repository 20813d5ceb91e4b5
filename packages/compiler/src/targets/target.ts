/** A target turns a checked schema into files. Pure: same schema and options, same files. */
import type { Schema } from "../schema/model.js";

export interface EmittedFile {
  /** Relative to the output directory, with forward slashes, e.g. `data/Stat.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface TypeScriptOptions {
  /** What generated files import the runtime from. Default `@jute-ts/runtime`. */
  readonly runtime?: string;
  /** The ending of relative imports: `.js` (default), `.ts`, or none. */
  readonly importExtension?: ".js" | ".ts" | "";
  /** Directory per module; default: the dotted name with slashes. A module may be renamed to any relative path, "" included. */
  readonly moduleDirectory?: (module: string) => string;
}

export type EmitTypeScript = (
  schema: Schema,
  options?: TypeScriptOptions,
) => readonly EmittedFile[];
