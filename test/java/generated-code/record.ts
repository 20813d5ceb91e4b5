/** Tries what Apache's compiler generates for every case and writes verdicts.json; record.sh prepares the tools. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cases } from "./cases.js";
import { verdictsPath, type RecordedVerdict } from "./verdicts.js";

const [classPath, headers, directory, mode] = process.argv.slice(2);
if (classPath === undefined || headers === undefined || directory === undefined) {
  throw new Error("usage: record.ts CLASSPATH HEADERS DIRECTORY [--check] (see record.sh)");
}

const output = execFileSync("java", ["-cp", classPath, "GeneratedCode", directory], {
  input: cases.map(({ text }) => `${Buffer.from(text).toString("base64")}\n`).join(""),
  encoding: "utf8",
});
const words = output.split("\n").slice(0, -1);
if (words.length !== cases.length || words.includes("refused")) {
  const refused = cases.filter((_, index) => words[index] === "refused");
  throw new Error(`not all cases were answered: ${refused.map(({ title }) => title).join(", ")}`);
}
const verdicts = cases.map(({ title }, index): RecordedVerdict => {
  const c = join(directory, String(index), "c");
  return { title, java: words[index] === "fine", c: compilesAsC(c, headers) };
});
const text = `[\n${verdicts.map((each) => `  ${JSON.stringify(each)}`).join(",\n")}\n]\n`;
if (mode !== "--check") {
  writeFileSync(verdictsPath, text);
  console.log(`Wrote ${String(verdicts.length)} verdicts.`);
} else if (readFileSync(verdictsPath, "utf8") !== text) {
  console.error(
    "The verdicts differ from verdicts.json: run record.sh, and look at the difference.",
  );
  process.exitCode = 1;
}

function compilesAsC(directory: string, headers: string): boolean {
  const options = [
    "-fsyntax-only",
    "-std=gnu11",
    "-Werror=implicit-function-declaration",
    "-Werror=incompatible-pointer-types",
    "-Werror=int-conversion",
  ];
  const paths = ["-I", headers, "-I", directory, join(directory, "x.jute.c")];
  return spawnSync("gcc", [...options, ...paths]).status === 0;
}
