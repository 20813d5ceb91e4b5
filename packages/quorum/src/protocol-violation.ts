/**
 * A remote's nonsense: bytes that are no packet, a packet that its sender must
 * not send now, or one whose contents cannot be. It ends a connection and never
 * more than that; our own mistakes are ordinary errors.
 */

/** What kind of rule was broken. */
export type ViolationRule =
  /** The bytes are no packet, or a packet's data is not what its type asks for. */
  | "malformed"
  /** The type is unknown, or not one that this sender may send now. */
  | "unexpected-packet"
  /** A zxid that does not follow the one before. */
  | "zxid-order"
  /** A COMMIT of something other than the next proposal. */
  | "commit-order"
  /** An epoch that goes back, or too far ahead. */
  | "epoch"
  /** The sender is not who it may be, or is not in the ensemble. */
  | "identity"
  /** More than fits: a packet, a stream. */
  | "limit";

export class ProtocolViolation extends Error {
  override readonly name = "ProtocolViolation";
  readonly rule: ViolationRule;
  /** The packet that broke the rule, by name, where one was read. */
  readonly packet: string | undefined;

  /** `message` says what was seen and what was expected. */
  constructor(rule: ViolationRule, message: string, packet?: string) {
    super(message);
    this.rule = rule;
    this.packet = packet;
  }
}
