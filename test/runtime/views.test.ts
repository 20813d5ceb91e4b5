/** Lazy views of records of fixed size: they agree with decoding, and read where the record lies. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordArbitrary } from "@jute-ts/fast-check";
import { BinaryInputArchive, JuteDecodeError } from "@jute-ts/runtime";
import { ReplyHeader, Stat } from "@jute-ts/zookeeper";
import { StatView } from "@jute-ts/records/data";
import { ReplyHeaderView } from "@jute-ts/records/proto";

describe("a view", () => {
  it("gives what decoding gives, field by field", () => {
    const view = new StatView();
    fc.assert(
      fc.property(recordArbitrary(Stat), (stat) => {
        view.moveTo(new BinaryInputArchive(stat.encode()));
        for (const { property } of Stat.descriptor.fields) {
          expect(Reflect.get(view, property)).toBe(Reflect.get(stat, property));
        }
      }),
    );
  });

  it("takes its bytes from the archive and leaves the rest", () => {
    const bytes = new Uint8Array([
      ...ReplyHeader.encode({ xid: 3, zxid: 9n, err: -101 }),
      ...Stat.encode({ version: 4, pzxid: 7n }),
    ]);
    const input = new BinaryInputArchive(bytes);
    const header = new ReplyHeaderView().moveTo(input);
    const stat = new StatView().moveTo(input);
    expect([header.xid, header.zxid, header.err]).toEqual([3, 9n, -101]);
    expect([stat.version, stat.pzxid]).toEqual([4, 7n]);
    expect(input.remaining).toBe(0);
  });

  it("reads what is there now, without copying", () => {
    const bytes = new Uint8Array(100);
    const data = new DataView(bytes.buffer);
    const view = new StatView().moveToBytes(bytes, 10);
    data.setInt32(10 + 32, 5);
    expect(view.version).toBe(5);
    data.setInt32(10 + 32, 6);
    expect(view.version).toBe(6);
  });

  it("refuses a place that is too short", () => {
    const data = new Uint8Array(70);
    expect(new StatView().moveToBytes(data, 2).version).toBe(0);
    expect(() => new StatView().moveToBytes(data, 3)).toThrow(JuteDecodeError);
    expect(() => new StatView().moveToBytes(data, -1)).toThrow(JuteDecodeError);
    expect(() => new StatView().moveTo(new BinaryInputArchive(new Uint8Array(67)))).toThrow(
      JuteDecodeError,
    );
  });
});
