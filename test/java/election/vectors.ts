/** What `record.sh` recorded of Java's election, with numbers as numbers. */
import { readFileSync } from "node:fs";
import type { Notification, ServerState, Vote } from "@jute-ts/quorum/wire";
import type { CastVote } from "../../../packages/quorum/src/election/vote.js";

export interface RecordedMessage {
  readonly bytes: Uint8Array;
  /** As it must be read: the version of the second generation is on the wire, but counts as 0. */
  readonly notification: Notification;
}

export interface RecordedByJava {
  readonly messages: readonly RecordedMessage[];
  readonly equality: readonly {
    readonly a: CastVote;
    readonly b: CastVote;
    readonly equal: boolean;
  }[];
  readonly order: readonly {
    readonly a: Vote;
    readonly b: Vote;
    readonly weightOfA: number;
    readonly better: boolean;
  }[];
}

interface VoteText {
  readonly leader: string;
  readonly zxid: string;
  readonly peerEpoch: string;
}

interface CastVoteText extends VoteText {
  readonly round: string;
  readonly state: ServerState;
  readonly version: number;
}

type Line =
  | (VoteText & {
      readonly kind: "message";
      readonly state: ServerState;
      readonly round: string;
      readonly configuration: string | null;
      readonly hex: string;
    })
  | {
      readonly kind: "equality";
      readonly a: CastVoteText;
      readonly b: CastVoteText;
      readonly equal: boolean;
    }
  | {
      readonly kind: "order";
      readonly a: VoteText;
      readonly b: VoteText;
      readonly weightOfA: number;
      readonly better: boolean;
    };

export function recordedByJava(): RecordedByJava {
  const messages: RecordedMessage[] = [];
  const equality: RecordedByJava["equality"][number][] = [];
  const order: RecordedByJava["order"][number][] = [];
  const text = readFileSync(new URL("vectors.jsonl", import.meta.url), "utf8");
  for (const row of text.trimEnd().split("\n")) {
    const line = JSON.parse(row) as Line;
    switch (line.kind) {
      case "message":
        messages.push({
          bytes: new Uint8Array(Buffer.from(line.hex, "hex")),
          notification: {
            ...vote(line),
            state: line.state,
            electionEpoch: BigInt(line.round),
            version: line.configuration === null ? 0 : 2,
            configuration: line.configuration ?? undefined,
          },
        });
        break;
      case "equality":
        equality.push({ a: castVote(line.a), b: castVote(line.b), equal: line.equal });
        break;
      case "order":
        order.push({ ...line, a: vote(line.a), b: vote(line.b) });
        break;
    }
  }
  return { messages, equality, order };
}

function vote({ leader, zxid, peerEpoch }: VoteText): Vote {
  return { leader: BigInt(leader), zxid: BigInt(zxid), peerEpoch: BigInt(peerEpoch) };
}

function castVote(text: CastVoteText): CastVote {
  const { state, version, round } = text;
  return { ...vote(text), electionEpoch: BigInt(round), state, version };
}
