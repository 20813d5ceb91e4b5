/** Asks Apache's compiler about every text and writes verdicts.json; record.sh prepares the Java side. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { includable } from "./corpus.js";
import {
  allTexts,
  hashOf,
  letters,
  readRecorded,
  verdictsPath,
  type RecordedVerdicts,
  type Verdict,
} from "./verdicts.js";

const [classPath, mode] = process.argv.slice(2);
if (classPath === undefined)
  throw new Error("usage: record.ts CLASSPATH [--check] (see record.sh)");

const { corpus, mutations } = allTexts();
const texts = [...corpus, ...mutations];
const directory = mkdtempSync(join(tmpdir(), "jute-verdicts-"));
try {
  for (const [name, text] of Object.entries(includable)) writeFileSync(join(directory, name), text);
  const output = execFileSync(
    "java",
    [
      "-Djava.security.manager=allow",
      "-Dfile.encoding=UTF-8",
      "-cp",
      classPath,
      "Verdicts",
      directory,
    ],
    {
      input: texts.map(({ text }) => `${Buffer.from(text, "utf8").toString("base64")}\n`).join(""),
      encoding: "utf8",
      maxBuffer: 64 << 20,
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  const verdicts = output.split("\n").slice(0, -1);
  if (verdicts.length !== texts.length) {
    throw new Error(`${String(texts.length)} texts, but ${String(verdicts.length)} verdicts`);
  }
  const written = verdicts.map((verdict) => {
    const letter = letters[verdict as Verdict] as string | undefined;
    if (letter === undefined) throw new Error(`unknown verdict "${verdict}"`);
    return letter;
  });
  const recorded: RecordedVerdicts = {
    textsSha256: hashOf(texts),
    corpus: written.slice(0, corpus.length).join(""),
    mutations: written.slice(corpus.length).join(""),
  };
  if (mode === "--check") check(recorded);
  else {
    writeFileSync(verdictsPath, `${JSON.stringify(recorded, null, 2)}\n`);
    console.log(`Wrote ${String(texts.length)} verdicts.`);
  }
} finally {
  rmSync(directory, { recursive: true });
}

function check(fresh: RecordedVerdicts): void {
  const known = readRecorded();
  if (known.textsSha256 !== fresh.textsSha256) {
    console.error("verdicts.json belongs to other texts than these: run record.sh");
    process.exitCode = 1;
    return;
  }
  const before = known.corpus + known.mutations;
  const after = fresh.corpus + fresh.mutations;
  const changed = texts.filter((_, index) => before.charAt(index) !== after.charAt(index));
  for (const { name } of changed)
    console.error(`Apache's compiler judges "${name}" differently now`);
  if (changed.length > 0 || before.length !== after.length) process.exitCode = 1;
  else console.log(`All ${String(texts.length)} verdicts are what Apache's compiler says.`);
}
