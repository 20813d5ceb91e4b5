/** One connection of a client: frames out, frames in, and what is not answered yet. */
import {
  ErrorCode,
  decodeReplyHeader,
  decodeResponse,
  OpCode,
  type RequestMessage,
  type ResponseMessage,
  type ResponseOpCode,
  responseRecordType,
  SetSASLResponse,
  isMultiOpCode,
  type Sid,
} from "@jute-ts/zookeeper";
import { FrameReader } from "@jute-ts/runtime";
import type { SocketId } from "../world/client-network.js";
import type { ClientRules } from "../world/settings.js";
import type { AuthInfo, FrameEvent, FrameRequest, Proof, Silence } from "./frame-event.js";
import { type DrawnRequest, framed } from "./frame-operations.js";
import type { FramePort } from "./frame-port.js";
import { type LocalSession, needsEnsemble } from "./local-session.js";
import { certificateIds, tooManyIds } from "./logins/proofs.js";

interface Listener {
  onOpen(): void;
  /** Without its length. The listener's own. */
  onFrame(bytes: Uint8Array): void;
  onEnd(): void;
}

export class FrameConnection {
  readonly sid: Sid;
  stage: "connecting" | "open" | "ending" = "connecting";
  sessionId = 0n;
  /** How its client is silent on it, if that is what it is there for. */
  silence: Silence | undefined;
  /** What is known of its session, where that has begun as one that only its server knows. */
  local: LocalSession | undefined;
  /** Whether the server only serves readers. */
  isReader = false;
  /** By what the server's process goes. */
  rules: ClientRules | undefined;
  readonly outstanding: FrameRequest[] = [];
  /** When the server was heard from, and when something was said to it. */
  heardMs: number;
  saidMs: number;
  readonly #port: FramePort;
  readonly #client: string;
  readonly #frames = new FrameReader();
  readonly #certificate: string | undefined;
  #ids: AuthInfo;
  #socket: SocketId = 0;
  #isClosed = false;
  #isOver = false;

  /** `certificate`: the subject of the certificate that the client has with it. */
  constructor(port: FramePort, client: string, sid: Sid, address: string, certificate?: string) {
    this.#port = port;
    this.#client = client;
    this.sid = sid;
    this.heardMs = port.nowMs;
    this.saidMs = port.nowMs;
    this.#certificate = certificate;
    this.#ids = [{ scheme: "ip", id: address }, ...certificateIds(port.logins, certificate)];
  }

  /** Who the client is by all that it has said so far. */
  get ids(): AuthInfo {
    return this.#ids;
  }

  /** Whether the client has proven what its server requires. */
  get isProven(): boolean {
    const { requiredSchemes } = this.#port.logins ?? {};
    if (requiredSchemes === undefined || requiredSchemes.size === 0) return true;
    return this.#ids.some(({ scheme }) => requiredSchemes.has(scheme));
  }

  /** Whether its server must close it for what the client has said: nothing that follows counts. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get socket(): SocketId {
    return this.#socket;
  }

  open(listener: Listener): void {
    const end = {
      onOpen: () => {
        this.rules = this.#port.rulesOf(this.sid);
        if (!this.#isClosed) listener.onOpen();
      },
      onBytes: (bytes: Uint8Array) => {
        this.heardMs = this.#port.nowMs;
        this.#frames.push(bytes.slice());
        for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
          if (this.#isClosed) return;
          listener.onFrame(frame.bytes.slice(frame.position, frame.end));
        }
      },
      onEnd: () => {
        if (this.#isClosed) return;
        this.#isClosed = true;
        this.observe({ kind: "closed", byClient: false, silence: this.silence });
        listener.onEnd();
      },
    };
    this.#socket = this.#port.connect(this.sid, end, this.#certificate);
  }

  observe(event: FrameEvent): void {
    const { sessionId, isReader } = this;
    const happening = {
      client: this.#client,
      connection: this.#socket,
      sessionId,
      isReader,
      event,
    };
    this.#port.observe(this.sid, happening);
  }

  /** The message that has no header. */
  sendFirst(message: Uint8Array): void {
    this.#send(withLength(message));
  }

  /** `sentXid`: the number that it is sent under, where servers answer under another one. */
  ask(xid: number, drawn: DrawnRequest, sentXid: number = xid): void {
    const { message, body, objection: usual } = drawn;
    if (this.#isOver) {
      this.sendForbidden(xid, drawn);
      return;
    }
    const { type } = message;
    const ids = this.#ids;
    if (!this.isProven) {
      this.#isOver = true;
      // What it is, nobody looks at: it is refused under the number that it has.
      const refused = { xid: sentXid, message, ids, operation: undefined, objection: undefined };
      this.#sendAsked({ ...refused, isRefused: true }, body);
      return;
    }
    const objection = this.#objectionTo(message) ?? usual;
    const change = { sessionId: this.sessionId, cxid: xid, opCode: type, body, authInfo: ids };
    const operation = SUBMITTED.has(type) ? this.#port.submitted(this.sid, change) : undefined;
    this.#sendAsked({ xid, message, ids, operation, objection }, body, sentXid);
  }

  /** Proves who the client is, or tries to: what follows is asked in the name of that, too. */
  prove(xid: number, drawn: DrawnRequest, meant: Proof): void {
    const { message, body } = drawn;
    if (this.#isOver) {
      this.sendForbidden(xid, drawn);
      return;
    }
    const ids = this.#ids;
    const proof = this.#fitting(meant);
    this.#sendAsked({ xid, message, ids, operation: undefined, objection: undefined, proof }, body);
    this.#isOver = proof.ends;
    this.#ids = this.#idsWith(proof);
  }

  /** Who the client is with what it proves besides. Who has proven it twice is still one. */
  #idsWith(proof: Proof): AuthInfo {
    const ids = this.#ids;
    const isKnown = (scheme: string, id: string): boolean =>
      ids.some((own) => own.scheme === scheme && own.id === id);
    return [...ids, ...proof.ids.filter(({ scheme, id }) => !isKnown(scheme, id))];
  }

  /** A server takes nobody to be too many, or somebody of too many letters. */
  #fitting(proof: Proof): Proof {
    const { logins } = this.#port;
    const all = this.#idsWith(proof);
    if (logins === undefined || all.length === this.#ids.length) return proof;
    const letters = all.map(({ id }) => id).join("").length;
    const fits = all.length <= logins.mostIds && letters <= logins.mostIdCharacters;
    return fits ? proof : tooManyIds(logins, proof);
  }

  #sendAsked(asked: FrameRequest, body: Uint8Array, sentXid = asked.xid): void {
    this.outstanding.push(asked);
    this.observe({ kind: "asked", request: asked });
    this.#send(framed(sentXid, asked.message.type, body));
  }

  /** What the server answers to a request by itself because of the session that the connection has. */
  #objectionTo(message: RequestMessage): number | undefined {
    const ofSession = this.local && objectionTo(message, this.local);
    if (!this.isReader) return ofSession;
    if (message.type === OpCode.closeSession) return ErrorCode.OK;
    return CHANGES.has(message.type) ? ErrorCode.NOTREADONLY : undefined;
  }

  /** Something that the server must not carry out. */
  sendForbidden(xid: number, { message, body }: DrawnRequest): void {
    this.observe({ kind: "misused" });
    this.#send(framed(xid, message.type, body));
  }

  sendGarbage(bytes: readonly number[]): void {
    this.observe({ kind: "misused" });
    this.#send(new Uint8Array(bytes));
  }

  /** Bytes of a message that has begun, and is not whole with them. */
  sendPart(bytes: Uint8Array): void {
    this.#send(bytes);
  }

  /** An answer has come: to the oldest request, or so it should be. */
  answered(bytes: Uint8Array): Extract<FrameEvent, { kind: "answered" }> {
    const { xid, zxid, err } = decodeReplyHeader(bytes);
    const answeredRequest = this.outstanding.shift();
    const type = answeredRequest?.message.type;
    const response = type === undefined ? undefined : read(type, bytes);
    const token = type === OpCode.sasl ? tokenIn(bytes) : undefined;
    return { kind: "answered", request: answeredRequest, xid, zxid, err, token, response };
  }

  /** Harmless when it is closed already. */
  close(gracefully: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.observe({ kind: "closed", byClient: true, silence: this.silence });
    this.#port.close(this.#socket, gracefully);
  }

  #send(bytes: Uint8Array): void {
    this.saidMs = this.#port.nowMs;
    this.#port.send(this.#socket, bytes);
  }
}

/** What the server of a session answers by itself that only it knows, or may know. */
function objectionTo(message: RequestMessage, local: LocalSession): number | undefined {
  // Whether there is a txn of it, only those know who know whether others know the session.
  if (message.type === OpCode.closeSession) return ErrorCode.OK;
  if (!needsEnsemble(message)) return undefined;
  local.wantsEnsemble = true;
  return local.isUpgraded ? undefined : ErrorCode.EPHEMERALONLOCALSESSION;
}

/** A message that has no header, as it is sent. */
export function withLength(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + message.length);
  new DataView(bytes.buffer).setInt32(0, message.length);
  bytes.set(message, 4);
  return bytes;
}

function read(type: number, bytes: Uint8Array): ResponseMessage<ResponseOpCode> | undefined {
  if (!hasResponse(type)) return undefined;
  try {
    return decodeResponse(type, bytes);
  } catch {
    return undefined;
  }
}

/** Failures have one, too. Undefined where it is no token. */
function tokenIn(bytes: Uint8Array): Uint8Array | null | undefined {
  try {
    return SetSASLResponse.decode(bytes.subarray(REPLY_HEADER_BYTES)).token;
  } catch {
    return undefined;
  }
}

function hasResponse(type: number): type is ResponseOpCode {
  return isMultiOpCode(type) || responseRecordType(type) !== undefined;
}

/** What a server hands to its leader, to become a txn. */
const SUBMITTED: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTTL,
  OpCode.delete,
  OpCode.setData,
  OpCode.setACL,
  OpCode.multi,
  OpCode.closeSession,
]);

/** What nobody may ask for who only reads. */
const CHANGES: ReadonlySet<number> = new Set([
  ...[...SUBMITTED].filter((type) => type !== OpCode.closeSession),
  ...[OpCode.sync, OpCode.reconfig],
]);

/** xid, zxid and error code. */
const REPLY_HEADER_BYTES = 16;
