/**
 * Paths of znodes: which are allowed, and how they fall apart. The root has two
 * spellings: "/" towards clients, and "" where children are appended to it. The
 * tree keeps it under "".
 */

/** The root's path inside the tree and in snapshots. */
export const ROOT = "";

/** Everything below is ZooKeeper's own, and stays out of the digest. */
export const SYSTEM_SUBTREE = "/zookeeper/";
export const SYSTEM = "/zookeeper";
export const QUOTA = "/zookeeper/quota";
/** The ensemble's configuration, which reconfig changes. */
export const CONFIG = "/zookeeper/config";

/** The path under which the tree keeps a znode. */
export function treePath(path: string): string {
  return path === "/" ? ROOT : path;
}

/** The path as clients know it. */
export function clientPath(path: string): string {
  return path === ROOT ? "/" : path;
}

/** Whether a path is that of a parent and of a name below it. */
export function hasName(path: string): boolean {
  const lastSlash = path.lastIndexOf("/");
  return lastSlash !== -1 && lastSlash !== path.length - 1;
}

/** Parent and name of a znode below the root; undefined for a path that names none. */
export function splitPath(path: string): { parent: string; name: string } | undefined {
  const lastSlash = path.lastIndexOf("/");
  if (lastSlash === -1 || lastSlash === path.length - 1) return undefined;
  return { parent: path.slice(0, lastSlash), name: path.slice(lastSlash + 1) };
}

/**
 * Whether a client may use this path: absolute, without empty or relative names,
 * and without characters that cannot be shown. The ranges are Java's, which
 * refuses surrogates, and so everything beyond the basic multilingual plane.
 */
export function isValidPath(path: string): boolean {
  return path === "/" || (path.startsWith("/") && !REFUSED.test(path));
}

/** An empty or relative name, or a character that cannot be shown. */
const REFUSED =
  // eslint-disable-next-line no-control-regex -- Control characters are among those that are refused.
  /[\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]|\/(?:\.{0,2}\/|\.{0,2}$)/;

/** The digits that a sequential create appends: ten characters, of which a negative number uses one for its sign. */
export function sequenceSuffix(cversion: number): string {
  return cversion < 0
    ? `-${String(-cversion).padStart(SEQUENCE_DIGITS - 1, "0")}`
    : String(cversion).padStart(SEQUENCE_DIGITS, "0");
}

const SEQUENCE_DIGITS = 10;
