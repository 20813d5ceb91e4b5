/** traceRecord: every byte belongs to exactly one value, and the values are those of decode. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordArbitrary } from "@jute-ts/fast-check";
import { traceRecord } from "@jute-ts/runtime";
import { registry } from "@jute-ts/records";
import { CreateRequest } from "@jute-ts/zookeeper";

describe("traceRecord", () => {
  it("tells where each value lay", () => {
    const bytes = CreateRequest.encode({
      path: "/a",
      acl: [{ perms: 31, id: { scheme: "world", id: null } }],
    });
    const rows = traceRecord(CreateRequest, bytes).values.map(
      ({ path, kind, offset, length, value }) => [path, kind, offset, length, value],
    );
    expect(rows).toEqual([
      ["path", "ustring", 0, 6, "/a"],
      ["data", "buffer", 6, 4, null],
      ["acl", "vector", 10, 4, 1],
      ["acl[0].perms", "int", 14, 4, 31],
      ["acl[0].id.scheme", "ustring", 18, 9, "world"],
      ["acl[0].id.id", "ustring", 27, 4, null],
      ["flags", "int", 31, 4, 0],
    ]);
  });

  it.each([...registry].map((type) => [type.descriptor.fullName, type] as const))(
    "covers every byte of %s without a gap",
    (_, type) => {
      fc.assert(
        fc.property(recordArbitrary(type), (record) => {
          const bytes = record.encode();
          const traced = traceRecord(type, bytes);
          let at = 0;
          for (const { offset, length } of traced.values) {
            expect(offset).toBe(at);
            at += length;
          }
          expect(at).toBe(bytes.length);
          expect(traced.record.equals(record)).toBe(true);
        }),
        { numRuns: 20 },
      );
    },
  );
});
