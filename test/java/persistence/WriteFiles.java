import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CheckedOutputStream;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.OutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FilePadding;
import org.apache.zookeeper.server.persistence.FileHeader;
import org.apache.zookeeper.server.persistence.FileSnap;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.SnapStream;
import org.apache.zookeeper.server.persistence.Util;
import org.apache.zookeeper.server.util.SerializeUtils;
import org.apache.zookeeper.txn.*;

/**
 * Writes a history with Java's own classes: as logs, and its tree as snapshots of every kind. With
 * them goes what Java makes of file names, epoch files, sizes and files that were not written to
 * their end. All values are fixed, so every run writes the same bytes.
 */
final class WriteFiles {
    private static final long ALICE = 0x1000_0000_0000_0001L;
    private static final long BOB = 0x2000_0000_0000_0002L;

    private final Path root;
    private final DataTree tree = new DataTree();
    private final Map<Long, Integer> sessions = new HashMap<>();
    private long zxid;
    private FileTxnLog log;
    private boolean digests = true;

    private WriteFiles(Path root) {
        this.root = root;
    }

    /** Argument: the directory for the files. */
    public static void main(String[] arguments) throws Exception {
        WriteFiles files = new WriteFiles(Paths.get(arguments[0]));
        files.logs();
        files.snapshots();
        files.sizes();
        files.names();
        files.candidates();
        files.epochs();
        // The metrics that a server would have keep threads alive.
        System.exit(0);
    }

    private void logs() throws Exception {
        // As with a real server, the first log is allocated in advance; small, because it is checked in.
        FileTxnLog.setPreallocSize(4096);
        File directory = Files.createDirectories(root.resolve("logs")).toFile();
        log = new FileTxnLog(directory);
        zxid = 0x1_0000_0000L;
        List<ACL> open = ZooDefs.Ids.OPEN_ACL_UNSAFE;
        List<ACL> closed = Arrays.asList(
            new ACL(ZooDefs.Perms.ALL, new Id("digest", "süß:7pQ=")),
            new ACL(ZooDefs.Perms.READ, new Id("ip", "10.0.0.0/8")));
        sessions.put(ALICE, 30_000);
        append(ALICE, OpCode.createSession, new CreateSessionTxn(30_000));
        sessions.put(BOB, 4_000);
        append(BOB, OpCode.createSession, new CreateSessionTxn(4_000));
        append(ALICE, OpCode.create, new CreateTxn("/app", text("config"), open, false, 1));
        append(ALICE, OpCode.create, new CreateTxn("/app/lock", text("alice"), open, true, 1));
        append(BOB, OpCode.create, new CreateTxn("/app/bob", null, open, true, 2));
        append(ALICE, OpCode.createContainer, new CreateContainerTxn("/queue", new byte[0], open, 2));
        append(ALICE, OpCode.createTTL, new CreateTTLTxn("/cache", text("soon gone"), closed, 3, 60_000));
        append(ALICE, OpCode.setData, new SetDataTxn("/app", new byte[3000], 1));
        append(ALICE, OpCode.setACL, new SetACLTxn("/app", closed, 1));
        append(ALICE, OpCode.multi, new MultiTxn(Arrays.asList(
            sub(OpCode.check, new CheckVersionTxn("/app", 2)),
            sub(OpCode.create, new CreateTxn("/app/x", text("1"), closed, false, 3)),
            sub(OpCode.setData, new SetDataTxn("/cache", text("again"), 1)))));
        append(BOB, OpCode.error, new ErrorTxn(-101));
        append(BOB, OpCode.create2, new CreateTxn("/app/配置0000000004", new byte[] {0, -1, 1, -128}, open, false, 4));
        append(ALICE, OpCode.delete, new DeleteTxn("/app/x"));
        sessions.remove(BOB);
        append(BOB, OpCode.closeSession, new CloseSessionTxn(Collections.singletonList("/app/bob")));
        log.commit();
        log.close();
        // A new leader with digests switched off, and nothing allocated in advance.
        FileTxnLog.setPreallocSize(0);
        log = new FileTxnLog(directory);
        zxid = 0x2_0000_0000L;
        digests = false;
        append(ALICE, OpCode.create, new CreateTxn("/app/second", text("epoch"), open, false, 5));
        append(ALICE, OpCode.reconfig, new SetDataTxn("/zookeeper/config", text("server.1=a:1:2\nversion=200000002"), -1));
        log.commit();
        log.close();
        write("logs.txt", FileTexts.ofLogs(directory));
        write("tree.txt", FileTexts.ofTree(tree, sessions));
    }

    private void append(long session, int type, Record txn) throws Exception {
        TxnHeader header = new TxnHeader(session, (int) (zxid & 0xff), ++zxid, 1_700_000_000_000L + zxid % 1000, type);
        tree.processTxn(header, txn);
        TxnDigest digest = digests && type != OpCode.error ? new TxnDigest(2, tree.getTreeDigest()) : null;
        log.append(header, txn, digest);
    }

    private static Txn sub(int type, Record record) throws Exception {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        record.serialize(BinaryOutputArchive.getArchive(bytes), "request");
        return new Txn(type, bytes.toByteArray());
    }

    private void snapshots() throws Exception {
        snapshot("two-seals", SnapStream.StreamMode.CHECKED);
        snapshot("gz", SnapStream.StreamMode.GZIP);
        snapshot("snappy", SnapStream.StreamMode.SNAPPY);
        ZooKeeperServer.setDigestEnabled(false);
        snapshot("one-seal", SnapStream.StreamMode.CHECKED);
        ZooKeeperServer.setDigestEnabled(true);
        // What these classes are too new or too old to write as a whole, from the parts that all versions share.
        assembled("three-seals", true, "long", true);
        assembled("zxid-without-digest", false, "", true);
        assembled("text-digest", true, "1f2e3d4c5b6a7988", false);
        assembled("negative-text-digest", true, "-7fffffffffffffff", false);
        write("digest.txt", Collections.singletonList(
            tree.getLastProcessedZxidDigest().getZxid() + " " + tree.getLastProcessedZxidDigest().getDigestVersion() + " "
                + tree.getLastProcessedZxidDigest().getDigest()));
    }

    private void snapshot(String name, SnapStream.StreamMode mode) throws Exception {
        SnapStream.setStreamMode(mode);
        Path directory = Files.createDirectories(root.resolve(name));
        File file = directory.resolve(Util.makeSnapshotName(tree.lastProcessedZxid)).toFile();
        new FileSnap(directory.toFile()).serialize(tree, sessions, file, false);
        SnapStream.setStreamMode(SnapStream.StreamMode.CHECKED);
    }

    private void assembled(String name, boolean withDigest, String digest, boolean withZxid) throws Exception {
        Path directory = Files.createDirectories(root.resolve(name));
        File file = directory.resolve(Util.makeSnapshotName(tree.lastProcessedZxid)).toFile();
        try (CheckedOutputStream stream = SnapStream.getOutputStream(file, false)) {
            OutputArchive archive = BinaryOutputArchive.getArchive(stream);
            new FileHeader(FileSnap.SNAP_MAGIC, 2, -1).serialize(archive, "fileheader");
            SerializeUtils.serializeSnapshot(tree, archive, sessions);
            SnapStream.sealStream(stream, archive);
            if (withDigest) {
                if (digest.equals("long")) {
                    tree.serializeZxidDigest(archive);
                } else {
                    archive.writeLong(tree.lastProcessedZxid, "zxid");
                    archive.writeInt(1, "digestVersion");
                    archive.writeString(digest, "digest");
                }
                SnapStream.sealStream(stream, archive);
            }
            if (withZxid) {
                archive.writeLong(tree.lastProcessedZxid, "lastZxid");
                SnapStream.sealStream(stream, archive);
            }
        }
    }

    /** Position, size and allocation in advance, and the size that the file gets. */
    private void sizes() throws Exception {
        List<String> lines = new ArrayList<>();
        for (long allocation : new long[] {0, 1, 1024, 4096, 65_536, 67_108_864}) {
            for (long size : new long[] {0, 16, 4096, 4112, 65_536, 67_108_880}) {
                for (long position : new long[] {0, 16, 17, 4095, 4096, 4097, 8192, 61_439, 61_440, 61_441, 67_104_784, 67_104_785, 70_000_000}) {
                    long result = FilePadding.calculateFileSizeWithPadding(position, size, allocation);
                    lines.add(position + " " + size + " " + allocation + " " + result);
                }
            }
        }
        write("sizes.txt", lines);
    }

    private void names() throws Exception {
        List<String> lines = new ArrayList<>();
        for (long value : new long[] {0, 1, 0xa, 0x1_0000_0001L, 0xabc_def0_1234L, Long.MAX_VALUE}) {
            lines.add(value + " " + Util.makeLogName(value) + " " + Util.makeSnapshotName(value));
        }
        write("names.txt", lines);
    }

    /** Files that end in all kinds of ways, and whether Java would try to read them. */
    private void candidates() throws Exception {
        List<String> lines = new ArrayList<>();
        File file = Files.createTempDirectory("candidates").resolve("snapshot.1").toFile();
        for (String hex : new String[] {
            "", "2f", "000000012f", "00000000000000012f", "0000000000000000012f", "0000000000000000022f", "00000000000000000130",
            "5a4b534e00000002ffffffffffffffff000000012f", "5a4b534e00000002ffffffffffffffff000000012f00"}) {
            Files.write(file.toPath(), FileTexts.bytes("0x" + hex));
            lines.add("0x" + hex + " " + SnapStream.isValidSnapshot(file));
        }
        write("candidates.txt", lines);
    }

    /** Contents of an epoch file, and the number that comes of reading a line and parsing a long, as QuorumPeer does. */
    private void epochs() throws Exception {
        List<String> lines = new ArrayList<>();
        for (String content : new String[] {
            "0", "1", "7\n", "7\r\n8", "42\rjunk", "+5", "007", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "-1",
            "", "\n", "\n5", " 5", "5 ", "\t5", "0x5", "5e3", "5.0", "five", "1f", "+", "-", "--1", "5\u0000", "\u0000\u0000\u0000\u0005", "\ufeff5"}) {
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            BufferedReader reader = new BufferedReader(new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8));
            String result;
            try {
                result = String.valueOf(Long.parseLong(reader.readLine()));
            } catch (NumberFormatException error) {
                result = "refused";
            }
            lines.add(FileTexts.hex(bytes) + " " + result);
        }
        write("epochs.txt", lines);
    }

    private void write(String name, List<String> lines) throws Exception {
        Files.write(root.resolve(name), lines, StandardCharsets.UTF_8);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
