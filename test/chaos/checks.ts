/**
 * What must hold of an ensemble at rest: everything that was acknowledged is on
 * every server, all trees are the same, and no server has ever found another
 * digest than the one that a leader sent with a txn.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { ClientError, type Node } from "../interop/kit/apache-client.js";
import type { MixedEnsemble } from "../interop/kit/mixed-ensemble.js";
import type { Answer } from "../interop/kit/own-process.js";
import { until } from "../interop/kit/waiting.js";
import type { Load } from "./load.js";

/** An invariant does not hold. */
class Violated extends Error {
  override readonly name = "Violated";
}

export class Checks {
  readonly #ensemble: MixedEnsemble;
  readonly #load: Load;
  /** Digests of whole trees that were compared, each with that of another server at the same txn. */
  trees = 0;
  /** Digests that leaders sent with txns and that were those of a server of ours after the txn. */
  txns = 0;
  /** By server, what it has said last of those. */
  readonly #equal = new Map<Sid, number>();

  constructor(ensemble: MixedEnsemble, load: Load) {
    this.#ensemble = ensemble;
    this.#load = load;
  }

  /** Waits until all servers have applied the same, then looks for these paths below `root` on each of them. Throws Violated. */
  async check(root: string, paths: readonly string[]): Promise<void> {
    await this.#ensemble.converged(SETTLE_MS);
    await this.#compareDigests();
    let expected: readonly Node[] | undefined;
    for (const sid of this.#ensemble.sids) {
      const nodes = await this.#nodesOf(sid, root);
      const there = new Set(nodes.map(({ path }) => path));
      const lost = paths.filter((path) => !there.has(path));
      if (lost.length > 0) {
        throw new Violated(`LOST on server ${sid}: ${lost.length}, ${lost.slice(0, 20).join(" ")}`);
      }
      expected ??= nodes;
      const other = nodes.find((node, index) => !isSame(node, expected?.[index]));
      if (other !== undefined || nodes.length !== expected.length) {
        const at = other?.path ?? `${nodes.length} znodes in place of ${expected.length}`;
        throw new Violated(
          `server ${sid} differs from server ${this.#ensemble.sids[0] ?? 1n}: ${at}`,
        );
      }
    }
  }

  async #compareDigests(): Promise<void> {
    const answers = new Map<Sid, Answer>();
    for (const sid of this.#ensemble.sids) {
      if (!this.#ensemble.isApache(sid)) {
        answers.set(sid, await this.#ensemble.ownProcess(sid).status());
      } else {
        const count = await this.#ensemble.apache(sid).digestMismatches();
        if (count > 0) throw new Violated(`server ${sid} of Apache found ${count} other digests`);
      }
    }
    const [first] = answers.values();
    for (const [sid, { zxid, digest, equalDigests = 0, differing = 0 }] of answers) {
      if (differing > 0) throw new Violated(`server ${sid} found ${differing} other digests`);
      // A server that was started anew counts from 0.
      const before = this.#equal.get(sid) ?? 0;
      this.txns += equalDigests < before ? equalDigests : equalDigests - before;
      this.#equal.set(sid, equalDigests);
      // Sessions may end meanwhile, which is a txn.
      if (first === undefined || zxid !== first.zxid) continue;
      if (digest !== first.digest)
        throw new Violated(`server ${sid} has another digest at ${zxid}`);
      this.trees++;
    }
  }

  /** The znodes of a server. Asks a server of Apache again when it has only just come back. */
  async #nodesOf(sid: Sid, root: string): Promise<readonly Node[]> {
    if (!this.#ensemble.isApache(sid)) {
      const nodes = await this.#ensemble.ownProcess(sid).nodes(root);
      if (nodes === undefined) throw new Violated(`server ${sid} is gone`);
      return nodes;
    }
    let nodes: readonly Node[] | undefined;
    const ask = async (): Promise<boolean> => {
      try {
        const session = await this.#load.session(sid);
        await session.sync();
        nodes = await session.nodes(root);
        return true;
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        this.#load.forget(sid, error);
        return false;
      }
    };
    await until(ask, SETTLE_MS, () => `the znodes of server ${sid}`);
    return nodes ?? [];
  }
}

function isSame(a: Node, b: Node | undefined): boolean {
  return a.path === b?.path && a.data === b.data && a.stat === b.stat && a.acl === b.acl;
}

const SETTLE_MS = 60_000;
