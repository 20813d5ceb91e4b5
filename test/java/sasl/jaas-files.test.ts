/** What Java read in jaas-files.jsonl against what ours reads. Runs without Java; record.sh asks again. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ConfigurationError } from "@jute-ts/server/configuration";
import { parseSaslUsers } from "../../../packages/server/src/configuration/jaas.js";

interface Verdict {
  readonly text: string;
  /** Of the section Server. */
  readonly options?: Readonly<Record<string, string>>;
  /** False if there is no such section. */
  readonly section?: false;
  readonly refused?: true;
}

const verdicts = readFileSync(new URL("jaas-files.jsonl", import.meta.url), "utf8")
  .split("\n")
  .slice(0, -1)
  .map((line) => JSON.parse(line) as Verdict);

it.each(verdicts.map((verdict) => [verdict.text, verdict] as const))("%j", (text, verdict) => {
  if (verdict.refused) {
    expect(() => parseSaslUsers("jaas.conf", text)).toThrow(ConfigurationError);
    return;
  }
  const users = parseSaslUsers("jaas.conf", text);
  if (verdict.section === false) {
    expect(users).toBeUndefined();
    return;
  }
  const ofUsers = Object.entries(verdict.options ?? {}).filter(([key]) => key.startsWith("user_"));
  expect(users).toEqual(new Map(ofUsers.map(([key, value]) => [key.slice(5), value])));
});
