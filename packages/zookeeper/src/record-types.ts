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

/**
 * The same for a request, which must not lack what is null in none. The classes
 * themselves allow null there, because a server has to read what a broken client
 * sends, and to say what is wrong with it.
 */
export type RequestInitOf<Type> = CompleteInitOf<Type, NeverNullInRequests>;

/** The same for a txn. Null is an access control list that lets everybody do everything. */
export type TxnInitOf<Type> = CompleteInitOf<Type, NeverNullInTxns>;

type CompleteInitOf<Type, Names> = Type extends { from(init: infer Init): infer R }
  ? R | Complete<Exclude<Init, undefined>, Names>
  : null;

type Complete<Init, Names> = Init & {
  [Name in keyof Init & Names]-?: CompleteValue<NonNullable<Init[Name]>, Names>;
};

/** Also in records within: the ids of an access control list. Those that are records already may lack it. */
type CompleteValue<Value, Names> = Value extends readonly (infer Element)[]
  ? readonly CompleteValue<Element, Names>[]
  : Value extends object
    ? (Value & JuteRecord) | Complete<Value, Names>
    : Value;

/** Fields that are null in no request, by name, in the records within as well. */
export const NEVER_NULL_IN_REQUESTS = {
  path: true,
  acl: true,
  id: true,
  scheme: true,
  dataWatches: true,
  existWatches: true,
  childWatches: true,
  persistentWatches: true,
  persistentRecursiveWatches: true,
} as const;

type NeverNullInRequests = keyof typeof NEVER_NULL_IN_REQUESTS;

type NeverNullInTxns = "path" | "txns";
