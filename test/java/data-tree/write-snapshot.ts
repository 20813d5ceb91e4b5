/** Applies the txns of Java's history to our tree and writes its snapshot to the standard output, for Java to read (record.sh). */
import { readFileSync } from "node:fs";
import { DataTree } from "@jute-ts/data-tree";
import { decodeTxn } from "@jute-ts/zookeeper";

const tree = new DataTree({ extendedTypes: true });
const history = readFileSync(new URL("history.jsonl", import.meta.url), "utf8");
for (const line of history.trimEnd().split("\n")) {
  const [kind, ...rest] = JSON.parse(line) as [kind: string, ...unknown[]];
  if (kind === "prepare" || kind === "txn") {
    const bytes = Buffer.from(rest.at(-1) as string, "base64");
    const { header } = decodeTxn(bytes);
    tree.apply({ zxid: header.zxid, header, bytes });
  }
}
const snapshot = tree.snapshot();
for (let piece = snapshot.next(); piece !== undefined; piece = snapshot.next()) {
  process.stdout.write(piece);
}
