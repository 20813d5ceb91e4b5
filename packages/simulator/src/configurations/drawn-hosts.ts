/** Hosts as configurations write them, drawn from what they mean: names, IPv4 and IPv6 addresses (RFC 4291, section 2.2). */
import type { Random } from "../world/random.js";

export type DrawnHost =
  | { readonly kind: "name"; readonly name: string }
  /** Four numbers. */
  | { readonly kind: "ipv4"; readonly bytes: readonly number[] }
  /** Eight numbers, and a zone or nothing. */
  | { readonly kind: "ipv6"; readonly groups: readonly number[]; readonly zone: string };

export function drawHost(random: Random): DrawnHost {
  const kind = random.pick(["name", "name", "ipv4", "ipv6", "ipv6"] as const);
  switch (kind) {
    case "name":
      return { kind, name: drawName(random) };
    case "ipv4":
      return { kind, bytes: [10, 0, 0, 0].map(() => drawByte(random)) };
    case "ipv6":
      return { kind, groups: drawGroups(random), zone: random.pick(["", "", "%eth0", "%en.1_-"]) };
  }
}

/** One of the ways in which a host is written, without brackets. */
export function spellHost(random: Random, host: DrawnHost): string {
  switch (host.kind) {
    case "name":
      return [...host.name].map((each) => inAnyCase(random, each)).join("");
    case "ipv4":
      return host.bytes.join(".");
    case "ipv6":
      return spellGroups(random, host.groups) + host.zone;
  }
}

/** An address of IPv4 as IPv6 has it, which is the same host. */
export function mapped({ bytes }: DrawnHost & { readonly kind: "ipv4" }): DrawnHost {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const groups = [0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d];
  return { kind: "ipv6", groups, zone: "" };
}

function drawName(random: Random): string {
  const length = random.pick([1, 2, 7, 20, 253]);
  const letters = "abcxyzABCXYZ0189.-_";
  const drawn = Array.from({ length }, () => letters[random.integer(0, letters.length - 1)]);
  return ["h", ...drawn].slice(0, length).join("");
}

function drawByte(random: Random): number {
  return random.pick([0, 1, 9, 10, 99, 100, 255, random.integer(0, 255)]);
}

function drawGroups(random: Random): readonly number[] {
  // A prefix that no address of IPv4 has as IPv6.
  const first = random.pick([0x2001, 0xfe80, 0xfd00]);
  const rest = Array.from({ length: 7 }, () =>
    random.pick([0, 0, 0, 1, 0xffff, random.integer(0, 0xffff)]),
  );
  return random.chance(0.2) ? [0, 0, 0, 0, 0, 0, 0, random.integer(0, 9)] : [first, ...rest];
}

function spellGroups(random: Random, groups: readonly number[]): string {
  const isDotted = random.chance(0.2);
  const shown = isDotted ? groups.slice(0, 6) : groups;
  const words = shown.map((group) => spellGroup(random, group));
  if (isDotted)
    words.push(
      groups
        .slice(6)
        .flatMap((group) => [Math.floor(group / 256), group % 256])
        .join("."),
    );
  const runs = zeroRuns(shown);
  if (runs.length === 0 || random.chance(0.3)) return words.join(":");
  const [from, to] = random.pick(runs);
  return `${words.slice(0, from).join(":")}::${words.slice(to).join(":")}`;
}

/** Where groups of zeros begin and end: any of them may be left out, not only the longest. */
function zeroRuns(groups: readonly number[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const [from, first] of groups.entries()) {
    if (first !== 0) continue;
    let to = from;
    while (groups[to] === 0) to += 1;
    runs.push([from, to]);
  }
  return runs;
}

function spellGroup(random: Random, group: number): string {
  const digits = group.toString(16).padStart(random.pick([1, 1, 4]), "0");
  return [...digits].map((each) => inAnyCase(random, each)).join("");
}

function inAnyCase(random: Random, letter: string): string {
  return random.chance(0.5) ? letter.toLowerCase() : letter.toUpperCase();
}
