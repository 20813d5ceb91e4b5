/** What an access control entry may grant: the bits of `ACL.perms`, as Java's `ZooDefs.Perms`. */

export const Perms = {
  /** Read the data and list the children. */
  READ: 1,
  /** Replace the data. */
  WRITE: 2,
  /** Create children. */
  CREATE: 4,
  /** Delete children. */
  DELETE: 8,
  /** Replace the access control list. */
  ADMIN: 16,
  ALL: 31,
} as const;

/** The letters that `zkCli.sh` uses for permissions, in its order: `cdrwa`. Unknown bits are left out. */
export function formatPerms(perms: number): string {
  return letters
    .filter(([bit]) => (perms & bit) !== 0)
    .map(([, letter]) => letter)
    .join("");
}

/** Reads the letters of `formatPerms`, in any order; undefined when there is another among them. */
export function parsePerms(text: string): number | undefined {
  let perms = 0;
  for (const letter of text) {
    const found = letters.find(([, known]) => known === letter);
    if (found === undefined) return undefined;
    perms |= found[0];
  }
  return perms;
}

const letters: readonly (readonly [bit: number, letter: string])[] = [
  [Perms.CREATE, "c"],
  [Perms.DELETE, "d"],
  [Perms.READ, "r"],
  [Perms.WRITE, "w"],
  [Perms.ADMIN, "a"],
];
