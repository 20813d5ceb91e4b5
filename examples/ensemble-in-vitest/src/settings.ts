/**
 * The program under test: settings that are kept in ZooKeeper, one znode each. It asks an
 * ensemble for changes, and reads what a server has.
 */
import type { Ensemble } from "@jute-ts/server";
import {
  CreateRequest,
  ErrorCode,
  OPEN_ACL_UNSAFE,
  OpCode,
  SetDataRequest,
} from "@jute-ts/zookeeper";

export class Settings {
  readonly #ensemble: Ensemble;

  constructor(ensemble: Ensemble) {
    this.#ensemble = ensemble;
  }

  /** Creates a setting, or changes it when it is there. */
  async set(name: string, value: string): Promise<void> {
    const path = `/${name}`;
    const data = new TextEncoder().encode(value);
    const created = await this.#ensemble.propose({
      opCode: OpCode.create,
      body: CreateRequest.encode({ path, data, acl: OPEN_ACL_UNSAFE, flags: 0 }),
    });
    if (created.result.err !== ErrorCode.NODEEXISTS) return;
    await this.#ensemble.propose({
      opCode: OpCode.setData,
      body: SetDataRequest.encode({ path, data, version: -1 }),
    });
  }

  /** What a server has, which may be a moment behind the leader. */
  get(name: string, sid: bigint): string | undefined {
    const node = this.#ensemble.peer(sid).state.getNode(`/${name}`);
    return node?.data ? new TextDecoder().decode(node.data) : undefined;
  }
}
