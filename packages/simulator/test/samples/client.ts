import { CreateMode } from "@jute-ts/zookeeper";
import {
  createChange,
  createSessionChange,
  runSeed,
  standardCast,
  type Cast,
  type ClientPort,
  type SimClient,
} from "@jute-ts/simulator";

/** Opens a session and creates znodes below `/queue`, one after the other. */
class Producer implements SimClient {
  readonly name = "producer";
  produced = 0;
  readonly #sessionId = 0x77n;
  #cxid = 0;

  start(port: ClientPort): void {
    const [server] = port.sids;
    if (server === undefined) return;
    // A session is a change like others. Nobody leads yet, so this is asked until it is answered.
    port.submit(server, createSessionChange(this.#sessionId, 3_600_000), (answer) => {
      if (answer.kind === "applied") this.#create(port, server, "/queue", CreateMode.PERSISTENT);
      else this.#startLater(port);
    });
  }

  #startLater(port: ClientPort): void {
    port.after(500, () => {
      this.start(port);
    });
  }

  #create(port: ClientPort, server: bigint, path: string, mode: CreateMode): void {
    this.#cxid += 1;
    const request = {
      sessionId: this.#sessionId,
      cxid: this.#cxid,
      ...createChange(path, "", mode),
      authInfo: [],
    };
    port.submit(server, request, (answer) => {
      if (answer.kind === "applied" && answer.result.err === 0) this.produced += 1;
      if (this.produced < 20)
        this.#create(port, server, "/queue/item-", CreateMode.PERSISTENT_SEQUENTIAL);
    });
  }
}

const producer = new Producer();
const cast: Cast = { ...standardCast, newClients: () => [producer] };
const { violation } = runSeed(11, { cast, selection: undefined });
console.log(violation?.text ?? "no violation");
console.log(producer.produced > 0 ? "it has produced something" : "it has produced nothing");
