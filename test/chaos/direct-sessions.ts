/** Sessions of Apache's client with one server of Apache each. */
import type { Sid } from "@jute-ts/zookeeper";
import type { Session } from "../interop/kit/apache-client.js";
import { ClientError } from "../interop/kit/command-process.js";
import type { MixedEnsemble } from "../interop/kit/mixed-ensemble.js";

export class DirectSessions {
  readonly #ensemble: MixedEnsemble;
  readonly #sessions = new Map<Sid, Promise<Session>>();

  constructor(ensemble: MixedEnsemble) {
    this.#ensemble = ensemble;
  }

  /** The session with this server of Apache alone. Another one is opened when it has expired. */
  async of(sid: Sid): Promise<Session> {
    const open = this.#sessions.get(sid) ?? this.#ensemble.connect(sid);
    this.#sessions.set(sid, open);
    try {
      return await open;
    } catch (error) {
      this.#sessions.delete(sid);
      throw error;
    }
  }

  /** What has become of a session, after an error of it. */
  forget(sid: Sid, error: unknown): void {
    if (error instanceof ClientError && error.code === SESSION_EXPIRED) this.#sessions.delete(sid);
  }
}

const SESSION_EXPIRED = -112;
