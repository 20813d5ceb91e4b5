import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/**
 * Java's own client, driven by lines: each line of standard input is a command,
 * each line of standard output the answer to one. Commands run at the same time;
 * those of one session are sent in the order of the lines.
 *
 * <p>A command is its number, its name and its arguments, separated by tabs. An
 * answer is the number, "ok" and values, or the number, "error", ZooKeeper's
 * error code and a text. Texts are URL encoded, data is base64. At the end of the
 * input the process ends at once, without closing its sessions.
 *
 * <p>A line that begins with "event" answers nothing: the name of a session follows, and
 * "state" with its state, or "watch" with the path of which a watch tells.
 */
final class CommandClient {
    private static final String NULL = "-";

    private final Map<String, Client> sessions = new ConcurrentHashMap<>();
    private final PrintStream out;

    private CommandClient(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, "UTF-8");
        CommandClient client = new CommandClient(out);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            client.run(new Command(line));
        }
        Runtime.getRuntime().halt(0);
    }

    /** A client that can go away without closing its session. */
    private static final class Client extends ZooKeeper {
        Client(String servers, int timeoutMs, Watcher watcher) throws IOException {
            super(servers, timeoutMs, watcher);
        }

        void abandon() {
            cnxn.disconnect();
        }
    }

    /** A line of the input. */
    private static final class Command {
        final String number;
        final String name;
        private final Deque<String> arguments;

        Command(String line) {
            arguments = new ArrayDeque<>(Arrays.asList(line.split("\t", -1)));
            number = arguments.remove();
            name = arguments.remove();
        }

        String text() {
            return decoded(arguments.remove());
        }

        int integer() {
            return Integer.parseInt(arguments.remove());
        }

        byte[] data() {
            return dataOf(arguments.remove());
        }

        List<ACL> acl() {
            return aclOf(text());
        }

        List<Op> ops() {
            return Arrays.stream(arguments.remove().split(",")).map(part -> opOf(decoded(part))).collect(Collectors.toList());
        }
    }

    private void run(Command command) {
        try {
            switch (command.name) {
                case "open" -> open(command);
                case "close" -> close(command);
                default -> {
                    String session = command.text();
                    request(command, sessions.get(session), event -> onEvent(session, event));
                }
            }
        } catch (Exception e) {
            fail(command, Code.SYSTEMERROR.intValue(), e.toString());
        }
    }

    private void open(Command command) throws IOException {
        String session = command.text();
        String servers = command.text();
        int timeoutMs = command.integer();
        AtomicBoolean connected = new AtomicBoolean();
        // Answers are written by other threads: the watcher must find the client that it belongs to.
        CountDownLatch known = new CountDownLatch(1);
        Client[] holder = new Client[1];
        holder[0] = new Client(servers, timeoutMs, event -> {
            try {
                known.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                return;
            }
            if (event.getState() == KeeperState.SyncConnected && connected.compareAndSet(false, true)) {
                answer(command, Long.toString(holder[0].getSessionId()));
            }
            print("event\t" + session + "\tstate\t" + event.getState());
        });
        sessions.put(session, holder[0]);
        known.countDown();
    }

    /** What watches of one znode are told; states are told by the session's own watcher. */
    private void onEvent(String session, WatchedEvent event) {
        if (event.getType() == EventType.None) return;
        print("event\t" + session + "\twatch\t" + encoded(event.getPath()));
    }

    private void close(Command command) {
        Client zk = sessions.remove(command.text());
        // Closing waits for the server, and other commands must not wait for it.
        Thread thread = new Thread(() -> {
            try {
                zk.close();
                answer(command);
            } catch (InterruptedException e) {
                fail(command, Code.SYSTEMERROR.intValue(), e.toString());
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void request(Command command, Client zk, Watcher watcher) throws Exception {
        switch (command.name) {
            case "abandon" -> {
                zk.abandon();
                answer(command);
            }
            case "addwatch" -> zk.addWatch(command.text(), watcher, AddWatchMode.PERSISTENT, voidCallback(command), null);
            case "watch" -> zk.getData(command.text(), watcher, dataCallback(command), null);
            case "watchexists" -> zk.exists(command.text(), watcher, statCallback(command), null);
            case "watchchildren" -> zk.getChildren(command.text(), watcher, childrenCallback(command), null);
            case "children2" -> zk.getChildren(command.text(), false, childrenCallback(command), null);
            case "auth" -> {
                zk.addAuthInfo(command.text(), command.data());
                answer(command);
            }
            case "create" -> create(command, zk);
            case "delete" -> zk.delete(command.text(), command.integer(), voidCallback(command), null);
            case "set" -> {
                String path = command.text();
                int version = command.integer();
                zk.setData(path, command.data(), version, statCallback(command), null);
            }
            case "setacl" -> {
                String path = command.text();
                int version = command.integer();
                zk.setACL(path, command.acl(), version, statCallback(command), null);
            }
            case "get" -> zk.getData(command.text(), false, dataCallback(command), null);
            case "exists" -> zk.exists(command.text(), false, statCallback(command), null);
            case "children" -> zk.getChildren(command.text(), false, (rc, path, context, children) -> {
                if (rc != 0) fail(command, rc, path);
                else answer(command, children.stream().map(CommandClient::encoded).collect(Collectors.joining(",")));
            }, null);
            case "sync" -> zk.sync(command.text(), voidCallback(command), null);
            case "multi" -> zk.multi(command.ops(), (rc, path, context, results) -> {
                if (rc != 0) fail(command, rc, path);
                else answer(command, results.stream().map(CommandClient::textOf).collect(Collectors.joining(",")));
            }, null);
            case "nodes" -> nodes(command, zk);
            default -> fail(command, Code.UNIMPLEMENTED.intValue(), command.name);
        }
    }

    /** Modes with a time to live, and those that are asked for by "stat", answer with the stat as well. */
    private void create(Command command, ZooKeeper zk) throws KeeperException {
        String path = command.text();
        byte[] data = command.data();
        List<ACL> acl = command.acl();
        CreateMode mode = CreateMode.fromFlag(command.integer());
        long ttl = command.integer();
        boolean withStat = command.integer() != 0;
        if (mode.isTTL() || withStat) {
            AsyncCallback.Create2Callback callback = (rc, asked, context, name, stat) -> {
                if (rc != 0) fail(command, rc, asked);
                else answer(command, encoded(name), textOf(stat));
            };
            if (mode.isTTL()) zk.create(path, data, acl, mode, callback, null, ttl);
            else zk.create(path, data, acl, mode, callback, null);
        } else {
            AsyncCallback.StringCallback callback = (rc, asked, context, name) -> {
                if (rc != 0) fail(command, rc, asked);
                else answer(command, encoded(name));
            };
            zk.create(path, data, acl, mode, callback, null);
        }
    }

    /** Every znode from one on: path, data, stat and ACL of each. */
    private void nodes(Command command, ZooKeeper zk) {
        String root = command.text();
        // Blocking calls, so not in the thread that reads the commands.
        Thread thread = new Thread(() -> {
            try {
                List<String> lines = new ArrayList<>();
                collect(zk, root, lines);
                answer(command, lines.toArray(new String[0]));
            } catch (KeeperException e) {
                fail(command, e.code().intValue(), String.valueOf(e.getPath()));
            } catch (InterruptedException e) {
                fail(command, Code.SYSTEMERROR.intValue(), e.toString());
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void collect(ZooKeeper zk, String path, List<String> lines) throws KeeperException, InterruptedException {
        Stat stat = new Stat();
        List<ACL> acl = zk.getACL(path, stat);
        String data = textOf(zk.getData(path, false, stat));
        lines.add(String.join(" ", encoded(path), data, textOf(stat), encoded(textOf(acl))));
        for (String child : zk.getChildren(path, false)) {
            collect(zk, path.equals("/") ? "/" + child : path + "/" + child, lines);
        }
    }

    private AsyncCallback.VoidCallback voidCallback(Command command) {
        return (rc, path, context) -> {
            if (rc != 0) fail(command, rc, path);
            else answer(command);
        };
    }

    private AsyncCallback.DataCallback dataCallback(Command command) {
        return (rc, path, context, data, stat) -> {
            if (rc != 0) fail(command, rc, path);
            else answer(command, textOf(data), textOf(stat));
        };
    }

    private AsyncCallback.Children2Callback childrenCallback(Command command) {
        return (rc, path, context, children, stat) -> {
            if (rc != 0) fail(command, rc, path);
            else answer(command, children.stream().map(CommandClient::encoded).collect(Collectors.joining(",")), textOf(stat));
        };
    }

    private AsyncCallback.StatCallback statCallback(Command command) {
        return (rc, path, context, stat) -> {
            if (rc != 0) fail(command, rc, path);
            else answer(command, textOf(stat));
        };
    }

    private void answer(Command command, String... values) {
        print(command.number + "\tok" + (values.length == 0 ? "" : "\t" + String.join("\t", values)));
    }

    private void fail(Command command, int code, String text) {
        print(command.number + "\terror\t" + code + "\t" + encoded(String.valueOf(text)));
    }

    private void print(String line) {
        synchronized (out) {
            out.println(line);
        }
    }

    /** Fields separated by spaces: create PATH DATA ACL MODE TTL, delete PATH VERSION, set PATH VERSION DATA, check PATH VERSION. */
    private static Op opOf(String text) {
        String[] fields = text.split(" ", -1);
        String path = decoded(fields[1]);
        return switch (fields[0]) {
            case "create" -> createOp(path, fields);
            case "delete" -> Op.delete(path, Integer.parseInt(fields[2]));
            case "set" -> Op.setData(path, dataOf(fields[3]), Integer.parseInt(fields[2]));
            case "check" -> Op.check(path, Integer.parseInt(fields[2]));
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static Op createOp(String path, String[] fields) {
        int mode = Integer.parseInt(fields[4]);
        List<ACL> acl = aclOf(decoded(fields[3]));
        long ttl = Long.parseLong(fields[5]);
        return ttl > 0 ? Op.create(path, dataOf(fields[2]), acl, mode, ttl) : Op.create(path, dataOf(fields[2]), acl, mode);
    }

    /** PERMS:SCHEME:ID, several separated by "|". */
    private static List<ACL> aclOf(String text) {
        return Arrays.stream(text.split("\\|")).map(entry -> {
            String[] fields = entry.split(":", 3);
            return new ACL(Integer.parseInt(fields[0]), new Id(fields[1], fields[2]));
        }).collect(Collectors.toList());
    }

    private static String textOf(List<ACL> acl) {
        return acl.stream()
            .map(entry -> entry.getPerms() + ":" + entry.getId().getScheme() + ":" + entry.getId().getId())
            .collect(Collectors.joining("|"));
    }

    private static String textOf(OpResult result) {
        return result instanceof OpResult.CreateResult create ? encoded(create.getPath()) : NULL;
    }

    private static String textOf(Stat stat) {
        return Arrays.stream(new long[] {
            stat.getCzxid(), stat.getMzxid(), stat.getCtime(), stat.getMtime(), stat.getVersion(), stat.getCversion(),
            stat.getAversion(), stat.getEphemeralOwner(), stat.getDataLength(), stat.getNumChildren(), stat.getPzxid(),
        }).mapToObj(Long::toString).collect(Collectors.joining(","));
    }

    private static String textOf(byte[] data) {
        return data == null ? NULL : Base64.getEncoder().encodeToString(data);
    }

    private static byte[] dataOf(String text) {
        return text.equals(NULL) ? null : Base64.getDecoder().decode(text);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
