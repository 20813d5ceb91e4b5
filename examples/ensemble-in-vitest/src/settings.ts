/**
 * The program under test: settings that are kept in ZooKeeper, one znode each. It asks an
 * ensemble for changes, and reads what a server has.
 */
import { type Ensemble, isRequestError } from "@jute-ts/server";
import { ErrorCode, OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";

export class Settings {
  readonly #ensemble: Ensemble;

  constructor(ensemble: Ensemble) {
    this.#ensemble = ensemble;
  }

  /** Creates a setting, or changes it when it is there. */
  async set(name: string, value: string): Promise<void> {
    const path = `/${name}`;
    const data = new TextEncoder().encode(value);
    try {
      await this.#ensemble.propose(OpCode.create, { path, data, acl: OPEN_ACL_UNSAFE, flags: 0 });
    } catch (error) {
      if (!isRequestError(error) || error.err !== ErrorCode.NODEEXISTS) throw error;
      await this.#ensemble.propose(OpCode.setData, { path, data, version: -1 });
    }
  }

  /** What a server has, which may be a moment behind the leader. */
  get(name: string, sid: bigint): string | undefined {
    const node = this.#ensemble.peer(sid).state.getNode(`/${name}`);
    return node?.data ? new TextDecoder().decode(node.data) : undefined;
  }
}
