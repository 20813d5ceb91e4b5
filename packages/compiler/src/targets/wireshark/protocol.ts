/**
 * What a schema does not say of ZooKeeper: numbers and their names, and which record belongs to which op code.
 * Records are named by their full names; null stands for no record.
 */

export type Names = Readonly<Record<number, string>>;
export type RecordsByOp = Readonly<Record<number, string | null>>;

const DATA = "org.apache.zookeeper.data";
const PROTO = "org.apache.zookeeper.proto";
const QUORUM = "org.apache.zookeeper.server.quorum";
const TXN = "org.apache.zookeeper.txn";

export const OPS: Names = {
  0: "notification",
  1: "create",
  2: "delete",
  3: "exists",
  4: "getData",
  5: "setData",
  6: "getACL",
  7: "setACL",
  8: "getChildren",
  9: "sync",
  11: "ping",
  12: "getChildren2",
  13: "check",
  14: "multi",
  15: "create2",
  16: "reconfig",
  17: "checkWatches",
  18: "removeWatches",
  19: "createContainer",
  20: "deleteContainer",
  21: "createTTL",
  22: "multiRead",
  100: "auth",
  101: "setWatches",
  102: "sasl",
  103: "getEphemerals",
  104: "getAllChildrenNumber",
  105: "setWatches2",
  106: "addWatch",
  107: "whoAmI",
  [-10]: "createSession",
  [-11]: "closeSession",
  [-1]: "error",
};

export const ERRORS: Names = {
  0: "OK",
  [-1]: "SYSTEMERROR",
  [-2]: "RUNTIMEINCONSISTENCY",
  [-3]: "DATAINCONSISTENCY",
  [-4]: "CONNECTIONLOSS",
  [-5]: "MARSHALLINGERROR",
  [-6]: "UNIMPLEMENTED",
  [-7]: "OPERATIONTIMEOUT",
  [-8]: "BADARGUMENTS",
  [-12]: "UNKNOWNSESSION",
  [-13]: "NEWCONFIGNOQUORUM",
  [-14]: "RECONFIGINPROGRESS",
  [-100]: "APIERROR",
  [-101]: "NONODE",
  [-102]: "NOAUTH",
  [-103]: "BADVERSION",
  [-108]: "NOCHILDRENFOREPHEMERALS",
  [-110]: "NODEEXISTS",
  [-111]: "NOTEMPTY",
  [-112]: "SESSIONEXPIRED",
  [-113]: "INVALIDCALLBACK",
  [-114]: "INVALIDACL",
  [-115]: "AUTHFAILED",
  [-118]: "SESSIONMOVED",
  [-119]: "NOTREADONLY",
  [-120]: "EPHEMERALONLOCALSESSION",
  [-121]: "NOWATCHER",
  [-122]: "REQUESTTIMEOUT",
  [-123]: "RECONFIGDISABLED",
  [-124]: "SESSIONCLOSEDREQUIRESASLAUTH",
  [-125]: "QUOTAEXCEEDED",
  [-127]: "THROTTLEDOP",
};

export const PACKETS: Names = {
  1: "REQUEST",
  2: "PROPOSAL",
  3: "ACK",
  4: "COMMIT",
  5: "PING",
  6: "REVALIDATE",
  7: "SYNC",
  8: "INFORM",
  9: "COMMITANDACTIVATE",
  10: "NEWLEADER",
  11: "FOLLOWERINFO",
  12: "UPTODATE",
  13: "DIFF",
  14: "TRUNC",
  15: "SNAP",
  16: "OBSERVERINFO",
  17: "LEADERINFO",
  18: "ACKEPOCH",
  19: "INFORMANDACTIVATE",
};

export const EVENTS: Names = {
  [-1]: "None",
  1: "NodeCreated",
  2: "NodeDeleted",
  3: "NodeDataChanged",
  4: "NodeChildrenChanged",
  5: "DataWatchRemoved",
  6: "ChildWatchRemoved",
  7: "PersistentWatchRemoved",
};

const KEEPER_STATES: Names = {
  [-1]: "Unknown",
  0: "Disconnected",
  1: "NoSyncConnected",
  3: "SyncConnected",
  4: "AuthFailed",
  5: "ConnectedReadOnly",
  6: "SaslAuthenticated",
  7: "Closed",
  [-112]: "Expired",
};

const WATCHER_TYPES: Names = {
  1: "Children",
  2: "Data",
  3: "Any",
  4: "Persistent",
  5: "PersistentRecursive",
};

const CREATE_MODES: Names = {
  0: "PERSISTENT",
  1: "EPHEMERAL",
  2: "PERSISTENT_SEQUENTIAL",
  3: "EPHEMERAL_SEQUENTIAL",
  4: "CONTAINER",
  5: "PERSISTENT_WITH_TTL",
  6: "PERSISTENT_SEQUENTIAL_WITH_TTL",
};

/** A sender of a vote; the code is its place in the list. */
export const STATES: Names = { 0: "LOOKING", 1: "FOLLOWING", 2: "LEADING", 3: "OBSERVING" };

/** What the values of fields are called, by record and field or by field alone. */
export const FIELD_NAMES: Readonly<Record<string, Names>> = {
  "RequestHeader.type": OPS,
  "MultiHeader.type": OPS,
  "TxnHeader.type": OPS,
  "Txn.type": OPS,
  "QuorumPacket.type": PACKETS,
  "WatcherEvent.type": EVENTS,
  "WatcherEvent.state": KEEPER_STATES,
  "CheckWatchesRequest.type": WATCHER_TYPES,
  "RemoveWatchesRequest.type": WATCHER_TYPES,
  "AddWatchRequest.mode": { 0: "PERSISTENT", 1: "PERSISTENT_RECURSIVE" },
  "CreateRequest.flags": CREATE_MODES,
  "CreateTTLRequest.flags": CREATE_MODES,
  "QuorumAuthPacket.status": { 0: "in progress", 1: "success", [-1]: "error" },
  xid: { [-1]: "notification", [-2]: "ping", [-4]: "auth", [-8]: "setWatches" },
  err: ERRORS,
};

/** Fields that are shown in hexadecimal, and fields that are times in milliseconds. */
export const HEX_LONGS: readonly string[] = [
  "zxid",
  "czxid",
  "mzxid",
  "pzxid",
  "lastZxidSeen",
  "relativeZxid",
  "sessionId",
  "clientId",
  "ephemeralOwner",
  "configVersion",
  "curConfigId",
  "treeDigest",
  "magic",
];
export const TIMES: readonly string[] = ["time", "ctime", "mtime"];

export const REQUESTS: RecordsByOp = {
  1: `${PROTO}.CreateRequest`,
  2: `${PROTO}.DeleteRequest`,
  3: `${PROTO}.ExistsRequest`,
  4: `${PROTO}.GetDataRequest`,
  5: `${PROTO}.SetDataRequest`,
  6: `${PROTO}.GetACLRequest`,
  7: `${PROTO}.SetACLRequest`,
  8: `${PROTO}.GetChildrenRequest`,
  9: `${PROTO}.SyncRequest`,
  11: null,
  12: `${PROTO}.GetChildren2Request`,
  13: `${PROTO}.CheckVersionRequest`,
  15: `${PROTO}.CreateRequest`,
  16: `${PROTO}.ReconfigRequest`,
  17: `${PROTO}.CheckWatchesRequest`,
  18: `${PROTO}.RemoveWatchesRequest`,
  19: `${PROTO}.CreateRequest`,
  20: `${TXN}.DeleteTxn`,
  21: `${PROTO}.CreateTTLRequest`,
  100: `${PROTO}.AuthPacket`,
  101: `${PROTO}.SetWatches`,
  102: `${PROTO}.GetSASLRequest`,
  103: `${PROTO}.GetEphemeralsRequest`,
  104: `${PROTO}.GetAllChildrenNumberRequest`,
  105: `${PROTO}.SetWatches2`,
  106: `${PROTO}.AddWatchRequest`,
  107: null,
  [-10]: `${TXN}.CreateSessionTxn`,
  [-11]: null,
};

export const RESPONSES: RecordsByOp = {
  1: `${PROTO}.CreateResponse`,
  2: null,
  3: `${PROTO}.ExistsResponse`,
  4: `${PROTO}.GetDataResponse`,
  5: `${PROTO}.SetDataResponse`,
  6: `${PROTO}.GetACLResponse`,
  7: `${PROTO}.SetACLResponse`,
  8: `${PROTO}.GetChildrenResponse`,
  9: `${PROTO}.SyncResponse`,
  11: null,
  12: `${PROTO}.GetChildren2Response`,
  15: `${PROTO}.Create2Response`,
  16: `${PROTO}.GetDataResponse`,
  17: null,
  18: null,
  19: `${PROTO}.Create2Response`,
  20: null,
  21: `${PROTO}.Create2Response`,
  100: null,
  101: null,
  102: `${PROTO}.SetSASLResponse`,
  103: `${PROTO}.GetEphemeralsResponse`,
  104: `${PROTO}.GetAllChildrenNumberResponse`,
  105: null,
  106: `${PROTO}.ErrorResponse`,
  107: `${PROTO}.WhoAmIResponse`,
  [-11]: null,
};

/** The parts of the requests of multi and of multiRead. */
export const OPERATIONS: Readonly<Record<number, RecordsByOp>> = {
  14: {
    1: `${PROTO}.CreateRequest`,
    2: `${PROTO}.DeleteRequest`,
    5: `${PROTO}.SetDataRequest`,
    13: `${PROTO}.CheckVersionRequest`,
    15: `${PROTO}.CreateRequest`,
    19: `${PROTO}.CreateRequest`,
    21: `${PROTO}.CreateTTLRequest`,
  },
  22: { 4: `${PROTO}.GetDataRequest`, 8: `${PROTO}.GetChildrenRequest` },
};

/** The parts of their responses. */
export const RESULTS: Readonly<Record<number, RecordsByOp>> = {
  14: {
    1: `${PROTO}.CreateResponse`,
    2: null,
    5: `${PROTO}.SetDataResponse`,
    13: null,
    15: `${PROTO}.Create2Response`,
    [-1]: `${PROTO}.ErrorResponse`,
  },
  22: {
    4: `${PROTO}.GetDataResponse`,
    8: `${PROTO}.GetChildrenResponse`,
    [-1]: `${PROTO}.ErrorResponse`,
  },
};

export const TXNS: RecordsByOp = {
  1: `${TXN}.CreateTxn`,
  2: `${TXN}.DeleteTxn`,
  5: `${TXN}.SetDataTxn`,
  7: `${TXN}.SetACLTxn`,
  14: `${TXN}.MultiTxn`,
  15: `${TXN}.CreateTxn`,
  16: `${TXN}.SetDataTxn`,
  19: `${TXN}.CreateContainerTxn`,
  20: `${TXN}.DeleteTxn`,
  21: `${TXN}.CreateTTLTxn`,
  [-1]: `${TXN}.ErrorTxn`,
  [-10]: `${TXN}.CreateSessionTxn`,
  [-11]: `${TXN}.CloseSessionTxn`,
};

/** The changes of a MultiTxn. */
export const SUB_TXNS: RecordsByOp = {
  1: `${TXN}.CreateTxn`,
  2: `${TXN}.DeleteTxn`,
  5: `${TXN}.SetDataTxn`,
  13: `${TXN}.CheckVersionTxn`,
  15: `${TXN}.CreateTxn`,
  19: `${TXN}.CreateContainerTxn`,
  20: `${TXN}.DeleteTxn`,
  21: `${TXN}.CreateTTLTxn`,
  [-1]: `${TXN}.ErrorTxn`,
};

/** Records that stand where no op code says so, by the name of the constant in Lua. */
export const FIXED_RECORDS: Readonly<Record<string, string>> = {
  ACL: `${DATA}.ACL`,
  CONNECT_REQUEST: `${PROTO}.ConnectRequest`,
  CONNECT_RESPONSE: `${PROTO}.ConnectResponse`,
  CREATE_TXN_V0: `${TXN}.CreateTxnV0`,
  LEARNER_INFO: `${QUORUM}.LearnerInfo`,
  MULTI_HEADER: `${PROTO}.MultiHeader`,
  QUORUM_AUTH_PACKET: `${QUORUM}.QuorumAuthPacket`,
  QUORUM_PACKET: `${QUORUM}.QuorumPacket`,
  REPLY_HEADER: `${PROTO}.ReplyHeader`,
  REQUEST_HEADER: `${PROTO}.RequestHeader`,
  STAT_PERSISTED: `${DATA}.StatPersisted`,
  TXN: `${TXN}.Txn`,
  TXN_DIGEST: `${TXN}.TxnDigest`,
  TXN_HEADER: `${TXN}.TxnHeader`,
  WATCHER_EVENT: `${PROTO}.WatcherEvent`,
};

/** Bits of an access control list, in the order in which they are written. */
export const PERMISSIONS: readonly (readonly [bit: number, letter: string])[] = [
  [4, "c"],
  [8, "d"],
  [1, "r"],
  [2, "w"],
  [16, "a"],
];

/** Four characters that a client may send instead of a frame. */
export const WORDS: readonly string[] =
  "conf cons crst dirs dump envi gtmk hash isro mntr ruok srst srvr stat stmk wchc wchp wchs".split(
    " ",
  );
