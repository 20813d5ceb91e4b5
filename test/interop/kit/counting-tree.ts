/**
 * ZooKeeper's data tree as our peers keep it, which counts how often a digest
 * that a leader attached to a txn was the tree's own after that txn, and how
 * often it was not.
 */
import { decodeTxn } from "@jute-ts/zookeeper";
import type { StateLoader, LoggedTxn, TxnResult } from "@jute-ts/quorum";
import { DataTree } from "@jute-ts/data-tree";
import type { Node } from "./apache-client.js";

export class CountingTree extends DataTree {
  equalDigests = 0;
  /** The first txns after which the digests differed. */
  readonly differing: {
    readonly zxid: bigint;
    readonly expected: bigint;
    readonly actual: bigint;
  }[] = [];
  /** Txns without a digest: those that say that a request failed. */
  withoutDigest = 0;
  /** Behind a snapshot that was written while txns went on, digests agree only once the txns have caught up. */
  #isFuzzy = false;

  override apply(txn: LoggedTxn): TxnResult {
    const result = super.apply(txn);
    const { digest } = decodeTxn(txn.bytes);
    if (digest === null) {
      this.withoutDigest++;
    } else if (digest.treeDigest === this.digest()) {
      this.equalDigests++;
      this.#isFuzzy = false;
    } else if (!this.#isFuzzy && this.differing.length < 10) {
      this.differing.push({ zxid: txn.zxid, expected: digest.treeDigest, actual: this.digest() });
    }
    return result;
  }

  override restore(zxid: bigint): StateLoader {
    this.#isFuzzy = true;
    return super.restore(zxid);
  }

  override clear(): void {
    this.#isFuzzy = false;
    super.clear();
  }

  /** Every znode that txns make, from `root` on, in the form in which the client gives them (`Session.nodes`). */
  nodes(root = "/"): Node[] {
    const nodes: Node[] = [];
    const below = root === "/" ? root : `${root}/`;
    for (const path of [...this.paths()].sort()) {
      if (path !== root && !path.startsWith(below)) continue;
      const node = this.getNode(path);
      if (node === undefined || path === CONFIGURATION_PATH) continue;
      const { stat } = node;
      nodes.push({
        path,
        data: node.data === null ? "-" : Buffer.from(node.data).toString("base64"),
        stat: [
          stat.czxid,
          stat.mzxid,
          stat.ctime,
          stat.mtime,
          stat.version,
          stat.cversion,
          stat.aversion,
          stat.ephemeralOwner,
          stat.dataLength,
          stat.numChildren,
          stat.pzxid,
        ].join(","),
        acl: node.acl.map(({ perms, id }) => `${perms}:${id.scheme}:${id.id}`).join("|"),
      });
    }
    return nodes;
  }
}

/** Holds what each server itself is configured with: no txn writes it. */
const CONFIGURATION_PATH = "/zookeeper/config";
