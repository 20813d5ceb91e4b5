/** What a client is told of its proofs, made up answer by answer: what the judge accepts, and what it must refuse. */
import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import { describe, expect, it } from "vitest";
import { FakeRun } from "../../checkers/fake-run.js";
import type { LoginSettings } from "../../world/login-settings.js";
import type { FrameEvent, FrameRequest, Proof } from "../frame-event.js";
import { request } from "../frame-operations.js";
import { latin1Bytes } from "../logins/digest-md5.js";
import { byDigest, byEnsemble, byNothing, failedLogin, saslRequest } from "../logins/proofs.js";
import { AuthenticatedClients } from "./authenticated-clients.js";

const SETTINGS: LoginSettings = {
  sasl: true,
  x509: true,
  ensemble: true,
  requiredSchemes: new Set(),
  allowsFailedSasl: false,
  mostIds: 1000,
  mostIdCharacters: 1000,
};

const ids = [{ scheme: "ip", id: "10.0.0.1" }];
const FAILED = failedLogin(SETTINGS, "wrong password");
const CHALLENGE: Proof = {
  ...{ name: "challenge", err: 0, ids: [], ends: false },
  token: { kind: "challenge" },
};
const TAKEN: Proof = {
  ...{ name: "right password", err: 0, ids: [], ends: false },
  token: { kind: "text", text: "rspauth=1" },
};
const RIGHT = 'realm="zk-sasl-md5",nonce="a",charset=utf-8,algorithm=md5-sess';

class Story {
  readonly run = new FakeRun([new AuthenticatedClients()]);

  happens(event: FrameEvent, connection = 1): void {
    const happening = { client: "client-1", connection, sessionId: 5n, event };
    this.run.observe({ kind: "frame", sid: 2n, happening });
  }

  /** An answer to a request that proves something. */
  proves(proof: Proof, err: number, token?: string | null, type: "sasl" | "auth" = "sasl"): void {
    const drawn = type === "sasl" ? saslRequest(null) : byDigest("ann:apple").drawn;
    const asked = { ...requestOf(drawn.message), proof };
    const bytes = typeof token === "string" ? latin1Bytes(token) : token;
    this.answers(asked, err, 0n, bytes);
  }

  /** An answer to one that does not. */
  asks(isRefused: boolean, err: number, zxid = 0n): void {
    this.answers({ ...requestOf(request(OpCode.ping, null).message), isRefused }, err, zxid);
  }

  answers(asked: FrameRequest, err: number, zxid: bigint, token?: Uint8Array | null): void {
    const answer = { xid: asked.xid, zxid, err, token, response: undefined };
    this.happens({ kind: "answered", request: asked, ...answer });
  }
}

function requestOf(message: FrameRequest["message"]): FrameRequest {
  return { xid: 3, message, ids, operation: undefined, objection: undefined };
}

const REFUSAL = ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH;

describe("AuthenticatedClients", () => {
  it("accepts a login as Apache's server answers it", () => {
    const story = new Story();
    story.proves(CHALLENGE, 0, RIGHT);
    story.proves(TAKEN, 0, "rspauth=1");
    story.proves(byDigest("ann:apple").proof, 0, undefined, "auth");
    story.asks(false, 0, 7n);
    story.run.end();
  });

  it.each<[string, Proof, number, string | null | undefined, string]>([
    ["a wrong password is right", FAILED, 0, null, "OK to wrong password"],
    ["a right one is wrong", TAKEN, ErrorCode.AUTHFAILED, null, "where OK is right"],
    ["the server proves nothing", TAKEN, 0, null, "nothing, where rspauth=1 is right"],
    ["it proves something else", TAKEN, 0, "rspauth=2", "rspauth=2, where"],
    ["a failure tells something", FAILED, ErrorCode.AUTHFAILED, "x", "a token of 1 bytes"],
    ["an answer has no token", FAILED, ErrorCode.AUTHFAILED, undefined, "place for a token"],
    ["there is no challenge", CHALLENGE, 0, null, "without a challenge"],
    ["it is none", CHALLENGE, 0, "hello", "what is no challenge"],
    ["it has no nonce", CHALLENGE, 0, 'realm="zk-sasl-md5"', 'the nonce "", which is not new'],
    ["it has another realm", CHALLENGE, 0, 'realm="a",nonce="b"', "with realm a"],
    ["it lacks an algorithm", CHALLENGE, 0, RIGHT.slice(0, -19), "with algorithm left out"],
  ])("refuses that %s", (_what, proof, err, token, text) => {
    const story = new Story();
    expect(() => {
      story.proves(proof, err, token);
    }).toThrow(text);
  });

  it("refuses a challenge that has come before, on whatever connection", () => {
    const story = new Story();
    story.proves(CHALLENGE, 0, RIGHT);
    expect(() => {
      story.proves(CHALLENGE, 0, RIGHT);
    }).toThrow('the nonce "a", which is not new');
  });

  it("refuses the number of a txn in what has none", () => {
    const story = new Story();
    expect(() => {
      story.answers({ ...requestOf(saslRequest(null).message), proof: TAKEN }, 0, 7n);
    }).toThrow("with the number of a txn to right password");
    expect(() => {
      story.asks(true, REFUSAL, 7n);
    }).toThrow("with the number of a txn");
  });

  it("refuses that a request is served without what is required", () => {
    const story = new Story();
    expect(() => {
      story.asks(true, 0);
    }).toThrow("with OK, and has not proven who asks");
  });

  it.each([REFUSAL, ErrorCode.AUTHFAILED])("refuses error %i to a client that may ask", (err) => {
    const story = new Story();
    expect(() => {
      story.asks(false, err);
    }).toThrow(`to op ${OpCode.ping}`);
  });

  it("refuses an answer to a client that means another ensemble", () => {
    const story = new Story();
    const { proof } = byEnsemble(SETTINGS, "elsewhere");
    expect(() => {
      story.proves(proof, 0, undefined, "auth");
    }).toThrow("should be closed");
  });

  it.each<[string, (story: Story) => void]>([
    [
      "a login that failed",
      (story) => {
        story.proves(FAILED, ErrorCode.AUTHFAILED, null);
      },
    ],
    [
      "a proof that was refused",
      (story) => {
        story.proves(byNothing("world").proof, ErrorCode.AUTHFAILED, undefined, "auth");
      },
    ],
    [
      "a request without a login",
      (story) => {
        story.asks(true, REFUSAL);
      },
    ],
  ])("lets a connection end after %s, and refuses that it goes on", (_what, end) => {
    const closed = new Story();
    end(closed);
    closed.happens({ kind: "closed", byClient: false });
    closed.run.observe({ kind: "calm" });
    const answered = new Story();
    end(answered);
    expect(() => {
      answered.asks(false, 0, 7n);
    }).toThrow("client-1 hears from server 2 after");
    const kept = new Story();
    end(kept);
    expect(() => {
      kept.run.observe({ kind: "calm" });
    }).toThrow("connection 1 is kept after");
  });

  it("lets a connection go on where servers allow that after a login that failed", () => {
    const story = new Story();
    const proof = failedLogin({ ...SETTINGS, allowsFailedSasl: true }, "wrong password");
    story.proves(proof, 0, null);
    story.asks(false, 0, 7n);
    story.run.end();
    const required = { ...SETTINGS, allowsFailedSasl: true, requiredSchemes: new Set(["sasl"]) };
    expect(failedLogin(required, "")).toMatchObject({ err: REFUSAL, ends: true });
  });
});
