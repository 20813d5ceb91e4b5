package org.apache.zookeeper.server.quorum;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Random;
import org.apache.zookeeper.server.quorum.QuorumPeer.ServerState;
import org.apache.zookeeper.server.quorum.flexible.QuorumHierarchical;
import org.apache.zookeeper.server.quorum.flexible.QuorumVerifier;

/**
 * Records what Java's election makes of votes: the bytes of its messages, which votes it takes for
 * equal, and which of two it prefers. Lies in the package of the election, because the methods are
 * not public. The numbers are drawn from small sets, so that equal ones meet, and from their limits.
 */
public final class ElectionVectors {
    private static final long[] SIDS = {1, 2, 3, -1, Long.MIN_VALUE, Long.MAX_VALUE};
    private static final long[] ZXIDS = {0, -1, 0x100000001L, 0x100000002L, 0x200000000L, Long.MIN_VALUE, Long.MAX_VALUE};
    private static final long[] EPOCHS = {0, 1, 2, -1, Long.MIN_VALUE, Long.MAX_VALUE};
    private static final long[] ROUNDS = {0, 1, 2, Long.MIN_VALUE, Long.MAX_VALUE};
    private static final int[] VERSIONS = {0, 1, 2, 3, -1};
    private static final String[] CONFIGURATIONS = {
        "",
        "server.1=127.0.0.1:2888:3888:participant;0.0.0.0:2181\nversion=0",
        "server.1=[::1]:2888:3888:participant\nserver.2=h\u00f6st:2888:3888:observer\nversion=100000003",
        "\u0000\u20ac\ud83d\ude00",
    };

    private ElectionVectors() {
    }

    public static void main(String[] args) throws Exception {
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Paths.get(args[0]), UTF_8))) {
            Random random = new Random(1);
            for (int i = 0; i < 200; i++) {
                message(out, random, i);
            }
            for (int i = 0; i < 600; i++) {
                equality(out, random);
            }
            FastLeaderElection election = electionWithWeights();
            for (int i = 0; i < 400; i++) {
                order(out, random, election);
            }
        }
    }

    /** One message of the last generation, and every tenth of the one before it. */
    private static void message(PrintWriter out, Random random, int i) {
        int state = i % ServerState.values().length;
        long leader = pick(random, SIDS);
        long zxid = pick(random, ZXIDS);
        long round = pick(random, ROUNDS);
        long epoch = pick(random, EPOCHS);
        boolean old = i % 10 == 9;
        String configuration = CONFIGURATIONS[random.nextInt(CONFIGURATIONS.length)];
        ByteBuffer bytes = old
            ? FastLeaderElection.buildMsg(state, leader, zxid, round, epoch)
            : FastLeaderElection.buildMsg(state, leader, zxid, round, epoch, configuration.getBytes(UTF_8));
        out.printf(
            "{\"kind\":\"message\",\"state\":\"%s\",\"leader\":\"%d\",\"zxid\":\"%d\",\"round\":\"%d\",\"peerEpoch\":\"%d\",\"configuration\":%s,\"hex\":\"%s\"}%n",
            stateName(ServerState.values()[state]), leader, zxid, round, epoch,
            old ? "null" : quote(configuration), hex(bytes.array()));
    }

    private static void equality(PrintWriter out, Random random) {
        Vote a = vote(random);
        Vote b = vote(random);
        out.printf("{\"kind\":\"equality\",\"a\":%s,\"b\":%s,\"equal\":%b}%n", json(a), json(b), a.equals(b));
    }

    private static void order(PrintWriter out, Random random, FastLeaderElection election) {
        long leaderA = 1 + random.nextInt(3);
        long leaderB = 1 + random.nextInt(3);
        long zxidA = pick(random, ZXIDS);
        long zxidB = pick(random, ZXIDS);
        long epochA = pick(random, EPOCHS);
        long epochB = random.nextBoolean() ? epochA : pick(random, EPOCHS);
        boolean better = election.totalOrderPredicate(leaderA, zxidA, epochA, leaderB, zxidB, epochB);
        out.printf(
            "{\"kind\":\"order\",\"a\":{\"leader\":\"%d\",\"zxid\":\"%d\",\"peerEpoch\":\"%d\"},\"b\":{\"leader\":\"%d\",\"zxid\":\"%d\",\"peerEpoch\":\"%d\"},\"weightOfA\":%d,\"better\":%b}%n",
            leaderA, zxidA, epochA, leaderB, zxidB, epochB, leaderA == 1 ? 0 : 1, better);
    }

    /** Votes that differ in few places, or none: only those tell the rules apart. */
    private static Vote vote(Random random) {
        return new Vote(
            VERSIONS[random.nextInt(VERSIONS.length)],
            random.nextInt(4) == 0 ? 2 : 1,
            random.nextInt(4) == 0 ? 0x100000002L : 0x100000001L,
            random.nextInt(4) == 0 ? 2 : 1,
            1 + random.nextInt(2),
            new ServerState[] {ServerState.LOOKING, ServerState.FOLLOWING, ServerState.LEADING}[random.nextInt(3)]);
    }

    /** An election of three servers, of which the first has no weight. */
    private static FastLeaderElection electionWithWeights() throws Exception {
        java.util.Properties lines = new java.util.Properties();
        for (int sid = 1; sid <= 3; sid++) {
            lines.setProperty("server." + sid, "127.0.0.1:" + (2887 + sid) + ":" + (3887 + sid) + ":participant");
            lines.setProperty("weight." + sid, sid == 1 ? "0" : "1");
        }
        lines.setProperty("group.1", "1:2:3");
        QuorumVerifier verifier = new QuorumHierarchical(lines);
        QuorumPeer peer = new QuorumPeer() {
            @Override
            public QuorumVerifier getQuorumVerifier() {
                return verifier;
            }
        };
        return new FastLeaderElection(peer, null);
    }

    private static String json(Vote vote) {
        return String.format(
            "{\"version\":%d,\"leader\":\"%d\",\"zxid\":\"%d\",\"round\":\"%d\",\"peerEpoch\":\"%d\",\"state\":\"%s\"}",
            vote.getVersion(), vote.getId(), vote.getZxid(), vote.getElectionEpoch(), vote.getPeerEpoch(),
            stateName(vote.getState()));
    }

    private static String stateName(ServerState state) {
        return state.toString().toLowerCase(java.util.Locale.ROOT);
    }

    private static long pick(Random random, long[] from) {
        return from[random.nextInt(from.length)];
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(String.format("%02x", b));
        }
        return text.toString();
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            quoted.append(c >= ' ' && c < 0x7f && c != '"' && c != '\\' ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return quoted.append('"').toString();
    }
}
