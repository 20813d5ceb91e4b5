/** The words of commands: server ids, links, times, files and bytes. Each throws ScenarioError for what it cannot read. */
import type { Sid } from "@jute-ts/zookeeper";
import type { FilePath } from "@jute-ts/quorum";
import { ScenarioError, type ScenarioStage } from "./stage.js";

export function sids(stage: ScenarioStage, words: readonly string[]): readonly Sid[] {
  const isAll = words.length === 0 || words[0] === "all";
  return isAll ? stage.world.processes.map((process) => process.sid) : words.map(sid);
}

export function sid(word: string | undefined): Sid {
  if (word === undefined || !/^\d+$/.test(word)) {
    throw new ScenarioError(`expected a server id, not ${word ?? "nothing"}`);
  }
  return BigInt(word);
}

export function pairOf(word: string | undefined, separator: string): readonly [Sid, Sid] {
  const [one, other, ...more] = (word ?? "").split(separator);
  if (more.length > 0) throw new ScenarioError(`expected two server ids, not ${word ?? ""}`);
  return [sid(one), sid(other)];
}

export function number(word: string | undefined): number {
  const value = Number(word);
  if (word === undefined || !Number.isFinite(value)) {
    throw new ScenarioError(`expected a number, not ${word ?? "nothing"}`);
  }
  return value;
}

export function duration(word: string | undefined): number {
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(word ?? "") ?? [];
  if (amount === undefined)
    throw new ScenarioError(`expected a time like 500ms, not ${word ?? "nothing"}`);
  return Number(amount) * (unit === "s" ? 1000 : 1);
}

export function filePath(word: string | undefined): FilePath {
  const [, directory, name] = /^(data|log)\/((?:\.\.\/)?[^/]+)$/.exec(word ?? "") ?? [];
  if ((directory !== "data" && directory !== "log") || name === undefined) {
    throw new ScenarioError(`expected data/NAME or log/NAME, not ${word ?? "nothing"}`);
  }
  return { directory, name };
}

export function bytesOfHex(hex: string): Uint8Array {
  if (!/^([0-9a-f]{2})+$/.test(hex)) throw new ScenarioError(`expected hex digits, not ${hex}`);
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
