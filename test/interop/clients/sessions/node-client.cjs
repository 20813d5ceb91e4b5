/** All that node-zookeeper-client can ask for, and how each fails. Prints what came of it, without ids and times. */
const { promisify } = require("node:util");
const zookeeper = require("node-zookeeper-client");

const { ACL, CreateMode, Id, Permission } = zookeeper;
const EMPTY = Buffer.alloc(0);
const [servers] = process.argv.slice(2);

async function main() {
  const client = await connect();
  for (const [name, mode] of Object.entries(CreateMode)) {
    await say(
      `create ${name}`,
      client,
      "create",
      `/m-${name}`,
      Buffer.from("x"),
      ACL.OPEN_ACL_UNSAFE,
      mode,
    );
  }
  await say("create again", client, "create", "/m-PERSISTENT");
  await say("create without parent", client, "create", "/b/c");
  await say("create below ephemeral", client, "create", "/m-EPHEMERAL/c");
  await say("mkdirp", client, "mkdirp", "/p/q/r", Buffer.from("r"));
  for (const path of ["/", "/m-PERSISTENT", "/p/q", "/none", "/zookeeper"]) {
    await say(`exists ${path}`, client, "exists", path);
    await say(`getData ${path}`, client, "getData", path);
    await say(`getACL ${path}`, client, "getACL", path);
    await say(`getChildren ${path}`, client, "getChildren", path);
    await say(`listSubTreeBFS ${path}`, client, "listSubTreeBFS", path);
  }
  await say("setData", client, "setData", "/p", Buffer.from("data"), 0);
  await say("setData of another version", client, "setData", "/p", Buffer.from("data"), 0);
  await say("setData without node", client, "setData", "/none", EMPTY, -1);
  const onlyRead = [new ACL(Permission.READ, new Id("world", "anyone"))];
  await say("setACL", client, "setACL", "/p/q", onlyRead, 0);
  await say("setACL of another version", client, "setACL", "/p/q", onlyRead, 0);
  await say("setData of what is only read", client, "setData", "/p/q", EMPTY, -1);
  client.addAuthInfo("digest", Buffer.from("user:secret"));
  await say(
    "create as auth",
    client,
    "create",
    "/mine",
    EMPTY,
    ACL.CREATOR_ALL_ACL,
    CreateMode.PERSISTENT,
  );
  await say("getACL of mine", client, "getACL", "/mine");
  const stranger = await connect();
  await say("stranger getData", stranger, "getData", "/mine");
  await say("stranger setData", stranger, "setData", "/mine", EMPTY, -1);
  await transaction("transaction", client, (t) =>
    t
      .create("/t")
      .create("/t/s-", CreateMode.EPHEMERAL_SEQUENTIAL)
      .check("/t")
      .setData("/t", Buffer.from("t")),
  );
  await transaction("transaction that fails", client, (t) =>
    t.create("/u").remove("/none").check("/t"),
  );
  await watches(client, stranger);
  await say("remove not empty", client, "remove", "/p", -1);
  await say("remove of another version", client, "remove", "/m-PERSISTENT", 7);
  await say("remove", client, "remove", "/m-PERSISTENT", -1);
  await say("remove again", client, "remove", "/m-PERSISTENT", -1);
  await say("removeRecursive", client, "removeRecursive", "/p", -1);
  console.log(
    "session of",
    client.getSessionId().length,
    "bytes,",
    client.getSessionTimeout(),
    "ms",
  );
  const closed = new Promise((resolve) => client.once("disconnected", resolve));
  client.close();
  await closed;
  await say("ephemerals are gone", stranger, "exists", "/m-EPHEMERAL");
  stranger.close();
}

async function connect() {
  const client = zookeeper.createClient(servers, { sessionTimeout: 10_000 });
  await new Promise((resolve) => {
    client.once("connected", resolve);
    client.connect();
  });
  return client;
}

async function watches(client, other) {
  const events = [];
  const seen = (event) => events.push(`${event.getName()} ${event.getPath()}`);
  await promisify(client.create.bind(client))("/w");
  await watching(client, "exists", "/w/new", seen);
  await watching(client, "getData", "/w", seen);
  await watching(client, "getChildren", "/w", seen);
  await promisify(other.create.bind(other))("/w/new");
  await promisify(other.setData.bind(other))("/w", Buffer.from("1"), -1);
  await promisify(other.setData.bind(other))("/w", Buffer.from("2"), -1);
  await say("sync by a read", client, "getChildren", "/w");
  await watching(client, "getData", "/w/new", seen);
  await promisify(other.remove.bind(other))("/w/new", -1);
  await say("sync by a read", client, "getChildren", "/w");
  console.log("events:", events.join(", "));
}

async function watching(client, method, path, watcher) {
  await new Promise((resolve) => client[method](path, watcher, resolve));
}

async function transaction(what, client, build) {
  await new Promise((resolve) => {
    build(client.transaction()).commit((error, results) => {
      console.log(`${what}: ${error ? error.name : "OK"} ${shown(results)}`);
      resolve();
    });
  });
}

async function say(what, client, method, ...values) {
  await new Promise((resolve) => {
    client[method](...values, (error, ...results) => {
      console.log(`${what}: ${error ? error.name : shown(results)}`);
      resolve();
    });
  });
}

/** As JSON, without what differs each time. */
function shown(value) {
  return JSON.stringify(value, (key, field) => {
    if (key === "specification") return undefined;
    if (/zxid|time|ephemeralOwner/iu.test(key)) return "…";
    if (field?.type === "Buffer") return Buffer.from(field.data).toString("latin1");
    return Array.isArray(field) && field.every((each) => typeof each === "string")
      ? [...field].sort()
      : field;
  });
}

main().catch((error) => {
  console.log(error);
  // Sessions would keep it alive.
  process.exit(1);
});
