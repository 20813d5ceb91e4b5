/** Who may have a server's whole state, or replace it: those who have all rights on the root. */
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { DataTree } from "@jute-ts/data-tree";
import type { ReplicatedState } from "@jute-ts/quorum";
import { canonicalHost } from "@jute-ts/quorum/membership";
import { Perms } from "@jute-ts/zookeeper";
import {
  type AuthenticationOptions,
  ClientAuthentication,
} from "../clients/authentication/index.js";
import { verifiedSubject } from "../node/client-tls.js";

/** Why a command is refused: a status of HTTP, and what is said. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
}

/**
 * Undefined for those whom the access control list of the root gives all five rights, by what
 * they say in the header `Authorization`: a scheme and its data, or `ip` or `x509` alone. As since
 * Apache's 3.9.4; who has all of them can read and change everything below as well.
 */
export function whyNotAllowed(
  { headers, socket }: IncomingMessage,
  state: ReplicatedState,
  authentication: AuthenticationOptions,
): Refusal | undefined {
  const [scheme = "", data = ""] = (headers.authorization ?? "").split(/ (.*)/su);
  const address = canonicalHost((socket.remoteAddress ?? "").replace(/%.*$/u, ""));
  const certificateSubject =
    scheme === "x509" && socket instanceof TLSSocket ? verifiedSubject(socket) : undefined;
  const client = new ClientAuthentication(authentication, { address, certificateSubject });
  const isKnown =
    scheme === "ip" ||
    (scheme !== "" && isDone(client.authenticate(scheme, new TextEncoder().encode(data))));
  if (!isKnown) {
    return {
      status: 401,
      error:
        "say who you are: Authorization: digest USER:PASSWORD, or ip, or x509 where a certificate was shown",
    };
  }
  const ids = client.ids.filter((id) => scheme === "ip" || id.scheme !== "ip");
  const acl = state instanceof DataTree ? (state.getNode("/")?.acl ?? []) : [];
  const mayAll = ALL.every(
    (permission) => state instanceof DataTree && state.isPermitted(acl, permission, ids),
  );
  if (mayAll) return undefined;
  return { status: 403, error: "the access control list of / does not give you all rights" };
}

function isDone(answer: ReturnType<ClientAuthentication["authenticate"]>): boolean {
  return answer.kind === "reply" && answer.err === 0;
}

const ALL = [Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN];
