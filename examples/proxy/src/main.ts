/** `npm start -- LISTEN-PORT HOST:PORT`: prints what clients and a server of ZooKeeper say to each other. */
import { createProxy } from "./proxy.js";

const [listenPort = "2182", server = "127.0.0.1:2181"] = process.argv.slice(2);
const at = server.lastIndexOf(":");
const target = { host: server.slice(0, at), port: Number(server.slice(at + 1)) };

const proxy = createProxy(target, console.log);
proxy.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
proxy.listen(Number(listenPort), "127.0.0.1", () => {
  console.log(`clients of ${server} may connect to 127.0.0.1:${listenPort}`);
});
