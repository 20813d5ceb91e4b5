/**
 * What a server answers when it cannot do as asked: the `err` of a ReplyHeader,
 * of a part of a multi and of an ErrorTxn. Numbers and names are those of Java's
 * `KeeperException.Code`.
 */

export const ErrorCode = {
  OK: 0,
  SYSTEMERROR: -1,
  RUNTIMEINCONSISTENCY: -2,
  DATAINCONSISTENCY: -3,
  CONNECTIONLOSS: -4,
  MARSHALLINGERROR: -5,
  UNIMPLEMENTED: -6,
  OPERATIONTIMEOUT: -7,
  BADARGUMENTS: -8,
  UNKNOWNSESSION: -12,
  NEWCONFIGNOQUORUM: -13,
  RECONFIGINPROGRESS: -14,
  APIERROR: -100,
  NONODE: -101,
  NOAUTH: -102,
  BADVERSION: -103,
  NOCHILDRENFOREPHEMERALS: -108,
  NODEEXISTS: -110,
  NOTEMPTY: -111,
  SESSIONEXPIRED: -112,
  INVALIDCALLBACK: -113,
  INVALIDACL: -114,
  AUTHFAILED: -115,
  SESSIONMOVED: -118,
  NOTREADONLY: -119,
  EPHEMERALONLOCALSESSION: -120,
  NOWATCHER: -121,
  REQUESTTIMEOUT: -122,
  RECONFIGDISABLED: -123,
  SESSIONCLOSEDREQUIRESASLAUTH: -124,
  QUOTAEXCEEDED: -125,
  THROTTLEDOP: -127,
} as const;

export type ErrorCodeName = keyof typeof ErrorCode;

/** Any error code that ZooKeeper defines. */
export type ErrorCode = (typeof ErrorCode)[ErrorCodeName];

const names: ReadonlyMap<number, ErrorCodeName> = new Map(
  Object.entries(ErrorCode).map(([name, code]) => [code, name as ErrorCodeName]),
);

/** The name of an error code, or undefined when ZooKeeper has none for it. */
export function errorCodeName(code: number): ErrorCodeName | undefined {
  return names.get(code);
}

/** Says in a few words what an error code means. Total: an unknown code is described as such. */
export function describeErrorCode(code: number): string {
  const name = names.get(code);
  return name === undefined ? `unknown error ${String(code)}` : descriptions[name];
}

const descriptions: Readonly<Record<ErrorCodeName, string>> = {
  OK: "success",
  SYSTEMERROR: "something went wrong inside the server",
  RUNTIMEINCONSISTENCY: "not attempted, because another operation of the multi failed",
  DATAINCONSISTENCY: "the server found its data inconsistent",
  CONNECTIONLOSS: "the connection was lost, so it is unknown whether the operation took place",
  MARSHALLINGERROR: "the server could not read the request or write the response",
  UNIMPLEMENTED: "the server does not know or does not allow this operation",
  OPERATIONTIMEOUT: "the operation took too long",
  BADARGUMENTS: "an argument is not valid",
  UNKNOWNSESSION: "the session is unknown (between servers only)",
  NEWCONFIGNOQUORUM: "no quorum of the new ensemble is connected and in sync with the leader",
  RECONFIGINPROGRESS: "another reconfiguration is under way",
  APIERROR: "the start of the range of errors that the request itself causes",
  NONODE: "there is no such znode",
  NOAUTH: "the access control list does not permit it",
  BADVERSION: "the version is not the expected one",
  NOCHILDRENFOREPHEMERALS: "an ephemeral znode cannot have children",
  NODEEXISTS: "there is such a znode already",
  NOTEMPTY: "the znode has children",
  SESSIONEXPIRED: "the session has expired",
  INVALIDCALLBACK: "the callback is not valid",
  INVALIDACL: "the access control list is empty or has an entry that is not valid",
  AUTHFAILED: "the credentials were refused",
  SESSIONMOVED: "the session has moved to another server",
  NOTREADONLY: "the server has no quorum and serves reads only",
  EPHEMERALONLOCALSESSION: "a local session cannot have ephemeral znodes",
  NOWATCHER: "there is no such watch",
  REQUESTTIMEOUT: "the request was not completed in time",
  RECONFIGDISABLED: "reconfiguration is disabled",
  SESSIONCLOSEDREQUIRESASLAUTH: "the server closed the session, because it requires authentication",
  QUOTAEXCEEDED: "a quota does not permit it",
  THROTTLEDOP: "the server is overloaded and did not attempt it; try again later",
};
