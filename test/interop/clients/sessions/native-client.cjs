/**
 * All that the npm package `zookeeper`, which is bound to the C client, can ask for, and how each
 * fails. Prints what came of it, without ids and times. Run with the package's directory and a
 * server's address.
 */
const [directory, servers] = process.argv.slice(2);
const ZooKeeper = require(directory);

const TIMEOUT_MS = 10_000;
const LOOK_MS = 50;
const MOST_LOOKS = 100;
const MODES = ["EPHEMERAL", "SEQUENCE", "CONTAINER"].map((name) => [
  name,
  ZooKeeper[`ZOO_${name}`],
]);

function acl(perms, scheme = "world", auth = "anyone") {
  return [{ perms, scheme, auth }];
}

async function main() {
  const client = await connect();
  await say("create", client, "a_create", "/p", "text", 0);
  await say("create of bytes", client, "a_create", "/p/q", Buffer.from([0, 1, 255]), 0);
  for (const [name, flags] of MODES) {
    await say(`create ${name}`, client, "a_create", `/m-${name}-`, "x", flags);
  }
  await say("create again", client, "a_create", "/p", "", 0);
  await say("create without parent", client, "a_create", "/b/c", "", 0);
  await say("create below ephemeral", client, "a_create", "/m-EPHEMERAL-/c", "", 0);
  for (const path of ["/", "/p", "/p/q", "/none", "/zookeeper"]) {
    await say(`exists ${path}`, client, "a_exists", path, false);
    await say(`get ${path}`, client, "a_get", path, false);
    // Of a znode that is not there it ends the process.
    if (path !== "/none") await say(`get_acl ${path}`, client, "a_get_acl", path);
    await say(`get_children ${path}`, client, "a_get_children", path, false);
    await say(`get_children2 ${path}`, client, "a_get_children2", path, false);
  }
  await say("sync", client, "a_sync", "/p");
  await say("set", client, "a_set", "/p", "data", 0);
  await say("set of another version", client, "a_set", "/p", "data", 0);
  await say("set without node", client, "a_set", "/none", "", -1);
  await say("set_acl", client, "a_set_acl", "/p/q", 0, acl(ZooKeeper.ZOO_PERM_READ));
  await say(
    "set_acl of another version",
    client,
    "a_set_acl",
    "/p/q",
    0,
    acl(ZooKeeper.ZOO_PERM_ALL),
  );
  await say("set of what is only read", client, "a_set", "/p/q", "", -1);
  await say("add_auth", client, "add_auth", "digest", "user:secret");
  await say(
    "set_acl as auth",
    client,
    "a_set_acl",
    "/p",
    0,
    acl(ZooKeeper.ZOO_PERM_ALL, "auth", ""),
  );
  await say("get_acl as auth", client, "a_get_acl", "/p");
  const stranger = await connect();
  await say("stranger get", stranger, "a_get", "/p", false);
  await say("stranger set", stranger, "a_set", "/p", "", -1);
  await say("stranger delete", stranger, "a_delete_", "/p/q", -1);
  await watches(client);
  await say("delete not empty", client, "a_delete_", "/p", -1);
  await say("delete of another version", client, "a_delete_", "/p/q", 7);
  await say("delete", client, "a_delete_", "/p/q", -1);
  await say("delete again", client, "a_delete_", "/p/q", -1);
  client.close();
  // It does not say when the session is closed.
  for (let left = MOST_LOOKS; left > 0 && (await exists(stranger, "/m-EPHEMERAL-")); left--) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await say("ephemerals are gone", stranger, "a_exists", "/m-EPHEMERAL-", false);
  stranger.close();
}

async function watches(client) {
  for (const [name, method] of [
    ["created", "aw_exists"],
    ["changed", "aw_get"],
    ["child", "aw_get_children"],
    ["deleted", "aw_exists"],
  ]) {
    const event = new Promise((resolve) => {
      void say(`watch ${name}`, client, method, "/w", (type, state, path) => {
        resolve(`${name}: type ${type}, state ${state}, ${path}`);
      }).then(() => change(client, name));
    });
    console.log(await event);
  }
}

async function change(client, name) {
  if (name === "created") await say("create", client, "a_create", "/w", "", 0);
  else if (name === "changed") await say("set", client, "a_set", "/w", "1", -1);
  else if (name === "child")
    await say("create", client, "a_create", "/w/c", "", ZooKeeper.ZOO_EPHEMERAL);
  else {
    await say("delete child", client, "a_delete_", "/w/c", -1);
    await say("delete", client, "a_delete_", "/w", -1);
  }
}

function connect() {
  const client = new ZooKeeper();
  const options = { connect: servers, timeout: TIMEOUT_MS, debug_level: 0 };
  return new Promise((resolve, reject) => {
    client.connect({ ...options, host_order_deterministic: true }, (error) => {
      if (error) reject(error);
      else resolve(client);
    });
  });
}

function exists(client, path) {
  return new Promise((resolve) => {
    client.a_exists(path, false, (code) => resolve(code === 0));
  });
}

/** Asks, and prints the code, the error and what else the client hands over. */
function say(what, client, method, ...args) {
  return new Promise((resolve) => {
    client[method](...args, (code, error, ...results) => {
      console.log(`${what}:`, code, error, JSON.stringify(results.map(shown)));
      resolve();
    });
  });
}

const SHOWN_OF_STAT = ["version", "cversion", "aversion", "dataLength", "numChildren"];

function shown(result) {
  if (Buffer.isBuffer(result)) return result.toString("latin1");
  if (Array.isArray(result)) {
    return result
      .map(shown)
      .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  }
  if (typeof result !== "object" || result === null || !("version" in result)) return result;
  return Object.fromEntries(SHOWN_OF_STAT.map((key) => [key, result[key]]));
}

main().then(
  () => {
    console.log("done");
    process.exit();
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
