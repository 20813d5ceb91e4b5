/** What generated files say of where they come from. */
import type { RecordSchema, Schema } from "../schema/model.js";

/** The names of source files, each once: where they lie differs from machine to machine. */
export function fileNames(paths: readonly string[]): string {
  const names = new Set(paths.map((path) => path.slice(path.search(/[^/\\]*$/))));
  return [...names].join(", ");
}

/** The records that files are made for, in order. */
export function emittedRecords(schema: Schema): readonly RecordSchema[] {
  return schema.modules.flatMap(({ records }) => records.filter(({ emitted }) => emitted));
}

/** A comment without the line breaks that its source had for its width: paragraphs and lists stay. */
export function unwrapped(doc: string): string {
  return doc.replaceAll(/(?<=\S)[ \t]*\n(?!\s|[-*+#>]|\d+[.)]\s)/g, " ");
}
