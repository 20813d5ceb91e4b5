import { describe, expect, it } from "vitest";
import { FakeRun } from "../../checkers/fake-run.js";
import type { FrameEvent } from "../frame-event.js";
import { DocumentedHandshakes, passwordOf } from "./documented-handshakes.js";

const SESSION = 0x100000000000000n;
const PASSWORD = "f22acd4a97e69d6d20a49bb638eadb38";
const GIVEN = `0000000000000fa0010000000000000000000010${PASSWORD}`;
const REFUSED = `${"00".repeat(16)}00000010${"00".repeat(16)}`;

function answer(hex: string, isOld = false): () => void {
  const run = new FakeRun([new DocumentedHandshakes()]);
  const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
  const happens = (event: FrameEvent): void => {
    const happening = { client: "client-1", connection: 1, sessionId: 0n, event };
    run.observe({ kind: "frame", sid: 1n, happening });
  };
  happens({ kind: "connecting", sessionId: 0n, timeoutMs: 4000, isThief: false, isOld });
  return () => {
    happens(
      hex.startsWith("00".repeat(8))
        ? { kind: "expired", sessionId: SESSION, bytes }
        : { kind: "connected", sessionId: SESSION, timeoutMs: 4000, bytes },
    );
  };
}

describe("DocumentedHandshakes", () => {
  // From a port of java.util.Random; Java's servers accept these.
  it.each([
    [0x1n, "054cc74a37327db215e702e20c73f005"],
    [0x200001a2b3c40000n, "fe1290e3b37b25e80c491d70b42acb60"],
    [BigInt.asIntN(64, 0xff00012345670001n), "5e058fd21c1319ff96668b75f9a288e2"],
  ])("knows the password of session %i", (sessionId, password) => {
    expect(passwordOf(sessionId)).toBe(password);
  });

  it("accepts a session with its password, and that there is none", () => {
    for (const hex of [`${GIVEN}00`, `${GIVEN}01`, `${REFUSED}00`])
      expect(answer(hex)).not.toThrow();
    for (const hex of [GIVEN, REFUSED]) expect(answer(hex, true)).not.toThrow();
  });

  it("refuses another password, another end, and anything of a session that there is not", () => {
    const wrong = [`${GIVEN}00`.replace("f22a", "2af2"), GIVEN, `${GIVEN}02`, `${REFUSED}0000`];
    const traitor = `${REFUSED.slice(0, 40)}${PASSWORD}00`;
    for (const hex of [...wrong, traitor])
      expect(answer(hex)).toThrow("to its first message, where");
    expect(answer(`${GIVEN}00`, true)).toThrow("where");
  });
});
