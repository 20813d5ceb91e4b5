import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CheckedInputStream;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.InputArchive;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileHeader;
import org.apache.zookeeper.server.persistence.FileSnap;
import org.apache.zookeeper.server.persistence.SnapStream;
import org.apache.zookeeper.server.util.SerializeUtils;

/**
 * The other direction: reads logs and snapshots with Java's own classes and compares what they say
 * with what whoever wrote them says they mean. Each directory in the one that is given holds the
 * files of one case and expected.txt. Exits with 1 and the first differences when there are any.
 */
final class ReadFiles {
    private static final int SHOWN = 5;

    private ReadFiles() {
    }

    /** Argument: the directory of the cases. */
    public static void main(String[] arguments) throws Exception {
        int logs = 0;
        int snapshots = 0;
        int wrong = 0;
        File[] cases = Paths.get(arguments[0]).toFile().listFiles();
        Arrays.sort(cases);
        for (File directory : cases) {
            File snapshot = new FileSnap(directory).findMostRecentSnapshot();
            List<String> expected = Files.readAllLines(directory.toPath().resolve("expected.txt"), StandardCharsets.UTF_8);
            // Where digests are on, Java takes whatever follows the first seal for one.
            ZooKeeperServer.setDigestEnabled(expected.stream().noneMatch(line -> line.startsWith("no digest")));
            List<String> found;
            try {
                found = snapshot == null ? FileTexts.ofLogs(directory) : ofSnapshot(snapshot);
            } catch (IOException | RuntimeException error) {
                found = Arrays.asList(error.toString());
            }
            if (snapshot == null) {
                logs++;
            } else {
                snapshots++;
            }
            if (!found.equals(expected) && ++wrong <= SHOWN) {
                System.err.printf("%s%n  written %s%n  read    %s%n", directory, expected, found);
            }
        }
        if (logs == 0 || snapshots == 0 || wrong > 0) {
            System.err.printf("Java read %d of %d logs and %d snapshots differently.%n", wrong, logs, snapshots);
            System.exit(1);
        }
        System.out.printf("Java reads all %d logs and %d snapshots that jute-ts wrote as they were meant.%n", logs, snapshots);
        System.exit(0);
    }

    /** The tree as a starting server loads it, then what stands between the seals. */
    private static List<String> ofSnapshot(File file) throws Exception {
        DataTree tree = new DataTree();
        Map<Long, Integer> sessions = new HashMap<>();
        new FileSnap(file.getParentFile()).deserialize(tree, sessions);
        List<String> lines = FileTexts.ofTree(tree, sessions);
        lines.addAll(trailer(file));
        return lines;
    }

    /** Java 3.8 does not look behind the second seal, so this does, as 3.9 would. */
    private static List<String> trailer(File file) throws Exception {
        List<String> lines = new ArrayList<>();
        try (CheckedInputStream stream = SnapStream.getInputStream(file)) {
            InputArchive archive = BinaryInputArchive.getArchive(stream);
            new FileHeader().deserialize(archive, "fileheader");
            DataTree tree = new DataTree();
            SerializeUtils.deserializeSnapshot(tree, archive, new HashMap<>());
            checkSeal(stream, archive);
            long left = file.length() - position(file, stream);
            if (left > 21) {
                tree.deserializeZxidDigest(archive, 0);
                DataTree.ZxidDigest digest = tree.getDigestFromLoadedSnapshot();
                lines.add("digest " + digest.getZxid() + " " + digest.getDigestVersion() + " " + digest.getDigest());
                checkSeal(stream, archive);
            } else {
                lines.add("no digest");
            }
            if (position(file, stream) < file.length()) {
                lines.add("last processed " + archive.readLong("lastZxid"));
                checkSeal(stream, archive);
            }
            lines.add("bytes left " + (file.length() - position(file, stream)));
        }
        return lines;
    }

    private static long position(File file, CheckedInputStream stream) throws IOException {
        return file.length() - stream.available();
    }

    private static void checkSeal(CheckedInputStream stream, InputArchive archive) throws IOException {
        long checksum = stream.getChecksum().getValue();
        if (archive.readLong("val") != checksum || !"/".equals(archive.readString("path"))) {
            throw new IOException("a seal is wrong");
        }
    }
}
