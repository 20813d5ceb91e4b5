/** Asks Apache's compiler about every text and writes verdicts.json; record.sh prepares the Java side. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { includable } from "./corpus.js";
import { allTexts, hashOf, letters, type RecordedVerdicts, type Verdict } from "./verdicts.js";

const [classPath] = process.argv.slice(2);
if (classPath === undefined) throw new Error("usage: record.ts CLASSPATH (see record.sh)");

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
  writeFileSync(
    new URL("verdicts.json", import.meta.url),
    `${JSON.stringify(recorded, null, 2)}\n`,
  );
  console.log(`${String(texts.length)} verdicts written`);
} finally {
  rmSync(directory, { recursive: true });
}
