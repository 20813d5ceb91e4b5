/**
 * What both kinds of verifier keep: the members by sid, who of them votes, and
 * how a member is printed. Members are kept in the order of their sids, so that
 * equal ensembles print equal texts.
 */
import type { Sid } from "@jute-ts/zookeeper";
import type { Member, MemberAddress } from "./quorum-verifier.js";

/** The members by sid, ascending. Throws RangeError for a sid that occurs twice and for a member without an address. */
export function membersBySid(members: Iterable<Member>): ReadonlyMap<Sid, Member> {
  const sorted = [...members].sort((a, b) => compareSids(a.sid, b.sid));
  const bySid = new Map<Sid, Member>();
  for (const member of sorted) {
    if (bySid.has(member.sid)) throw new RangeError(`server.${member.sid} occurs twice`);
    if (member.addresses.length === 0) {
      throw new RangeError(`server.${member.sid} has no address`);
    }
    bySid.set(member.sid, member);
  }
  return bySid;
}

/** The sids of the participants. */
export function votersAmong(members: ReadonlyMap<Sid, Member>): ReadonlySet<Sid> {
  const voters = new Set<Sid>();
  for (const member of members.values()) {
    if (member.role === "participant") voters.add(member.sid);
  }
  return voters;
}

/** Orders sids, ascending. */
export function compareSids(a: Sid, b: Sid): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A member's line: `server.N=host:2888:3888:participant;host:2181`, without a line end. */
export function printMember(member: Member): string {
  const addresses = member.addresses.map(printAddress).join("|");
  const client =
    member.client === undefined ? "" : `;${printHost(member.client.host)}:${member.client.port}`;
  return `server.${member.sid}=${addresses}:${member.role}${client}`;
}

function printAddress(address: MemberAddress): string {
  return `${printHost(address.host)}:${address.quorumPort}:${address.electionPort}`;
}

/** A host as it stands before a colon: IPv6 addresses have brackets. */
function printHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The last line of a configuration's text. */
export function printVersion(version: bigint): string {
  return `version=${version.toString(16)}`;
}
