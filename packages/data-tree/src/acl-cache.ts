/**
 * Access control lists by number. Most znodes share a few lists, so a znode keeps
 * a number and this table keeps the list, as long as anyone uses it. Snapshots
 * hold the same table, so the numbers are given as Java gives them: counted up
 * from 1, and never again once a list is gone.
 */
import { ACL, ANYONE_ID_UNSAFE, Id, Perms } from "@jute-ts/zookeeper";

/** Stands for world:anyone with all permissions; such a list is in no table. */
export const OPEN_ACL_ID = -1n;

/** A list of access control entries. Never changed once it is in a table. */
export type AclList = readonly ACL[];

export class AclCache {
  readonly #entries = new Map<bigint, AclEntry>();
  readonly #idByKey = new Map<string, bigint>();
  #lastId = 0n;

  /** How many lists there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** The number of a list, which one more znode uses now. No list at all is an open one. */
  use(acl: AclList | null): bigint {
    if (acl === null) return OPEN_ACL_ID;
    const key = aclKey(acl);
    let id = this.#idByKey.get(key);
    if (id === undefined) {
      id = ++this.#lastId;
      this.#entries.set(id, { acl, key, users: 0 });
      this.#idByKey.set(key, id);
    }
    this.useAgain(id);
    return id;
  }

  /** One more znode uses this list. False if there is none with this number. */
  useAgain(id: bigint): boolean {
    if (id === OPEN_ACL_ID) return true;
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.users++;
    return true;
  }

  /** One znode fewer uses this list. The last one takes it along. */
  release(id: bigint): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.users--;
    if (entry.users === 0) this.remove(id, entry);
  }

  /** The list with this number. One that does not exist lets nobody in. */
  list(id: bigint): AclList {
    if (id === OPEN_ACL_ID) return OPEN_ACL;
    return this.#entries.get(id)?.acl ?? CLOSED_ACL;
  }

  /** All lists with their numbers. They stay valid as they are; the map does not. */
  entries(): [bigint, AclList][] {
    return Array.from(this.#entries, ([id, { acl }]) => [id, acl]);
  }

  /** Takes in a list of a snapshot, without users yet. False if the number is taken or means the open list. */
  load(id: bigint, acl: AclList): boolean {
    if (id === OPEN_ACL_ID || this.#entries.has(id)) return false;
    const key = aclKey(acl);
    this.#entries.set(id, { acl, key, users: 0 });
    // Of two numbers for one list, which only old servers wrote, the later one is used from now on.
    this.#idByKey.set(key, id);
    if (id > this.#lastId) this.#lastId = id;
    return true;
  }

  /** Whether a running server may have given this number after it had written its table into a snapshot. */
  isLaterThanAll(id: bigint): boolean {
    return id > this.#lastId;
  }

  /** Forgets the lists that a snapshot held and no znode of it uses. */
  purgeUnused(): void {
    for (const [id, entry] of this.#entries) {
      if (entry.users === 0) this.remove(id, entry);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#idByKey.clear();
    this.#lastId = 0n;
  }

  private remove(id: bigint, entry: AclEntry): void {
    this.#entries.delete(id);
    if (this.#idByKey.get(entry.key) === id) this.#idByKey.delete(entry.key);
  }
}

/** A list as text, equal for equal lists. */
export function aclKey(acl: AclList): string {
  return JSON.stringify(acl.map(({ perms, id }) => [perms, id.scheme, id.id]));
}

interface AclEntry {
  readonly acl: AclList;
  readonly key: string;
  users: number;
}

function worldAcl(perms: number): AclList {
  return [new ACL({ perms, id: new Id(ANYONE_ID_UNSAFE) })];
}

/** Everybody may do everything. */
const OPEN_ACL: AclList = worldAcl(Perms.ALL);

/** What the configuration's znode has from the start: everybody may read. */
export const READ_ACL: AclList = worldAcl(Perms.READ);

/** Nobody but a superuser may do anything. */
export const CLOSED_ACL: AclList = worldAcl(0);
