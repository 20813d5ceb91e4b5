/** Every number that is not in a `.jute` file, compared with what Java's classes say (test/java/vectors/Constants.java). */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as acl from "./acl.js";
import { CreateMode, createModeName, createModeOf, createModeTraits } from "./create-mode.js";
import { describeErrorCode, ErrorCode, errorCodeName } from "./error-code.js";
import { OpCode, opCodeName } from "./op-code.js";
import { PacketType, packetTypeName } from "./packet.js";
import { formatPerms, parsePerms, Perms } from "./perms.js";
import { ACL, Id } from "./records.js";
import {
  AddWatchMode,
  addWatchModeName,
  EventType,
  eventTypeName,
  KeeperState,
  keeperStateName,
  WatcherType,
  watcherTypeName,
} from "./watch.js";
import { Xid } from "./xid.js";

type Numbers = Readonly<Record<string, number>>;

interface JavaConstants {
  readonly OpCode: Numbers;
  readonly Perms: Numbers;
  readonly PacketType: Numbers;
  readonly ClientCnxn: Numbers;
  readonly ErrorCode: Numbers;
  readonly EventType: Numbers;
  readonly KeeperState: Numbers;
  readonly WatcherType: Numbers;
  readonly AddWatchMode: Numbers;
  readonly CreateMode: Readonly<
    Record<
      string,
      { flags: number; ephemeral: boolean; sequential: boolean; container: boolean; ttl: boolean }
    >
  >;
  readonly permsText: Readonly<Record<string, string>>;
  readonly ids: Readonly<Record<"ANYONE_ID_UNSAFE" | "AUTH_IDS", unknown>>;
  readonly acls: Readonly<
    Record<"OPEN_ACL_UNSAFE" | "CREATOR_ALL_ACL" | "READ_ACL_UNSAFE", unknown>
  >;
}

const java = JSON.parse(
  readFileSync(new URL("../../../test/vectors/constants.json", import.meta.url), "utf8"),
) as JavaConstants;

test("op codes are Java's, and each knows its name", () => {
  expect(OpCode).toEqual(java.OpCode);
  for (const [name, code] of Object.entries(java.OpCode)) expect(opCodeName(code)).toBe(name);
  expect(opCodeName(10)).toBeUndefined();
});

test("error codes are Java's, and each knows its name and has a description of its own", () => {
  expect(ErrorCode).toEqual(java.ErrorCode);
  for (const [name, code] of Object.entries(java.ErrorCode)) expect(errorCodeName(code)).toBe(name);
  expect(new Set(Object.values(ErrorCode).map(describeErrorCode)).size).toBe(
    Object.keys(java.ErrorCode).length,
  );
  expect(errorCodeName(-999)).toBeUndefined();
  expect(describeErrorCode(-999)).toBe("unknown error -999");
});

test("create modes are Java's, in both directions", () => {
  expect(CreateMode).toEqual(
    Object.fromEntries(Object.entries(java.CreateMode).map(([name, { flags }]) => [name, flags])),
  );
  for (const [name, { flags, ...traits }] of Object.entries(java.CreateMode)) {
    expect(createModeName(flags)).toBe(name);
    expect(createModeTraits(flags)).toEqual(traits);
    expect(createModeOf(traits)).toBe(flags);
  }
  expect(createModeName(7)).toBeUndefined();
  expect(createModeTraits(7)).toBeUndefined();
  expect(createModeTraits(-1)).toBeUndefined();
  expect(createModeOf({ ephemeral: true, ttl: true })).toBeUndefined();
  expect(createModeOf({})).toBe(CreateMode.PERSISTENT);
});

test("permissions are Java's, and so are their letters", () => {
  expect(Perms).toEqual(java.Perms);
  expect(Object.keys(java.permsText)).toHaveLength(32);
  for (const [perms, text] of Object.entries(java.permsText)) {
    expect(formatPerms(Number(perms))).toBe(text);
    expect(parsePerms(text)).toBe(Number(perms));
  }
  expect(formatPerms(32 | Perms.READ)).toBe("r");
  expect(parsePerms("rx")).toBeUndefined();
});

test("identities and access control lists are Java's", () => {
  expect(new Id(acl.ANYONE_ID_UNSAFE).toJSON()).toEqual(java.ids.ANYONE_ID_UNSAFE);
  expect(new Id(acl.AUTH_IDS).toJSON()).toEqual(java.ids.AUTH_IDS);
  for (const name of ["OPEN_ACL_UNSAFE", "CREATOR_ALL_ACL", "READ_ACL_UNSAFE"] as const) {
    expect(acl[name].map((entry) => new ACL(entry).toJSON())).toEqual(java.acls[name]);
    expect(Object.isFrozen(acl[name]) && Object.isFrozen(acl[name][0])).toBe(true);
  }
});

test("what has to do with watches is Java's", () => {
  expect(EventType).toEqual(java.EventType);
  expect(KeeperState).toEqual(java.KeeperState);
  expect(AddWatchMode).toEqual(java.AddWatchMode);
  for (const [name, type] of Object.entries(java.EventType)) expect(eventTypeName(type)).toBe(name);
  for (const [name, state] of Object.entries(java.KeeperState)) {
    expect(keeperStateName(state)).toBe(name);
  }
  for (const [name, mode] of Object.entries(java.AddWatchMode)) {
    expect(addWatchModeName(mode)).toBe(name);
  }
  for (const [name, type] of Object.entries(java.WatcherType)) {
    expect(watcherTypeName(type)).toBe(name);
  }
  expect([eventTypeName(9), keeperStateName(9), addWatchModeName(9), watcherTypeName(9)]).toEqual(
    new Array(4).fill(undefined),
  );
  // 3.8.0 cannot remove persistent watches by kind; later versions can.
  expect(WatcherType).toEqual({ ...java.WatcherType, Persistent: 4, PersistentRecursive: 5 });
});

test("reserved xids are those of the Java client", () => {
  const { NOTIFICATION_XID, PING_XID, AUTHPACKET_XID, SET_WATCHES_XID } = java.ClientCnxn;
  expect(Xid).toEqual({
    notification: NOTIFICATION_XID,
    ping: PING_XID,
    auth: AUTHPACKET_XID,
    setWatches: SET_WATCHES_XID,
  });
});

test("packet types are Java's, and each knows its name", () => {
  expect(PacketType).toEqual(java.PacketType);
  for (const [name, type] of Object.entries(java.PacketType)) {
    expect(packetTypeName(type)).toBe(name);
  }
  expect(packetTypeName(0)).toBeUndefined();
});
