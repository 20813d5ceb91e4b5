/**
 * Follows the changes that clients ask for until it is known what became of them, also when
 * the client is gone by then.
 */
import type { Answer, LoggedTxn, TxnResult } from "@jute-ts/quorum";
import type { ClientConnectionId } from "../client-events.js";
import { type AuditDraft, eventsOf, refusedEvent } from "./audit-draft.js";
import type { AuditEvent } from "./audit-event.js";

/** Who is told of changes. */
export interface AuditOptions {
  /** Takes an event; must not call the client side. */
  readonly onEvent: (event: AuditEvent) => void;
  /** In whose name this server does what no client asks for: the user that its process runs as. */
  readonly serverUser: string;
}

/** What was asked of the quorum on a connection. */
interface Asked {
  /** How many answers are still to come. */
  answers: number;
  /** Those that are audited, oldest first, by the number that their client gave them. */
  drafts: (readonly [xid: number, draft: AuditDraft])[];
}

export class AuditTrail {
  readonly #options: AuditOptions;
  readonly #asked = new Map<ClientConnectionId, Asked>();

  constructor(options: AuditOptions) {
    this.#options = options;
  }

  /** Of how many connections something was asked that is not answered yet. */
  get size(): number {
    return this.#asked.size;
  }

  /** A request is handed to the quorum. `draft`: undefined for one that is not audited. */
  asked(connection: ClientConnectionId, xid = 0, draft?: AuditDraft): void {
    let asked = this.#asked.get(connection);
    if (asked === undefined) {
      asked = { answers: 0, drafts: [] };
      this.#asked.set(connection, asked);
    }
    asked.answers++;
    if (draft !== undefined) asked.drafts.push([xid, draft]);
  }

  /** The quorum answers something that was asked on a connection. */
  answered(connection: ClientConnectionId, answer: Answer): void {
    const asked = this.#asked.get(connection);
    if (asked === undefined) return;
    asked.answers--;
    if (asked.answers === 0) this.#asked.delete(connection);
    // Of what was refused or is unknown, nobody here knows what becomes of it.
    if (answer.kind !== "applied") return;
    const { cxid } = answer.txn.header;
    const index = asked.drafts.findIndex(([xid]) => xid === cxid);
    const draft = asked.drafts[index]?.[1];
    if (draft === undefined) return;
    asked.drafts.splice(0, index + 1);
    for (const event of eventsOf(draft, answer.result)) this.#options.onEvent(event);
  }

  /** A change was refused by this server's own rules. */
  refused(draft: AuditDraft | undefined): void {
    if (draft !== undefined) this.#options.onEvent(refusedEvent(draft));
  }

  /** A session has ended, and its ephemerals with it. */
  sessionClosed({ header }: LoggedTxn, { changes = [] }: TxnResult): void {
    for (const { kind, path: znode } of changes) {
      if (kind !== "deleted") continue;
      this.#options.onEvent({
        sessionId: header.clientId,
        user: this.#options.serverUser,
        operation: "ephemeralZNodeDeletionOnSessionCloseOrExpire",
        znode,
        result: "success",
      });
    }
  }

  /** Nothing that was asked will be answered any more. */
  clear(): void {
    this.#asked.clear();
  }
}
