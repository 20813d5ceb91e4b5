/** Texts of configurations with a mistake that was made on purpose, and in which line it is. */
import type { Sid } from "@jute-ts/zookeeper";
import type { Random } from "../world/random.js";
import {
  type DrawnConfiguration,
  drawId,
  type DrawnMember,
  replaced,
  type SpelledLine,
  spell,
} from "./drawn-configurations.js";
import { spellHost } from "./drawn-hosts.js";

export interface Spoiled {
  readonly what: string;
  readonly lines: readonly SpelledLine[];
  /** Counted from 1; 0 where no single line is to blame. */
  readonly line: number;
}

/** All mistakes that can be made in this configuration, one at a time. */
export function spoil(random: Random, drawn: DrawnConfiguration): readonly Spoiled[] {
  const { lines } = spell(random, drawn);
  const servers = drawn.members.map((member) => ({
    member,
    at: lines.findIndex(({ key }) => key === `server.${member.sid}`),
  }));
  const { member, at } = random.pick(servers);
  return [
    ...ofValues(random, lines, member, at),
    ...ofKeys(random, lines, drawn, at),
    ...(drawn.groups === undefined ? [] : ofGroups(random, lines, drawn)),
    ...ofVoters(random, drawn),
  ];
}

/** Mistakes in the value of a server's line. */
function ofValues(
  random: Random,
  lines: readonly SpelledLine[],
  { sid, addresses }: DrawnMember,
  at: number,
): readonly Spoiled[] {
  const values = [
    ...BAD_VALUES,
    ...BAD_HOSTS.map((host) => `${host}:2888:3888`),
    ...BAD_HOSTS.map((host) => `h:2888:3888;${host}:2181`),
    ...BAD_IPV6.map((host) => `[${host}]:2888:3888`),
    ...BAD_PORTS.map((port) => `h:${port}:3888`),
    ...BAD_PORTS.map((port) => `h:2888:${port}`),
    ...BAD_PORTS.filter((port) => port !== "0").map((port) => `h:2888:3888;${port}`),
    ...BAD_PORTS.filter((port) => port !== "0").map((port) => `h:2888:3888;h:${port}`),
    Array.from({ length: 17 }, (_, nth) => `h:${2 * nth + 1}:${2 * nth + 2}`).join("|"),
  ];
  for (const { host } of addresses) {
    // One host in two spellings, with a port that it has already.
    const [one, other] = [spellHost(random, host), spellHost(random, host)].map((text) =>
      text.includes(":") ? `[${text}]` : text,
    );
    values.push(`${one}:1:2|${other}:2:3`, `${one}:1:2|${other}:3:1`);
  }
  return values.map((value) => ({
    what: `server.${sid}=${value}`,
    lines: replaced(lines, at, 1, { key: `server.${sid}`, value }),
    line: at + 1,
  }));
}

function ofKeys(
  random: Random,
  lines: readonly SpelledLine[],
  { groups, members }: DrawnConfiguration,
  at: number,
): readonly Spoiled[] {
  const value = "h:2888:3888";
  const keys = [
    "server.",
    "server.-1",
    "server.1x",
    "server.9223372036854775808",
    "port",
    "Server.1",
  ];
  const added = keys.map((key): SpelledLine => ({ key, value }));
  added.push({ key: "version", value: "1x" }, { key: "version", value: "8000000000000000" });
  added.push({ key: "version", value: "00000000000000001" }, { key: "version", value: "" });
  for (const key of ["group", "group.", "groups.1", "group.x", "weight", "weight.", "weight.-1"])
    if (groups !== undefined) added.push({ key, value: "1" });
  const whole = lines.filter(({ key }) => key !== "version");
  const spoiled = added.map((line): Spoiled => {
    const place = random.integer(0, whole.length);
    return { what: line.key, lines: replaced(whole, place, 0, line), line: place + 1 };
  });
  const repeated = lines[random.integer(0, lines.length - 1)] ?? { key: "", value: "" };
  if (members.length > 0) spoiled.push(again(lines, repeated), again(lines, lines[at] ?? repeated));
  return spoiled;
}

/** The same line once more at the end. */
function again(lines: readonly SpelledLine[], line: SpelledLine): Spoiled {
  return { what: `${line.key} twice`, lines: [...lines, line], line: lines.length + 1 };
}

function ofGroups(
  random: Random,
  lines: readonly SpelledLine[],
  { groups = new Map<bigint, readonly Sid[]>(), members, weights }: DrawnConfiguration,
): readonly Spoiled[] {
  const spoiled: Spoiled[] = [];
  const [group, sids] = random.pick([...groups]);
  const at = lines.findIndex(({ key }) => key === `group.${group}`);
  const withGroup = (value: string): Spoiled => ({
    what: `group.${group}=${value}`,
    lines: replaced(lines, at, 1, { key: `group.${group}`, value }),
    line: at + 1,
  });
  const text = sids.join(":");
  spoiled.push(withGroup(`${text}:x`), withGroup(`${text}:-1`), withGroup(`${text}:${text}`));
  spoiled.push(withGroup(Array.from({ length: 1001 }, (_, nth) => nth).join(":")));
  let nobody = drawId(random);
  while (members.some(({ sid }) => sid === nobody)) nobody += 1n;
  spoiled.push(withGroup(`${text}:${nobody}`));
  for (const { sid } of members.filter(({ role }) => role === "observer"))
    spoiled.push(withGroup(`${text}:${sid}`));
  const number = [5n, 6n, 7n].find((each) => !groups.has(each)) ?? 8n;
  const last = lines.length + 1;
  const add = (key: string, value: string): Spoiled => ({
    what: `${key}=${value}`,
    lines: [...lines, { key, value }],
    line: last,
  });
  spoiled.push(add(`group.${number}`, `${sids[0]}`), add(`weight.${nobody}`, "1"));
  for (const { sid } of members)
    if (!weights.has(sid))
      for (const weight of ["-1", "1.5", "", "2147483648", "00000000001"])
        spoiled.push(add(`weight.${sid}`, weight));
  // A voter that no group has.
  const alone = lines.findIndex(({ key }) => key === `server.${sids[0]}`);
  const rest = sids.slice(1).join(":");
  spoiled.push(
    rest === ""
      ? { what: "no group", lines: replaced(lines, at, 1), line: alone + (alone > at ? 0 : 1) }
      : { ...withGroup(rest), line: alone + 1 },
  );
  return spoiled.filter(
    ({ what }) => groups.size > 1 || rest !== "" || what !== "no group" || weights.size > 0,
  );
}

/** Mistakes that no single line makes: nobody votes, or no vote counts. */
function ofVoters(random: Random, drawn: DrawnConfiguration): readonly Spoiled[] {
  const { members, groups } = drawn;
  const observers = members.map((member) => ({ ...member, role: "observer" as const }));
  const silent = {
    ...drawn,
    members: observers,
    groups: undefined,
    weights: new Map<Sid, number>(),
  };
  const { lines } = spell(random, silent);
  const first = lines.findIndex(({ key }) => key.startsWith("server."));
  const spoiled: Spoiled[] = [
    { what: "observers only", lines, line: first + 1 },
    { what: "no server", lines: [{ key: "version", value: "1" }], line: 0 },
  ];
  if (groups === undefined) return spoiled;
  const weights = new Map(members.map(({ sid }) => [sid, 0]));
  const weightless = spell(random, { ...drawn, weights });
  return [...spoiled, { what: "no weight", lines: weightless.lines, line: 0 }];
}

const BAD_VALUES: readonly string[] = [
  "",
  "h",
  "h:2888",
  "h:2888:3888:participant:1",
  "h:2888:2888",
  "h:2888:3888:voter",
  "h:2888:3888:participant|i:2888:3888:observer",
  "h:2888:3888;2181;2182",
  "h:2888:3888;a:b:2181",
  ":2888:3888",
  "[::1:2888:3888",
  "[::1]2888:3888",
  "[::1]:",
  "[::1]",
  "h:2888:3888|i:2888",
];

const BAD_HOSTS: readonly string[] = ["a b", "a!", "ä", "h".repeat(254), "[h]", "[]", "[10.0.0.1]"];

const BAD_IPV6: readonly string[] = [
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7::8",
  "1::2::3",
  "1::2:",
  ":1::2",
  "12345::",
  "::g",
  "::1.2.3",
  "::1.2.3.256",
  "::01.2.3.4",
  "1.2.3.4::",
  "::1.2.3.4:5",
  "1:2:3:4:5:6:7:1.2.3.4",
  "::1%",
  "::1%e/0",
  `::1%${"e".repeat(250)}`,
];

const BAD_PORTS: readonly string[] = ["0", "65536", "-1", "x", "1.5", "0000002888", "4294967297"];
