/**
 * Access control lists by number. Most znodes share a few lists, so a znode keeps
 * a number and this table keeps the list, as long as anyone uses it. Snapshots
 * hold the same table by the ids that Java gives: counted up from 1, and never
 * again once a list is gone. Inside, a list has the number of its place in the
 * table, which the next list gets when it is gone.
 */
import { ACL, ANYONE_ID_UNSAFE, Id, Perms } from "@jute-ts/zookeeper";
import type { Upkeep } from "./upkeep.js";

/** Stands in snapshots for world:anyone with all permissions; such a list is in no table. */
const OPEN_ACL_ID = -1n;

/** The same list's place. */
export const OPEN_ACL_PLACE = 0;

/** A list of access control entries. Never changed once it is in a table. */
export type AclList = readonly ACL[];

export class AclCache {
  /** By place. */
  readonly #entries: (AclEntry | undefined)[] = [undefined];
  readonly #vacant: number[] = [];
  /** In the order in which they came. */
  readonly #placeById = new Map<bigint, number>();
  readonly #idByKey = new Map<string, bigint>();
  #lastId = 0n;
  /** The list that was asked for last, which is often the next one, too. */
  #lastUsed: AclEntry | undefined;

  /** How many lists there are. */
  get size(): number {
    return this.#placeById.size;
  }

  /** See `Upkeep`. */
  get upkeep(): Upkeep["acls"] {
    const lists = this.#entries.length - this.#vacant.length - 1;
    return { lists, keys: this.#idByKey.size, ids: this.#placeById.size };
  }

  /** The place of a list, which one more znode uses now. No list at all is an open one. */
  use(acl: AclList | null): number {
    if (acl === null) return OPEN_ACL_PLACE;
    const last = this.#lastUsed;
    if (last !== undefined && last.users > 0 && isSameList(last.acl, acl)) {
      last.users++;
      return last.place;
    }
    const entry = this.entryFor(acl);
    entry.users++;
    this.#lastUsed = entry;
    return entry.place;
  }

  /** The place of the list with this id, which one more znode uses now. Undefined if there is none. */
  useById(id: bigint): number | undefined {
    if (id === OPEN_ACL_ID) return OPEN_ACL_PLACE;
    const place = this.#placeById.get(id);
    const entry = place === undefined ? undefined : this.#entries[place];
    if (entry !== undefined) entry.users++;
    return place;
  }

  /** One znode fewer uses this list. The last one takes it along. */
  release(place: number): void {
    const entry = this.#entries[place];
    if (entry === undefined) return;
    entry.users--;
    if (entry.users === 0) this.remove(entry);
  }

  /** The list at a place. */
  list(place: number): AclList {
    if (place === OPEN_ACL_PLACE) return OPEN_ACL;
    return this.#entries[place]?.acl ?? CLOSED_ACL;
  }

  /** The id by which snapshots know the list at a place. */
  id(place: number): bigint {
    return this.#entries[place]?.id ?? OPEN_ACL_ID;
  }

  /** All lists with their ids. They stay valid as they are. */
  entries(): [bigint, AclList][] {
    return Array.from(this.#placeById, ([id, place]) => [id, this.list(place)]);
  }

  /** Takes in a list of a snapshot, without users yet. False if the id is taken or means the open list. */
  load(id: bigint, acl: AclList): boolean {
    if (id === OPEN_ACL_ID || this.#placeById.has(id)) return false;
    // Of two ids for one list, which only old servers wrote, the later one is used from now on.
    this.add(id, acl, aclKey(acl));
    if (id > this.#lastId) this.#lastId = id;
    return true;
  }

  /** Whether a running server may have given this id after it had written its table into a snapshot. */
  isLaterThanAll(id: bigint): boolean {
    return id > this.#lastId;
  }

  /** Forgets the lists that a snapshot held and no znode of it uses. */
  purgeUnused(): void {
    for (const entry of this.#entries) {
      if (entry?.users === 0) this.remove(entry);
    }
  }

  private entryFor(acl: AclList): AclEntry {
    const key = aclKey(acl);
    const place = this.#placeById.get(this.#idByKey.get(key) ?? OPEN_ACL_ID);
    const entry = place === undefined ? undefined : this.#entries[place];
    return entry ?? this.add(++this.#lastId, acl, key);
  }

  private add(id: bigint, acl: AclList, key: string): AclEntry {
    const place = this.#vacant.pop() ?? this.#entries.length;
    const entry = { place, id, acl, key, users: 0 };
    this.#entries[place] = entry;
    this.#placeById.set(id, place);
    this.#idByKey.set(key, id);
    return entry;
  }

  private remove({ place, id, key }: AclEntry): void {
    this.#entries[place] = undefined;
    this.#vacant.push(place);
    this.#placeById.delete(id);
    if (this.#idByKey.get(key) === id) this.#idByKey.delete(key);
  }
}

/** Whether two lists are equal, entry by entry. */
function isSameList(left: AclList, right: AclList): boolean {
  return (
    left === right ||
    (left.length === right.length &&
      left.every((entry, index) => {
        const other = right[index];
        const { perms, id } = entry;
        return perms === other?.perms && id.scheme === other.id.scheme && id.id === other.id.id;
      }))
  );
}

/** A list as text, equal for equal lists only: texts come with their lengths, so that none can be taken for the next. */
export function aclKey(acl: AclList): string {
  let key = "";
  for (const { perms, id } of acl) key += `${perms} ${measured(id.scheme)} ${measured(id.id)} `;
  return key;
}

function measured(text: string | null): string {
  return text === null ? "null" : `${text.length}:${text}`;
}

interface AclEntry {
  readonly place: number;
  readonly id: bigint;
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
