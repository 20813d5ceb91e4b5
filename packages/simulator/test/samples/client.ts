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
  readonly #sessionId = 0x77n;
  #cxid = 0;

  start(port: ClientPort): void {
    const server = port.random.pick(port.sids);
    // A session is a change like others. Nobody leads yet, so this is asked until it is answered.
    port.submit(server, createSessionChange(this.#sessionId, 3_600_000), (answer) => {
      if (answer.kind === "applied") this.#create(port, server, "/queue", CreateMode.PERSISTENT);
      else this.#startLater(port);
    });
  }

  #startLater(port: ClientPort): void {
    port.after(50, () => {
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
      if (answer.kind === "applied" && answer.result.err === 0) produced += 1;
      if (this.#cxid < 20)
        this.#create(port, server, "/queue/item-", CreateMode.PERSISTENT_SEQUENTIAL);
    });
  }
}

let produced = 0;
const cast: Cast = { ...standardCast, newClients: () => [new Producer()] };
for (const seed of [1, 2, 3, 4, 5, 6, 7, 8])
  console.log(runSeed(seed, { cast }).violation?.text ?? "no violation");
console.log(produced > 0 ? "something was produced" : "nothing was produced");
