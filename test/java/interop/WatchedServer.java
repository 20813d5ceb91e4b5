import java.io.IOException;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/**
 * Runs a ZooKeeper server that ends when its standard input does: whoever started
 * it and died, however suddenly, leaves no server behind.
 *
 * <p>Arguments: the path of zoo.cfg.
 */
final class WatchedServer {
    private WatchedServer() {}

    public static void main(String[] args) {
        Thread watch = new Thread(WatchedServer::haltAtEndOfInput, "end-of-input");
        watch.setDaemon(true);
        watch.start();
        QuorumPeerMain.main(args);
    }

    private static void haltAtEndOfInput() {
        try {
            while (System.in.read() != -1) {
                // Nothing is expected; only the end counts.
            }
        } catch (IOException e) {
            // As good as the end.
        }
        Runtime.getRuntime().halt(1);
    }
}
