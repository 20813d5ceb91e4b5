/**
 * The public surface of `@jute-ts/zookeeper`: the 72 records, the messages that
 * they travel in, and the numbers that give them meaning.
 */
export * from "./records.js";

// Messages between clients and servers.
export {
  decodeConnectRequest,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeConnectResponse,
} from "./connect.js";
export type { MessageSource, MessageWriteOptions } from "./message-archives.js";
export {
  type BodilessRequestOpCode,
  decodeRequest,
  decodeRequestHeader,
  encodeRequest,
  type RequestBody,
  type RequestBodyInit,
  type RequestContent,
  type RequestMessage,
  type RequestOpCode,
  requestRecordType,
  type RequestTypes,
} from "./request.js";
export {
  type BodilessResponseOpCode,
  decodeEvent,
  decodeReplyHeader,
  decodeResponse,
  encodeErrorResponse,
  encodeEvent,
  encodeResponse,
  type EventMessage,
  type ReplyTo,
  type ResponseBody,
  type ResponseFailure,
  type ResponseBodyInit,
  type ResponseContent,
  type ResponseMessage,
  type ResponseOpCode,
  responseRecordType,
  type ResponseSuccess,
  type ResponseTypes,
} from "./response.js";
export {
  isMultiOpCode,
  type MultiFailure,
  type MultiOpCode,
  type MultiOperation,
  type MultiOperationInit,
  type MultiReadOperation,
  type MultiReadOperationInit,
  type MultiReadResult,
  type MultiReadResultInit,
  type MultiResult,
  type MultiResultInit,
  multiOperationRecordType,
  multiResultRecordType,
} from "./multi.js";

// Messages between servers, and what they log.
export {
  decodeForwardedRequest,
  encodeForwardedRequest,
  type ForwardedRequest,
  PacketType,
  packetTypeName,
  type PacketTypeName,
} from "./packet.js";
export {
  decodeTxn,
  encodeTxn,
  packMultiTxn,
  type SubTxn,
  subTxnRecordType,
  type SubTxnInit,
  type TxnBody,
  type TxnBodyInit,
  type TxnMessage,
  type TxnOpCode,
  txnRecordType,
  type TxnTypes,
  unpackMultiTxn,
} from "./txn.js";

// Messages out of the chunks that a socket delivers.
export { FrameReader, type FrameReaderOptions } from "@jute-ts/runtime";

export { TXN_READING } from "./txn-reading.js";

// Numbers and well-known values.
export {
  ANYONE_ID_UNSAFE,
  AUTH_IDS,
  CREATOR_ALL_ACL,
  OPEN_ACL_UNSAFE,
  READ_ACL_UNSAFE,
} from "./acl.js";
export {
  CreateMode,
  createModeName,
  type CreateModeName,
  createModeOf,
  createModeTraits,
  type CreateModeTraits,
} from "./create-mode.js";
export { describeErrorCode, ErrorCode, errorCodeName, type ErrorCodeName } from "./error-code.js";
export { OpCode, opCodeName, type OpCodeName } from "./op-code.js";
export { formatPerms, parsePerms, Perms } from "./perms.js";
export { type OpCodePlace, UnknownOpCodeError } from "./unknown-op-code.js";
export {
  AddWatchMode,
  addWatchModeName,
  type AddWatchModeName,
  EventType,
  eventTypeName,
  type EventTypeName,
  KeeperState,
  keeperStateName,
  type KeeperStateName,
  WatcherType,
  watcherTypeName,
  type WatcherTypeName,
} from "./watch.js";
export { Xid } from "./xid.js";
export {
  counterOf,
  type Epoch,
  epochOf,
  epochStart,
  follows,
  formatZxid,
  makeZxid,
  MAX_COUNTER,
  MAX_EPOCH,
  NO_DATABASE,
  NO_TXN,
  type Sid,
  type Zxid,
} from "./zxid.js";
