/** The eras of txns that Java's classes can no longer write, and bytes that nobody writes. */
import { JuteDecodeError } from "@jute-ts/runtime";
import { describe, expect, test } from "vitest";
import { OpCode } from "./op-code.js";
import {
  CloseSessionTxn,
  CreateTxn,
  CreateTxnV0,
  MultiTxn,
  Txn,
  TxnDigest,
  TxnHeader,
} from "./records.js";
import { decodeTxn, encodeTxn, unpackMultiTxn } from "./txn.js";
import { UnknownOpCodeError } from "./unknown-op-code.js";

const header = { clientId: 1n, cxid: 2, zxid: 0x1_0000_0003n, time: 1_600_000_000_000n };
const create = {
  path: "/a",
  data: new Uint8Array([1, 2, 3]),
  acl: [{ perms: 31, id: { scheme: "world", id: "anyone" } }],
  ephemeral: true,
};

describe("a create from before 3.4", () => {
  const old = encodeTxn(OpCode.create, header, new CreateTxnV0(create));

  test("is a header and a CreateTxnV0", () => {
    expect(Buffer.from(old)).toEqual(
      Buffer.concat([
        TxnHeader.encode({ ...header, type: OpCode.create }),
        CreateTxnV0.encode(create),
      ]),
    );
  });

  test("reads as a CreateTxn whose parentCVersion is to be counted", () => {
    const { type, body, digest } = decodeTxn(old);
    expect(type).toBe(OpCode.create);
    expect(body).toEqual(new CreateTxn({ ...create, parentCVersion: -1 }));
    expect(digest).toBeNull();
  });

  test("is not what other truncations of a create are", () => {
    const whole = encodeTxn(OpCode.create, header, { ...create, parentCVersion: 7 });
    expect(whole.subarray(0, old.length)).toEqual(old);
    for (let length = 0; length < whole.length; length++) {
      if (length === old.length) continue;
      expect(() => decodeTxn(whole.subarray(0, length)), String(length)).toThrow(JuteDecodeError);
    }
  });

  test("concerns op create alone", () => {
    const create2 = encodeTxn(OpCode.create2, header, { ...create, parentCVersion: 7 });
    expect(() => decodeTxn(create2.subarray(0, create2.length - 4))).toThrow(
      /CreateTxn\.parentCVersion/,
    );
  });

  test("reports the missing end of the present form when neither form fits", () => {
    const error = caught(() => decodeTxn(old.subarray(0, old.length - 1)));
    expect(error).toMatchObject({ kind: "truncated", path: "CreateTxn.ephemeral" });
  });
});

describe("a closeSession", () => {
  const digest = { version: 2, treeDigest: -5n };
  const paths2Delete = ["/a", "/b"];

  test.each([
    ["with record and digest", { paths2Delete }, digest],
    ["with its record alone", { paths2Delete }, null],
    ["with an empty record", { paths2Delete: [] }, digest],
    ["with a null list of paths", { paths2Delete: null }, digest],
    ["with a digest alone", null, digest],
    ["with the digest 0 alone", null, { version: 2, treeDigest: 0n }],
    ["with nothing but its header", null, null],
  ])("comes back %s", (_what, body, wanted) => {
    const txn = decodeTxn(encodeTxn(OpCode.closeSession, header, body, wanted));
    expect(txn.body).toEqual(body === null ? null : new CloseSessionTxn(body));
    expect(txn.digest).toEqual(wanted === null ? null : new TxnDigest(wanted));
  });

  test("of one path in twelve bytes is not mistaken for a digest", () => {
    const bytes = encodeTxn(OpCode.closeSession, header, { paths2Delete: ["/abc"] });
    const txn = decodeTxn(bytes);
    expect(bytes.length).toBe(TxnHeader.encode({}).length + 12);
    expect(txn.body).toEqual(new CloseSessionTxn({ paths2Delete: ["/abc"] }));
  });
});

describe("a txn", () => {
  test("takes a whole record as its header, whose type gives way", () => {
    const bytes = encodeTxn(OpCode.delete, new TxnHeader({ ...header, type: 99 }), { path: "/a" });
    expect(decodeTxn(bytes).header.type).toBe(OpCode.delete);
  });

  test("of an unknown kind is an error of its own", () => {
    const bytes = TxnHeader.encode({ ...header, type: 999 });
    expect(() => decodeTxn(bytes)).toThrow(UnknownOpCodeError);
    expect(caught(() => decodeTxn(bytes))).toMatchObject({ code: 999, place: "txn" });
    expect(() => encodeTxn(OpCode.getData as never, header, {} as never)).toThrow(
      UnknownOpCodeError,
    );
  });

  test("with half a digest or more than one is malformed", () => {
    const bytes = encodeTxn(OpCode.delete, header, { path: "/a" }, { version: 2, treeDigest: 1n });
    expect(caught(() => decodeTxn(bytes.subarray(0, bytes.length - 1)))).toMatchObject({
      kind: "truncated",
      path: "TxnDigest.treeDigest",
    });
    const longer = new Uint8Array([...bytes, 0]);
    expect(caught(() => decodeTxn(longer))).toMatchObject({ kind: "trailing" });
    expect(decodeTxn(longer, { trailing: "ignore" }).digest?.treeDigest).toBe(1n);
  });

  test("borrows its data from the bytes, unless told to copy", () => {
    const bytes = encodeTxn(OpCode.setData, header, { path: "/a", data: create.data, version: 1 });
    const borrowed = decodeTxn(bytes);
    const copied = decodeTxn(bytes, { buffers: "copy" });
    if (borrowed.type !== OpCode.setData || copied.type !== OpCode.setData) expect.unreachable();
    expect(borrowed.body.data?.buffer).toBe(bytes.buffer);
    expect(copied.body.data?.buffer).not.toBe(bytes.buffer);
    expect(copied.body.data).toEqual(create.data);
  });
});

describe("a MultiTxn", () => {
  test("without a list holds no changes", () => {
    expect(unpackMultiTxn(new MultiTxn())).toEqual([]);
  });

  test("with a change of an unknown kind is an error of its own", () => {
    const multi = new MultiTxn({
      txns: [new Txn({ type: OpCode.multi, data: new Uint8Array(4) })],
    });
    expect(() => unpackMultiTxn(multi)).toThrow(UnknownOpCodeError);
  });

  test("with a change that is cut short is malformed, null data included", () => {
    for (const data of [null, new Uint8Array(3)]) {
      const multi = new MultiTxn({ txns: [new Txn({ type: OpCode.delete, data })] });
      expect(caught(() => unpackMultiTxn(multi))).toMatchObject({ kind: "truncated" });
    }
  });

  test("that failed may hold the bytes of the changes that it was to make, as a Java leader sends it again", () => {
    const data = CreateTxn.encode({ ...create, parentCVersion: 1 });
    const multi = new MultiTxn({ txns: [new Txn({ type: OpCode.error, data })] });
    expect(unpackMultiTxn(multi)).toMatchObject([{ type: OpCode.error }]);
  });
});

function caught(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
