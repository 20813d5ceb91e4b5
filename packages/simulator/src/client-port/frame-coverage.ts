/** What clients of the client port have exercised, and what they should sooner or later. */
import { errorCodeName, eventTypeName, OpCode, opCodeName } from "@jute-ts/zookeeper";
import type { ClientCloseReason } from "@jute-ts/server/clients";
import type { Coverage, CoverageArea } from "../trace/coverage.js";
import { CLIENT_FAULTS } from "./client-faults.js";
import type { FrameEvent } from "./frame-event.js";
import { SASL_WAYS } from "./logins/sasl-ways.js";
import { SILENCES } from "./silent-client.js";

export function countFrame(coverage: Coverage, event: FrameEvent): void {
  switch (event.kind) {
    case "connecting":
      coverage.count("connection", hello(event));
      return;
    case "connected":
      if (event.readOnly === true)
        coverage.count("connection", "connected to a server without a leader");
      coverage.count("connection", event.kind);
      return;
    case "expired":
      coverage.count("connection", event.kind);
      return;
    case "asked": {
      const { type } = event.request.message;
      coverage.count("asked", opCodeName(type) ?? `${type}`);
      return;
    }
    case "answered":
      coverage.count("answered", errorCodeName(event.err) ?? `${event.err}`);
      countLogin(coverage, event);
      return;
    case "event": {
      const name = eventTypeName(event.type) ?? `${event.type}`;
      coverage.count("event", event.zxid < 0n ? `${name}, missed` : name);
      return;
    }
    case "misused":
      return;
    case "closed":
      if (event.silence !== undefined && !event.byClient)
        coverage.count("connection", `closed after silence: ${event.silence}`);
      coverage.count(
        "connection",
        event.byClient ? "closed by the client" : "closed by the server",
      );
      return;
  }
}

function countLogin(
  coverage: Coverage,
  { request, err }: Extract<FrameEvent, { kind: "answered" }>,
): void {
  if (request === undefined) return;
  const { proof, isRefused, ids } = request;
  if (isRefused === true) coverage.count("login", "refused without a login");
  if (proof === undefined) {
    for (const { scheme } of ids)
      if (LOGINS.has(scheme)) coverage.count("login", `asked: ${scheme}`);
    return;
  }
  coverage.count("login", proof.name);
  if (proof.ids.some(({ scheme }) => scheme === "super")) coverage.count("login", "superuser");
  if (!proof.name.startsWith("sasl wrong")) return;
  const name = errorCodeName(err) ?? `${err}`;
  coverage.count("login", proof.ends ? `failed: ${name}` : "failed, and goes on");
}

const LOGINS: ReadonlySet<string> = new Set(["sasl", "x509", "super"]);

function hello({ sessionId, isThief }: Extract<FrameEvent, { kind: "connecting" }>): string {
  if (isThief) return "wrong password";
  return sessionId === 0n ? "new session" : "session taken along";
}

/** The ops that clients ask for, and two that only servers may ask of each other. */
const ASKED = [
  ...[OpCode.create, OpCode.create2, OpCode.createContainer, OpCode.createTTL, OpCode.delete],
  ...[OpCode.setData, OpCode.setACL, OpCode.multi, OpCode.check, OpCode.deleteContainer],
  ...[OpCode.exists, OpCode.getData, OpCode.getACL, OpCode.getChildren, OpCode.getChildren2],
  ...[OpCode.getEphemerals, OpCode.getAllChildrenNumber, OpCode.multiRead, OpCode.whoAmI],
  ...[OpCode.sync, OpCode.ping, OpCode.auth, OpCode.sasl, OpCode.reconfig, OpCode.closeSession],
  ...[
    OpCode.addWatch,
    OpCode.removeWatches,
    OpCode.checkWatches,
    OpCode.setWatches,
    OpCode.setWatches2,
  ],
];

/** For which servers close connections. */
const CLOSE_REASONS: readonly ClientCloseReason[] = [
  ...(["not serving", "read-only", "client ahead", "connection throttle"] as const),
  ...(["large requests", "no session", "silence"] as const),
  ...(["session over", "session closed", "session moved", "outcome unknown"] as const),
  ...(["request refused", "unreadable"] as const),
  ...(["client does not read", "too many watches"] as const),
];

const EVENTS = ["NodeCreated", "NodeDeleted", "NodeDataChanged", "NodeChildrenChanged"];

export const EXPECTED_OF_FRAMES: Readonly<Partial<Record<CoverageArea, readonly string[]>>> = {
  ensemble: [
    ...["requests are throttled", "connections are throttled"],
    ...["connections of an address are limited", "connections are limited"],
    ...["sessions begin locally", "readers are served without a leader"],
    ...["digest", "sasl", "x509", "ip"].map((scheme) => `${scheme} is required`),
    ...["one of two schemes is required", "users log in", "logins are not looked at"],
    ...["logins may fail", "certificates are looked at", "certificates are not looked at"],
    "the ensemble has names",
  ],
  fault: CLIENT_FAULTS.map((name) => `custom ${name}`),
  connection: [
    ...["new session", "session taken along", "wrong password", "connected", "expired"],
    ...["closed by the client", "closed by the server", "one too many", "local session upgraded"],
    "connected to a server without a leader",
    ...CLOSE_REASONS.map((reason) => `closed for: ${reason}`),
    ...SILENCES.map((silence) => `closed after silence: ${silence}`),
  ],
  asked: ASKED.map((type) => opCodeName(type) ?? `${type}`),
  answered: [
    ...["OK", "NONODE", "NODEEXISTS", "BADVERSION", "NOTEMPTY", "NOAUTH", "INVALIDACL"],
    ...["BADARGUMENTS", "NOCHILDRENFOREPHEMERALS", "NOWATCHER", "THROTTLEDOP"],
    ...[
      "UNIMPLEMENTED",
      "MARSHALLINGERROR",
      "RECONFIGDISABLED",
      "EPHEMERALONLOCALSESSION",
      "NOTREADONLY",
    ],
    ...["AUTHFAILED", "SESSIONCLOSEDREQUIRESASLAUTH"],
  ],
  login: [
    ...SASL_WAYS.map((way) => `sasl ${way}`),
    ...["sasl wrong: too early", "sasl: repeated", "sasl: second login", "sasl: no token"],
    ...["sasl: challenged", "sasl: not configured", "refused without a login", "superuser"],
    ...["failed: AUTHFAILED", "failed: SESSIONCLOSEDREQUIRESASLAUTH", "failed, and goes on"],
    ...["digest", "ip", "x509", "ensemble"].map((scheme) => `${scheme}: proven`),
    ...["x509", "ensemble", "nothing"].map((scheme) => `${scheme}: refused`),
    ...[...LOGINS].map((scheme) => `asked: ${scheme}`),
  ],
  event: [...EVENTS, ...EVENTS.map((name) => `${name}, missed`)],
};
