/**
 * What an audit log says of a change, in the form of Apache's `Slf4jAuditLogger`: pairs of a
 * name and a value, of which those that are not known are left out.
 */

export interface AuditEvent {
  /** Undefined: the server's own start and stop. */
  readonly sessionId?: bigint | undefined;
  /** Who is authenticated, without passwords, separated by commas; the server's own user where nobody asked. */
  readonly user?: string | undefined;
  /** The client's address; undefined where no client asked. */
  readonly ip?: string | undefined;
  readonly operation: AuditOperation;
  /** The path: as the client asked for it, or, of a sequential znode that was created, with its number. */
  readonly znode?: string | undefined;
  /** A create mode in small letters, such as `ephemeral_sequential`. */
  readonly znodeType?: string | undefined;
  /** The access control list that is set: `scheme:id:perms` of each entry, with nothing between them. */
  readonly acl?: string | undefined;
  /** "invoked": it was begun, and how it ends nobody will say. */
  readonly result: "success" | "failure" | "invoked";
}

export type AuditOperation =
  | "serverStart"
  | "serverStop"
  | "create"
  | "delete"
  | "setData"
  | "setAcl"
  | "multiOperation"
  | "reconfig"
  | "ephemeralZNodeDeletionOnSessionCloseOrExpire";

/** The event as Java prints it, on one line without its end: pairs separated by tabs. */
export function auditText(event: AuditEvent): string {
  return Object.entries(auditFields(event))
    .map(([name, value]) => `${name}=${onOneLine(value)}`)
    .join("\t");
}

/** The event's pairs under Java's names and in its order. */
export function auditFields(event: AuditEvent): Readonly<Record<string, string>> {
  const { sessionId, user, ip, operation, znode, znodeType, acl, result } = event;
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ["session", sessionId === undefined ? undefined : hex(sessionId)],
    ["user", user],
    ["ip", ip],
    ["operation", operation],
    ["znode", znode],
    ["znode_type", znodeType],
    ["acl", acl],
    ["result", result],
  ];
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function hex(sessionId: bigint): string {
  return `0x${BigInt.asUintN(64, sessionId).toString(16)}`;
}

/** Names and paths are the client's choice: they must not look like further pairs or lines, as they can in Java. */
function onOneLine(value: string): string {
  return value.replace(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Also the line ends of Unicode. */
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;
