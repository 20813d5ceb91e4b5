/**
 * Host names and addresses as configurations write them: whether a text can be
 * one, and when two mean the same. Nothing is looked up here, so two names of one
 * machine are different hosts.
 */

/** Whether this is an IPv4 address, or a name of letters, digits, dots, hyphens and underscores. */
export function isHostName(text: string): boolean {
  return text.length <= MAX_HOST_LENGTH && HOST_NAME.test(text);
}

/** Whether this is an IPv6 address, without brackets, with or without a zone. */
export function isIPv6(text: string): boolean {
  return text.length <= MAX_HOST_LENGTH && parseIPv6(text) !== undefined;
}

/**
 * One spelling for all spellings of a host: names in lower case, IPv6 addresses
 * as eight plain numbers, IPv4 addresses mapped into IPv6 as IPv4.
 */
export function canonicalHost(host: string): string {
  const address = parseIPv6(host);
  if (address === undefined) return host.toLowerCase();
  const { groups, zone } = address;
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join(".");
  return groups.map((group) => group.toString(16)).join(":") + zone;
}

interface IPv6Address {
  /** Eight numbers of 16 bits. */
  readonly groups: readonly number[];
  /** Empty, or "%" and the zone's name. */
  readonly zone: string;
}

function parseIPv6(text: string): IPv6Address | undefined {
  // Most hosts are names and IPv4 addresses.
  if (!text.includes(":")) return undefined;
  const match = IPV6_WITH_ZONE.exec(text);
  if (match === null) return undefined;
  const [, address = "", zone = ""] = match;
  const halves = address.split("::");
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = parseGroups(halves[1] ?? "", true);
  if (halves.length > 2 || head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  const complete = halves.length === 1 ? missing === 0 : missing >= 1;
  if (!complete) return undefined;
  return { groups: [...head, ...new Array<number>(missing).fill(0), ...tail], zone };
}

/** The numbers between colons; dotted decimals, which only an address may end in, make two. */
function parseGroups(text: string, endsAddress: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (endsAddress && index === parts.length - 1 && part.includes(".")) {
      const bytes = DOTTED.exec(part)?.slice(1).map(Number);
      if (bytes === undefined || bytes.some((byte) => byte > 255)) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = bytes;
      groups.push((a << 8) | b, (c << 8) | d);
    } else {
      if (!GROUP.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

/** The length of the longest DNS name. */
const MAX_HOST_LENGTH = 253;
const HOST_NAME = /^[A-Za-z0-9._-]+$/;
const IPV6_WITH_ZONE = /^([0-9A-Fa-f:.]{2,45})(%[A-Za-z0-9._-]+)?$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
/** No zeros in front: some readers take such a number for an octal one. */
const DOTTED = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
