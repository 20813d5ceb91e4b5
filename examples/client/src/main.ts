/** Connects to a server, writes a znode and watches it: `npm start -- 127.0.0.1:2181`. */
import { once } from "node:events";
import { CreateMode, OPEN_ACL_UNSAFE, OpCode } from "@jute-ts/zookeeper";
import { Client } from "./client.js";

const [connectString = "127.0.0.1:2181"] = process.argv.slice(2);
const servers = connectString.split(",").map((each) => {
  const [host = "", port = "2181"] = each.split(":");
  return { host, port: Number(port) };
});

const client = new Client(servers);
client.on("disconnected", (cause) => {
  if (cause !== undefined) console.error(`no connection: ${cause.message}`);
});
const [sessionId] = (await once(client, "connected")) as [bigint];
console.log(`session 0x${BigInt.asUintN(64, sessionId).toString(16)}`);

const { path } = await client.request(OpCode.create, {
  path: "/hello-",
  data: new TextEncoder().encode("world"),
  acl: OPEN_ACL_UNSAFE,
  flags: CreateMode.EPHEMERAL_SEQUENTIAL,
});
const { data } = await client.request(OpCode.getData, { path, watch: true });
console.log(`${path} holds ${new TextDecoder().decode(data ?? undefined)}`);

const fired = once(client, "watch");
await client.request(OpCode.delete, { path, version: -1 });
console.log(String((await fired)[0]));
await client.close();
