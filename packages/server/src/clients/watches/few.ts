/**
 * Sets of which most have one member or none: a million watches are mostly such
 * sets, and a `Set` for each would be several times as big as what it holds.
 * No member may itself be a `Set`.
 */

/** A set: empty, of one, or of any size. */
export type Few<T extends object> = undefined | T | Set<T>;

/** The set with one member more. Use the returned set from then on. */
export function withMember<T extends object>(few: Few<T>, member: T): Few<T> {
  if (few === undefined || few === member) return member;
  if (few instanceof Set) return few.add(member);
  return new Set([few, member]);
}

/** The set with one member fewer. Use the returned set from then on. */
export function withoutMember<T extends object>(few: Few<T>, member: T): Few<T> {
  if (!(few instanceof Set)) return few === member ? undefined : few;
  few.delete(member);
  return few.size === 0 ? undefined : few;
}

export function hasMember<T extends object>(few: Few<T>, member: T): boolean {
  return few instanceof Set ? few.has(member) : few === member;
}

export function sizeOf<T extends object>(few: Few<T>): number {
  if (few === undefined) return 0;
  return few instanceof Set ? few.size : 1;
}

/** The members, in the order in which they came. A large set is borrowed, so it must not change meanwhile. */
export function membersOf<T extends object>(few: Few<T>): Iterable<T> {
  if (few === undefined) return [];
  return few instanceof Set ? few : [few];
}
