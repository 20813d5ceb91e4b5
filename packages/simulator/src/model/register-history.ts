/**
 * What each register held after each committed txn that touched it, told from the
 * txns alone: no tree is asked.
 */
import { OpCode, type TxnMessage, unpackMultiTxn, type Zxid } from "@jute-ts/zookeeper";
import { asciiText } from "../clients/change-requests.js";
import { isRegister } from "../clients/paths.js";
import type { RegisterState } from "./register-model.js";

interface Written {
  readonly zxid: Zxid;
  readonly state: RegisterState;
}

/** A change of one znode, as txns and the parts of multis hold it. */
type Change = Pick<TxnMessage, "type" | "body"> | ReturnType<typeof unpackMultiTxn>[number];

export class RegisterHistory {
  readonly #written = new Map<string, Written[]>();

  /** Takes in the next committed txn. */
  add(zxid: Zxid, message: TxnMessage): void {
    if (message.type === OpCode.multi) {
      const parts = unpackMultiTxn(message.body);
      if (parts.some(({ type }) => type === OpCode.error)) return;
      for (const part of parts) this.#change(zxid, part);
    } else {
      this.#change(zxid, message);
    }
  }

  /** What a register held when everything up to a txn, and nothing later, was applied. */
  at(path: string, zxid: Zxid): RegisterState {
    const written = this.#written.get(path) ?? [];
    let low = 0;
    let high = written.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = written[middle];
      if (at !== undefined && at.zxid <= zxid) low = middle + 1;
      else high = middle;
    }
    return written[low - 1]?.state;
  }

  #change(zxid: Zxid, change: Change): void {
    switch (change.type) {
      case OpCode.create:
      case OpCode.create2: {
        const { path, data } = change.body as { path: string | null; data: Uint8Array | null };
        this.#write(zxid, path, { value: asciiText(data), version: 0 });
        return;
      }
      case OpCode.setData: {
        const body = change.body as {
          path: string | null;
          data: Uint8Array | null;
          version: number;
        };
        this.#write(zxid, body.path, { value: asciiText(body.data), version: body.version });
        return;
      }
      case OpCode.delete:
        this.#write(zxid, (change.body as { path: string | null }).path, undefined);
        return;
      default:
        return;
    }
  }

  #write(zxid: Zxid, path: string | null, state: RegisterState): void {
    if (path === null || !isRegister(path)) return;
    const written = this.#written.get(path);
    if (written === undefined) this.#written.set(path, [{ zxid, state }]);
    else written.push({ zxid, state });
  }
}
