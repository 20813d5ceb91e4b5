/** Node binaries: one process for each request. */
import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ALLOCATION_FLAGS } from "../allocations.js";
import { messageOf, UsageError } from "../command.js";
import type { WorkerRequest, WorkerResult } from "../worker-protocol.js";
import type { MeasuringHost } from "./host.js";

const WORKER = fileURLToPath(new URL("../worker.js", import.meta.url));

/** `binary` is a path or a command, or a version, which npm's package `node` then brings. */
export function nodeHost(binary: string): MeasuringHost {
  const path = /^\d+(\.\d+)*$/.test(binary) ? installedNode(binary) : binary;
  const { node, v8 } = versionsOf(path);
  return {
    id: `node${node.split(".")[0] ?? ""}`,
    name: `Node ${node} (V8 ${v8})`,
    isNode: true,
    run: (request) => runWorker(path, request),
    close() {
      // Each request had a process of its own, which has ended.
    },
  };
}

function installedNode(version: string): string {
  try {
    const args = ["--yes", `node@${version}`, "-p", "process.execPath"];
    return execFileSync("npx", args, { encoding: "utf8", stdio: "pipe" }).trim();
  } catch (error) {
    throw new UsageError(`npm does not bring Node ${version}. ${messageOf(error).trim()}`);
  }
}

function versionsOf(path: string): { node: string; v8: string } {
  try {
    const text = execFileSync(path, ["-p", "JSON.stringify(process.versions)"], {
      encoding: "utf8",
      stdio: "pipe",
    });
    return JSON.parse(text) as { node: string; v8: string };
  } catch (error) {
    throw new UsageError(`--node ${path} is not a Node that runs. ${messageOf(error).trim()}`);
  }
}

async function runWorker(path: string, request: WorkerRequest): Promise<WorkerResult[]> {
  const flags = request.measure === "allocations" ? ALLOCATION_FLAGS : [];
  const child = spawn(path, [...flags, WORKER, JSON.stringify(request)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) {
    throw new Error(`The worker ended with exit code ${String(code)}`);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as WorkerResult[];
}
