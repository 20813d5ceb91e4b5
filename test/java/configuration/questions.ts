/**
 * Everything that Apache's classes are asked, in the order of the answers in
 * verdicts.jsonl. Random questions come from fixed seeds, so the file of answers
 * stays the same until a question changes.
 */
import {
  HierarchicalVerifier,
  MAX_WEIGHT,
} from "../../../packages/quorum/src/membership/hierarchical.js";
import { MajorityVerifier } from "../../../packages/quorum/src/membership/majority.js";
import type {
  Member,
  QuorumVerifier,
} from "../../../packages/quorum/src/membership/quorum-verifier.js";
import { configurationCases, type ConfigurationCase } from "./corpus.js";

export type Question =
  | { readonly kind: "properties"; readonly text: string }
  | { readonly kind: "configuration"; readonly case: ConfigurationCase }
  | {
      readonly kind: "verifier";
      readonly verifier: QuorumVerifier;
      readonly sets: readonly (readonly bigint[])[];
    }
  | {
      readonly kind: "equality";
      readonly name: string;
      readonly first: string;
      readonly second: string;
    };

/** All questions. */
export function allQuestions(): readonly Question[] {
  return [
    ...[...propertyTexts, ...randomPropertyTexts()].map(
      (text) => ({ kind: "properties", text }) as const,
    ),
    ...configurationCases.map((item) => ({ kind: "configuration", case: item }) as const),
    ...randomVerifiers(),
    ...equalities,
  ];
}

/** A question as a line for Verdicts.java, without the end of line. */
export function formatQuestion(question: Question): string {
  switch (question.kind) {
    case "properties":
      return `properties\t${base64(question.text)}`;
    case "configuration": {
      const { zooCfg, dynamic, myid } = question.case;
      return [
        "configuration",
        base64(zooCfg),
        base64(dynamic?.fileName),
        base64(dynamic?.text),
        base64(myid),
      ].join("\t");
    }
    case "verifier": {
      const sets = question.sets.map((set) => set.join(","));
      return `verifier\t${base64(question.verifier.toString())}\t${sets.join(";")}`;
    }
    case "equality":
      return `equality\t${base64(question.first)}\t${base64(question.second)}`;
  }
}

function base64(text: string | undefined): string {
  return text === undefined ? "-" : Buffer.from(text, "utf8").toString("base64");
}

const propertyTexts: readonly string[] = [
  "",
  "a",
  "a=b",
  "a:b",
  "a b",
  "a\tb",
  "a = b",
  "a : = b",
  "a==b",
  "a  b = c",
  "=b",
  ":b",
  "a=",
  "a=b ",
  "  a=b",
  "\\ta=b",
  "a\\=b=c",
  "a\\:b:c",
  "a\\ b c",
  "#a=b",
  "!a=b",
  "  # a=b",
  "a=#b",
  "a=b\\",
  "a=b\\\nc",
  "a=b\\\n   c",
  "a=b\\\r\n\tc",
  "a=b\\\rc",
  "a=b\\\n#c",
  "a=b\\\n\nc=d",
  "a=b\\\\\nc=d",
  "a=b\\\\\\\nc=d",
  "\\",
  "\\\n",
  "\\\n\n",
  "\\\n ",
  "\\\na=b",
  "\\\n#a=b",
  "\\\n\\\n",
  "\\\n\\\na",
  "#\\\na=b",
  "a\\\n=b",
  "a\\\n b",
  "a=\\u0041",
  "a=\\u004",
  "a=\\u004g",
  "a=\\\\u0041",
  "a=\\\\\\u0041",
  "\\u0061=b",
  "a=\\t\\n\\r\\f\\x\\\"\\'",
  "a=\\u00e4\\u20ac",
  "a=ä€",
  "a=b\ra=c",
  "a=b\r\n\r\nc=d\n",
  "a\f=\fb",
  "a=b\u000bc",
  "a=b\u0085c=d",
  "a=b\u2028c=d",
  "a=b\u0000c",
  "a\\",
];

function randomPropertyTexts(): readonly string[] {
  const random = makeRandom(1);
  const letters = [
    "\\",
    "\\",
    "=",
    ":",
    " ",
    "\n",
    "\n",
    "\r",
    "#",
    "!",
    "u",
    "a",
    "b",
    "0041",
    "\t",
    "\f",
    "n",
  ];
  return Array.from({ length: 600 }, () =>
    Array.from({ length: 1 + random(14) }, () => letters[random(letters.length)] ?? "").join(""),
  );
}

function randomVerifiers(): readonly Question[] {
  const random = makeRandom(2);
  return Array.from({ length: 150 }, (_, index) => {
    const verifier = index % 5 === 0 ? randomMajority(random) : randomHierarchy(random);
    const voters = [...verifier.voters];
    const sets = Array.from({ length: 60 }, () => voters.filter(() => random(100) < 65));
    return { kind: "verifier", verifier, sets } as const;
  });
}

function randomMajority(random: Random): QuorumVerifier {
  return new MajorityVerifier(randomMembers(random), BigInt(random(1 << 30)) << 20n);
}

function randomHierarchy(random: Random): QuorumVerifier {
  const members = randomMembers(random);
  const count = 1 + random(4);
  const groups = new Map<bigint, bigint[]>();
  const weights = new Map<bigint, number>();
  for (const { sid, role } of members) {
    if (random(3) > 0) weights.set(sid, random(12) === 0 ? MAX_WEIGHT : random(5));
    if (role === "observer") continue;
    const group = BigInt(random(count));
    groups.set(group, [...(groups.get(group) ?? []), sid]);
  }
  const verifier = new HierarchicalVerifier(members, { groups, weights }, BigInt(random(1 << 30)));
  // An ensemble that can never decide is refused by ours.
  return verifier.containsQuorum(verifier.voters) ? verifier : randomHierarchy(random);
}

function randomMembers(random: Random): readonly Member[] {
  const observers = random(3);
  return Array.from({ length: 1 + random(9) + observers }, (_, index) => ({
    sid: BigInt(index),
    role: index < observers ? "observer" : "participant",
    addresses: [
      {
        host: `10.0.${String(random(256))}.${String(index)}`,
        quorumPort: 2888,
        electionPort: 3888,
      },
    ],
    client: random(2) === 0 ? undefined : { host: "0.0.0.0", port: 2181 },
  }));
}

const three =
  "server.1=10.0.0.1:2888:3888\nserver.2=10.0.0.2:2888:3888\nserver.3=10.0.0.3:2888:3888\n";
const grouped = `${three}group.1=1:2\ngroup.2=3\n`;

function equality(name: string, first: string, second: string): Question {
  return { kind: "equality", name, first, second };
}

const equalities: readonly Question[] = [
  equality("the same text", `${three}version=1`, `${three}version=1`),
  equality("other versions, same members", `${three}version=1`, `${three}version=2`),
  equality("same version, other members", `${three}version=1`, "server.9=10.0.0.9:1:2\nversion=1"),
  equality("another host", `${three}version=1`, `${three.replace("0.0.1:", "0.0.7:")}version=2`),
  equality("another quorum port", `${three}version=1`, `${three.replace("2888", "2889")}version=2`),
  equality(
    "another election port",
    `${three}version=1`,
    `${three.replace("3888", "3889")}version=2`,
  ),
  equality(
    "another role",
    `${three}version=1`,
    `${three.replace("3888", "3888:observer")}version=2`,
  ),
  equality(
    "a client port more",
    `${three}version=1`,
    `${three.replace("3888", "3888;2181")}version=2`,
  ),
  equality(
    "the role written out",
    `${three}version=1`,
    `${three.replace("3888", "3888:participant")}version=2`,
  ),
  equality("a server more", `${three}version=1`, `${three}server.4=10.0.0.4:2888:3888\nversion=2`),
  equality(
    "another number",
    `${three}version=1`,
    `${three.replace("server.1", "server.4")}version=2`,
  ),
  equality("groups and none", `${three}version=1`, `${grouped}version=1`),
  equality("groups and the same groups", `${grouped}version=1`, `${grouped}version=2`),
  equality("other groups", `${grouped}version=1`, `${three}group.1=1:3\ngroup.2=2\nversion=2`),
  equality(
    "other names of groups",
    `${grouped}version=1`,
    `${three}group.1=1:2\ngroup.3=3\nversion=2`,
  ),
  equality(
    "other groups, same version",
    `${grouped}version=1`,
    `${three}group.1=1:3\ngroup.2=2\nversion=1`,
  ),
  equality("other weights", `${grouped}version=1`, `${grouped}weight.2=2\nversion=2`),
  equality("the weight written out", `${grouped}version=1`, `${grouped}weight.2=1\nversion=2`),
  equality(
    "two spellings of IPv6",
    "server.1=[::1]:1:2\nversion=1",
    "server.1=[0:0:0:0:0:0:0:1]:1:2\nversion=2",
  ),
  equality("no versions", three, "server.9=10.0.0.9:1:2"),
];

/** A whole number from 0 to bound - 1. */
type Random = (bound: number) => number;

function makeRandom(seed: number): Random {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * bound);
  };
}
