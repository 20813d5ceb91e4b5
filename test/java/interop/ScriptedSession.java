import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/** Every operation of Apache's client and every way in which one fails, in one order. Prints what came of each; times and ids are left out. */
public final class ScriptedSession {
    private static final LinkedBlockingQueue<String> EVENTS = new LinkedBlockingQueue<>();
    private static final Watcher WATCHER = ScriptedSession::seen;
    private static String servers;

    public static void main(String[] arguments) throws Exception {
        servers = arguments[0];
        ZooKeeper client = connect();
        creates(client);
        reads(client);
        changes(client);
        rights(client);
        multis(client);
        watches(client);
        deletes(client);
        say("reconfig", () -> {
            try (ZooKeeperAdmin admin = new ZooKeeperAdmin(servers, 10_000, event -> { })) {
                return admin.reconfigure("server.9=127.0.0.1:1:2:observer;3", null, null, -1, null);
            }
        });
        sessions(client);
    }

    private static void creates(ZooKeeper client) {
        for (CreateMode mode : CreateMode.values()) {
            long ttl = mode.isTTL() ? 60_000 : -1;
            say("create " + mode, () -> client.create("/m-" + mode, bytes("x"), Ids.OPEN_ACL_UNSAFE, mode, null, ttl));
            say("create2 " + mode, () -> {
                Stat stat = new Stat();
                return client.create("/m2-" + mode, null, Ids.OPEN_ACL_UNSAFE, mode, stat, ttl) + " " + text(stat);
            });
        }
        say("create", () -> client.create("/a", bytes("data"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        say("create again", () -> client.create("/a", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        say("create without parent", () -> client.create("/b/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        say("create below ephemeral", () -> client.create("/m-EPHEMERAL/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        say("create the root", () -> client.create("/", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        say("create with an empty list", () -> client.create("/e", null, Collections.emptyList(), CreateMode.PERSISTENT));
        say("create with a bad list", () -> client.create("/e", null, list(31, "digest", "nobody"), CreateMode.PERSISTENT));
        say("create with an unknown scheme", () -> client.create("/e", null, list(31, "nobody", "x"), CreateMode.PERSISTENT));
        say("create as auth without auth", () -> client.create("/e", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
        for (int i = 0; i < 3; i++) {
            say("sequential", () -> client.create("/a/s-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL));
        }
        say("ephemeral", () -> client.create("/a/e", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL));
    }

    private static void reads(ZooKeeper client) {
        for (String path : new String[] {"/", "/a", "/a/e", "/none", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"}) {
            say("exists " + path, () -> text(client.exists(path, false)));
            say("getData " + path, () -> {
                Stat stat = new Stat();
                byte[] data = client.getData(path, false, stat);
                // Which server it is stands in the configuration.
                return (path.endsWith("config") ? "" : text(data)) + " " + text(stat);
            });
            say("getACL " + path, () -> client.getACL(path, new Stat()));
            say("getChildren " + path, () -> sorted(client.getChildren(path, false)));
            say("getChildren2 " + path, () -> {
                Stat stat = new Stat();
                return sorted(client.getChildren(path, false, stat)) + " " + text(stat);
            });
            say("getAllChildrenNumber " + path, () -> client.getAllChildrenNumber(path));
            say("getEphemerals " + path, () -> sorted(client.getEphemerals(path)));
        }
        say("getEphemerals", () -> sorted(client.getEphemerals()));
        say("sync", () -> {
            CountDownLatch done = new CountDownLatch(1);
            int[] code = new int[1];
            client.sync("/none", (result, path, context) -> {
                code[0] = result;
                done.countDown();
            }, null);
            done.await(10, TimeUnit.SECONDS);
            return code[0];
        });
    }

    private static void changes(ZooKeeper client) {
        say("setData", () -> text(client.setData("/a", bytes("more"), 0)));
        say("setData of another version", () -> client.setData("/a", bytes("more"), 0));
        say("setData of nothing", () -> text(client.setData("/a", null, -1)));
        say("getData of nothing", () -> text(client.getData("/a", false, null)));
        say("setData without node", () -> client.setData("/none", null, -1));
        say("setACL", () -> text(client.setACL("/a/s-0000000000", list(Perms.ALL, "world", "anyone"), 0)));
        say("setACL of another version", () -> client.setACL("/a/s-0000000000", Ids.OPEN_ACL_UNSAFE, 0));
        say("setACL to nonsense", () -> client.setACL("/a", list(31, "world", "someone"), -1));
        say("setACL without node", () -> client.setACL("/none", Ids.OPEN_ACL_UNSAFE, -1));
        say("too long", () -> client.setData("/a", new byte[1_100_000], -1));
    }

    private static void rights(ZooKeeper client) throws Exception {
        wait("connected again", () -> client.exists("/", false) != null);
        say("read only", () -> client.create("/r", bytes("r"), list(Perms.READ, "world", "anyone"), CreateMode.PERSISTENT));
        say("getData", () -> text(client.getData("/r", false, null)));
        say("setData", () -> client.setData("/r", null, -1));
        say("create below", () -> client.create("/r/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        say("setACL", () -> client.setACL("/r", Ids.OPEN_ACL_UNSAFE, -1));
        say("whoAmI", () -> ids(client));
        client.addAuthInfo("digest", bytes("user:secret"));
        say("whoAmI", () -> ids(client));
        say("create as auth", () -> client.create("/mine", bytes("m"), Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
        say("getACL of mine", () -> client.getACL("/mine", new Stat()));
        ZooKeeper stranger = connect();
        for (String path : new String[] {"/mine"}) {
            say("stranger getData", () -> text(stranger.getData(path, false, null)));
            say("stranger getChildren", () -> stranger.getChildren(path, false));
            say("stranger getACL", () -> stranger.getACL(path, new Stat()));
            // exists is left out: what 3.8.0 tells a stranger, later releases keep to themselves (ZOOKEEPER-2590), as ours do.
            say("stranger setData", () -> stranger.setData(path, null, -1));
            say("stranger multi", () -> results(stranger.multi(Arrays.asList(Op.check(path, -1), Op.setData(path, null, -1)))));
        }
        stranger.close();
        ZooKeeper other = connect();
        other.addAuthInfo("nobody", bytes("x"));
        say("unknown scheme", () -> other.exists("/", false));
        other.close();
    }

    private static void multis(ZooKeeper client) {
        say("multi", () -> results(client.multi(Arrays.asList(
            Op.create("/t", bytes("t"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.create("/t/s-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL),
            Op.setData("/t", bytes("u"), 0),
            Op.check("/t", 1),
            Op.delete("/t/s-0000000000", -1)))));
        say("multi that fails", () -> results(client.multi(Arrays.asList(
            Op.create("/u", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
            Op.delete("/none", -1),
            Op.check("/t", 7)))));
        say("nothing of it", () -> text(client.exists("/u", false)));
        say("multi of nothing", () -> results(client.multi(Collections.emptyList())));
        say("multi of checks", () -> results(client.multi(Arrays.asList(Op.check("/t", 9), Op.check("/t", 1)))));
        say("multiRead", () -> results(client.multi(Arrays.asList(Op.getData("/t"), Op.getChildren("/t"), Op.getData("/none"), Op.getChildren("/none")))));
    }

    private static void watches(ZooKeeper client) throws Exception {
        EVENTS.clear();
        client.create("/w", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        client.getData("/w", WATCHER, null);
        client.exists("/w/new", WATCHER);
        client.getChildren("/w", WATCHER);
        client.setData("/w", bytes("1"), -1);
        client.setData("/w", bytes("2"), -1);
        client.create("/w/new", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        events("once each", 3);
        client.addWatch("/w", WATCHER, AddWatchMode.PERSISTENT);
        client.addWatch("/w/new", WATCHER, AddWatchMode.PERSISTENT_RECURSIVE);
        client.setData("/w", bytes("3"), -1);
        client.create("/w/new/below", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        client.setData("/w/new/below", bytes("4"), -1);
        client.setData("/w", bytes("5"), -1);
        client.delete("/w/new/below", -1);
        client.delete("/w/new", -1);
        events("again and again", 7);
        say("removeWatches", () -> {
            client.removeWatches("/w", WATCHER, Watcher.WatcherType.Any, false);
            return "done";
        });
        say("removeWatches again", () -> {
            client.removeWatches("/w", WATCHER, Watcher.WatcherType.Any, false);
            return "done";
        });
        client.getData("/w", WATCHER, null);
        client.getChildren("/w", WATCHER);
        client.delete("/w", -1);
        events("deleted", 3);
    }

    private static void deletes(ZooKeeper client) {
        say("delete not empty", () -> delete(client, "/a", -1));
        say("delete of another version", () -> delete(client, "/t", 9));
        say("delete", () -> delete(client, "/t", 1));
        say("delete again", () -> delete(client, "/t", -1));
        say("delete the root", () -> delete(client, "/", -1));
        say("delete /zookeeper", () -> delete(client, "/zookeeper", -1));
    }

    private static void sessions(ZooKeeper client) throws Exception {
        long id = client.getSessionId();
        byte[] password = client.getSessionPasswd();
        CountDownLatch expired = new CountDownLatch(1);
        ZooKeeper wrong = new ZooKeeper(servers, 10_000, event -> {
            if (event.getState() == Watcher.Event.KeeperState.Expired) {
                expired.countDown();
            }
        }, id, new byte[16]);
        say("wrong password expires", () -> expired.await(10, TimeUnit.SECONDS));
        wrong.close();
        wait("alive", () -> client.exists("/a/e", false) != null);
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper renewed = new ZooKeeper(servers, 10_000, event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        }, id, password);
        say("renewed", () -> connected.await(10, TimeUnit.SECONDS) && renewed.getSessionId() == id);
        say("timeout", renewed::getSessionTimeout);
        renewed.close();
        ZooKeeper after = connect();
        say("ephemerals are gone", () -> text(after.exists("/a/e", false)));
        say("sequence goes on", () -> after.create("/a/s-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL));
        after.close();
        say("closed", () -> after.exists("/", false));
    }

    private static ZooKeeper connect() throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper(servers, 10_000, event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        if (!connected.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("not connected");
        }
        return client;
    }

    private static String delete(ZooKeeper client, String path, int version) throws Exception {
        client.delete(path, version);
        return "done";
    }

    private static void seen(WatchedEvent event) {
        if (event.getType() != Watcher.Event.EventType.None) {
            EVENTS.add(event.getType() + " " + event.getPath());
        }
    }

    private static void events(String what, int count) throws InterruptedException {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            found.add(EVENTS.poll(5, TimeUnit.SECONDS));
        }
        String more = EVENTS.poll(200, TimeUnit.MILLISECONDS);
        System.out.println("events, " + what + ": " + found + (more == null ? "" : " and " + more));
    }

    private static void say(String what, Callable<Object> work) {
        String result;
        try {
            result = String.valueOf(work.call());
        } catch (KeeperException error) {
            result = error.code() + (error.getResults() == null ? "" : " " + results(error.getResults()));
        } catch (Exception error) {
            result = error.getClass().getSimpleName();
        }
        System.out.println(what + ": " + result);
    }

    private static void wait(String what, Callable<Boolean> condition) throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            try {
                if (condition.call()) {
                    return;
                }
            } catch (Exception error) {
                // Not yet.
            }
            Thread.sleep(100);
        }
        System.out.println("never " + what);
    }

    private static String results(List<OpResult> results) {
        return results.stream().map(ScriptedSession::result).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String result(OpResult result) {
        if (result instanceof OpResult.CreateResult) {
            return "created " + ((OpResult.CreateResult) result).getPath();
        }
        if (result instanceof OpResult.SetDataResult) {
            return "set " + text(((OpResult.SetDataResult) result).getStat());
        }
        if (result instanceof OpResult.GetDataResult) {
            return "data " + text(((OpResult.GetDataResult) result).getData());
        }
        if (result instanceof OpResult.GetChildrenResult) {
            return "children " + sorted(((OpResult.GetChildrenResult) result).getChildren());
        }
        if (result instanceof OpResult.ErrorResult) {
            return "error " + ((OpResult.ErrorResult) result).getErr();
        }
        return result.getClass().getSimpleName();
    }

    private static List<String> sorted(List<String> names) {
        List<String> copy = new ArrayList<>(names);
        Collections.sort(copy);
        return copy;
    }

    private static String ids(ZooKeeper client) throws Exception {
        return client.whoAmI().stream().map(String::valueOf).sorted().collect(Collectors.joining(" "));
    }

    /** Without the zxids, times and sessions, which are never the same. */
    private static String text(Stat stat) {
        if (stat == null) {
            return "none";
        }
        return "version=" + stat.getVersion() + " cversion=" + stat.getCversion() + " aversion=" + stat.getAversion()
            + " length=" + stat.getDataLength() + " children=" + stat.getNumChildren()
            + " ephemeral=" + (stat.getEphemeralOwner() != 0)
            + " created=" + (stat.getCzxid() > 0) + " modified=" + Long.signum(stat.getMzxid() - stat.getCzxid())
            + " listed=" + Long.signum(stat.getPzxid() - stat.getCzxid());
    }

    private static String text(byte[] data) {
        return data == null ? "null" : '"' + new String(data, StandardCharsets.UTF_8) + '"';
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<ACL> list(int permissions, String scheme, String id) {
        return Collections.singletonList(new ACL(permissions, new Id(scheme, id)));
    }
}
