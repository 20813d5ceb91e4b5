/** Waits for the nth packet of a kind that anybody sends on a quorum connection. */
import type { OutgoingPacket } from "@jute-ts/quorum/wire";

type Kind = OutgoingPacket["kind"];

/** `What`: what is to become of it. */
export class AwaitedPackets<What> {
  readonly #awaited = new Map<Kind, { left: number; readonly what: What }>();

  get isEmpty(): boolean {
    return this.#awaited.size === 0;
  }

  /** Waits for the nth from now on. Replaces what waits for this kind already. */
  await(kind: Kind, nth: number, what: What): void {
    this.#awaited.set(kind, { left: nth, what });
  }

  /** Counts a packet. When it is one that was waited for, that is over. */
  take(kind: Kind): What | undefined {
    const awaited = this.#awaited.get(kind);
    if (awaited === undefined) return undefined;
    awaited.left -= 1;
    if (awaited.left > 0) return undefined;
    this.#awaited.delete(kind);
    return awaited.what;
  }

  /** What has not come to pass will not. */
  clear(): void {
    this.#awaited.clear();
  }
}
