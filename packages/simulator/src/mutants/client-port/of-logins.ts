/** Mutants of who clients are known to be: logins by SASL, certificates, and what servers require. */
import {
  ClientAuthentication,
  type SaslAnswer,
} from "@jute-ts/server/internals/clients/authentication/authenticator.js";
import {
  DigestMd5Server,
  type SaslStep,
} from "@jute-ts/server/internals/clients/authentication/digest-md5.js";
import { ClientConnection } from "@jute-ts/server/internals/clients/client-connection.js";
import { ErrorCode, OpCode } from "@jute-ts/zookeeper";
import type { AuthInfo } from "../../client-port/frame-event.js";
import { SASL_PASSWORDS } from "../../world/login-settings.js";
import type { Mutant } from "../../runs/mutant.js";
import { all, patch, patchGetter } from "../patch.js";

type Judge = (token: Uint8Array) => SaslStep;

/** A mutant of what becomes of a client's answer to a challenge. */
function ofJudging(
  name: string,
  bug: string,
  judge: (self: DigestMd5Server, step: SaslStep, token: Uint8Array) => SaslStep,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(DigestMd5Server, "judge", (self: DigestMd5Server, original: Judge, token: Uint8Array) =>
        judge(self, original(token), token),
      ),
  };
}

/** A mutant in which a directive may have any value. */
function ofDirective(name: string, bug: string, directive: string): Mutant {
  type Find = (directives: ReadonlyMap<string, string>) => string | undefined;
  return {
    name,
    bug,
    apply: () =>
      patch(
        DigestMd5Server,
        "wrongDirective",
        (_self: DigestMd5Server, original: Find, directives: ReadonlyMap<string, string>) => {
          const wrong = original(directives);
          return wrong === directive ? undefined : wrong;
        },
      ),
  };
}

/** A mutant of how a login that failed is answered. */
function ofFailure(name: string, bug: string, change: (answer: SaslAnswer) => SaslAnswer): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientAuthentication,
        "failedLogin",
        (_self: ClientAuthentication, original: (failure: string) => SaslAnswer, failure: string) =>
          change(original(failure)),
      ),
  };
}

/** A mutant of who may ask for something before it has proven anything. */
function ofRequirement(
  name: string,
  bug: string,
  isGranted: (self: ClientAuthentication, opCode: number) => boolean,
): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientAuthentication,
        "isSufficientFor",
        (self: ClientAuthentication, original: (opCode: number) => boolean, opCode: number) =>
          isGranted(self, opCode) || original(opCode),
      ),
  };
}

/** A mutant of which ids a proof adds. */
function ofAdding(name: string, bug: string, change: (ids: AuthInfo) => AuthInfo): Mutant {
  return {
    name,
    bug,
    apply: () =>
      patch(
        ClientAuthentication,
        "add",
        (_self: ClientAuthentication, original: (ids: AuthInfo) => boolean, ids: AuthInfo) =>
          original(change(ids)),
      ),
  };
}

/** The value of a directive that is quoted and has nothing odd in it. */
function said(directive: string, token: Uint8Array): string | undefined {
  const text = String.fromCharCode(...token);
  return new RegExp(`(?:^|,)${directive}="([^"]*)"`, "u").exec(text)?.[1];
}

const EMPTY = new Uint8Array(0);

export const loginMutants: readonly Mutant[] = [
  ofJudging("sasl-password-not-compared", "Any password is right.", (_self, step, token) =>
    step.kind === "failed" && step.reason === "the password is wrong"
      ? { kind: "done", token: EMPTY, user: said("username", token) ?? "" }
      : step,
  ),
  ofJudging(
    "sasl-nonce-of-the-client",
    "A login is taken that was made for another challenge.",
    (_self, step, token) => {
      const nonce = said("nonce", token);
      if (step.kind !== "failed" || !step.reason.startsWith("nonce ") || nonce === undefined)
        return step;
      const other = new DigestMd5Server(nonce, (user) => SASL_PASSWORDS.get(user));
      other.answer(EMPTY);
      return other.answer(token);
    },
  ),
  {
    name: "sasl-login-repeated",
    bug: "A login that was taken is taken again on its connection.",
    apply: () =>
      patch(
        DigestMd5Server,
        "answer",
        (self: DigestMd5Server, original: Judge, token: Uint8Array) => {
          const step = original(token);
          const isOver = step.kind === "failed" && step.reason === "the login is over already";
          return isOver ? self["judge"](token) : step;
        },
      ),
  },
  {
    name: "sasl-challenge-repeated",
    bug: "All connections of a server's process are asked the same.",
    apply: () => {
      let first: string | undefined;
      return patch(
        DigestMd5Server,
        "challenge",
        (_self: DigestMd5Server, original: () => string) => (first ??= original()),
      );
    },
  },
  ofJudging("sasl-authzid-believed", "Who logs in may say in whose name.", (_self, step, token) =>
    step.kind === "done" ? { ...step, user: said("authzid", token) ?? step.user } : step,
  ),
  ofJudging(
    "sasl-server-proves-nothing",
    "A client is not shown that the server knows its password.",
    (_self, step) => (step.kind === "done" ? { ...step, token: EMPTY } : step),
  ),
  ofDirective("sasl-realm-not-compared", "A login for another realm is taken.", "realm"),
  ofDirective("sasl-uri-not-compared", "A login for another service is taken.", "digest-uri"),
  ofDirective("sasl-qop-not-compared", "A client that wants integrity logs in without.", "qop"),
  ofRequirement("login-not-required", "Requests are served without a login.", () => true),
  ofRequirement(
    "pings-need-no-login",
    "Pings are answered without a login.",
    (_self, opCode) => opCode === OpCode.ping,
  ),
  ofRequirement(
    "any-login-is-enough",
    "It does not matter by which scheme a client has proven who it is.",
    (self) => self.ids.length > 1,
  ),
  ofFailure("failed-login-kept", "A connection goes on after a login that failed.", (answer) => ({
    ...answer,
    closes: false,
  })),
  ofFailure(
    "failed-login-closes",
    "No connection outlives a login that failed, whatever its server allows.",
    (answer) => ({
      ...answer,
      err: answer.err === 0 ? ErrorCode.AUTHFAILED : answer.err,
      closes: true,
    }),
  ),
  ofFailure(
    "failed-login-misnamed",
    "Where a login is required, a failed one is told as anywhere else.",
    (answer) => (answer.err === 0 ? answer : { ...answer, err: ErrorCode.AUTHFAILED }),
  ),
  {
    name: "certificate-lost",
    bug: "Nobody is known by a certificate.",
    apply: () => patch(ClientAuthentication, "certificateIds", () => []),
  },
  {
    name: "certificate-counts-when-asked",
    bug: "A client is known by its certificate only after it has said so.",
    apply: () => {
      const asked = new WeakSet<ClientAuthentication>();
      const undo = patch(
        ClientAuthentication,
        "idsFor",
        (
          self: ClientAuthentication,
          original: (scheme: string | null, data: Uint8Array | null) => unknown,
          scheme: string | null,
          data: Uint8Array | null,
        ) => {
          if (scheme === "x509") asked.add(self);
          return original(scheme, data);
        },
      );
      return all(
        undo,
        patch(
          ClientAuthentication,
          "certificateIds",
          (self: ClientAuthentication, original: () => AuthInfo) =>
            asked.has(self) ? original() : [],
        ),
      );
    },
  },
  {
    name: "identity-moves-with-session",
    bug: "Who a client was on the last connection of its session, it is on the next one.",
    apply: () => {
      const known = new Map<bigint, AuthInfo>();
      return patchGetter(ClientConnection, "ids", (self: ClientConnection) => {
        const { sessionId, authentication } = self;
        const before = known.get(sessionId) ?? [];
        const isNew = ({ scheme, id }: AuthInfo[number]): boolean =>
          !before.some((own) => own.scheme === scheme && own.id === id);
        const ids = [...before, ...authentication.ids.filter(isNew)];
        if (sessionId !== 0n) known.set(sessionId, ids);
        return ids;
      });
    },
  },
  ofAdding("no-superusers", "Nobody becomes a superuser by a login.", (ids) =>
    ids.filter(({ scheme }) => scheme !== "super"),
  ),
  ofAdding("last-login-counts", "Of what one proof proves, the last id alone is kept.", (ids) =>
    ids.slice(-1),
  ),
];
