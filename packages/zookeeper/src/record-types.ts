/** What a table of record classes says about its values. `null` in a table stands for "no record". */
import type { JuteRecord } from "@jute-ts/runtime";

/** The record that a class of the table decodes to. */
export type RecordOf<Type> = Type extends { decode(bytes: Uint8Array): infer R extends JuteRecord }
  ? R
  : null;

/** What may be given where a record of that class is to be written: a record, or a plain object. */
export type InitOf<Type> = Type extends { from(init: infer Init): JuteRecord }
  ? Exclude<Init, undefined>
  : null;
