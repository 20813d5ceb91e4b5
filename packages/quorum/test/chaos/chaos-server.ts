/**
 * The child process of `chaos.ts`: one peer on the zoo.cfg that it is given, which
 * does what its parent asks and ends with it.
 */
import { ErrorCode } from "@jute-ts/zookeeper";
import { DataTree } from "../../src/data-tree/index.js";
import { configurePeer, loadConfiguration, RequestError } from "../../src/node/index.js";
import { createOf } from "../interop/kit/requests.js";

export type Question =
  | { readonly kind: "create"; readonly path: string }
  | { readonly kind: "status" }
  | { readonly kind: "missing"; readonly paths: readonly string[] };

/** Numbers of 64 bits cross over as text. */
export type Answer =
  | { readonly kind: "created"; readonly outcome: "acknowledged" | "refused" | "unknown" }
  | {
      readonly kind: "status";
      readonly serving: boolean;
      readonly role: string;
      readonly zxid: string;
      readonly digest: string;
    }
  | { readonly kind: "missing"; readonly paths: readonly string[] };

const configured = await configurePeer(loadConfiguration(process.argv[2] ?? "zoo.cfg"));
const { peer } = configured;
process.on("disconnect", () => {
  process.exit(1);
});
process.on("message", ({ id, question }: { id: number; question: Question }) => {
  void answer(question).then((value) => process.send?.({ id, answer: value }));
});
peer.on("stopped", (reason) => {
  console.log("stopped", reason);
  process.exit(1);
});
await configured.start();

async function answer(question: Question): Promise<Answer> {
  switch (question.kind) {
    case "create":
      return { kind: "created", outcome: await create(question.path) };
    case "status": {
      const { serving, role } = peer.status();
      const { state } = peer;
      if (!(state instanceof DataTree)) throw new Error("the state is not a tree");
      const zxid = String(state.lastProcessedZxid);
      return { kind: "status", serving, role, zxid, digest: String(state.digest()) };
    }
    case "missing": {
      const { state } = peer;
      const paths = question.paths.filter((path) => state.getNode(path) === undefined);
      return { kind: "missing", paths };
    }
  }
}

async function create(path: string): Promise<"acknowledged" | "refused" | "unknown"> {
  try {
    const { result } = await peer.propose(createOf(path));
    return result.err === ErrorCode.OK ? "acknowledged" : "refused";
  } catch (error) {
    return error instanceof RequestError && !error.mayHaveHappened ? "refused" : "unknown";
  }
}
