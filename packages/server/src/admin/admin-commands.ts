/** The commands of the admin server: their names, and what each answers. Pure but for what it reads and resets. */
import type { AdminCommandContext } from "./admin-command-context.js";
import { environmentOf } from "./environment.js";
import { figuresOf } from "./figures.js";
import { NOT_SERVING } from "./four-letter-words.js";
import { hex, javaMean } from "./java-format.js";
import { JavaDouble, type JsonFields, type JsonValue } from "./json-text.js";
import {
  addressSetFields,
  connectionFields,
  dumpFields,
  serverStatsFields,
  watchFields,
} from "./admin-fields.js";
import { initialConfiguration } from "./initial-configuration.js";
import { serverTexts, shownFigures } from "./monitor-text.js";
import { systemPropertiesOf } from "./system-properties.js";
import { pathsBySession, sessionsByPath, watchSummary } from "./watch-text.js";

/** What a command answers besides its name: its fields, or why there are none. */
export type AdminAnswer =
  { readonly fields: JsonFields; readonly error?: undefined } | { readonly error: string };

export interface AdminCommand {
  /** The first is the name under which it answers; all can be asked for. */
  readonly names: readonly [string, ...string[]];
  /** Whether it also answers while the server does not serve. */
  readonly always?: true;
  readonly run: (context: AdminCommandContext) => AdminAnswer;
}

/** The answer's whole JSON; `command` is what was asked for. */
export function runAdminCommand(name: string, context: AdminCommandContext): JsonFields {
  const command = ADMIN_COMMANDS.find(({ names }) => names.includes(name));
  if (command === undefined) return { command: name, error: `Unknown command: ${name}` };
  const [primary] = command.names;
  if (context.view.mode === undefined && command.always !== true) {
    return { command: primary, error: NOT_SERVING };
  }
  const answer = command.run(context);
  if (answer.error !== undefined) return { error: answer.error, command: primary };
  return { ...answer.fields, command: primary, error: null };
}

function fields(make: (context: AdminCommandContext) => JsonFields): AdminCommand["run"] {
  return (context) => ({ fields: make(context) });
}

/** In the order of their names, as the page of links shows them. */
export const ADMIN_COMMANDS: readonly AdminCommand[] = [
  { names: ["configuration", "conf", "config"], run: fields(configuration) },
  {
    names: ["connection_stat_reset", "crst"],
    run: fields(({ view }) => {
      view.clients.resetConnectionStatistics();
      return {};
    }),
  },
  { names: ["connections", "cons"], run: fields(({ view }) => connectionFields(view, "full")) },
  {
    names: ["dirs"],
    run: fields(({ view: { files } }) => ({
      datadir_size: files.snapshotBytes,
      logdir_size: files.logBytes,
    })),
  },
  { names: ["dump"], run: fields(({ view }) => dumpFields(view)) },
  {
    names: ["environment", "env", "envi"],
    always: true,
    run: fields(({ view }) => Object.fromEntries(environmentOf(view.version))),
  },
  {
    names: ["get_trace_mask", "gtmk"],
    always: true,
    run: fields(({ traceMask }) => ({ tracemask: traceMask.value })),
  },
  {
    names: ["hash"],
    run: fields(({ view }) => ({
      digests: Array.from(view.tree.digests(), ({ zxid, digest }) => ({
        digest_version: DIGEST_VERSION,
        digest,
        zxid,
      })),
    })),
  },
  {
    names: ["initial_configuration", "icfg"],
    // A server of an ensemble does not tell, as in Java.
    run: fields(({ view, configuration }) => ({
      initial_configuration:
        view.mode === "standalone" ? initialConfiguration(configuration) : null,
    })),
  },
  {
    names: ["is_read_only", "isro"],
    run: fields(({ view }) => ({ read_only: view.mode === "read-only" })),
  },
  { names: ["last_snapshot", "lsnp"], run: fields(lastSnapshot) },
  { names: ["leader", "lead"], run: leader },
  { names: ["monitor", "mntr"], run: fields(monitor) },
  {
    names: ["observer_connection_stat_reset", "orst"],
    run: fields(({ view }) => {
      view.resetObserverStatistics();
      return {};
    }),
  },
  { names: ["observers", "obsr"], run: fields(observers) },
  { names: ["ruok"], run: fields(() => ({})) },
  { names: ["server_stats", "srvr"], run: fields((context) => serverStatsFields(context)) },
  { names: ["set_trace_mask", "stmk"], always: true, run: setTraceMask },
  {
    names: ["stat_reset", "srst"],
    run: fields(({ metrics }) => {
      metrics.server.reset();
      return {};
    }),
  },
  {
    names: ["stats", "stat"],
    run: fields((context) => ({
      ...serverStatsFields(context),
      ...connectionFields(context.view, "brief"),
    })),
  },
  {
    names: ["system_properties", "sysp"],
    always: true,
    run: fields(({ properties }) => Object.fromEntries(systemPropertiesOf(properties))),
  },
  { names: ["voting_view"], run: fields(votingView) },
  {
    names: ["watch_summary", "wchs"],
    run: fields(({ view }) => {
      const { connections, paths, watches } = watchSummary(view.clients);
      return { num_connections: connections, num_paths: paths, num_total_watches: watches };
    }),
  },
  {
    names: ["watches", "wchc"],
    run: fields(({ view }) => ({
      session_id_to_watched_paths: watchFields(pathsBySession(view.clients)),
    })),
  },
  {
    names: ["watches_by_path", "wchp"],
    run: fields(({ view }) => ({
      path_to_session_ids: watchFields(sessionsByPath(view.clients)),
    })),
  },
  { names: ["zabstate"], run: fields(zabState) },
];

function configuration({ view: { settings } }: AdminCommandContext): JsonFields {
  return {
    client_port: settings.clientPort,
    ...(settings.secureClientPort > 0 ? { secure_client_port: settings.secureClientPort } : {}),
    data_dir: settings.dataDir,
    data_log_dir: settings.dataLogDir,
    tick_time: settings.tickTimeMs,
    max_client_cnxns: settings.maxClientConnections,
    min_session_timeout: settings.minSessionTimeoutMs,
    max_session_timeout: settings.maxSessionTimeoutMs,
    server_id: settings.sid,
    client_port_listen_backlog: settings.clientPortListenBacklog,
  };
}

function lastSnapshot({ view: { files } }: AdminCommandContext): JsonFields {
  const last = files.lastSnapshot;
  return {
    zxid: last === undefined ? "-1" : last.zxid.toString(16),
    timestamp: last === undefined ? -1 : Math.floor(last.wallMs / 1000),
  };
}

function leader({ view }: AdminCommandContext): AdminAnswer {
  const { peer, settings } = view;
  const sid = peer?.leader;
  if (sid === undefined) return { error: "server is not initialized" };
  const address = settings.quorum?.ensemble.members.get(sid)?.addresses[0];
  return {
    fields: {
      is_leader: peer?.role === "leading",
      leader_id: sid,
      leader_ip: address?.host ?? "",
    },
  };
}

function monitor({ view, metrics }: AdminCommandContext): JsonFields {
  const figures = shownFigures(figuresOf(view, metrics.server, metrics.list()));
  return {
    ...serverTexts(view),
    ...Object.fromEntries(
      figures.map(({ name, value, isDouble }): [string, JsonValue] => [
        name,
        isDouble ? new JavaDouble(javaMean(value)) : value,
      ]),
    ),
    ...metrics.texts(),
  };
}

function observers({ view }: AdminCommandContext): JsonFields {
  const all = view.learners().filter(({ role }) => role === "observer");
  return {
    synced_observers: all.filter(({ synced }) => synced).length,
    observers: all.map((each) => ({
      remote_socket_address: `/${each.remoteAddress}`,
      sid: each.sid ?? -1,
      established: Math.round(each.establishedWallMs),
      queued_packets: 0,
      queued_packets_size: each.queuedBytes,
      packets_received: each.packetsReceived,
      packets_sent: each.packetsSent,
      requests: each.requests,
      last_zxid: each.lastAckedZxid,
    })),
  };
}

function setTraceMask({ parameters, traceMask }: AdminCommandContext): AdminAnswer {
  const text = parameters.get("traceMask");
  if (text === null) return { error: "setTraceMask requires long traceMask argument" };
  if (!/^[+-]?\d{1,19}$/u.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
    return { error: `setTraceMask requires long traceMask argument, got ${text}` };
  }
  traceMask.value = BigInt(text);
  return { fields: { tracemask: traceMask.value } };
}

function votingView({ view: { settings } }: AdminCommandContext): JsonFields {
  const { ensemble } = settings.quorum ?? {};
  const voters = [...(ensemble?.members.values() ?? [])].filter(
    ({ role }) => role === "participant",
  );
  return {
    current_config: Object.fromEntries(
      voters.map(({ sid, addresses, client, role }) => [
        String(sid),
        {
          server_addresses: addresses.map(({ host, quorumPort }) => `${host}:${quorumPort}`),
          election_addresses: addresses.map(({ host, electionPort }) => `${host}:${electionPort}`),
          client_address: client === undefined ? "" : `${client.host}:${client.port}`,
          learner_type: role,
        },
      ]),
    ),
  };
}

function zabState({ view }: AdminCommandContext): JsonFields {
  const { peer, settings, lastProcessedZxid } = view;
  const member = settings.quorum?.ensemble.members.get(settings.sid);
  if (peer === undefined || member === undefined) return { voting: false, zabstate: "" };
  const { addresses, client } = member;
  return {
    myid: settings.sid,
    is_leader: peer.role === "leading",
    quorum_address: addressSetFields(
      addresses.map(({ host, quorumPort }) => ({ host, port: quorumPort })),
    ),
    election_address: addressSetFields(
      addresses.map(({ host, electionPort }) => ({ host, port: electionPort })),
    ),
    client_address: client === undefined ? "" : `${client.host}:${client.port}`,
    voting: member.role === "participant",
    last_zxid: hex(lastProcessedZxid),
    zab_epoch: lastProcessedZxid >> 32n,
    zab_counter: BigInt.asUintN(32, lastProcessedZxid),
    zabstate: peer.phase ?? "election",
  };
}

/** Of the tree's digest: Java's second. */
const DIGEST_VERSION = 2;
