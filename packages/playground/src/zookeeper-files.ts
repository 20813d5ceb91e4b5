/** ZooKeeper's own schemas: 72 records in five files. */

const texts: Readonly<Record<string, string>> = import.meta.glob<string>(
  "../../../jute-defs/*.jute",
  { query: "?raw", import: "default", eager: true },
);

/** Texts by the names of the files, which include each other. */
export const zookeeperFiles: ReadonlyMap<string, string> = new Map(
  Object.entries(texts)
    .map(([path, text]) => [path.replace(/^.*\//, ""), text] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);
