/** Configurations that mean the same as another one, or something else by one thing. */
import type { Sid } from "@jute-ts/zookeeper";
import type { Random } from "../world/random.js";
import { type DrawnConfiguration, type DrawnMember, replaced } from "./drawn-configurations.js";
import { type DrawnHost, mapped } from "./drawn-hosts.js";

export interface Variant {
  readonly what: string;
  readonly configuration: DrawnConfiguration;
  /** Whether it is the same ensemble, by the rule of ZooKeeper's QuorumVerifiers. */
  readonly isSame: boolean;
}

export function drawVariants(random: Random, drawn: DrawnConfiguration): readonly Variant[] {
  const { members, groups, weights } = drawn;
  // Where versions are equal nobody looks further.
  const version = drawn.version === 5n ? 6n : 5n;
  const varied = (what: string, change: Partial<DrawnConfiguration>, isSame = false): Variant => ({
    what,
    configuration: { ...drawn, version, ...change },
    isSame,
  });
  const at = random.integer(0, members.length - 1);
  const member = members[at];
  if (member === undefined) return [];
  const [address, ...others] = member.addresses;
  if (address === undefined) return [];
  const withMember = (what: string, change: Partial<DrawnMember>, isSame = false): Variant =>
    varied(what, { members: replaced(members, at, 1, { ...member, ...change }) }, isSame);
  const withAddress = (what: string, change: Partial<typeof address>, isSame = false): Variant =>
    withMember(what, { addresses: [{ ...address, ...change }, ...others] }, isSame);
  const variants = [
    varied("other spellings", {}, true),
    varied("other order", { members: random.shuffled(members) }, true),
    withMember("addresses in another order", { addresses: [...others, address] }, true),
    withMember("another client port", { client: { host: member.client?.host, port: 4000 } }),
    withAddress("another host", { host: { kind: "name", name: "another" } }),
    withAddress("another quorum port", { quorumPort: portBeside(member) }),
    withAddress("another election port", { electionPort: portBeside(member) }),
  ];
  if (member.client !== undefined)
    variants.push(withMember("no client port", { client: undefined }));
  if (address.host.kind === "ipv4")
    variants.push(withAddress("an address of IPv4 in IPv6", { host: mapped(address.host) }, true));
  if (address.host.kind === "ipv6")
    variants.push(withAddress("another address", { host: otherAddress(address.host) }));
  if (others.length > 0) variants.push(withMember("fewer addresses", { addresses: [address] }));
  if (groups === undefined) {
    const role = "participant";
    // Only one reconfiguration has that version.
    const alone = { version: drawn.version, members: [{ ...member, role }] } as const;
    variants.push(varied("whatever has the same version", alone, true));
    if (at > 0)
      variants.push(
        withMember("another role", {
          role: member.role === "observer" ? "participant" : "observer",
        }),
        varied("fewer members", { members: replaced(members, at, 1) }),
      );
  } else {
    variants.push(...ofWeights(varied, weights, member), ...ofGroups(varied, groups));
  }
  return variants.filter(({ configuration }) => isPossible(configuration));
}

type Vary = (what: string, change: Partial<DrawnConfiguration>, isSame?: boolean) => Variant;

function ofWeights(
  varied: Vary,
  weights: ReadonlyMap<Sid, number>,
  { sid, role }: DrawnMember,
): readonly Variant[] {
  const other = (weights.get(sid) ?? 1) + 1;
  if (other > 0x7fff_ffff || role === "observer") return [];
  return [varied("another weight", { weights: new Map([...weights, [sid, other]]) })];
}

function ofGroups(varied: Vary, groups: ReadonlyMap<bigint, readonly Sid[]>): readonly Variant[] {
  const [first, second] = [...groups];
  if (first === undefined) return [];
  const renamed = new Map(groups);
  renamed.delete(first[0]);
  const variants = [varied("a group of another number", { groups: renamed.set(4n, first[1]) })];
  const [sid, ...rest] = first[1];
  if (second !== undefined && sid !== undefined && rest.length > 0) {
    const moved = new Map(groups).set(first[0], rest).set(second[0], [...second[1], sid]);
    variants.push(varied("a server in another group", { groups: moved }));
  }
  return variants;
}

/** Somebody must vote and count. */
function isPossible({ members, groups, weights }: DrawnConfiguration): boolean {
  const voters = members.filter(({ role }) => role === "participant");
  return (
    voters.length > 0 && (groups === undefined || voters.some(({ sid }) => weights.get(sid) !== 0))
  );
}

function portBeside({ addresses }: DrawnMember): number {
  const taken = new Set(addresses.flatMap((each) => [each.quorumPort, each.electionPort]));
  let port = 4000;
  while (taken.has(port)) port += 1;
  return port;
}

function otherAddress(host: DrawnHost & { readonly kind: "ipv6" }): DrawnHost {
  if (host.zone !== "") return { ...host, zone: `${host.zone}x` };
  const [first = 0, ...rest] = host.groups;
  return { ...host, groups: [first === 0x2001 ? 0x2002 : 0x2001, ...rest] };
}
