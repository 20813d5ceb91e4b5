/** Java's history (record.sh), gone through again by our own request preparation and tree. */
import { readFileSync } from "node:fs";
import { SnapshotBodyDecoder } from "@jute-ts/persistence";
import { DataTree } from "@jute-ts/data-tree";
import { decodeTxn, OpCode, opCodeName, Stat, type TxnHeader } from "@jute-ts/zookeeper";
import { expect, test } from "vitest";

type Line =
  | [
      kind: "prepare",
      session: string,
      cxid: number,
      op: number,
      body: string,
      authInfo: [scheme: string, id: string][],
      time: string,
      txn: string,
    ]
  | [kind: "txn", txn: string]
  | [kind: "applied", err: number, digest: string]
  | [
      kind: "node",
      path: string,
      data: string | null,
      aclId: string,
      stat: string,
      acl: [perms: number, scheme: string, id: string][],
    ]
  | [kind: "session", id: string, timeoutMs: number];

const lines = readFileSync(new URL("history.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);

/** What is left when all lines have been followed; throws where we part from Java. */
function follow(lines: readonly Line[]): { tree: DataTree; seen: Map<string, number> } {
  const tree = new DataTree({ extendedTypes: true });
  const seen = new Map<string, number>();
  const outstanding: { bytes: Uint8Array; header: TxnHeader }[] = [];
  for (const [index, line] of lines.entries()) {
    const where = `line ${String(index + 1)}`;
    switch (line[0]) {
      case "prepare": {
        const [, session, cxid, opCode, body, authInfo, time, txn] = line;
        const java = Buffer.from(txn, "base64");
        const { header } = decodeTxn(java);
        const request = {
          sessionId: BigInt(session),
          cxid,
          opCode,
          body: Buffer.from(body, "base64"),
          authInfo: authInfo.map(([scheme, id]) => ({ scheme, id })),
        };
        const bytes = tree.prepare(request, header.zxid, BigInt(time));
        expect(comparable(bytes), `${where}, a ${opCodeName(opCode) ?? ""}`).toEqual(
          comparable(java),
        );
        outstanding.push({ bytes, header });
        break;
      }
      case "txn": {
        const bytes = Buffer.from(line[1], "base64");
        outstanding.push({ bytes, header: decodeTxn(bytes).header });
        break;
      }
      case "applied": {
        const txn = outstanding.shift();
        if (txn === undefined) throw new Error(`${where}: nothing is outstanding`);
        const { bytes, header } = txn;
        const result = tree.apply({ zxid: header.zxid, header, bytes });
        expect([result.err, String(tree.digest())], where).toEqual([line[1], line[2]]);
        const { expectedDigest = tree.digest() } = result;
        expect(expectedDigest, where).toBe(tree.digest());
        count(seen, `${opCodeName(result.type) ?? ""} ${String(result.err)}`);
        break;
      }
      case "node":
      case "session":
        break;
    }
  }
  return { tree, seen };
}

/** A closeSession lists its paths in the order of a HashMap; everything else must be the same bytes. */
function comparable(bytes: Uint8Array): unknown {
  const txn = decodeTxn(bytes);
  if (txn.type !== OpCode.closeSession) return Buffer.from(bytes).toString("hex");
  return { ...txn, body: [...(txn.body?.paths2Delete ?? [])].sort() };
}

function count(seen: Map<string, number>, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}

test("prepares the txns that Java prepares, and has its results and digests", () => {
  const { seen } = follow(lines);
  expect(lines.filter(([kind]) => kind === "applied").length).toBeGreaterThan(2000);
  // Every kind of txn succeeded at least once, and every refusal occurred.
  expect([...seen.keys()]).toEqual(
    expect.arrayContaining([
      ...["create 0", "create2 0", "createContainer 0", "createTTL 0", "delete 0"],
      ...["deleteContainer 0", "setData 0", "setACL 0", "multi 0", "reconfig 0"],
      ...["createSession 0", "closeSession 0", "create -110", "delete -101", "setData -101"],
      ...[-7, -8, -101, -102, -103, -108, -110, -111, -112, -114, -123].map(
        (err) => `error ${String(err)}`,
      ),
      ...[-8, -101, -102, -103, -108, -110, -111].map((err) => `multi ${String(err)}`),
    ]),
  );
});

test("ends with Java's znodes, access control lists and sessions", () => {
  const { tree } = follow(lines);
  const nodes = new Map<string, unknown>();
  const sessions = new Map<bigint, number>();
  for (const line of lines) {
    if (line[0] === "node") {
      const [, path, data, aclId, stat, acl] = line;
      nodes.set(path, { data, acl, aclId, stat: Stat.decode(Buffer.from(stat, "base64")) });
    } else if (line[0] === "session") {
      sessions.set(BigInt(line[1]), line[2]);
    }
  }
  expect(new Map(tree.sessions)).toEqual(sessions);
  expect([...tree.paths()].sort()).toEqual([...nodes.keys()].sort());
  const aclIds = aclIdsOf(tree);
  for (const [path, node] of nodes) {
    const view = tree.getNode(path);
    const acl = view?.acl.map(({ perms, id }) => [perms, id.scheme, id.id]);
    const data = view?.data ? Buffer.from(view.data).toString("base64") : null;
    const aclId = String(aclIds.get(path === "/" ? "" : path));
    expect({ data, acl, aclId, stat: view?.stat }, path).toEqual(node);
  }
});

/** The number of each znode's access control list, which only a snapshot shows. */
function aclIdsOf(tree: DataTree): Map<string, bigint> {
  const ids = new Map<string, bigint>();
  const ignore = (): void => undefined;
  const decoder = new SnapshotBodyDecoder({
    session: ignore,
    acl: ignore,
    node: ({ path, aclId }) => void ids.set(path, aclId),
    end: ignore,
  });
  const snapshot = tree.snapshot();
  for (let piece = snapshot.next(); piece !== undefined; piece = snapshot.next()) {
    decoder.push(piece);
  }
  return ids;
}
