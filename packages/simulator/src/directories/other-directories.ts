/** Directories that crashes between two steps, administrators, Apache's servers and losses leave. */
import { epochOf, makeZxid, NO_TXN, type Zxid } from "@jute-ts/zookeeper";
import { ascii } from "../model/plain-bytes.js";
import { startsWith } from "./damaged-logs.js";
import type { Draft, DrawnDirectory, Loaded } from "./draft.js";
import { heldUpTo, snapshotOf, standsOf } from "./drawn-history.js";
import { syncedFile, syncedMark } from "./file-bytes.js";
import { digestOf } from "./listed-state.js";

/** All that a server needs, and what it does not need: older files, unfinished ones, copies. */
export function wholeDirectory(draft: Draft): DrawnDirectory {
  const { random, logs, newest, history, lastLog } = draft;
  for (const [nth, log] of logs.entries()) {
    const next = logs[nth + 1]?.txns[0]?.zxid;
    if (next !== undefined && next <= newest.zxid + 1n && random.chance(0.4))
      draft.take("log", log.name);
  }
  for (const name of [
    "currentEpoch.tmp",
    "acceptedEpoch.tmp",
    "snapshot.1f.tmp",
    `unfinished-${newest.name}.tmp`,
  ])
    if (random.chance(0.3)) draft.leave("data", name, newest.bytes.slice(0, 30));
  draft.drawMark(lastLog.ends.at(-1) ?? 0);
  return startsWith(draft, "all that it needs", history.txns, 0);
}

/** Files of epochs that are of different times, or none. */
export function epochsApart(draft: Draft): DrawnDirectory {
  const { random, newest: snapshot } = draft;
  const replayed = draft.after();
  const last = epochOf(replayed.at(-1)?.zxid ?? snapshot.zxid);
  const drawn = (): number | undefined =>
    random.pick([undefined, Math.max(last - 1, 0), last, last + 1, last + 2]);
  const [accepted, current] = [drawn(), drawn()];
  if (accepted !== undefined) draft.epochFile("acceptedEpoch", accepted);
  if (current !== undefined) draft.epochFile("currentEpoch", current);
  const what = `epochs ${accepted ?? "missing"} and ${current ?? "missing"}, and a last txn of ${last}`;
  const promised = accepted ?? last;
  if (promised < (current ?? last) || promised < last) return draft.refuses(what);
  return draft.starts(what, { snapshot, replayed }, [promised, Math.max(current ?? last, last)]);
}

/** What stands in a file of an epoch is none, or is Java's for no database. */
export function oddEpochs(draft: Draft): DrawnDirectory {
  const { random, newest: snapshot } = draft;
  const replayed = draft.after();
  const last = epochOf(replayed.at(-1)?.zxid ?? snapshot.zxid);
  if (random.chance(0.4)) {
    draft.epochFile("acceptedEpoch", last);
    draft.put("data", "currentEpoch", ascii("-1"));
    return draft.starts("a current epoch of -1", { snapshot, replayed }, [last, last]);
  }
  const text = random.pick(["", "x", `${last}x`, "2147483648", "-2", " 1", "1.0"]);
  const name = random.pick(["acceptedEpoch", "currentEpoch"] as const);
  for (const each of ["acceptedEpoch", "currentEpoch"] as const) draft.epochFile(each, last);
  draft.put("data", name, ascii(text));
  return draft.refuses(`${name} holds ${JSON.stringify(text)}`, name);
}

/** Files of epochs among the logs: older ones are copies, newer ones say that the directories are exchanged. */
export function strayEpochs(draft: Draft): DrawnDirectory {
  const { random, newest: snapshot } = draft;
  const replayed = draft.after();
  const last = epochOf(replayed.at(-1)?.zxid ?? snapshot.zxid);
  const [accepted, current] = [last + 1, random.pick([last, last + 1])];
  draft.epochFile("acceptedEpoch", accepted);
  draft.epochFile("currentEpoch", current);
  const name = random.pick(["acceptedEpoch", "currentEpoch"] as const);
  const own = name === "acceptedEpoch" ? accepted : current;
  const stray = Math.max(own + random.integer(-1, 1), 0);
  draft.epochFile(name, stray, "log");
  const isMissing = random.chance(0.2);
  if (isMissing) draft.take("data", name);
  const what = `${name} ${stray} among the logs, and ${isMissing ? "none" : own} in its place`;
  if (isMissing || stray > own)
    return draft.refuses(what, `${name} in version-2 of dataLogDir is ${stray}`);
  return draft.starts(what, { snapshot, replayed }, [accepted, current]);
}

/** A log is gone. */
export function missingLog(draft: Draft): DrawnDirectory {
  const { random, logs, newest, history, lastLog } = draft;
  const gaps = logs.filter((log, nth) => {
    const next = logs[nth + 1]?.txns[0]?.zxid ?? NO_TXN;
    return (log.txns.at(-1)?.zxid ?? 0n) > newest.zxid && (next & 0xffff_ffffn) > 1n;
  });
  if (gaps.length > 0 && random.chance(0.6)) {
    draft.take("log", random.pick(gaps).name);
    draft.drawEpochs(epochOf(lastLog.txns.at(-1)?.zxid ?? 0n));
    return draft.refuses("a log is missing between others");
  }
  draft.take("log", lastLog.name);
  const isPromised = random.chance(0.6);
  draft.putMark(lastLog.name, isPromised ? random.integer(1, lastLog.bytes.length) : 0);
  if (isPromised) {
    // Whatever the places say: one of them says more than nothing.
    draft.put(
      "data",
      "synced",
      syncedFile(syncedMark(lastLog.name, 17), syncedMark(lastLog.name, 0)),
    );
    draft.drawEpochs(epochOf(lastLog.txns.at(-1)?.zxid ?? 0n));
    return draft.refuses("the last log is missing, of which something was durable", lastLog.name);
  }
  const rest = history.txns.filter((txn) => !lastLog.txns.includes(txn));
  return startsWith(draft, "the last log is missing, of which nothing was durable", rest, 0);
}

/** The newest snapshot cannot be read: an older one will do if the logs make up for it. */
export function unreadableSnapshot(draft: Draft): DrawnDirectory {
  const { random, newest, snapshots, history, logs } = draft;
  const at = random.integer(0, newest.bytes.length - 1);
  const isCut = newest.name.endsWith("snappy") || random.chance(0.3);
  const cut = newest.bytes.slice(0, Math.min(at, 20 + 8 * newest.held.length));
  draft.put(
    "data",
    newest.name,
    isCut ? cut : newest.bytes.map((byte, index) => byte ^ (index === at ? 8 : 0)),
  );
  const snapshot = snapshots.at(-2);
  const what = `a snapshot that cannot be read, ${isCut ? "cut" : "with a wrong bit"}`;
  const last = epochOf(history.txns.at(-1)?.zxid ?? 0n);
  if (snapshot === undefined) {
    draft.drawEpochs(last);
    return draft.refuses(what, newest.name);
  }
  if (random.chance(0.4)) {
    // What was after the older snapshot is gone, up to the newer one.
    const lost = logs.filter(({ txns }) => (txns.at(-1)?.zxid ?? 0n) >= newest.zxid);
    for (const { name } of lost) draft.take("log", name);
    draft.drawEpochs(last);
    return draft.refuses(`${what}, and logs that do not reach it`, newest.name);
  }
  return draft.starts(what, { snapshot, replayed: draft.after(snapshot.zxid) });
}

/** Logs and no snapshot: only a server that is told to trusts them. */
export function noSnapshot(draft: Draft): DrawnDirectory {
  const { random, snapshots, history, options } = draft;
  for (const { name } of snapshots) draft.take("data", name);
  const trustEmptySnapshot = random.chance(0.7);
  draft.options = { ...options, trustEmptySnapshot };
  if (!trustEmptySnapshot) {
    draft.drawEpochs(epochOf(history.txns.at(-1)?.zxid ?? 0n));
    return draft.refuses("logs without a snapshot", draft.logs[0]?.name ?? "");
  }
  const snapshot = { zxid: history.beginning, held: [], trailer: {} };
  return draft.starts("logs without a snapshot, to be trusted", {
    snapshot,
    replayed: history.txns,
  });
}

/** A snapshot that a leader sent, and older logs, which end before it. */
export function laterSnapshot(draft: Draft): DrawnDirectory {
  const { random, history } = draft;
  const zxid = makeZxid(
    epochOf(history.txns.at(-1)?.zxid ?? 0n) + random.integer(1, 2),
    random.integer(0, 3),
  );
  const held = [...heldUpTo(history, zxid).slice(0, -1), zxid];
  const snapshot = snapshotOf(zxid, held, { lastZxid: zxid });
  draft.put("data", snapshot.name, snapshot.bytes);
  return draft.starts("a snapshot after all logs", { snapshot, replayed: [] });
}

/** A crash came while a leader's snapshot was replacing everything: before it had its name, or after that. */
export function halfInstalled(draft: Draft): DrawnDirectory {
  const { random, history, logs } = draft;
  const zxid = makeZxid(epochOf(history.txns.at(-1)?.zxid ?? 0n) + 1, random.integer(0, 3));
  const mark = `installing-snapshot.${zxid.toString(16)}`;
  draft.leave("data", mark, new Uint8Array(0));
  const what = "a leader's snapshot that is half installed";
  if (random.chance(0.3)) return startsWith(draft, `${what}, without its name`, history.txns, 0);
  const snapshot = snapshotOf(zxid, [...heldUpTo(history, zxid).slice(0, -1), zxid], {});
  draft.put("data", snapshot.name, snapshot.bytes);
  // Some files are gone already, and one of another history is newer than the leader's.
  if (random.chance(0.5)) draft.take("log", random.pick(logs).name);
  const newer = snapshotOf(zxid + 5n, [zxid + 5n], {});
  if (random.chance(0.5)) draft.leave("data", newer.name, newer.bytes);
  for (const { name } of draft.snapshots) draft.leave("data", name, draft.newest.bytes);
  if (random.chance(0.5)) draft.drawMark(0);
  return draft.starts(what, { snapshot, replayed: [] });
}

/** Something lies where nobody would look for it, or is called as nobody calls it. */
export function misplacedFile(draft: Draft): DrawnDirectory {
  const { random, lastLog, newest, history } = draft;
  const last = history.txns.at(-1)?.zxid ?? 0n;
  draft.drawEpochs(epochOf(last));
  const [directory, name, tells] = random.pick([
    ["data", lastLog.name, `version-2 of dataDir holds logs (${lastLog.name})`],
    ["log", newest.name, `version-2 of dataLogDir holds snapshots (${newest.name})`],
    ["log", `unfinished-${newest.name}.tmp`, `snapshots (unfinished-${newest.name}.tmp)`],
    ["data", `../${lastLog.name}`, `dataDir itself holds ${lastLog.name},`],
    ["log", `../${newest.name}`, `dataLogDir itself holds ${newest.name},`],
    ["data", "../currentEpoch", "dataDir itself holds currentEpoch,"],
    ["log", `log.0${last.toString(16)}`, `holds log.0${last.toString(16)},`],
    ["log", `${lastLog.name}.gz`, `holds ${lastLog.name}.gz,`],
    ["data", `${newest.name}.old`, `holds ${newest.name}.old,`],
  ] as const);
  const bytes = directory === "log" ? newest.bytes : lastLog.bytes;
  draft.put(directory, name, bytes);
  const what = `${name} in ${directory}`;
  const kind = /^(?:\.\.\/)?(?:log|snapshot)\.[0-9a-f]+$/u.exec(name)?.[0];
  if (kind === undefined || random.chance(0.5)) return draft.refuses(what, tells);
  // The first is named, and how many more there are.
  const count = random.integer(1, 2);
  for (let nth = 1; nth <= count; nth += 1)
    draft.put(directory, `${kind}${"f".repeat(nth)}`, bytes);
  return draft.refuses(
    `${what}, and ${count} more`,
    `${kind.replace("../", "")} and ${count} more`,
  );
}

/** A new directory, or one that has lost everything. */
export function emptyDirectory(draft: Draft): DrawnDirectory {
  const { random, options } = draft;
  draft.clear();
  const current = random.pick([undefined, 0, random.integer(1, 5)]);
  const accepted = Math.max(current ?? 0, random.integer(0, 5));
  if (current !== undefined) draft.epochFile("currentEpoch", current);
  const isAccepted = accepted > 0 || random.chance(0.5);
  if (isAccepted) draft.epochFile("acceptedEpoch", accepted);
  const where = random.pick(["none", "data", "log"] as const);
  if (where !== "none") draft.leave(where, "../initialize", new Uint8Array(0));
  if (current !== undefined && current > 0)
    return draft.refuses("nothing, and an epoch that was current", `epoch ${current}`);
  const mayVote = options.autocreate || where !== "none";
  return draft.starts("nothing", { snapshot: undefined, replayed: [], mayVote }, [accepted, 0]);
}

/**
 * A snapshot as Apache's servers write them while txns go on: with traces of the next ones, and at its end the
 * digest after the last that was applied whole. Or with a digest that is none of its state's.
 */
export function tracedSnapshot(draft: Draft): DrawnDirectory {
  const { random, history, newest } = draft;
  const stands = standsOf(history);
  const at = random.integer(stands.indexOf(newest.zxid), stands.length - 1);
  const [zxid, last] = [stands[at], stands[Math.min(at + random.integer(0, 3), stands.length - 1)]];
  if (zxid === undefined || last === undefined) return wholeDirectory(draft);
  const held = heldUpTo(history, last);
  const whole = random.chance(0.5) ? last : (stands[stands.indexOf(last) - 1] ?? last);
  const at2 = maxZxid(whole, zxid);
  const value = random.chance(0.5) ? 77n : digestOf(heldUpTo(history, at2));
  const version = random.pick([2, 2, 2, 3]);
  const snapshot = snapshotOf(zxid, held, { digest: { zxid: at2, value, version } });
  draft.put("data", snapshot.name, snapshot.bytes);
  draft.take("data", `${snapshot.name}.snappy`);
  const loaded: Loaded = { snapshot, replayed: draft.after(zxid) };
  return draft.starts("a snapshot that was written beside running traffic", loaded);
}

function maxZxid(one: Zxid, other: Zxid): Zxid {
  return one > other ? one : other;
}
