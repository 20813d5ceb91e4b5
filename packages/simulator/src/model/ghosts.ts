/** The ghosts that the checkers of one run share. */
import type { Zxid } from "@jute-ts/zookeeper";
import { GhostDisks } from "./ghost-disks.js";
import { GhostHistory } from "./ghost-history.js";
import { GhostLinks } from "./ghost-links.js";

export interface Ghosts {
  readonly history: GhostHistory;
  readonly disks: GhostDisks;
  readonly links: GhostLinks;
}

export function newGhosts(firstZxid?: Zxid): Ghosts {
  const history = new GhostHistory(firstZxid);
  return { history, disks: new GhostDisks(history), links: new GhostLinks() };
}
