/** What a server may find in its data directory, each kind with what must become of it. */
import type { Random } from "../world/random.js";
import {
  emptyLastLog,
  foreignLog,
  halfCutLog,
  rottenLastLog,
  tornEarlierLog,
  tornLastLog,
} from "./damaged-logs.js";
import { Draft, type DrawnDirectory } from "./draft.js";
import {
  emptyDirectory,
  epochsApart,
  halfInstalled,
  laterSnapshot,
  misplacedFile,
  missingLog,
  noSnapshot,
  oddEpochs,
  strayEpochs,
  tracedSnapshot,
  unreadableSnapshot,
  wholeDirectory,
} from "./other-directories.js";

export function drawDirectory(random: Random): DrawnDirectory {
  return random.pick(KINDS)(new Draft(random));
}

const KINDS: readonly ((draft: Draft) => DrawnDirectory)[] = [
  wholeDirectory,
  tornLastLog,
  emptyLastLog,
  halfCutLog,
  rottenLastLog,
  rottenLastLog,
  tornEarlierLog,
  tornEarlierLog,
  foreignLog,
  epochsApart,
  oddEpochs,
  strayEpochs,
  missingLog,
  unreadableSnapshot,
  noSnapshot,
  laterSnapshot,
  halfInstalled,
  misplacedFile,
  emptyDirectory,
  tracedSnapshot,
  tracedSnapshot,
];
