/** The child process of `own-process.ts`: one peer, which ends with its parent. */
import { ErrorCode } from "@jute-ts/zookeeper";
import type { PeerStatus } from "@jute-ts/quorum";
import { Peer, RequestError } from "../../../packages/server/src/node/peer.js";
import { CountingTree } from "./counting-tree.js";
import { ownConfiguration } from "./own-configuration.js";
import type {
  Answer,
  FromChild,
  OwnProcessOptions,
  Question,
  WriteOutcome,
} from "./own-process.js";
import { createOf } from "./requests.js";

const tree = new CountingTree();
let peer: Peer<CountingTree> | undefined;

process.on("disconnect", () => {
  process.exit(1);
});
process.on("message", (message: OwnProcessOptions | { id: number; question: Question }) => {
  if ("members" in message) {
    void begin(message);
  } else {
    void answer(message.question).then((value) => {
      tell({ kind: "answer", id: message.id, answer: value });
    });
  }
});

async function begin(options: OwnProcessOptions): Promise<void> {
  peer = new Peer(ownConfiguration(options), tree);
  peer.on("report", (report) => {
    // A violation is an Error, of which only the text crosses over.
    const text = report.kind === "violation" ? report.violation.message : undefined;
    tell({
      kind: "report",
      report: text === undefined ? report : { kind: "ignored", what: `a violation: ${text}` },
    });
  });
  try {
    await peer.start();
    tell({ kind: "started" });
  } catch (error) {
    tell({ kind: "failed", text: String(error) });
  }
}

async function answer(question: Question): Promise<Answer> {
  switch (question.kind) {
    case "status": {
      const status: PeerStatus | undefined = peer?.status();
      const { lastProcessedZxid: zxid, equalDigests, differing } = tree;
      return { status, zxid, digest: tree.digest(), equalDigests, differing: differing.length };
    }
    case "nodes":
      return { nodes: tree.nodes(question.root) };
    case "create":
      return { outcome: await create(question.path) };
    case "stop":
      await peer?.stop();
      return {};
  }
}

async function create(path: string): Promise<WriteOutcome> {
  try {
    const committed = await peer?.propose(createOf(path));
    return committed?.result.err === ErrorCode.OK ? "acknowledged" : "refused";
  } catch (error) {
    return error instanceof RequestError && !error.mayHaveHappened ? "refused" : "unknown";
  }
}

function tell(message: FromChild): void {
  process.send?.(message);
}
