/** A target turns a checked schema into files. Pure: same schema and options, same files. */

/** An option that does not fit the schema. The caller's mistake, not the schema's. */
export class TargetOptionsError extends Error {
  override readonly name = "TargetOptionsError";
}

export interface EmittedFile {
  /** Relative to the output directory, with forward slashes, e.g. `data/Stat.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface TypeScriptOptions {
  /** What generated files import the runtime from. Default `@jute-ts/runtime/codegen`. */
  readonly runtime?: string | undefined;
  /** The ending of relative imports: `.js` (default), `.ts`, or none. */
  readonly importExtension?: ".js" | ".ts" | "" | undefined;
  /** Directory per module; default: the dotted name with slashes. A module may be renamed to any relative path, "" included. */
  readonly moduleDirectory?: ((module: string) => string) | undefined;
  /**
   * Full names of records that also get a lazy view, a class that reads single fields where the
   * record lies. Only records of fixed size can have one; views of records inside them come along.
   */
  readonly views?: readonly string[] | undefined;
}
