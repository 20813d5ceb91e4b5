/**
 * One of our servers as a process: the peer of a zoo.cfg, the gateway before it,
 * and a load that is made in this very process when the parent asks for it.
 *
 * Arguments: the path of zoo.cfg, the gateway's port.
 */
import { configurePeer, describeReport, loadConfiguration, reportLevel } from "@jute-ts/server";
import { OpCode, SetDataRequest } from "@jute-ts/zookeeper";
import { openGateway } from "./gateway.js";
import { type Load, runLoad, type Write } from "./load.js";
import { answerParent } from "./questions.js";

const CONNECTION_LOSS = -4;
const [path = "zoo.cfg", port = "0"] = process.argv.slice(2);
const loaded = loadConfiguration(path);
const configured = await configurePeer(loaded);
const { peer } = configured;
openGateway(peer, Number(loaded.settings.sid), Number(port));
// As `zk-server start` prints it, for whoever wonders about a figure.
peer.on("report", (report) => {
  if (reportLevel(report) === "detail") return;
  console.log(`${new Date().toISOString()} ${describeReport(report)}`);
});
peer.on("stopped", (reason) => {
  console.error("stopped:", reason);
  process.exit(1);
});
const write: Write = (znode, data, answered) => {
  const body = SetDataRequest.encode({ path: znode, data, version: -1 });
  peer.proposeRaw({ opCode: OpCode.setData, body }).then(
    ({ result }) => {
      answered(result.err);
    },
    () => {
      answered(CONNECTION_LOSS);
    },
  );
};

answerParent({ load: async (load: Load) => await runLoad(write, load) });
await configured.start();
