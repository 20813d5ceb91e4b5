import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/**
 * Keeps a fixed number of writes outstanding through Apache's own asynchronous
 * client. Each line of standard input is a load: HOST:PORT, outstanding writes,
 * seconds, seconds before anything counts, znodes, bytes, separated by tabs. Each
 * is answered by a line: seconds, and the latencies in microseconds of the writes
 * that counted, sorted and separated by spaces. Ends with its input.
 */
final class WriteLoad {
    private WriteLoad() {}

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] fields = line.split("\t");
            System.out.println(run(
                    fields[0],
                    Integer.parseInt(fields[1]),
                    Double.parseDouble(fields[2]),
                    Double.parseDouble(fields[3]),
                    Integer.parseInt(fields[4]),
                    Integer.parseInt(fields[5])));
        }
        Runtime.getRuntime().halt(0);
    }

    private static String run(
            String server, int outstanding, double seconds, double warmSeconds, int znodes, int bytes)
            throws Exception {
        ZooKeeper zk = connect(server);
        String[] paths = new String[znodes];
        for (int i = 0; i < znodes; i++) {
            paths[i] = String.format("/bench/node-%08d", i);
        }
        byte[] data = new byte[bytes];
        Arrays.fill(data, (byte) 'x');
        long from = System.nanoTime() + (long) (warmSeconds * 1e9);
        long until = from + (long) (seconds * 1e9);
        // Answers come from one thread, so nothing here is shared but the permits and the failure.
        long[][] latencies = {new long[1 << 16]};
        int[] count = {0};
        AtomicReference<Code> failure = new AtomicReference<>();
        Semaphore permits = new Semaphore(outstanding);
        AtomicInteger next = new AtomicInteger();
        while (System.nanoTime() < until && failure.get() == null) {
            permits.acquire();
            long began = System.nanoTime();
            zk.setData(
                    paths[next.getAndIncrement() % znodes],
                    data,
                    -1,
                    (code, path, context, stat) -> {
                        long now = System.nanoTime();
                        if (code != Code.OK.intValue()) {
                            failure.set(Code.get(code));
                        } else if (now >= from && now < until) {
                            if (count[0] == latencies[0].length) {
                                latencies[0] = Arrays.copyOf(latencies[0], 2 * count[0]);
                            }
                            latencies[0][count[0]++] = (now - began) / 1000;
                        }
                        permits.release();
                    },
                    null);
        }
        permits.acquire(outstanding);
        zk.close();
        if (failure.get() != null) {
            return "failed: " + failure.get();
        }
        long[] sorted = Arrays.copyOf(latencies[0], count[0]);
        Arrays.sort(sorted);
        StringBuilder text = new StringBuilder().append(seconds);
        for (long latency : sorted) {
            text.append(' ').append(latency);
        }
        return text.toString();
    }

    private static ZooKeeper connect(String server) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper zk = new ZooKeeper(server, 30_000, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        connected.await();
        return zk;
    }
}
