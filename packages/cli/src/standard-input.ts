/** Standard input as a source: what `-` stands for among the files of a command line. */
import path from "node:path";
import type { SourceFile } from "@jute-ts/compiler";
import { type Input, shownPath } from "./input-files.js";
import { decodeSource } from "./source-text.js";
import { type Surroundings, UsageError } from "./surroundings.js";

/** ZooKeeper's schemas have 25 kB together. A program that writes without end must not fill the memory. */
const MAX_BYTES = 64 * 1024 * 1024;

const SHOWN_WITHOUT_PATH = "<stdin>";

/**
 * The inputs that the files of a command line stand for: paths and patterns as they are, and the text of
 * standard input for `-`. `stdinPath` is relative to the working directory. Throws UsageError when
 * `-` stands twice, or the input is larger than 64 MiB.
 */
export async function withStandardInput(
  files: readonly string[],
  stdinPath: string | undefined,
  surroundings: Surroundings,
): Promise<readonly Input[]> {
  const count = files.filter((file) => file === "-").length;
  if (count > 1) throw new UsageError("- stands twice, but there is one standard input");
  if (count === 0) {
    if (stdinPath === undefined) return files;
    throw new UsageError("--stdin-path needs standard input: name it as -");
  }
  const source = await readStandardInput(stdinPath, surroundings);
  return files.map((file) => (file === "-" ? source : file));
}

async function readStandardInput(
  stdinPath: string | undefined,
  { stdin, cwd }: Surroundings,
): Promise<SourceFile> {
  const shown =
    stdinPath === undefined ? SHOWN_WITHOUT_PATH : shownPath(path.resolve(cwd, stdinPath), cwd);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new UsageError("standard input has more than 64 MiB");
    chunks.push(chunk);
  }
  return { path: shown, ...decodeSource(Buffer.concat(chunks), shown) };
}
