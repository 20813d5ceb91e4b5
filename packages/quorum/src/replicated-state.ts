/**
 * What an ensemble replicates, seen from the protocol: something that txns
 * change, the same way on every server. ZooKeeper's data tree is one; a test's
 * register is another. The protocol never looks inside a txn or a snapshot.
 */
import type { ACL, Stat, TxnHeader, Zxid } from "@jute-ts/zookeeper";

/** A change that some leader proposed, as it travels and as the log keeps it. */
export interface LoggedTxn {
  readonly zxid: Zxid;
  readonly header: TxnHeader;
  /** Header, record and, where the leader adds one, digest. Never encoded again, so every log holds the same bytes. */
  readonly bytes: Uint8Array;
}

/** A request for a change, as a server forwards it to the leader. */
export interface ChangeRequest {
  readonly sessionId: bigint;
  /** The client's number of this request. With the session it tells which txn answers which request. */
  readonly cxid: number;
  readonly opCode: number;
  /** The request's record, encoded. */
  readonly body: Uint8Array;
  /** Who asks: the ids that the client's server has authenticated. */
  readonly authInfo: readonly { readonly scheme: string; readonly id: string }[];
}

/** What a txn did. */
export interface TxnResult {
  /** 0, or the ZooKeeper error code with which the request failed. */
  readonly err: number;
  /** The txn's op code. Inside a multi, the op code of this part. */
  readonly type: number;
  /** The path of the znode, for those that have one; of a sequential create with its number. */
  readonly path?: string;
  /** The znode's stat afterwards, where the client's answer carries it. */
  readonly stat?: Stat;
  /** What became of znodes, in order, as far as a watch can see it; a multi has these in its parts. Absent means nothing. */
  readonly changes?: readonly ZnodeChange[];
  /** The digest that the leader expects after this txn, where the txn carries one. Compare with `digest()`. */
  readonly expectedDigest?: bigint;
  /** The results of a multi's parts, in order. */
  readonly parts?: readonly TxnResult[];
}

/** A change of one znode, with the access control lists of that moment: a deleted znode has none afterwards. All borrowed. */
export type ZnodeChange =
  | {
      readonly kind: "created" | "deleted";
      readonly path: string;
      readonly acl: readonly ACL[];
      /** The list of the parent, whose children are others now. */
      readonly parentAcl: readonly ACL[];
    }
  | { readonly kind: "dataChanged"; readonly path: string; readonly acl: readonly ACL[] };

/** Pulls a snapshot, piece by piece, while txns go on being applied. */
export interface SnapshotSource {
  /** The last txn that is surely in it. Later ones may be in it too: applying them again must not hurt. */
  readonly zxid: Zxid;
  /** The next piece (the caller owns it), or undefined at the end. About 64 KiB each. */
  next(): Uint8Array | undefined;
}

/** Takes in a snapshot, piece by piece. Its format says where it ends. */
export interface StateLoader {
  /**
   * Takes what belongs to the snapshot and returns how many bytes that was: all of them, until the
   * end is reached. They are borrowed for the call: the next piece may come in the same memory.
   * Throws for malformed input; the state must then be cleared.
   */
  push(bytes: Uint8Array): number;
  /** Whether the end was reached. */
  readonly done: boolean;
}

/**
 * The replicated state of one server. Synchronous and deterministic: equal txns
 * in equal order give equal states, digests and results on every server.
 */
export interface ReplicatedState {
  /** The last txn that was applied, or what the last snapshot or `setLastProcessed` says. */
  readonly lastProcessedZxid: Zxid;

  /**
   * Applies a txn. Applying one again that a fuzzy snapshot already held must
   * lead to the same state. Throws only for bytes that are no txn (JuteDecodeError,
   * UnknownOpCodeError); a failed request is a txn too, and gives a result.
   */
  apply(txn: LoggedTxn): TxnResult;

  /** A leader's first zxid has no txn after it, but counts as processed. */
  setLastProcessed(zxid: Zxid): void;

  /**
   * Turns a request into the txn that the leader will propose: header, record
   * and digest, encoded. Sees the effects of all txns that were prepared before
   * it and are not applied yet. A request that fails becomes an error txn, and so
   * does one whose txn would be longer than `maxBytes`: no server could read it, not
   * even from its own log. Never throws for what a client sends.
   */
  prepare(request: ChangeRequest, zxid: Zxid, timeMs: bigint, maxBytes: number): Uint8Array;

  /** Forgets what was prepared and never came to be applied: the leader has stepped down. */
  discardPrepared(): void;

  /** A number that is equal on all servers that have applied the same txns. */
  digest(): bigint;

  /** Begins a snapshot of the state as it is now. */
  snapshot(): SnapshotSource;

  /** Clears the state and takes in a snapshot that holds all txns up to `zxid`. */
  restore(zxid: Zxid): StateLoader;

  /** Back to the state before the first txn. */
  clear(): void;

  /**
   * The configuration that a reconfiguration has committed last, or the one of `showConfiguration`, as UTF-8, as far
   * as the state knows of any. Borrowed.
   */
  configuration(): Uint8Array | undefined;

  /**
   * For clients that ask which ensemble they are in, as ZooKeeper's tree answers in `/zookeeper/config`: `text`
   * describes it, with `version` as the txn that it is from. Each server shows its own configuration when it begins to
   * serve: it is no part of what is replicated, nor of the digest. A state that shows nothing may lack this.
   */
  showConfiguration?(text: Uint8Array, version: Zxid, timeMs: bigint): void;

  /** The sessions of clients and their timeouts in milliseconds. */
  readonly sessions: ReadonlyMap<bigint, number>;

  /** Requests that a leader should make by itself now, such as the removal of empty containers: so many at most. Asked from time to time. */
  overdue(nowMs: bigint, most: number): readonly ChangeRequest[];
}
