import { ACL, Id } from "@jute-ts/zookeeper";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effort } from "../../../test/effort.js";
import { aclKey } from "./acl-cache.js";

describe("the key of a list", () => {
  // Texts that look like the key's own parts, and few of them, so that lists are equal often.
  const text = fc.oneof(
    fc.constant(null),
    fc.string({ unit: fc.constantFrom("1", ":", " "), maxLength: 3 }),
  );
  const entry = fc.record({ perms: fc.integer({ min: 0, max: 12 }), scheme: text, id: text });
  const list = fc
    .array(entry, { maxLength: 3 })
    .map((all) =>
      all.map(({ perms, scheme, id }) => new ACL({ perms, id: new Id({ scheme, id }) })),
    );

  it("is the same for equal lists, and for no others", () => {
    fc.assert(
      fc.property(list, list, (one, other) => {
        expect(aclKey(one) === aclKey(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
        expect(aclKey(one)).toBe(aclKey(one.map((acl) => new ACL(acl))));
      }),
      { numRuns: effort(5000, 500) },
    );
  });

  it("keeps apart what only lengths keep apart", () => {
    const keyOf = (scheme: string | null, id: string | null): string =>
      aclKey([new ACL({ perms: 1, id: new Id({ scheme, id }) })]);
    expect(keyOf("a 1:b", "c")).not.toBe(keyOf("a", "b 1:c"));
    expect(keyOf(null, "")).not.toBe(keyOf("null", ""));
    expect(keyOf("", null)).not.toBe(keyOf("", "null"));
  });
});
