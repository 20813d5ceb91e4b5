package org.apache.zookeeper.server;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.common.Time;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.CreateTTLRequest;
import org.apache.zookeeper.proto.DeleteRequest;
import org.apache.zookeeper.proto.ReconfigRequest;
import org.apache.zookeeper.proto.SetACLRequest;
import org.apache.zookeeper.proto.SetDataRequest;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.server.util.SerializeUtils;
import org.apache.zookeeper.txn.CreateSessionTxn;
import org.apache.zookeeper.txn.CreateTxn;
import org.apache.zookeeper.txn.CreateTxnV0;
import org.apache.zookeeper.txn.DeleteTxn;
import org.apache.zookeeper.txn.ErrorTxn;
import org.apache.zookeeper.txn.SetACLTxn;
import org.apache.zookeeper.txn.SetDataTxn;
import org.apache.zookeeper.txn.TxnHeader;

/**
 * Lets Java's own request preparation and data tree go through a long random
 * history, and writes down what they make of it, a line each:
 *
 *   ["prepare", session, cxid, op, body, [[scheme, id]...], time, txn]
 *   ["txn", txn]                    a txn that no leader of today would write
 *   ["applied", err, digest]        what the oldest txn not yet applied did
 *   ["node", path, data, aclId, stat, [[perms, scheme, id]...]]   at the end
 *   ["session", id, timeout]                                      at the end
 *
 * Bytes are in base64, longs are decimal strings, stat is the client's Stat.
 *
 * The history keeps away from what Java gets wrong: requests while a closeSession
 * is outstanding (it does not count the children that go) and changes of "/"
 * while others are outstanding (it takes "/" and "" for two znodes).
 */
public final class DataTreeHistory {
    private static final int STEPS = 2600;
    private static final int MOST_OUTSTANDING = 12;
    private static final String[] NAMES = {"a", "b", "c", "d", "e\u00e9\u20ac"};
    private static final String[] BAD_PATHS = {
        "", "a", "/", "/a/", "/a//b", "//", "/a/..", "/./a", "/a\u0001", "/\uf000", "/zookeeper",
        "/zookeeper/quota", "/zookeeper/config", "/a\u0000",
    };

    private final Random random = new Random(3127);
    private final PrintWriter out;
    private final ZooKeeperServer server = new ZooKeeperServer();
    private final PrepRequestProcessor preparation;
    private final Deque<Request> outstanding = new ArrayDeque<>();
    private final List<Long> sessions = new ArrayList<>();
    private Request prepared;
    private long nextSession = 0x100000000000001L;
    private int cxid = 0;

    private DataTreeHistory(PrintWriter out, File directory) throws Exception {
        this.out = out;
        server.setZKDatabase(new ZKDatabase(new FileTxnSnapLog(directory, directory)));
        server.setZxid(0x500000000L);
        server.sessionTracker = new Sessions(server);
        preparation = new PrepRequestProcessor(server, new RequestProcessor() {
            @Override
            public void processRequest(Request request) {
                prepared = request;
            }

            @Override
            public void shutdown() {
            }
        });
    }

    public static void main(String[] args) throws Exception {
        File directory = Files.createTempDirectory("data-tree").toFile();
        try (PrintWriter out = new PrintWriter(args[0], "UTF-8")) {
            DataTreeHistory history = new DataTreeHistory(out, directory);
            history.run();
            ZKDatabase database = history.server.getZKDatabase();
            writeResult(out, database.getDataTree(), database.getSessionWithTimeOuts());
        }
        // Java's server leaves threads behind.
        System.exit(0);
    }

    /** What a leader uses: a session that it does not know has expired. */
    private static final class Sessions extends SessionTrackerImpl {
        Sessions(ZooKeeperServer server) {
            super(new SessionExpirer() {
                @Override
                public void expire(SessionTracker.Session session) {
                }

                @Override
                public long getServerId() {
                    return 1;
                }
            }, server.getZKDatabase().getSessionWithTimeOuts(), 3000, 1, server.getZooKeeperServerListener());
        }

        @Override
        public void checkSession(long sessionId, Object owner)
            throws KeeperException.SessionExpiredException, KeeperException.SessionMovedException {
            try {
                super.checkSession(sessionId, owner);
            } catch (KeeperException.UnknownSessionException e) {
                throw new KeeperException.SessionExpiredException();
            }
        }
    }

    private void run() throws Exception {
        openSession();
        openSession();
        for (int step = 0; step < STEPS; step++) {
            Time.pass(random.nextInt(2000));
            takeStep();
            if (outstanding.size() >= MOST_OUTSTANDING) {
                applyAll();
            } else {
                for (int count = random.nextInt(4) - 1; count > 0 && !outstanding.isEmpty(); count--) {
                    applyOne();
                }
            }
        }
        applyAll();
    }

    private void takeStep() throws Exception {
        int dice = random.nextInt(1000);
        if (dice < 300) {
            create(OpCode.create, random.nextInt(4));
        } else if (dice < 360) {
            create(OpCode.create2, random.nextInt(4));
        } else if (dice < 400) {
            create(OpCode.createContainer, CreateMode.CONTAINER.toFlag());
        } else if (dice < 440) {
            create(OpCode.createTTL, random.nextBoolean() ? 5 : 6);
        } else if (dice < 590) {
            request(OpCode.delete, new DeleteRequest(anyPath(80), anyVersion()));
        } else if (dice < 720) {
            request(OpCode.setData, new SetDataRequest(anyPath(85), anyData(), anyVersion()));
        } else if (dice < 790) {
            request(OpCode.setACL, new SetACLRequest(anyPath(85), anyAcl(), anyVersion()));
        } else if (dice < 890) {
            multi();
        } else if (dice < 910) {
            openSession();
        } else if (dice < 925) {
            closeSession();
        } else if (dice < 945) {
            deleteContainer();
        } else if (dice < 950) {
            request(OpCode.reconfig, new ReconfigRequest(null, null, "server.1=a:1:2", -1));
        } else if (dice < 965) {
            quota();
        } else if (dice < 975) {
            changeRoot();
        } else {
            applyAll();
            applyUnprepared();
        }
    }

    private void create(int op, int flags) throws Exception {
        if (random.nextInt(50) == 0) {
            flags = random.nextBoolean() ? 9 : -1;
        }
        if (op == OpCode.createTTL) {
            long ttl = random.nextInt(10) == 0 ? -random.nextInt(2) : 1 + random.nextInt(50_000);
            request(op, new CreateTTLRequest(newPath(), anyData(), anyAcl(), flags, ttl));
        } else {
            request(op, new CreateRequest(newPath(), anyData(), anyAcl(), flags));
        }
    }

    private void multi() throws Exception {
        List<Op> parts = new ArrayList<>();
        for (int count = random.nextInt(5); count >= 0; count--) {
            int dice = random.nextInt(10);
            if (dice < 4) {
                parts.add(Op.create(newPath(), anyData(), goodAcl(), random.nextInt(4)));
            } else if (dice == 4) {
                CreateMode mode = random.nextBoolean() ? CreateMode.CONTAINER : CreateMode.PERSISTENT;
                parts.add(Op.create(newPath(), anyData(), goodAcl(), mode));
            } else if (dice == 5) {
                parts.add(Op.create(newPath(), anyData(), goodAcl(), CreateMode.PERSISTENT_WITH_TTL, 777));
            } else if (dice < 8) {
                parts.add(Op.setData(anyPath(90), anyData(), anyVersion()));
            } else if (dice == 8) {
                parts.add(Op.delete(anyPath(90), -1));
            } else {
                parts.add(Op.check(anyPath(95), anyVersion()));
            }
        }
        request(OpCode.multi, new MultiOperationRecord(parts));
    }

    private void openSession() throws Exception {
        long id = nextSession++;
        int timeout = 4000 + random.nextInt(8) * 1000;
        prepare(id, OpCode.createSession, bytesOf(new CreateSessionTxn(timeout)), null, Collections.emptyList());
        applyAll();
        sessions.add(id);
    }

    private void closeSession() throws Exception {
        if (sessions.size() < 2) {
            return;
        }
        long id = sessions.remove(random.nextInt(sessions.size()));
        prepare(id, OpCode.closeSession, new byte[0], null, Collections.emptyList());
        applyAll();
        if (random.nextBoolean()) {
            // Too late: the session is gone.
            CreateRequest late = new CreateRequest("/late", new byte[0], Ids.OPEN_ACL_UNSAFE, 1);
            prepare(id, OpCode.create, bytesOf(late), null, Collections.emptyList());
        }
    }

    private void deleteContainer() throws Exception {
        // Long enough for every time to live, since our leader looks again.
        Time.pass(60_000);
        DataTree tree = server.getZKDatabase().getDataTree();
        List<String> candidates = new ArrayList<>(new TreeSet<>(tree.getContainers()));
        candidates.addAll(new TreeSet<>(tree.getTtls()));
        candidates.add("/none");
        candidates.addAll(new TreeSet<>(tree.getEphemerals(sessions.get(0))));
        String path = candidates.get(random.nextInt(candidates.size()));
        // 3.8 takes the path without its length, later versions take a record.
        prepare(0, OpCode.deleteContainer, bytesOf(new DeleteTxn(path)),
                path.getBytes(StandardCharsets.UTF_8), Collections.emptyList());
    }

    private void quota() throws Exception {
        applyAll();
        String subject = "/" + NAMES[random.nextInt(3)];
        String quota = "/zookeeper/quota" + subject;
        DataTree tree = server.getZKDatabase().getDataTree();
        if (tree.getNode(quota) == null) {
            createOpen(quota, "");
        } else if (tree.getNode(quota + "/zookeeper_limits") == null) {
            createOpen(quota + "/zookeeper_limits", "count=50,bytes=4000");
            createOpen(quota + "/zookeeper_stats", "count=0,bytes=0=;x=1");
        } else if (random.nextInt(4) == 0) {
            request(OpCode.delete, new DeleteRequest(quota + "/zookeeper_limits", -1));
            request(OpCode.delete, new DeleteRequest(quota + "/zookeeper_stats", -1));
        } else {
            byte[] stats = "count=7,bytes=12=;byteHardLimit=-1;countHardLimit=9".getBytes(StandardCharsets.UTF_8);
            request(OpCode.setData, new SetDataRequest(quota + "/zookeeper_stats", stats, -1));
        }
        applyAll();
    }

    private void changeRoot() throws Exception {
        applyAll();
        request(OpCode.setData, new SetDataRequest("/", anyData(), -1));
        applyAll();
        List<ACL> acl = random.nextBoolean() ? Ids.OPEN_ACL_UNSAFE : goodAcl();
        request(OpCode.setACL, new SetACLRequest("/", acl, -1));
        applyAll();
        // Otherwise nobody could do anything from now on.
        request(OpCode.setACL, new SetACLRequest("/", Ids.OPEN_ACL_UNSAFE, -1), superUser());
        applyAll();
    }

    private void createOpen(String path, String data) throws Exception {
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        request(OpCode.create, new CreateRequest(path, bytes, Ids.OPEN_ACL_UNSAFE, 0));
    }

    /** A txn as old leaders wrote it, or one that meets a tree that has it already, as replaying may. */
    private void applyUnprepared() throws Exception {
        DataTree tree = server.getZKDatabase().getDataTree();
        long session = sessions.get(random.nextInt(sessions.size()));
        List<ACL> open = Ids.OPEN_ACL_UNSAFE;
        byte[] data = anyData();
        // Not below an ephemeral, where no leader lets anything be created.
        String unborn = "/old/" + random.nextInt(1_000_000);
        switch (random.nextInt(10)) {
        case 0:
            apply(session, OpCode.create, new CreateTxnV0(unborn, data, open, random.nextBoolean()));
            break;
        case 1:
            createOpen("/old", "");
            applyAll();
            apply(session, OpCode.create, new CreateTxn(unborn, data, null, false, -1));
            break;
        case 2:
            apply(session, OpCode.error, new ErrorTxn(-7));
            break;
        case 3:
            apply(session, OpCode.reconfig, new SetDataTxn("/zookeeper/config", data, -1));
            break;
        case 4: {
            String path = existingPath();
            // 3.8.0 leaves the list of an existing znode alone, later versions do not.
            if (path.equals("/") || tree.getNode(path).acl == -1 || !tree.getACL(path, null).equals(open)) {
                return;
            }
            apply(session, OpCode.create, new CreateTxn(path, data, open, false, 1000 + random.nextInt(1000)));
            break;
        }
        case 5:
            apply(session, OpCode.delete, new DeleteTxn(newPath() + "x"));
            break;
        case 6:
            apply(session, OpCode.setData, new SetDataTxn("/none/x", data, 3));
            break;
        case 7:
            apply(session, OpCode.setACL, new SetACLTxn("/none", open, 3));
            break;
        case 8:
            apply(session, OpCode.create2, new CreateTxn("/none/x", data, open, true, 3));
            break;
        default:
            if (sessions.size() > 1) {
                sessions.remove(session);
                apply(session, OpCode.closeSession, null);
            }
            break;
        }
    }

    private void apply(long session, int type, Record record) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryOutputArchive archive = BinaryOutputArchive.getArchive(bytes);
        new TxnHeader(session, ++cxid, server.getNextZxid(), Time.currentWallTime(), type).serialize(archive, "hdr");
        if (record != null) {
            record.serialize(archive, "txn");
        }
        TxnLogEntry entry = SerializeUtils.deserializeTxn(bytes.toByteArray());
        TxnHeader header = entry.getHeader();
        out.println("[\"txn\",\"" + base64(bytes.toByteArray()) + "\"]");
        outstanding.add(new Request(session, cxid, type, header, entry.getTxn(), header.getZxid()));
        applyAll();
    }

    private void request(int op, Record body) throws Exception {
        List<Id> ids = new ArrayList<>();
        ids.add(new Id("ip", random.nextInt(5) == 0 ? "10.1.2.3" : "127.0.0.1"));
        if (random.nextInt(3) == 0) {
            ids.add(new Id("digest", "alice:hash="));
        }
        if (random.nextInt(6) == 0) {
            ids.add(new Id("digest", "bob:hash2="));
        }
        request(op, body, random.nextInt(12) == 0 ? superUser() : ids);
    }

    private void request(int op, Record body, List<Id> ids) throws Exception {
        long session = sessions.get(random.nextInt(sessions.size()));
        prepare(session, op, bytesOf(body), null, ids);
    }

    private void prepare(long session, int op, byte[] body, byte[] bodyForJava, List<Id> ids) throws Exception {
        byte[] given = bodyForJava == null ? body : bodyForJava;
        preparation.pRequest(new Request(null, session, ++cxid, op, ByteBuffer.wrap(given), ids));
        StringBuilder authInfo = new StringBuilder();
        for (Id id : ids) {
            authInfo.append(authInfo.length() == 0 ? "" : ",")
                .append("[" + quoted(id.getScheme()) + "," + quoted(id.getId()) + "]");
        }
        out.println("[\"prepare\",\"" + session + "\"," + cxid + "," + op + ",\"" + base64(body) + "\",["
            + authInfo + "],\"" + Time.currentWallTime() + "\",\""
            + base64(SerializeUtils.serializeRequest(prepared)) + "\"]");
        outstanding.add(prepared);
    }

    private void applyAll() {
        while (!outstanding.isEmpty()) {
            applyOne();
        }
    }

    private void applyOne() {
        DataTree.ProcessTxnResult result = server.processTxn(outstanding.remove());
        long digest = server.getZKDatabase().getDataTree().getTreeDigest();
        out.println("[\"applied\"," + result.err + ",\"" + digest + "\"]");
    }

    static void writeResult(PrintWriter out, DataTree tree, Map<Long, Integer> sessions) throws IOException {
        for (String path : paths(tree)) {
            DataNode node = tree.getNode(path);
            Stat stat = new Stat();
            node.copyStat(stat);
            StringBuilder acl = new StringBuilder();
            for (ACL entry : tree.getACL(node)) {
                acl.append(acl.length() == 0 ? "" : ",").append("[" + entry.getPerms() + ","
                    + quoted(entry.getId().getScheme()) + "," + quoted(entry.getId().getId()) + "]");
            }
            String data = node.getData() == null ? "null" : "\"" + base64(node.getData()) + "\"";
            out.println("[\"node\"," + quoted(path) + "," + data + ",\"" + node.acl + "\",\""
                + base64(bytesOf(stat)) + "\",[" + acl + "]]");
        }
        for (Map.Entry<Long, Integer> session : new TreeMap<>(sessions).entrySet()) {
            out.println("[\"session\",\"" + session.getKey() + "\"," + session.getValue() + "]");
        }
    }

    /** All paths, sorted. */
    private static TreeSet<String> paths(DataTree tree) {
        TreeSet<String> paths = new TreeSet<>();
        addPaths(tree, "", paths);
        return paths;
    }

    private static void addPaths(DataTree tree, String path, TreeSet<String> paths) {
        paths.add(path.isEmpty() ? "/" : path);
        for (String child : tree.getNode(path).getChildren()) {
            addPaths(tree, path + "/" + child, paths);
        }
    }

    private String newPath() {
        if (random.nextInt(40) == 0) {
            return BAD_PATHS[random.nextInt(BAD_PATHS.length)];
        }
        String parent = random.nextInt(3) == 0 ? "" : existingPath();
        if (parent.equals("/") || parent.startsWith("/zookeeper") && random.nextInt(4) != 0) {
            parent = "";
        }
        // Not deeper, so that paths meet again.
        if (parent.chars().filter(c -> c == '/').count() > 3) {
            parent = parent.substring(0, parent.lastIndexOf('/'));
        }
        return parent + "/" + NAMES[random.nextInt(NAMES.length)];
    }

    private String anyPath(int percentExisting) {
        String path = random.nextInt(100) < percentExisting ? existingPath() : newPath();
        // The root has its turn when nothing is outstanding.
        return path.equals("/") ? "/a" : path;
    }

    private String existingPath() {
        List<String> paths = new ArrayList<>(paths(server.getZKDatabase().getDataTree()));
        paths.removeIf(path -> path.startsWith("/zookeeper/quota/"));
        return paths.get(random.nextInt(paths.size()));
    }

    private int anyVersion() {
        return random.nextInt(10) < 8 ? -1 : random.nextInt(3);
    }

    private byte[] anyData() {
        if (random.nextInt(10) == 0) {
            return null;
        }
        byte[] data = new byte[random.nextInt(12)];
        random.nextBytes(data);
        return data;
    }

    private List<ACL> goodAcl() {
        Id alice = new Id("digest", "alice:hash=");
        switch (random.nextInt(24)) {
        case 0:
            return Arrays.asList(new ACL(Perms.ALL, alice), new ACL(Perms.READ, Ids.ANYONE_ID_UNSAFE));
        case 1:
            return Arrays.asList(new ACL(Perms.ALL, new Id("ip", "127.0.0.0/9")));
        case 2:
            return Arrays.asList(new ACL(Perms.ALL & ~Perms.DELETE, Ids.ANYONE_ID_UNSAFE), new ACL(Perms.DELETE, alice));
        case 3: {
            ACL twice = new ACL(1 + random.nextInt(31), new Id("digest", "bob:hash2="));
            return Arrays.asList(twice, new ACL(Perms.ALL, Ids.ANYONE_ID_UNSAFE), twice);
        }
        case 4:
            return Arrays.asList(new ACL(Perms.ALL, new Id("ip", "10.1.2.3")), new ACL(Perms.CREATE | Perms.WRITE, Ids.ANYONE_ID_UNSAFE));
        default:
            return Ids.OPEN_ACL_UNSAFE;
        }
    }

    private List<ACL> anyAcl() {
        switch (random.nextInt(40)) {
        case 0:
            return null;
        case 1:
            return Collections.emptyList();
        case 2:
            return Arrays.asList(new ACL(Perms.ALL, new Id("world", "someone")));
        case 3:
            return Arrays.asList(new ACL(Perms.ALL, new Id("digest", "nocolon")));
        case 4:
            return Arrays.asList(new ACL(Perms.ALL, new Id("ip", "300.0.0.1/8")));
        case 5:
            return Arrays.asList(new ACL(Perms.ALL, new Id("none", "x:y")));
        case 6:
        case 7:
        case 8:
            return Ids.CREATOR_ALL_ACL;
        case 9:
            return Arrays.asList(new ACL(Perms.ALL, Ids.ANYONE_ID_UNSAFE), new ACL(Perms.READ, Ids.AUTH_IDS));
        default:
            return goodAcl();
        }
    }

    private static List<Id> superUser() {
        return Collections.singletonList(new Id("super", ""));
    }

    private static byte[] bytesOf(Record record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        record.serialize(BinaryOutputArchive.getArchive(bytes), "record");
        return bytes.toByteArray();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
