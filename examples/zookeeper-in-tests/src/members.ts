/**
 * The program under test: who is there. Each member has an ephemeral znode, so whoever crashes
 * is missed. It knows nothing of tests, and its client is one for real servers.
 */
import { EventEmitter } from "node:events";
import zookeeper, { type Client } from "node-zookeeper-client";

const GROUP = "/members";

/** Emits "changed" when a member has come or gone since the last `list`. */
export class Members extends EventEmitter<{ changed: [] }> {
  readonly #client: Client;

  private constructor(client: Client) {
    super();
    this.#client = client;
  }

  static async connect(connectString: string): Promise<Members> {
    const client = zookeeper.createClient(connectString, { sessionTimeout: 4000, spinDelay: 50 });
    await new Promise<void>((resolve) => {
      client.once("connected", resolve);
      client.connect();
    });
    await new Promise<void>((resolve, reject) => {
      client.mkdirp(GROUP, (error) => {
        settle(error, resolve, reject);
      });
    });
    return new Members(client);
  }

  /** The session, as the client has it: eight bytes. */
  get sessionId(): Buffer {
    return this.#client.getSessionId();
  }

  async join(name: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#client.create(`${GROUP}/${name}`, zookeeper.CreateMode.EPHEMERAL, (error) => {
        settle(error, resolve, reject);
      });
    });
  }

  /** In alphabetical order. */
  async list(): Promise<string[]> {
    return await new Promise((resolve, reject) => {
      const onEvent = (): unknown => this.emit("changed");
      this.#client.getChildren(GROUP, onEvent, (error, names) => {
        const done = (): void => {
          resolve(names.sort());
        };
        settle(error, done, reject);
      });
    });
  }

  close(): void {
    this.#client.close();
  }
}

function settle(
  error: Error | zookeeper.Exception | null,
  resolve: () => void,
  reject: (error: Error | zookeeper.Exception) => void,
): void {
  if (error) reject(error);
  else resolve();
}
