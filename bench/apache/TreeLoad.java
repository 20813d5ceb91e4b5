import java.io.File;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.persistence.FileSnap;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.TxnLog.TxnIterator;

/**
 * Does with the files in DIR/version-2 what a starting server does: `decode` and
 * `replay` read the log, `load` the snapshot. Prints one line of JSON.
 */
final class TreeLoad {
    private TreeLoad() {}

    public static void main(String[] args) throws Exception {
        File directory = new File(args[1], "version-2");
        long before = used();
        DataTree tree = new DataTree();
        long began = System.nanoTime();
        String prefix = args[0].equals("load") ? "snapshot" : "log";
        if (args[0].equals("load")) {
            new FileSnap(directory).deserialize(tree, new ConcurrentHashMap<>());
        } else {
            try (TxnIterator log = new FileTxnLog(directory).read(0)) {
                do {
                    if (args[0].equals("replay")) {
                        tree.processTxn(log.getHeader(), log.getTxn(), log.getDigest());
                    }
                } while (log.next());
            }
        }
        double ms = (System.nanoTime() - began) / 1e6;
        long bytes = 0;
        for (File file : directory.listFiles()) {
            if (file.getName().startsWith(prefix)) {
                bytes += file.length();
            }
        }
        double each = (double) (used() - before) / tree.getNodeCount();
        String peak = Files.readAllLines(Paths.get("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .findFirst()
                .orElse("VmHWM: 0 kB");
        double peakMegabytes = Double.parseDouble(peak.replaceAll("[^0-9]", "")) / 1024;
        System.out.println("{\"ms\":" + ms + ",\"megabytes\":" + bytes / 1e6
                + (args[0].equals("decode") ? "" : ",\"bytesPerZnode\":" + each)
                + ",\"peakMegabytes\":" + peakMegabytes
                + ",\"digest\":\"" + tree.getTreeDigest() + "\"}");
    }

    /** Of the heap, after a collection. */
    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
