package org.apache.zookeeper.server;

import java.io.BufferedInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.Map;
import org.apache.jute.BinaryInputArchive;
import org.apache.zookeeper.server.util.SerializeUtils;

/** Reads the body of a snapshot and writes down what is in it, as DataTreeHistory does at its end. */
public final class SnapshotReadBack {
    private SnapshotReadBack() {
    }

    public static void main(String[] args) throws Exception {
        DataTree tree = new DataTree();
        Map<Long, Integer> sessions = new HashMap<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(Paths.get(args[0])))) {
            SerializeUtils.deserializeSnapshot(tree, BinaryInputArchive.getArchive(in), sessions);
            if (in.read() != -1) {
                throw new IllegalStateException("more bytes follow the snapshot");
            }
        }
        try (PrintWriter out = new PrintWriter(args[1], "UTF-8")) {
            DataTreeHistory.writeResult(out, tree, sessions);
        }
        System.exit(0);
    }
}
