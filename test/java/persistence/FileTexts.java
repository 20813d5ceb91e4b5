import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.StatPersisted;
import org.apache.zookeeper.server.DataNode;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.TxnLog;
import org.apache.zookeeper.server.persistence.Util;

/** What a log or a snapshot says, as lines of text that another implementation can write too. */
final class FileTexts {
    private FileTexts() {
    }

    /** A line for each txn of all logs in a directory: zxid, type, and the txn as Java would write it again. */
    static List<String> ofLogs(File directory) throws Exception {
        List<String> lines = new ArrayList<>();
        FileTxnLog log = new FileTxnLog(directory);
        try (TxnLog.TxnIterator txns = log.read(0, false)) {
            for (boolean more = txns.getHeader() != null; more; more = txns.next()) {
                byte[] txn = Util.marshallTxnEntry(txns.getHeader(), txns.getTxn(), txns.getDigest());
                lines.add(txns.getHeader().getZxid() + " " + txns.getHeader().getType() + " " + hex(txn));
            }
        }
        return lines;
    }

    /** A line for each session and each znode, with its access control list, in the order of the lines. */
    static List<String> ofTree(DataTree tree, Map<Long, Integer> sessions) throws Exception {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<Long, Integer> session : sessions.entrySet()) {
            lines.add("session " + session.getKey() + " " + session.getValue());
        }
        addNodes(lines, tree, "");
        Collections.sort(lines);
        return lines;
    }

    private static void addNodes(List<String> lines, DataTree tree, String path) throws Exception {
        DataNode node = tree.getNode(path);
        StatPersisted stat = node.stat;
        StringBuilder line = new StringBuilder("znode ").append(hex(path.getBytes(StandardCharsets.UTF_8)));
        line.append(' ').append(node.getData() == null ? "null" : hex(node.getData())).append(" [");
        for (ACL acl : tree.getACL(node)) {
            line.append(acl.getPerms()).append(':').append(acl.getId().getScheme()).append(':').append(acl.getId().getId()).append(';');
        }
        line.append("] ").append(stat.getCzxid()).append(' ').append(stat.getMzxid());
        line.append(' ').append(stat.getCtime()).append(' ').append(stat.getMtime());
        line.append(' ').append(stat.getVersion()).append(' ').append(stat.getCversion()).append(' ').append(stat.getAversion());
        line.append(' ').append(stat.getEphemeralOwner()).append(' ').append(stat.getPzxid());
        lines.add(line.toString());
        for (String child : node.getChildren()) {
            addNodes(lines, tree, path + "/" + child);
        }
    }

    static String hex(byte[] bytes) {
        StringBuilder hex = new StringBuilder("0x");
        for (byte value : bytes) {
            hex.append(String.format("%02x", value));
        }
        return hex.toString();
    }

    /** An empty hex string is no bytes. */
    static byte[] bytes(String hex) {
        byte[] bytes = new byte[(hex.length() - 2) / 2];
        for (int index = 0; index < bytes.length; index++) {
            bytes[index] = (byte) Integer.parseInt(hex.substring(2 * index + 2, 2 * index + 4), 16);
        }
        return bytes;
    }
}
