/** Every parser that is fuzzed: those that take the longest for an input first, so that none of them is last alone. */
import type { FuzzedParser } from "../fuzzed-parser.js";
import { fourLetterWords } from "./client-port.js";
import { configurationText, zooCfg } from "./configuration.js";
import { dataDirectory } from "./data-directory.js";
import { electionHello, looking, notification } from "./election.js";
import {
  inspectedCapture,
  inspectedLog,
  inspectedMessage,
  inspectedSnappy,
  inspectedSnapshot,
  inspectedStream,
  inspectedText,
} from "./inspect.js";
import { txnLog } from "./logs.js";
import { leaderPackets, leaderRole, learnerPackets, learnerRole } from "./quorum-port.js";
import { epochFile, syncedMark } from "./small-files.js";
import { snappy, snapshotFile, snapshotStream } from "./snapshots.js";
import { txnRecord } from "./txn-record.js";

export const PARSERS: readonly FuzzedParser[] = [
  inspectedCapture,
  inspectedLog,
  inspectedStream,
  inspectedSnapshot,
  inspectedSnappy,
  inspectedMessage,
  dataDirectory,
  leaderRole,
  learnerRole,
  looking,
  snapshotStream,
  txnRecord,
  txnLog,
  snapshotFile,
  snappy,
  zooCfg,
  leaderPackets,
  configurationText,
  learnerPackets,
  notification,
  electionHello,
  epochFile,
  syncedMark,
  fourLetterWords,
  inspectedText,
];
