/** A target turns a checked schema into files. Pure: same schema and options, same files. */
import type { Schema } from "../schema/model.js";

export interface Target {
  /** In a sentence of the help: "TypeScript records". */
  readonly product: string;
  /**
   * What every file of it starts with. A file that starts otherwise was not generated, so
   * it is never deleted, and replaced only when the user insists.
   */
  readonly marker: string;
  /** The ending of its files. */
  readonly extension: string;
  /**
   * A file that stands at the root of every output, and a text that tells it from others of that name: a
   * directory that has one holds the output of another run.
   */
  readonly rootFile: { readonly path: string; readonly content: string };
  /** Whether its files are TypeScript, to be laid out by Prettier; others are emitted as they are to be. */
  readonly isTypeScript: boolean;
  /** The options that it knows; another one is refused. */
  readonly options: readonly TargetOptionName[];
  /** Throws `TargetOptionsError` when an option does not fit the schema. */
  readonly emit: (schema: Schema, settings: TargetSettings) => readonly EmittedFile[];
}

/** `modules`: whether it has a directory for each module. */
export type TargetOptionName = keyof TargetOptions | "modules";

/** Options that a target may have beside the choice of modules. */
export interface TargetOptions {
  /** What generated files import the runtime from. Default `@jute-ts/runtime/codegen`. */
  readonly runtime?: string | undefined;
  /** The ending of relative imports: `.js` (default), `.ts`, or none. */
  readonly importExtension?: ".js" | ".ts" | "" | undefined;
  /**
   * Full names of records that also get a lazy view, a class that reads single fields where the
   * record lies. Only records of fixed size can have one; views of records inside them come along.
   */
  readonly views?: readonly string[] | undefined;
}

export interface TargetSettings extends TargetOptions {
  /** Directory per module; default: the dotted name with slashes. A module may be renamed to any relative path, "" included. */
  readonly moduleDirectory?: ((module: string) => string) | undefined;
}

/** An option that does not fit the schema. The caller's mistake, not the schema's. */
export class TargetOptionsError extends Error {
  override readonly name = "TargetOptionsError";
}

export interface EmittedFile {
  /** Relative to the output directory, with forward slashes, e.g. `data/Stat.ts`. */
  readonly path: string;
  /** May be made each time that it is read, so that the texts of a large schema need not all be in memory. */
  readonly text: string;
  /** The lines of `text`, without their breaks, where the target has these first. Made each time that they are read. */
  readonly lines?: readonly string[];
}
