/**
 * AuthenticatedClients: whoever proves who it is, is told so, and whoever proves it wrongly is
 * refused as Apache's server refuses it (`ZooKeeperServer.processPacket`, `processSasl`); no
 * challenge comes twice, and who knows a password is shown that the server knows it, too. Where
 * a server requires a proof, a connection without one gets no request served but those by which
 * it may prove something (`AuthenticationHelper`), and is closed.
 */
import { ErrorCode, errorCodeName, OpCode, type Sid } from "@jute-ts/zookeeper";
import { type Checker, InvariantViolation, type Observation } from "../../checkers/checker.js";
import type { FrameEvent, FrameHappening, FrameRequest, Proof } from "../frame-event.js";
import { latin1Text, readChallenge } from "../logins/digest-md5.js";

type Answered = Extract<FrameEvent, { kind: "answered" }>;

export class AuthenticatedClients implements Checker {
  readonly name = "authenticated-clients";
  readonly watches = ["frame", "calm"] as const;
  /** Connections on which the last answer has come, with what it was. */
  readonly #over = new Map<number, string>();
  /** All that was ever asked, on whatever server. */
  readonly #nonces = new Set<string>();

  observe(observation: Observation): void {
    if (observation.kind === "calm") this.#judgeOpen();
    else if (observation.kind === "frame") this.#onFrame(observation.sid, observation.happening);
  }

  atEnd(): void {
    this.#judgeOpen();
  }

  #judgeOpen(): void {
    for (const [connection, what] of this.#over)
      throw violation(`connection ${connection} is kept after ${what}`);
  }

  #onFrame(sid: Sid, { client, connection, event }: FrameHappening): void {
    if (event.kind === "closed") this.#over.delete(connection);
    if (event.kind !== "answered" && event.kind !== "event") return;
    const over = this.#over.get(connection);
    if (over !== undefined) throw violation(`${client} hears from server ${sid} after ${over}`);
    if (event.kind === "event" || event.request === undefined) return;
    const { request } = event;
    const { isRefused, proof } = request;
    const wrong =
      isRefused === true
        ? wrongRefusal(event)
        : proof === undefined
          ? wrongAnswer(request, event)
          : (wrongOutcome(proof, event) ?? this.#wrongToken(request, proof, event));
    if (wrong !== undefined)
      throw violation(`${client} is answered request ${event.xid} by server ${sid} ${wrong}`);
    if (isRefused === true) this.#over.set(connection, "a request without a login");
    else if (proof?.ends === true) this.#over.set(connection, proof.name);
  }

  #wrongToken({ message }: FrameRequest, proof: Proof, { token }: Answered): string | undefined {
    if (message.type !== OpCode.sasl) return undefined;
    if (token === undefined) return "without a place for a token";
    switch (proof.token?.kind) {
      case undefined:
      case "nothing":
        return token === null ? undefined : `with a token of ${token.length} bytes`;
      case "text": {
        const { text } = proof.token;
        const said = token === null ? "nothing" : latin1Text(token);
        return said === text ? undefined : `with ${said}, where ${text} is right`;
      }
      case "challenge":
        return token === null ? "without a challenge" : this.#wrongChallenge(token);
    }
  }

  /** RFC 2831, section 2.1.1, as the JDK fills it in for Apache's server. */
  #wrongChallenge(token: Uint8Array): string | undefined {
    const challenge = readChallenge(token);
    if (challenge === undefined) return "with what is no challenge";
    const nonce = challenge.get("nonce") ?? "";
    if (nonce === "" || this.#nonces.has(nonce))
      return `with the nonce "${nonce}", which is not new`;
    this.#nonces.add(nonce);
    for (const [key, right] of CHALLENGE)
      if (challenge.get(key) !== right) return `with ${key} ${challenge.get(key) ?? "left out"}`;
    return undefined;
  }
}

function wrongRefusal({ err, zxid }: Answered): string | undefined {
  const right = ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH;
  if (err !== right) return `with ${nameOf(err)}, and has not proven who asks`;
  return zxid === 0n ? undefined : "with the number of a txn";
}

/** Nobody else is told that it should prove who it is. */
function wrongAnswer({ message }: FrameRequest, { err }: Answered): string | undefined {
  const isRefusal = err === ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH || err === ErrorCode.AUTHFAILED;
  return isRefusal ? `with ${nameOf(err)} to op ${message.type}` : undefined;
}

function wrongOutcome({ name, err: right }: Proof, { err, zxid }: Answered): string | undefined {
  if (right === undefined) return `with ${nameOf(err)} to ${name}, and should be closed`;
  if (err !== right) return `with ${nameOf(err)} to ${name}, where ${nameOf(right)} is right`;
  return zxid === 0n ? undefined : `with the number of a txn to ${name}`;
}

function nameOf(err: number): string {
  return errorCodeName(err) ?? String(err);
}

function violation(text: string): InvariantViolation {
  return new InvariantViolation("AuthenticatedClients", text);
}

const CHALLENGE: ReadonlyMap<string, string> = new Map([
  ["realm", "zk-sasl-md5"],
  ["charset", "utf-8"],
  ["algorithm", "md5-sess"],
]);
