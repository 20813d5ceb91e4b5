/**
 * The trees of an ensemble's servers at rest: what they hold, and whether their digests
 * are the same and those that leaders sent with txns.
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { Node } from "../interop/kit/apache-client.js";
import { ClientError } from "../interop/kit/command-process.js";
import type { MixedEnsemble } from "../interop/kit/mixed-ensemble.js";
import type { Answer } from "../interop/kit/own-process.js";
import { until } from "../interop/kit/waiting.js";
import type { DirectSessions } from "./direct-sessions.js";

/** An invariant does not hold. */
export class Violated extends Error {
  override readonly name = "Violated";
}

export class ServerTrees {
  readonly #ensemble: MixedEnsemble;
  readonly #sessions: DirectSessions;
  /** Digests of whole trees that were compared, each with that of another server at the same txn. */
  treeDigests = 0;
  /** Digests that leaders sent with txns and that were those of a server of ours after the txn. */
  txnDigests = 0;
  /** By server, what it has said last of those. */
  readonly #equal = new Map<Sid, number>();

  constructor(ensemble: MixedEnsemble, sessions: DirectSessions) {
    this.#ensemble = ensemble;
    this.#sessions = sessions;
  }

  /** Resolves when all servers have applied the same. Throws Violated if their digests differ. */
  async settled(): Promise<void> {
    await this.#ensemble.converged(SETTLE_MS);
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
      // A server that was started again counts from 0.
      const before = this.#equal.get(sid) ?? 0;
      this.txnDigests += equalDigests < before ? equalDigests : equalDigests - before;
      this.#equal.set(sid, equalDigests);
      // Sessions may end meanwhile, which is a txn.
      if (first === undefined || zxid !== first.zxid) continue;
      if (digest !== first.digest)
        throw new Violated(`server ${sid} has another digest at ${zxid}`);
      this.treeDigests++;
    }
  }

  /** The znodes of a server. Asks a server of Apache again when it has only just come back. */
  async nodesOf(sid: Sid, root: string): Promise<readonly Node[]> {
    if (!this.#ensemble.isApache(sid)) {
      const nodes = await this.#ensemble.ownProcess(sid).nodes(root);
      if (nodes === undefined) throw new Violated(`server ${sid} is gone`);
      return nodes;
    }
    let nodes: readonly Node[] | undefined;
    const ask = async (): Promise<boolean> => {
      try {
        const session = await this.#sessions.of(sid);
        await session.sync();
        nodes = await session.nodes(root);
        return true;
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        this.#sessions.forget(sid, error);
        return false;
      }
    };
    await until(ask, SETTLE_MS, () => `the znodes of server ${sid}`);
    return nodes ?? [];
  }
}

const SETTLE_MS = 60_000;
