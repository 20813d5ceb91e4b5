/** Which ids an access control list may have, of every scheme: Apache's own providers are asked about made-up ones. */
import { execFileSync } from "node:child_process";
import { ACL, Id, Perms } from "@jute-ts/zookeeper";
import fc from "fast-check";
import { expect, it } from "vitest";
import { AccessControl, type AuthScheme } from "../../packages/data-tree/src/access-control.js";
import { type Java, javaArguments } from "./kit/java.js";
import { describeWithApache } from "./kit/test-with-apache.js";

const IDS_OF_EACH = 4000;

/** Pieces of which ids are put together, most of them nearly right. */
const PIECES: Readonly<Record<AuthScheme, readonly string[]>> = {
  digest: ["user", ":", "::", "hash=", "/", ""],
  // Addresses with colons are known here as IPv6, and not yet to Apache's releases.
  ip: [
    ...["10", ".", "0", "255", "256", "/", "8", "32", "33", "-1", "1.2.3.4", "a", ""],
    ...["+", "-0", "00", "1.2.3.", ".2.3.4", "1.2.3.4/"],
  ],
  sasl: ["kim", "/", "@", "host", "EXAMPLE.COM", "\n", "@@", ""],
  x509: [
    ...[
      "CN",
      "cn",
      "O",
      "OU",
      "DC",
      "EMAILADDRESS",
      "OID.2.5.4.3",
      "2.5.4.3",
      "1.40.1",
      "3.1",
      "X",
    ],
    ...[
      "=",
      "=",
      ",",
      ", ",
      ";",
      "+",
      " ",
      "\n",
      '"',
      "\\",
      "\\,",
      "\\+",
      "\\20",
      "\\2",
      "\\ ",
      "\\é",
    ],
    ...[
      "kim",
      "a b",
      "é",
      "#",
      "#0402abcd",
      "#04",
      "#0c0141",
      "#8",
      "<",
      ">",
      "CN=kim",
      "O=x,CN=y",
    ],
  ],
};

describeWithApache("an access control list", (java) => {
  for (const scheme of Object.keys(PIECES) as AuthScheme[]) {
    it(`takes the ids of scheme ${scheme} that Apache's takes`, () => {
      const ids = fc.sample(
        fc
          .array(fc.constantFrom(...PIECES[scheme]), { minLength: 1, maxLength: 8 })
          .map((pieces) => pieces.join("")),
        { numRuns: IDS_OF_EACH, seed: 5 },
      );
      const verdicts = askApache(java, scheme, ids);
      const access = new AccessControl({ schemes: new Set([scheme]) });
      const ours = ids.map((id) => [id, stores(access, scheme, id)]);
      expect(ours).toEqual(ids.map((id, index) => [id, verdicts[index] === "1"]));
      expect(verdicts).toContain("0");
      expect(verdicts.split("1").length).toBeGreaterThan(20);
    });
  }
});

function askApache(java: Java, scheme: string, ids: readonly string[]): string {
  const input = ids.map((id) => `${scheme}\t${encodeURIComponent(id)}\n`).join("");
  const properties = { "org.slf4j.simpleLogger.defaultLogLevel": "off" };
  return execFileSync("java", javaArguments(java, "AclIds", properties, []), {
    input,
    encoding: "utf8",
  }).trim();
}

function stores(access: AccessControl, scheme: string, id: string): boolean {
  try {
    access.storableAcl([new ACL({ perms: Perms.ALL, id: new Id({ scheme, id }) })], []);
    return true;
  } catch {
    return false;
  }
}
