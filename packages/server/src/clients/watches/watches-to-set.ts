/** The two requests with which a client sets its watches at another server, as one. */
import type { SetWatches, SetWatches2 } from "@jute-ts/zookeeper";

/** What a client watched at its last server, as paths. */
export interface WatchesToSet {
  /** The last txn that the client has seen. */
  readonly relativeZxid: bigint;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
  readonly persistentWatches: readonly string[];
  readonly persistentRecursiveWatches: readonly string[];
}

/** Reads either request. Undefined if a list or a path is null, for which Java answers MARSHALLINGERROR. */
export function watchesToSet(record: SetWatches | SetWatches2): WatchesToSet | undefined {
  const { relativeZxid } = record;
  const dataWatches = pathsOf(record.dataWatches);
  const existWatches = pathsOf(record.existWatches);
  const childWatches = pathsOf(record.childWatches);
  const isSecond = "persistentWatches" in record;
  const persistentWatches = pathsOf(isSecond ? record.persistentWatches : []);
  const persistentRecursiveWatches = pathsOf(isSecond ? record.persistentRecursiveWatches : []);
  if (
    dataWatches === undefined ||
    existWatches === undefined ||
    childWatches === undefined ||
    persistentWatches === undefined ||
    persistentRecursiveWatches === undefined
  ) {
    return undefined;
  }
  return {
    relativeZxid,
    dataWatches,
    existWatches,
    childWatches,
    persistentWatches,
    persistentRecursiveWatches,
  };
}

function pathsOf(list: readonly (string | null)[] | null): string[] | undefined {
  const paths = list?.filter((path) => path !== null);
  return paths?.length === list?.length ? paths : undefined;
}
