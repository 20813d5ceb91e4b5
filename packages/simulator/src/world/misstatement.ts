/** Something that a server says on a quorum connection and must not say there. */
import type { ViolationRule } from "@jute-ts/quorum";

export interface Misstatement {
  readonly kind: "MISSTATEMENT";
  /** As stories tell it. */
  readonly what: string;
  /**
   * The rule that it breaks, whatever the receiver does meanwhile. "needless": none; nobody
   * asked for it, and it does no harm.
   */
  readonly rule: ViolationRule | "needless";
  readonly bytes: Uint8Array;
}
