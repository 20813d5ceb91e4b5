/**
 * What must hold of an ensemble at rest: everything that was acknowledged is on
 * every server, all trees are the same, and no server has ever found another
 * digest than the one that a leader sent with a txn.
 */
import type { Node } from "../interop/kit/apache-client.js";
import type { MixedEnsemble } from "../interop/kit/mixed-ensemble.js";
import { type ServerTrees, Violated } from "./server-trees.js";

export class Checks {
  readonly #ensemble: MixedEnsemble;
  readonly #trees: ServerTrees;

  constructor(ensemble: MixedEnsemble, trees: ServerTrees) {
    this.#ensemble = ensemble;
    this.#trees = trees;
  }

  /** Waits until all servers have applied the same, then looks for these paths below `root` on each of them. Throws Violated. */
  async check(root: string, paths: readonly string[]): Promise<void> {
    await this.#trees.settled();
    let expected: readonly Node[] | undefined;
    for (const sid of this.#ensemble.sids) {
      const nodes = await this.#trees.nodesOf(sid, root);
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
}

function isSame(a: Node, b: Node | undefined): boolean {
  return a.path === b?.path && a.data === b.data && a.stat === b.stat && a.acl === b.acl;
}
