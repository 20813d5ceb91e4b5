/** The child process of `own-process.ts`: one peer, which ends with its parent. */
import { ErrorCode } from "@jute-ts/zookeeper";
import type { PeerStatus } from "@jute-ts/quorum";
import { configurePeer, loadConfiguration } from "../../../packages/server/src/node/server.js";
import { RequestError } from "../../../packages/server/src/node/errors.js";
import type { Peer } from "../../../packages/server/src/node/peer.js";
import { CountingTree } from "./counting-tree.js";
import type { Answer, Begin, FromChild, Question, WriteOutcome } from "./own-process.js";
import { createOf } from "./requests.js";

let peer: Peer<CountingTree> | undefined;

process.on("disconnect", () => {
  process.exit(1);
});
process.on("message", (message: Begin | { id: number; question: Question }) => {
  if ("configuration" in message) {
    void begin(message);
  } else {
    void answer(message.question).then((value) => {
      tell({ kind: "answer", id: message.id, answer: value });
    });
  }
});

async function begin({ configuration }: Begin): Promise<void> {
  const loaded = loadConfiguration(configuration);
  const configured = await configurePeer(loaded, {
    newState: (_sid, options) => new CountingTree(options),
  });
  peer = configured.peer;
  peer.on("report", (report) => {
    // A violation is an Error, of which only the text crosses over.
    const text = report.kind === "violation" ? report.violation.message : undefined;
    tell({
      kind: "report",
      report: text === undefined ? report : { kind: "ignored", what: `a violation: ${text}` },
    });
  });
  try {
    await configured.start();
    tell({ kind: "started" });
  } catch (error) {
    tell({ kind: "failed", text: String(error) });
  }
}

async function answer(question: Question): Promise<Answer> {
  switch (question.kind) {
    case "status": {
      if (peer === undefined) return {};
      const status: PeerStatus = peer.status();
      const tree = peer.state;
      const { lastProcessedZxid: zxid, equalDigests, differing } = tree;
      return { status, zxid, digest: tree.digest(), equalDigests, differing: differing.length };
    }
    case "nodes":
      return peer === undefined ? {} : { nodes: peer.state.nodes(question.root) };
    case "create":
      return { outcome: await create(question.path) };
    case "stop":
      await peer?.stop();
      return {};
  }
}

async function create(path: string): Promise<WriteOutcome> {
  try {
    const committed = await peer?.proposeRaw(createOf(path));
    return committed?.result.err === ErrorCode.OK ? "acknowledged" : "refused";
  } catch (error) {
    return error instanceof RequestError && !error.mayHaveHappened ? "refused" : "unknown";
  }
}

function tell(message: FromChild): void {
  process.send?.(message);
}
