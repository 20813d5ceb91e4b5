/**
 * The model against Java: the same requests that Apache's own request preparation
 * and tree went through (test/java/data-tree), one after the other, must give the
 * same errors and digests. So the model that judges our tree is held to something
 * that neither of the two has made.
 */
import { readFileSync } from "node:fs";
import { decodeTxn, OpCode, type TxnMessage, unpackMultiTxn, type Zxid } from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { execute, type Execution } from "./request-model.js";
import { TreeModel } from "./tree-model.js";
import { type AclModel, parentOf, type ZnodeModel } from "./znode-model.js";

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
  | [kind: "node" | "session", ...rest: unknown[]];

const HISTORY = new URL("../../../../test/java/data-tree/history.jsonl", import.meta.url);

const lines = readFileSync(HISTORY, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);

it("carries out requests as Java does, to the error and the digest", () => {
  const tree = new TreeModel();
  const outstanding: Zxid[] = [];
  const errors = new Set<number>();
  let applied = 0;
  for (const [index, line] of lines.entries()) {
    const where = `line ${index + 1}`;
    if (line[0] === "prepare") {
      const [, session, cxid, opCode, body, authInfo, time, bytes] = line;
      const txn = decodeTxn(Buffer.from(bytes, "base64"));
      const request = {
        sessionId: BigInt(session),
        cxid,
        opCode,
        body: Buffer.from(body, "base64"),
        authInfo: authInfo.map(([scheme, id]) => ({ scheme, id })),
      };
      const { zxid } = txn.header;
      const moment = { zxid, timeMs: BigInt(time) };
      const { outcome, change } = execute(tree, request, moment, {
        extendedTypes: true,
        enforcesQuotas: false,
        knowsLogins: false,
      });
      expect(outcome.err, where).toBe(errorOf(txn));
      errors.add(outcome.err);
      tree.commit(zxid, change);
      outstanding.push(zxid);
    } else if (line[0] === "txn") {
      const txn = decodeTxn(Buffer.from(line[1], "base64"));
      tree.commit(txn.header.zxid, unprepared(tree, txn));
      outstanding.push(txn.header.zxid);
    } else if (line[0] === "applied") {
      const zxid = outstanding.shift() ?? 0n;
      expect(String(tree.digestAt(zxid)), where).toBe(line[2]);
      applied += 1;
    }
  }
  expect(applied).toBeGreaterThan(2000);
  for (const err of [0, -8, -101, -102, -103, -108, -110, -111, -112, -114, -123])
    expect(errors).toContain(err);
});

function errorOf(txn: TxnMessage): number {
  if (txn.type === OpCode.error) return txn.body.err;
  if (txn.type !== OpCode.multi) return 0;
  for (const part of unpackMultiTxn(txn.body))
    if (part.type === OpCode.error && part.body.err !== 0) return part.body.err;
  return 0;
}

/** What a txn does that no request was prepared for, as old leaders wrote them and as replaying meets them. */
function unprepared(tree: TreeModel, txn: TxnMessage): Execution["change"] {
  const { zxid, time, clientId } = txn.header;
  const znodes = new Map<string, ZnodeModel | undefined>();
  const sessions = new Map<bigint, number | undefined>();
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2: {
      const path = txn.body.path ?? "";
      const parent = tree.znode(parentOf(path));
      if (parent === undefined) break;
      const { parentCVersion } = txn.body;
      const isNew = tree.znode(path) === undefined;
      const creates = parentCVersion === -1 ? parent.creates + 1 : parentCVersion;
      const counted = creates > parent.creates ? { creates, pzxid: zxid } : {};
      const children = parent.children + (isNew ? 1 : 0);
      znodes.set(parentOf(path), { ...parent, ...counted, children });
      if (!isNew) break;
      znodes.set(path, {
        data: txn.body.data,
        acl: (txn.body.acl ?? []).map(aclOf),
        czxid: zxid,
        mzxid: zxid,
        pzxid: zxid,
        ctime: time,
        mtime: time,
        version: 0,
        aversion: 0,
        creates: 0,
        children: 0,
        owner: txn.body.ephemeral ? { kind: "session", sessionId: clientId } : { kind: "nobody" },
      });
      break;
    }
    case OpCode.closeSession: {
      for (const path of tree.ephemeralsOf(clientId)) {
        const parentPath = parentOf(path);
        const parent = znodes.get(parentPath) ?? tree.znode(parentPath);
        if (parent !== undefined)
          znodes.set(parentPath, { ...parent, children: parent.children - 1, pzxid: zxid });
        znodes.set(path, undefined);
      }
      sessions.set(clientId, undefined);
      break;
    }
    case OpCode.delete: {
      // The parent takes note, whether the znode is there or not.
      const path = txn.body.path ?? "";
      const parent = tree.znode(parentOf(path));
      if (parent !== undefined) znodes.set(parentOf(path), { ...parent, pzxid: zxid });
      break;
    }
    default:
      break;
  }
  return { znodes, sessions };
}

function aclOf({
  perms,
  id,
}: {
  perms: number;
  id: { scheme: string | null; id: string | null };
}): AclModel {
  return { perms, scheme: id.scheme ?? "", id: id.id ?? "" };
}
