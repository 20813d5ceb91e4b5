/**
 * Configurations of ensembles as texts, each drawn together with what it means: nothing here reads
 * a text (ZooKeeper's Administrator's Guide, Cluster Options).
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { EnsembleShape } from "../world/settings.js";
import type { Random } from "../world/random.js";
import { type DrawnHost, drawHost, spellHost } from "./drawn-hosts.js";

export interface DrawnMember {
  readonly sid: Sid;
  readonly role: "participant" | "observer";
  readonly addresses: readonly {
    readonly host: DrawnHost;
    readonly quorumPort: number;
    readonly electionPort: number;
  }[];
  readonly client: { readonly host: DrawnHost | undefined; readonly port: number } | undefined;
}

/** What a configuration means. */
export interface DrawnConfiguration {
  readonly members: readonly DrawnMember[];
  /** Groups by their numbers; undefined where there are neither groups nor weights. */
  readonly groups: ReadonlyMap<bigint, readonly Sid[]> | undefined;
  /** As the text has them. */
  readonly weights: ReadonlyMap<Sid, number>;
  readonly version: bigint;
}

export interface SpelledLine {
  readonly key: string;
  readonly value: string;
}

/** A member as its line says: hosts as they are spelled there. */
export interface SpelledMember {
  readonly sid: Sid;
  readonly role: "participant" | "observer";
  readonly addresses: readonly {
    readonly host: string;
    readonly quorumPort: number;
    readonly electionPort: number;
  }[];
  readonly client: { readonly host: string; readonly port: number } | undefined;
}

/** One of the texts that have this meaning. */
export interface Spelling {
  readonly lines: readonly SpelledLine[];
  readonly members: ReadonlyMap<Sid, SpelledMember>;
}

export function drawConfiguration(random: Random): DrawnConfiguration {
  const count = random.pick([1, 2, 3, 3, 4, 5, 7]);
  const sids = new Set<Sid>();
  while (sids.size < count) sids.add(drawId(random));
  const members = [...sids].map((sid, index) => drawMember(random, sid, index));
  const voters = members.filter(({ role }) => role === "participant").map(({ sid }) => sid);
  const isHierarchical = random.chance(0.5);
  return {
    members,
    groups: isHierarchical ? drawGroups(random, voters) : undefined,
    weights: isHierarchical ? drawWeights(random, members) : new Map<Sid, number>(),
    version: random.chance(0.3) ? 0n : drawId(random),
  };
}

/** As ensembles of worlds are described, so that its quorums can be counted. */
export function shapeOfDrawn({ members, groups, weights }: DrawnConfiguration): EnsembleShape {
  const having = (role: DrawnMember["role"]): Sid[] =>
    members.filter((member) => member.role === role).map(({ sid }) => sid);
  return {
    voters: having("participant"),
    observers: having("observer"),
    groups: groups === undefined ? undefined : [...groups.values()],
    weights,
  };
}

export function spell(random: Random, drawn: DrawnConfiguration): Spelling {
  const spelled = drawn.members.map((member) => spellMember(random, member));
  const lines = [
    ...spelled.map(({ line }) => line),
    ...[...(drawn.groups ?? [])].map(([group, sids]) => ({
      key: `group.${group}`,
      value: random.shuffled(sids).join(":"),
    })),
    ...[...drawn.weights].map(([sid, weight]) => ({ key: `weight.${sid}`, value: `${weight}` })),
  ];
  const version = drawn.version.toString(16);
  const value = random.chance(0.5) ? version : version.toUpperCase();
  const isLeftOut = drawn.version === 0n && random.chance(0.5);
  return {
    // The version stands at the end, where it is looked for without a look at the rest.
    lines: [...random.shuffled(lines), ...(isLeftOut ? [] : [{ key: "version", value }])],
    members: new Map(spelled.map(({ member }) => [member.sid, member])),
  };
}

export function textOfLines(lines: readonly SpelledLine[]): string {
  return lines.map(({ key, value }) => `${key}=${value}`).join("\n");
}

/** The items, with so many of them from one place on replaced by others. */
export function replaced<T>(
  items: readonly T[],
  at: number,
  count: number,
  ...others: readonly T[]
): readonly T[] {
  return [...items.slice(0, at), ...others, ...items.slice(at + count)];
}

/** A number from 0 to 2^63 - 1. */
export function drawId(random: Random): bigint {
  return random.pick([0n, 1n, 2n, 3n, 10n, MAX_ID, BigInt(random.uint32())]);
}

function drawMember(random: Random, sid: Sid, index: number): DrawnMember {
  const count = random.pick([1, 1, 1, 2, 3, index === 0 ? 16 : 1]);
  const ports = new Set<number>();
  while (ports.size < 2 * count) ports.add(drawPort(random));
  const [...numbers] = ports;
  const host = drawHost(random);
  const addresses = Array.from({ length: count }, (_, at) => ({
    // One host with other ports is another address.
    host: random.chance(0.3) ? host : drawHost(random),
    quorumPort: numbers[2 * at] ?? 0,
    electionPort: numbers[2 * at + 1] ?? 0,
  }));
  const clientHost = random.chance(0.5) ? drawHost(random) : undefined;
  const port = random.pick([0, 1, 2181, 65_535]);
  return {
    sid,
    // Somebody must vote.
    role: index > 0 && random.chance(0.3) ? "observer" : "participant",
    addresses,
    client: random.chance(0.5) ? { host: clientHost, port } : undefined,
  };
}

function drawPort(random: Random): number {
  return random.pick([1, 2888, 3888, 65_535, random.integer(1, 65_535)]);
}

function drawGroups(random: Random, voters: readonly Sid[]): ReadonlyMap<bigint, readonly Sid[]> {
  const groups = new Map<bigint, Sid[]>();
  const numbers = random.shuffled([0n, 1n, 2n, 9n, MAX_ID]).slice(0, random.integer(1, 3));
  for (const sid of voters) {
    const number = random.pick(numbers);
    groups.set(number, [...(groups.get(number) ?? []), sid]);
  }
  return groups;
}

function drawWeights(random: Random, members: readonly DrawnMember[]): ReadonlyMap<Sid, number> {
  const weights = new Map<Sid, number>();
  for (const [index, { sid }] of members.entries())
    // Somebody must count: the first votes, and has a weight.
    if (random.chance(0.5))
      weights.set(sid, random.pick([index === 0 ? 1 : 0, 1, 2, 3, 0x7fff_ffff]));
  return weights;
}

function spellMember(
  random: Random,
  { sid, role, addresses, client }: DrawnMember,
): { readonly line: SpelledLine; readonly member: SpelledMember } {
  // A role that stands at one address holds for all; none at all means participant.
  const shown = random.pick(["all", "first", "none"] as const);
  const word = role === "participant" ? ["participant", "PARTICIPANT"] : ["observer", "Observer"];
  const hosts = addresses.map(({ host }) => spellHost(random, host));
  const parts = addresses.map(({ quorumPort, electionPort }, index) => {
    const mustSay = role === "observer" && index === 0;
    const says = mustSay || shown === "all" || (shown === "first" && index === 0);
    const said = says ? `:${random.pick(word)}` : random.pick(["", "", ":"]);
    return `${bracketed(hosts[index] ?? "")}:${quorumPort}:${electionPort}${said}`;
  });
  const clientHost = client?.host === undefined ? undefined : spellHost(random, client.host);
  const clientText =
    client === undefined
      ? random.pick(["", "", ";"])
      : `;${clientHost === undefined ? "" : `${bracketed(clientHost)}:`}${client.port}`;
  return {
    line: { key: `server.${sid}`, value: `${parts.join("|")}${clientText}` },
    member: {
      sid,
      role,
      addresses: addresses.map(({ quorumPort, electionPort }, index) => ({
        host: hosts[index] ?? "",
        quorumPort,
        electionPort,
      })),
      client:
        client === undefined ? undefined : { host: clientHost ?? "0.0.0.0", port: client.port },
    },
  };
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

const MAX_ID = 0x7fff_ffff_ffff_ffffn;
