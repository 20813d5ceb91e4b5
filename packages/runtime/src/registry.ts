/** Generated classes by full name, for tools that learn at run time which record they meet. */
import type { AnyRecordType } from "./record.js";

export interface RecordRegistry extends Iterable<AnyRecordType> {
  readonly size: number;
  /** The class for a full name such as `org.apache.zookeeper.data.Stat`. */
  get(fullName: string): AnyRecordType | undefined;
}

/** Throws when two classes have the same full name. */
export function createRegistry(types: readonly AnyRecordType[]): RecordRegistry {
  const byName = new Map<string, AnyRecordType>();
  for (const type of types) {
    const { fullName } = type.descriptor;
    if (byName.has(fullName)) {
      throw new Error(`Two record classes are called ${fullName}.`);
    }
    byName.set(fullName, type);
  }
  return {
    size: byName.size,
    get: (fullName) => byName.get(fullName),
    [Symbol.iterator]: () => byName.values(),
  };
}
