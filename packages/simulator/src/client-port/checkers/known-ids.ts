/**
 * Who a server knows the client of a connection to be: certainly, and perhaps. A
 * login counts from when it is taken, which is some time between being asked for
 * and being answered.
 */
import { OpCode } from "@jute-ts/zookeeper";
import { asciiText } from "../../clients/change-requests.js";
import type { AuthInfo, FrameRequest } from "../frame-event.js";
import { FRAME_USERS } from "../frame-workload.js";

export class KnownIds {
  #certain: AuthInfo = [];
  #possible: AuthInfo = [];
  #answered: AuthInfo = [];

  get certain(): AuthInfo {
    return this.#certain;
  }

  get possible(): AuthInfo {
    return this.#possible;
  }

  onAsked({ ids, message }: FrameRequest): void {
    // The address is known from the beginning.
    if (this.#certain.length === 0) this.#certain = ids.slice(0, 1);
    this.#possible = ids;
    if (message.type !== OpCode.auth) return;
    this.#possible = [...ids, idOf(asciiText(message.body.auth))];
  }

  onAnswered({ message }: FrameRequest, err: number): void {
    if (message.type !== OpCode.auth || err !== 0) return;
    this.#answered = [...this.#answered, idOf(asciiText(message.body.auth))];
  }

  /** The state after the last answer is known: what changes from now on, changes after the login. */
  onState(): void {
    if (this.#answered.length === 0) return;
    this.#certain = [...this.#certain, ...this.#answered];
    this.#answered = [];
  }
}

function idOf(credentials: string): AuthInfo[number] {
  const id = FRAME_USERS.find((user) => user.credentials === credentials)?.id ?? "";
  return { scheme: "digest", id };
}
