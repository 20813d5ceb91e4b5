/**
 * How one simulated client says who it is: on each connection that it begins, mostly as it
 * should, now and then wrongly or not at all; and once more in between.
 */
import { ErrorCode, Xid } from "@jute-ts/zookeeper";
import {
  CERTIFICATES,
  ENSEMBLE_NAMES,
  type LoginSettings,
  SASL_PASSWORDS,
  SUPER_CREDENTIALS,
} from "../../world/login-settings.js";
import type { Random } from "../../world/random.js";
import type { FrameConnection } from "../frame-connection.js";
import type { FrameEvent, Proof } from "../frame-event.js";
import { FRAME_USERS } from "./digest-users.js";
import { readChallenge } from "./digest-md5.js";
import {
  byAddress,
  byCertificate,
  byDigest,
  byEnsemble,
  byNothing,
  failedLogin,
  NO_PROOFS,
  type Proving,
  saslIds,
  saslRequest,
} from "./proofs.js";
import { drawSaslWay, type SaslAnswer, saslAnswer, USUAL_WAY } from "./sasl-ways.js";

/** Who a client is, or can prove to be. */
export interface Identity {
  readonly credentials: string | undefined;
  readonly saslUser: string | undefined;
  readonly certificate: string | undefined;
  /** How often it says wrongly, or not at all, who it is. */
  readonly recklessness: number;
}

/** Each can prove something that servers require. */
export function drawIdentity(random: Random, { requiredSchemes }: LoginSettings): Identity {
  const needed = random.pick([...requiredSchemes, undefined]);
  const must = requiredSchemes.size > 0 && !requiredSchemes.has("ip");
  const scheme = must ? (needed ?? [...requiredSchemes][0]) : undefined;
  const credentials = random.pick(FRAME_USERS).credentials;
  const saslUser = random.pick([...SASL_PASSWORDS.keys()]);
  const certificate = random.pick([...CERTIFICATES.slice(0, 2), ...CERTIFICATES]);
  return {
    credentials: scheme === "digest" || random.chance(0.3) ? credentials : undefined,
    saslUser: scheme === "sasl" || random.chance(0.7) ? saslUser : undefined,
    certificate: scheme === "x509" || random.chance(0.5) ? certificate : undefined,
    recklessness: random.pick([0.1, 0.3, 0.8]),
  };
}

/** Where a connection's login by SASL is, as its server must see it. */
interface Dialog {
  readonly connection: FrameConnection;
  readonly certificate: string | undefined;
  stage: "first" | "challenged" | "over";
  /** How the next challenge is to be answered, in whose name, and what is done then. */
  next: { readonly way: string; readonly user: string; readonly done: () => void } | undefined;
  /** What was answered. */
  said: SaslAnswer | undefined;
}

export class ClientLogins {
  readonly #settings: LoginSettings;
  readonly #identity: Identity;
  readonly #random: Random;
  readonly #nextXid: () => number;
  #certificate: string | undefined;
  #dialog: Dialog | undefined;
  /** What was answered on an earlier connection, and taken. */
  #proven: Uint8Array | undefined;
  #isHonest = false;

  constructor(settings: LoginSettings, identity: Identity, random: Random, nextXid: () => number) {
    this.#settings = settings;
    this.#identity = identity;
    this.#random = random;
    this.#nextXid = nextXid;
  }

  /** From now on it only says who it is, and always. */
  beHonest(): void {
    this.#isHonest = true;
  }

  /** The certificate that it has with it on its next connection. */
  nextCertificate(): string | undefined {
    const { certificate } = this.#identity;
    const isLeftOut = !this.#isHonest && this.#random.chance(0.25);
    this.#certificate = isLeftOut ? undefined : certificate;
    return this.#certificate;
  }

  /** Whether it waits to be somebody before it asks for anything. */
  isBusy(connection: FrameConnection): boolean {
    return this.#dialog?.connection === connection && this.#dialog.next !== undefined
      ? !connection.isProven
      : false;
  }

  /** Says who it is on a connection that begins. `goOn`: what it asks first, as soon as it may. */
  introduce(connection: FrameConnection, goOn: (isAnonymous: boolean) => void): void {
    const { credentials, saslUser } = this.#identity;
    const certificate = this.#certificate;
    const dialog: Dialog = {
      ...{ connection, certificate, stage: "first" as const },
      ...{ next: undefined, said: undefined },
    };
    this.#dialog = dialog;
    const manner = this.#drawManner();
    if (manner === "silent") {
      goOn(true);
      return;
    }
    if (credentials !== undefined) this.#prove(connection, byDigest(credentials));
    if (saslUser === undefined) {
      goOn(false);
      return;
    }
    const way = manner === "honest" ? this.#rightWay() : drawSaslWay(this.#random, false);
    // Where nothing must be proven, much can happen in the meantime.
    const waits = !connection.isProven;
    this.#logIn(dialog, way, saslUser, () => {
      if (waits) goOn(false);
    });
    if (!waits) goOn(false);
  }

  /** Proves something once more, or tries to, on a connection that is in use. */
  again(connection: FrameConnection): void {
    const dialog = this.#dialog;
    if (dialog?.connection !== connection) return;
    const random = this.#random;
    switch (random.pick(ATTEMPTS)) {
      case "sasl":
        this.#logInAgain(dialog);
        return;
      case "digest": {
        const credentials = random.chance(0.1)
          ? SUPER_CREDENTIALS
          : random.pick(FRAME_USERS).credentials;
        this.#prove(connection, byDigest(credentials));
        return;
      }
      case "ip":
        this.#prove(connection, byAddress());
        return;
      case "x509":
        this.#prove(connection, byCertificate(this.#settings, dialog.certificate));
        return;
      case "ensemble": {
        const name = random.pick([...ENSEMBLE_NAMES, "", "elsewhere"]);
        this.#prove(connection, byEnsemble(this.#settings, name));
        return;
      }
      case "nothing":
        this.#prove(connection, byNothing(random.pick(NO_PROOFS)));
    }
  }

  onAnswered(
    connection: FrameConnection,
    { token, request }: Extract<FrameEvent, { kind: "answered" }>,
  ): void {
    const dialog = this.#dialog;
    if (dialog?.connection !== connection || request?.proof?.token?.kind !== "challenge") return;
    const { next } = dialog;
    dialog.next = undefined;
    if (next === undefined || connection.isOver) return;
    const challenge = token ? readChallenge(token) : undefined;
    const nonce = challenge?.get("nonce");
    const realm = challenge?.get("realm");
    // What is wrong with it another one says.
    if (nonce === undefined || realm === undefined) return;
    const way = this.#isHonest ? USUAL_WAY : next.way;
    const cnonce = this.#random.uint32().toString(36);
    this.#answer(dialog, way, next.user, saslAnswer(way, next.user, { nonce, realm, cnonce }));
    next.done();
  }

  #drawManner(): "honest" | "silent" | "wrong" {
    const { recklessness } = this.#identity;
    if (this.#isHonest || !this.#random.chance(recklessness)) return "honest";
    return this.#random.chance(0.7) ? "wrong" : "silent";
  }

  #rightWay(): string {
    const isPlain = this.#isHonest || this.#random.chance(0.3);
    return isPlain ? USUAL_WAY : drawSaslWay(this.#random, true);
  }

  /** A second login on a connection is never taken, however right it is. */
  #logInAgain(dialog: Dialog): void {
    const random = this.#random;
    const { connection, stage, said } = dialog;
    if (dialog.next !== undefined) return;
    const replayed = random.chance(0.5) ? said?.token : this.#proven;
    const kind = random.pick(AGAIN);
    if (kind === "no token") {
      this.#tell(connection, null, this.#failure("sasl: no token"));
      return;
    }
    if (stage !== "first") {
      const isRepeated = kind === "repeated" && replayed !== undefined;
      const name = isRepeated ? "sasl: repeated" : "sasl: second login";
      this.#tell(connection, isRepeated ? replayed : new Uint8Array(0), this.#failure(name));
      dialog.stage = "over";
      return;
    }
    const { saslUser = random.pick([...SASL_PASSWORDS.keys()]) } = this.#identity;
    const way = random.chance(0.3) ? this.#rightWay() : drawSaslWay(random, false);
    this.#logIn(dialog, way, saslUser, () => undefined);
    // Some do not wait for the challenge.
    if (!random.chance(0.2)) return;
    dialog.next = undefined;
    const nonce = random.uint32().toString(36);
    const guess = { nonce, realm: "zk-sasl-md5", cnonce: nonce };
    const early = saslAnswer(USUAL_WAY, saslUser, guess);
    this.#answer(dialog, "wrong: too early", saslUser, { ...early, isRight: false });
  }

  /** Asks for a challenge. What a first token says has no meaning. */
  #logIn(dialog: Dialog, way: string, user: string, done: () => void): void {
    const { connection } = dialog;
    const token = this.#random.chance(0.2) ? Uint8Array.of(0x78) : new Uint8Array(0);
    if (!this.#settings.sasl) {
      this.#tell(connection, token, UNKNOWN_LOGIN);
      done();
      return;
    }
    this.#tell(connection, token, CHALLENGE);
    dialog.stage = "challenged";
    dialog.next = { way, user, done };
  }

  #answer(dialog: Dialog, way: string, user: string, answer: SaslAnswer): void {
    const { connection } = dialog;
    const { token, isRight, serversProof: text } = answer;
    dialog.said = answer;
    dialog.stage = "over";
    if (isRight) this.#proven = token;
    const taken = { name: `sasl ${way}`, err: ErrorCode.OK, ids: saslIds(user), ends: false };
    const proof: Proof = isRight
      ? { ...taken, token: { kind: "text", text } }
      : this.#failure(`sasl ${way}`);
    this.#tell(connection, token, proof);
  }

  #failure(name: string): Proof {
    return this.#settings.sasl ? failedLogin(this.#settings, name) : UNKNOWN_LOGIN;
  }

  #tell(connection: FrameConnection, token: Uint8Array | null, proof: Proof): void {
    connection.prove(this.#nextXid(), saslRequest(token), proof);
  }

  #prove(connection: FrameConnection, { drawn, proof }: Proving): void {
    connection.prove(Xid.auth, drawn, proof);
  }
}

const AGAIN = ["repeated", "repeated", "repeated", "second login", "no token"] as const;

const ATTEMPTS = [
  ...(["sasl", "sasl", "sasl", "digest", "digest"] as const),
  ...(["ip", "x509", "ensemble", "nothing"] as const),
];

const CHALLENGE: Proof = {
  name: "sasl: challenged",
  ...{ err: ErrorCode.OK, ids: [], ends: false },
  token: { kind: "challenge" },
};

/** Where servers have no users, they answer as if there was nothing to do. */
const UNKNOWN_LOGIN: Proof = {
  name: "sasl: not configured",
  ...{ err: ErrorCode.OK, ids: [], ends: false },
  token: { kind: "nothing" },
};
