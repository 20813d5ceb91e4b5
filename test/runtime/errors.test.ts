/** What a person is told when a value or a message is wrong. */
import { describe, expect, it } from "vitest";
import {
  BinaryOutputArchive,
  JuteDecodeError,
  JuteEncodeError,
  JuteJsonError,
} from "@jute-ts/runtime";
import {
  CreateRequest,
  CreateResponse,
  ErrorResponse,
  GetChildrenResponse,
  MultiTxn,
  SetDataRequest,
  TxnHeader,
} from "@jute-ts/zookeeper";

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}

describe("a decode error", () => {
  it("names the field in a vector of records, and where its bytes are", () => {
    const bytes = MultiTxn.encode({
      txns: [1, 2, 3, 4].map((type) => ({ type, data: new Uint8Array(4) })),
    });
    // 4 for the count, 12 for each txn; the last buffer's length follows its type.
    const offset = 4 + 3 * 12 + 4;
    new DataView(bytes.buffer, bytes.byteOffset).setInt32(offset, 5);
    const error = thrownBy(() => MultiTxn.decode(bytes));
    expect(error).toBeInstanceOf(JuteDecodeError);
    expect(error).toMatchObject({ kind: "truncated", offset, path: "MultiTxn.txns[3].data" });
    expect(String(error)).toBe(
      "JuteDecodeError: MultiTxn.txns[3].data: a length of 5 reaches beyond the 4 bytes that are left at byte 44",
    );
  });

  it("counts one byte as one", () => {
    const message = (bytes: readonly number[]): string =>
      String(thrownBy(() => ErrorResponse.decode(Uint8Array.from(bytes))));
    expect(message([0, 0, 0])).toMatch(/4 bytes are needed and 3 are left/);
    expect(message([0])).toMatch(/4 bytes are needed and 1 is left/);
    expect(message([0, 0, 0, 0, 0])).toMatch(/1 byte follows the end of the record/);
    expect(message([0, 0, 0, 0, 0, 0])).toMatch(/2 bytes follow the end of the record/);
    const path = Uint8Array.of(0, 0, 0, 2, 0x2f);
    expect(String(thrownBy(() => CreateResponse.decode(path)))).toMatch(
      /a length of 2 reaches beyond the 1 byte that is left/,
    );
    expect(String(new SetDataRequest({ data: Uint8Array.of(7) }))).toContain("<1 byte: 07>");
  });

  it("counts offsets from the bytes that were given, wherever they lie", () => {
    const whole = new Uint8Array(5000);
    const bytes = whole.subarray(4990);
    bytes.set([0, 0, 0, 1, 0x2f, 0x7f]);
    const error = thrownBy(() => CreateRequest.decode(bytes));
    expect(error).toMatchObject({ kind: "length", offset: 5, path: "CreateRequest.data" });
  });

  it("tells null in a field that is never null", () => {
    const nothing = new Uint8Array([0xff, 0xff, 0xff, 0xff]);
    expect(thrownBy(() => CreateResponse.decode(nothing))).toMatchObject({
      kind: "null",
      path: "CreateResponse.path",
      offset: 0,
    });
    expect(thrownBy(() => GetChildrenResponse.decode(nothing))).toMatchObject({
      kind: "null",
      path: "GetChildrenResponse.children",
      offset: 0,
    });
  });

  it("can pass over bytes behind the record, as Java does", () => {
    const bytes = new Uint8Array([...CreateResponse.encode({ path: "/a" }), 1, 2]);
    expect(thrownBy(() => CreateResponse.decode(bytes))).toMatchObject({
      kind: "trailing",
      offset: 6,
    });
    expect(CreateResponse.decode(bytes, { trailing: "ignore" }).path).toBe("/a");
  });
});

describe("an encode error", () => {
  it.each([
    [{ acl: [{ perms: 1 }, { perms: 2 ** 40 }] }, "range", "CreateRequest.acl[1].perms"],
    [{ path: 5 }, "type", "CreateRequest.path"],
    [{ acl: [{ id: { scheme: {} } }] }, "type", "CreateRequest.acl[0].id.scheme"],
  ])("names the field: %j", (init, kind, path) => {
    const error = thrownBy(() => CreateRequest.encode(init as never));
    expect(error).toBeInstanceOf(JuteEncodeError);
    expect(error).toMatchObject({ kind, path });
  });

  it("leaves no trace in the next message", () => {
    const before = CreateResponse.encode({ path: "/before" });
    thrownBy(() => CreateRequest.encode({ path: "/x", flags: 2 ** 40 }));
    const after = CreateResponse.encode({ path: "/after" });
    expect(CreateResponse.decode(before).path).toBe("/before");
    expect(CreateResponse.decode(after).path).toBe("/after");
  });
});

describe("a JSON error", () => {
  it("names the field of what is no JSON at all", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    const error = thrownBy(() => CreateRequest.fromJSON({ acl: circle } as never));
    expect(error).toMatchObject({ name: "JuteJsonError", path: "CreateRequest.acl[0]" });
  });

  it.each([
    2n ** 63n,
    "9223372036854775808",
    "-9223372036854775809",
    2 ** 60,
    1.5,
    "0x1",
    "1".repeat(30),
  ])("names the field of a long that is out of range or none: %s", (time) => {
    expect(thrownBy(() => TxnHeader.fromJSON({ time } as never))).toMatchObject({
      name: "JuteJsonError",
      path: "TxnHeader.time",
    });
  });

  it.each([
    [{ acl: [{ perms: "31" }] }, "CreateRequest.acl[0].perms"],
    [{ pathh: "/a" }, "CreateRequest.pathh"],
    [{ data: "not base64!" }, "CreateRequest.data"],
    [{ flags: 1.5 }, "CreateRequest.flags"],
    [[], "CreateRequest"],
    [{ flags: 2 ** 31 }, "CreateRequest.flags"],
    [{ flags: 1n }, "CreateRequest.flags"],
    [{ acl: [{ id: { id: 5n } }] }, "CreateRequest.acl[0].id.id"],
  ])("names the field: %o", (json, path) => {
    const error = thrownBy(() => CreateRequest.fromJSON(json as never));
    expect(error).toBeInstanceOf(JuteJsonError);
    expect(error).toMatchObject({ path });
  });
});

describe("an archive that has refused a record", () => {
  it("is as it was, without what the record had left in place for writev", () => {
    const output = new BinaryOutputArchive({ gatherFrom: 4 });
    output.writeInt(1);
    const record = new SetDataRequest({ path: "/a", data: new Uint8Array(8), version: 1.5 });
    expect(
      thrownBy(() => {
        record.serialize(output);
      }),
    ).toBeInstanceOf(JuteEncodeError);
    expect(output.length).toBe(4);
    expect(output.parts().map((part) => [...part])).toEqual([[0, 0, 0, 1]]);
    expect(output.bytesView()).toEqual(Uint8Array.of(0, 0, 0, 1));
  });
});
