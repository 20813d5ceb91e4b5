/**
 * From `server.N`, `group.N`, `weight.N` and `version` lines to a verifier. Files
 * and packets both come here, so an ensemble that a file may describe is one that
 * a packet may carry. Everything that is wrong is found, not only the first.
 */
import type { Sid } from "@jute-ts/zookeeper";
import { HierarchicalVerifier, MAX_WEIGHT } from "./hierarchical.js";
import { MajorityVerifier } from "./majority.js";
import { parseMember, shown, splitAt, type MemberTextOptions } from "./member-text.js";
import type { Member, QuorumVerifier } from "./quorum-verifier.js";

/** A key and its value, both without spaces around them. */
export interface EnsembleLine {
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface EnsembleProblem {
  /** 0 when no single line is to blame. */
  readonly line: number;
  /** What is wrong and what to do, as sentences. */
  readonly message: string;
}

export type EnsembleResult =
  | { readonly kind: "verifier"; readonly verifier: QuorumVerifier }
  | { readonly kind: "problems"; readonly problems: readonly EnsembleProblem[] };

/** Whether a line with this key belongs to the ensemble. Keys that only begin alike do too: they are typing errors. */
export function isEnsembleKey(key: string): boolean {
  return key.startsWith("server.") || key.startsWith("group") || key.startsWith("weight");
}

/** Makes a verifier of the lines, a hierarchical one as soon as there is a group or a weight. Keys of no ensemble are problems. */
export function readEnsemble(
  lines: readonly EnsembleLine[],
  options: MemberTextOptions,
): EnsembleResult {
  return new EnsembleReader(options).read(lines);
}

class EnsembleReader {
  private readonly options: MemberTextOptions;
  private readonly problems: EnsembleProblem[] = [];
  /** Undefined for a server whose line was refused: others may still name it. */
  private readonly members = new Map<Sid, Numbered<Member | undefined>>();
  private readonly groups = new Map<bigint, Numbered<readonly Sid[]>>();
  private readonly weights = new Map<Sid, Numbered<number>>();
  private version: Numbered<bigint> | undefined;
  private hierarchical = false;
  /** Server lines whose number could not be read: nobody knows which server they were meant to be. */
  private namelessServers = 0;

  constructor(options: MemberTextOptions) {
    this.options = options;
  }

  read(lines: readonly EnsembleLine[]): EnsembleResult {
    for (const line of lines) {
      if (this.foundEnough) break;
      this.readLine(line);
    }
    if (!this.foundEnough) this.checkVoters();
    if (this.hierarchical) this.checkHierarchy();
    if (this.problems.length > 0) {
      return { kind: "problems", problems: this.problems.sort((a, b) => a.line - b.line) };
    }
    const verifier = this.makeVerifier();
    if (!verifier.containsQuorum(verifier.voters)) {
      const message =
        "No server has a weight above 0, so nothing can be decided. Give weights of at least 1.";
      return { kind: "problems", problems: [{ line: 0, message }] };
    }
    return { kind: "verifier", verifier };
  }

  private readLine(line: EnsembleLine): void {
    if (line.key.startsWith("server.")) this.readServer(line);
    else if (line.key.startsWith("group")) this.readGroup(line);
    else if (line.key.startsWith("weight")) this.readWeight(line);
    else if (line.key === "version") this.readVersion(line);
    else {
      this.refuse(
        line.line,
        `"${shown(line.key)}" does not belong here. Only server.N, group.N, weight.N and version do.`,
      );
    }
  }

  private readServer({ key, value, line }: EnsembleLine): void {
    const sid = this.readNumber(key, "server.", line);
    if (sid === undefined) {
      this.namelessServers++;
      return;
    }
    if (this.isRepeated(`server.${sid}`, this.members.get(sid), line)) return;
    const result = parseMember(sid, value, this.options);
    if (result.kind === "refused") this.refuse(line, result.message);
    const member = result.kind === "member" ? result.member : undefined;
    this.members.set(sid, { line, value: member });
  }

  private readGroup({ key, value, line }: EnsembleLine): void {
    this.hierarchical = true;
    const group = this.readNumber(key, "group.", line);
    if (group === undefined || this.isRepeated(`group.${group}`, this.groups.get(group), line)) {
      return;
    }
    const parts = splitAt(value, ":");
    if (parts.length > MAX_GROUP_SIZE) {
      this.refuse(
        line,
        `group.${group} has ${parts.length} servers, more than ${MAX_GROUP_SIZE}. Keep the ones that exist.`,
      );
      return;
    }
    const sids: Sid[] = [];
    for (const part of parts) {
      if (this.foundEnough) break;
      const sid = parseId(part);
      if (sid === undefined) {
        this.refuse(
          line,
          `group.${group} has "${shown(part)}" where a server's number belongs. Write numbers with ":" between them.`,
        );
      } else sids.push(sid);
    }
    this.groups.set(group, { line, value: sids });
  }

  private readWeight({ key, value, line }: EnsembleLine): void {
    this.hierarchical = true;
    const sid = this.readNumber(key, "weight.", line);
    if (sid === undefined || this.isRepeated(`weight.${sid}`, this.weights.get(sid), line)) {
      return;
    }
    const weight = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    if (weight <= MAX_WEIGHT) this.weights.set(sid, { line, value: weight });
    else {
      this.refuse(
        line,
        `weight.${sid} is "${shown(value)}". Write a whole number from 0 to ${MAX_WEIGHT}.`,
      );
    }
  }

  private readVersion({ value, line }: EnsembleLine): void {
    if (this.isRepeated("version", this.version, line)) return;
    const version = parseVersion(value);
    if (version === undefined) {
      this.refuse(
        line,
        `version is "${shown(value)}". Write a hexadecimal number of at most ${MAX_ID.toString(16)}.`,
      );
    } else this.version = { line, value: version };
  }

  /** The number after the prefix of a key. */
  private readNumber(key: string, prefix: string, line: number): bigint | undefined {
    const id = key.startsWith(prefix) ? parseId(key.slice(prefix.length)) : undefined;
    if (id === undefined) {
      this.refuse(
        line,
        `"${shown(key)}" is no ${prefix}N. Write ${prefix} and a number from 0 to ${MAX_ID}.`,
      );
    }
    return id;
  }

  private isRepeated(name: string, before: Numbered<unknown> | undefined, line: number): boolean {
    if (before === undefined) return false;
    this.refuse(line, `${name} stands in line ${before.line} already. Remove one of the two.`);
    return true;
  }

  private checkVoters(): void {
    const members = [...this.members.values()];
    const mayVote =
      this.namelessServers > 0 || members.some(({ value }) => value?.role !== "observer");
    if (mayVote) return;
    const message =
      members.length === 0
        ? "There is no server.N. Write one such line for every server of the ensemble."
        : "All servers are observers. At least one must be a participant, or nothing is ever decided.";
    this.refuse(members[0]?.line ?? 0, message);
  }

  private checkHierarchy(): void {
    const groupOf = new Map<Sid, bigint>();
    for (const [group, { line, value: sids }] of this.groups) {
      for (const sid of sids) {
        if (this.foundEnough) return;
        this.checkGrouped(group, sid, groupOf.get(sid), line);
        groupOf.set(sid, group);
      }
    }
    for (const [sid, { line, value: member }] of this.members) {
      if (this.foundEnough) return;
      if (member?.role === "participant" && !groupOf.has(sid)) {
        this.refuse(
          line,
          `server.${sid} is in no group. With groups or weights, every participant needs one.`,
        );
      }
    }
    for (const [sid, { line }] of this.weights) {
      if (this.foundEnough) return;
      if (!this.members.has(sid)) {
        this.refuse(line, `There is no server.${sid}, so weight.${sid} means nothing. Remove it.`);
      }
    }
  }

  private checkGrouped(group: bigint, sid: Sid, before: bigint | undefined, line: number): void {
    const server = this.members.get(sid);
    if (before !== undefined) {
      const where = before === group ? `twice in group.${group}` : `in group.${before} too`;
      this.refuse(line, `server.${sid} is ${where}. A server is in one group, once.`);
    } else if (server === undefined) {
      this.refuse(line, `group.${group} names server.${sid}, which does not exist. Remove it.`);
    } else if (server.value?.role === "observer") {
      this.refuse(
        line,
        `group.${group} names server.${sid}, an observer. Only participants are in groups.`,
      );
    }
  }

  private makeVerifier(): QuorumVerifier {
    const members = [...this.members.values()].flatMap(({ value }) => value ?? []);
    const version = this.version?.value ?? 0n;
    if (!this.hierarchical) return new MajorityVerifier(members, version);
    return new HierarchicalVerifier(
      members,
      { groups: values(this.groups), weights: values(this.weights) },
      version,
    );
  }

  private refuse(line: number, message: string): void {
    this.problems.push({ line, message });
    if (!this.foundEnough) return;
    const text = `There are more than ${MAX_PROBLEMS} problems. The others are told when these are solved.`;
    this.problems.push({ line, message: text });
  }

  /** Nobody reads more, and an enemy must not be able to make each of many lines cost a message. */
  private get foundEnough(): boolean {
    return this.problems.length >= MAX_PROBLEMS;
  }
}

/** A value and the line that it came from. */
interface Numbered<T> {
  readonly line: number;
  readonly value: T;
}

function values<T>(map: ReadonlyMap<bigint, Numbered<T>>): ReadonlyMap<bigint, T> {
  return new Map([...map].map(([key, { value }]) => [key, value]));
}

/** A number from 0 to 2^63-1 in decimal, as sids and groups have it; undefined for anything else. */
export function parseId(text: string): bigint | undefined {
  if (!/^\d{1,19}$/.test(text)) return undefined;
  const id = BigInt(text);
  return id <= MAX_ID ? id : undefined;
}

/** A configuration's version, a zxid in hexadecimal; undefined for anything else. */
export function parseVersion(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F]{1,16}$/.test(text)) return undefined;
  const version = BigInt(`0x${text}`);
  return version <= MAX_ID ? version : undefined;
}

const MAX_ID = 0x7fff_ffff_ffff_ffffn;

/** More servers than any ensemble has. */
const MAX_GROUP_SIZE = 1000;

const MAX_PROBLEMS = 50;
