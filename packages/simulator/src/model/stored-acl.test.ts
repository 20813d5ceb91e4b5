import { ACL } from "@jute-ts/zookeeper";
import { expect, it } from "vitest";
import { X509_SUPER_USER } from "./listed-users.js";
import { storedAcl } from "./stored-acl.js";

const entry = (scheme: string, id: string): ACL => new ACL({ perms: 1, id: { scheme, id } });

it("names whoever asks in the place of auth, whatever the name, but not by the address", () => {
  const ids = [
    { scheme: "ip", id: "10.0.0.1" },
    { scheme: "x509", id: X509_SUPER_USER },
  ];
  expect(storedAcl([entry("auth", "")], ids, true)).toEqual([
    { perms: 1, scheme: "x509", id: X509_SUPER_USER },
  ]);
  expect(storedAcl([entry("auth", "")], ids, false)).toBeUndefined();
});

it.each([
  ["world", "someone"],
  ["digest", "nobody"],
  ["ip", "10.0.0"],
  ["sasl", "a/b/c@REALM"],
  ["x509", "CN=ann,"],
  ["strange", "x"],
])("has no list with %s:%s", (scheme, id) => {
  const open = entry("world", "anyone");
  expect(storedAcl([open, entry(scheme, id)], [], true)).toBeUndefined();
  expect(storedAcl([open, open], [], true)).toHaveLength(1);
});
