import { ACL, ErrorCode, Perms } from "@jute-ts/zookeeper";
import { describe, expect, test } from "vitest";
import { AccessControl } from "./access-control.js";
import { RequestRefused } from "./request-refused.js";

const access = new AccessControl();
const amy = { scheme: "digest", id: "amy:x" };
const here = { scheme: "ip", id: "10.0.0.1" };

describe("a list permits", () => {
  test.each([
    ["everything to a superuser", [[0, "world", "anyone"]], [{ scheme: "super", id: "" }]],
    ["everything when it is empty", [], []],
    ["everybody", [[Perms.READ, "world", "anyone"]], []],
    ["a digest", [[Perms.READ, "digest", "amy:x"]], [here, amy]],
    ["an address", [[Perms.READ, "ip", "10.0.0.0/8"]], [here]],
  ] as const)("%s", (_, entries, authInfo) => {
    expect(() => {
      access.requirePermission(aclOf(entries), Perms.READ, authInfo);
    }).not.toThrow();
  });
});

describe("a list does not permit", () => {
  test.each([
    ["what it does not name", [[Perms.WRITE, "world", "anyone"]], [amy]],
    ["another digest", [[Perms.READ, "digest", "ben:y"]], [amy]],
    ["another address", [[Perms.READ, "ip", "11.0.0.0/8"]], [here]],
    ["the same id of another scheme", [[Perms.READ, "x509", "amy:x"]], [amy]],
    [
      "a scheme that nobody here knows",
      [[Perms.READ, "sasl", "amy"]],
      [{ scheme: "sasl", id: "amy" }],
    ],
    ["somebody of the world", [[Perms.READ, "world", "someone"]], [amy]],
  ] as const)("%s", (_, entries, authInfo) => {
    expect(() => {
      access.requirePermission(aclOf(entries), Perms.READ, authInfo);
    }).toThrow(refusal(ErrorCode.NOAUTH));
  });
});

test("a stored list has no repetitions, and the client's digests instead of auth", () => {
  const sent = aclOf([
    [1, "auth", ""],
    [2, "world", "anyone"],
    [2, "world", "anyone"],
  ]);
  const ben = { scheme: "digest", id: "ben:y" };
  expect(access.storableAcl(sent, [here, amy, ben])).toEqual(
    aclOf([
      [1, "digest", "amy:x"],
      [1, "digest", "ben:y"],
      [2, "world", "anyone"],
    ]),
  );
});

describe("is not stored:", () => {
  test.each([
    ["nothing", null],
    ["an empty list", []],
    ["auth of a client with an address alone", [[1, "auth", ""]]],
    ["a digest without a colon", [[1, "digest", "amy"]]],
    ["a digest without a hash", [[1, "digest", "amy:"]]],
    ["a digest with too many colons", [[1, "digest", "a:b:c"]]],
    ["an address that is none", [[1, "ip", "10.0.0"]]],
    ["somebody of the world", [[1, "world", "someone"]]],
    ["a superuser", [[1, "super", ""]]],
    ["an unknown scheme", [[1, "x", "y:z"]]],
    ["no scheme", [[1, null, "y:z"]]],
    ["no id", [[1, "digest", null]]],
    [
      "one bad entry among good ones",
      [
        [1, "world", "anyone"],
        [1, "ip", "x"],
      ],
    ],
  ] as const)("%s", (_, entries) => {
    const acl = entries && aclOf(entries);
    expect(() => access.storableAcl(acl, [here])).toThrow(refusal(ErrorCode.INVALIDACL));
  });
});

type Entry = readonly [perms: number, scheme: string | null, id: string | null];

function aclOf(entries: readonly Entry[]): ACL[] {
  return entries.map(([perms, scheme, id]) => ACL.from({ perms, id: { scheme, id } }));
}

function refusal(err: number): Error {
  return expect.objectContaining({ name: RequestRefused.name, err }) as Error;
}
