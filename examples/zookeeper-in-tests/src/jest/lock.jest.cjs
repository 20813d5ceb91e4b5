/** With Jest: all test files share a server, so each has a znode of its own. */
const zookeeper = require("node-zookeeper-client");

function connect() {
  const client = zookeeper.createClient(process.env.ZOOKEEPER, { sessionTimeout: 4000 });
  return new Promise((resolve) => {
    client.once("connected", () => resolve(client));
    client.connect();
  });
}

function lock(client, name) {
  return new Promise((resolve, reject) => {
    const { EPHEMERAL } = zookeeper.CreateMode;
    client.create(`/lock-${name}`, EPHEMERAL, (error) => (error ? reject(error) : resolve()));
  });
}

test("only one can have the lock", async () => {
  const [one, other] = await Promise.all([connect(), connect()]);
  await lock(one, "printer");
  await expect(lock(other, "printer")).rejects.toMatchObject({ name: "NODE_EXISTS" });
  const closed = new Promise((resolve) => one.once("disconnected", resolve));
  one.close();
  await closed;
  await lock(other, "printer");
  other.close();
});
