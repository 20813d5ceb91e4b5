import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.transaction.CuratorTransactionResult;
import org.apache.curator.framework.recipes.atomic.AtomicValue;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;

/** Curator's recipes, two clients at once where a recipe is about several. Prints what came of each. */
public final class CuratorSession {
    private static String servers;

    public static void main(String[] arguments) throws Exception {
        servers = arguments[0];
        try (CuratorFramework one = connect(); CuratorFramework other = connect()) {
            framework(one);
            locks(one, other);
            leaders(one, other);
            counters(one, other);
            barriers(one, other);
            nodes(one, other);
            caches(one, other);
        }
        System.out.println("done");
    }

    private static void framework(CuratorFramework client) {
        say("create", () -> client.create().creatingParentsIfNeeded().forPath("/a/b/c", bytes("c")));
        say("create containers", () -> client.create().creatingParentContainersIfNeeded().forPath("/k/l/m"));
        say("create or set", () -> client.create().orSetData().forPath("/a/b/c", bytes("d")));
        say("get", () -> new String(client.getData().forPath("/a/b/c"), StandardCharsets.UTF_8));
        say("ttl", () -> client.create().withTtl(60_000).withMode(CreateMode.PERSISTENT_WITH_TTL).forPath("/ttl"));
        say("protected", () -> client.create().withProtection().withMode(CreateMode.EPHEMERAL_SEQUENTIAL).forPath("/p-").replaceAll("_c_[0-9a-f-]+", "_c_GUID"));
        say("transaction", () -> types(client.transaction().forOperations(
            client.transactionOp().create().forPath("/x", bytes("x")),
            client.transactionOp().setData().forPath("/x", bytes("y")),
            client.transactionOp().check().forPath("/x"),
            client.transactionOp().delete().forPath("/x"))));
        say("transaction that fails", () -> types(client.transaction().forOperations(
            client.transactionOp().create().forPath("/x"), client.transactionOp().delete().forPath("/none"))));
        say("exists", () -> client.checkExists().forPath("/x") == null);
        say("delete", () -> client.delete().deletingChildrenIfNeeded().forPath("/a"));
        say("delete again", () -> client.delete().forPath("/a"));
        say("delete quietly", () -> client.delete().quietly().forPath("/a"));
        say("children", () -> {
            List<String> names = new ArrayList<>(client.getChildren().forPath("/"));
            names.removeIf(name -> name.startsWith("_c_"));
            Collections.sort(names);
            return names;
        });
    }

    private static void locks(CuratorFramework one, CuratorFramework other) throws Exception {
        InterProcessMutex first = new InterProcessMutex(one, "/locks/mutex");
        InterProcessMutex second = new InterProcessMutex(other, "/locks/mutex");
        say("acquire", () -> first.acquire(5, TimeUnit.SECONDS));
        say("not twice", () -> second.acquire(300, TimeUnit.MILLISECONDS));
        first.release();
        say("then the other", () -> second.acquire(5, TimeUnit.SECONDS));
        second.release();
        InterProcessReadWriteLock readers = new InterProcessReadWriteLock(one, "/locks/rw");
        InterProcessReadWriteLock writers = new InterProcessReadWriteLock(other, "/locks/rw");
        say("read", () -> readers.readLock().acquire(5, TimeUnit.SECONDS));
        say("read too", () -> writers.readLock().acquire(5, TimeUnit.SECONDS));
        writers.readLock().release();
        say("no write", () -> writers.writeLock().acquire(300, TimeUnit.MILLISECONDS));
        readers.readLock().release();
        say("write", () -> writers.writeLock().acquire(5, TimeUnit.SECONDS));
        writers.writeLock().release();
        InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(one, "/locks/semaphore", 2);
        say("leases", () -> {
            List<Lease> leases = new ArrayList<>(semaphore.acquire(2, 5, TimeUnit.SECONDS));
            Lease third = semaphore.acquire(300, TimeUnit.MILLISECONDS);
            semaphore.returnAll(leases);
            return leases.size() + " " + third;
        });
    }

    private static void leaders(CuratorFramework one, CuratorFramework other) throws Exception {
        LeaderLatch first = new LeaderLatch(one, "/leader", "first");
        LeaderLatch second = new LeaderLatch(other, "/leader", "second");
        first.start();
        say("first leads", () -> first.await(5, TimeUnit.SECONDS));
        second.start();
        say("second does not", () -> second.await(300, TimeUnit.MILLISECONDS));
        say("participants", () -> second.getParticipants().size() + " led by " + second.getLeader().getId());
        first.close();
        say("second leads", () -> second.await(5, TimeUnit.SECONDS));
        second.close();
    }

    private static void counters(CuratorFramework one, CuratorFramework other) throws Exception {
        DistributedAtomicLong counter = new DistributedAtomicLong(one, "/counter", new RetryNTimes(10, 10));
        DistributedAtomicLong same = new DistributedAtomicLong(other, "/counter", new RetryNTimes(10, 10));
        say("count", () -> {
            for (int i = 0; i < 10; i++) {
                counter.increment();
                same.add(5L);
            }
            AtomicValue<Long> value = counter.get();
            return value.postValue();
        });
        try (SharedCount shared = new SharedCount(one, "/shared", 7); SharedCount copy = new SharedCount(other, "/shared", 9)) {
            shared.start();
            copy.start();
            say("shared", () -> shared.getCount() + " " + copy.getCount() + " " + shared.trySetCount(shared.getVersionedValue(), 8));
        }
    }

    private static void barriers(CuratorFramework one, CuratorFramework other) throws Exception {
        DistributedBarrier barrier = new DistributedBarrier(one, "/barrier");
        barrier.setBarrier();
        DistributedBarrier waiting = new DistributedBarrier(other, "/barrier");
        say("barrier", () -> waiting.waitOnBarrier(300, TimeUnit.MILLISECONDS));
        barrier.removeBarrier();
        say("no barrier", () -> waiting.waitOnBarrier(5, TimeUnit.SECONDS));
        DistributedDoubleBarrier first = new DistributedDoubleBarrier(one, "/double", 2);
        DistributedDoubleBarrier second = new DistributedDoubleBarrier(other, "/double", 2);
        boolean[] entered = new boolean[2];
        Thread thread = new Thread(() -> {
            try {
                entered[0] = first.enter(5, TimeUnit.SECONDS);
                first.leave(5, TimeUnit.SECONDS);
            } catch (Exception error) {
                System.out.println("double barrier: " + error);
            }
        });
        thread.start();
        entered[1] = second.enter(5, TimeUnit.SECONDS);
        second.leave(5, TimeUnit.SECONDS);
        thread.join();
        System.out.println("double barrier: " + entered[0] + " " + entered[1]);
    }

    private static void nodes(CuratorFramework one, CuratorFramework other) throws Exception {
        try (PersistentNode node = new PersistentNode(one, CreateMode.EPHEMERAL, false, "/persistent", bytes("p"))) {
            node.start();
            say("persistent node", () -> node.waitForInitialCreate(5, TimeUnit.SECONDS));
            other.delete().forPath("/persistent");
            say("is made again", () -> {
                for (int i = 0; i < 100 && other.checkExists().forPath("/persistent") == null; i++) {
                    Thread.sleep(50);
                }
                return other.checkExists().forPath("/persistent") != null;
            });
        }
        try (GroupMember here = new GroupMember(one, "/group", "here"); GroupMember there = new GroupMember(other, "/group", "there")) {
            here.start();
            there.start();
            say("members", () -> {
                for (int i = 0; i < 100 && here.getCurrentMembers().size() < 2; i++) {
                    Thread.sleep(50);
                }
                List<String> names = new ArrayList<>(here.getCurrentMembers().keySet());
                Collections.sort(names);
                return names;
            });
        }
        SimpleDistributedQueue queue = new SimpleDistributedQueue(one, "/queue");
        say("queue", () -> {
            queue.offer(bytes("1"));
            queue.offer(bytes("2"));
            SimpleDistributedQueue end = new SimpleDistributedQueue(other, "/queue");
            return new String(end.take(), StandardCharsets.UTF_8) + new String(end.poll(5, TimeUnit.SECONDS), StandardCharsets.UTF_8) + end.poll();
        });
    }

    private static void caches(CuratorFramework one, CuratorFramework other) throws Exception {
        LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
        CountDownLatch ready = new CountDownLatch(1);
        one.create().forPath("/cached", bytes("0"));
        try (CuratorCache cache = CuratorCache.build(one, "/cached")) {
            cache.listenable().addListener(new org.apache.curator.framework.recipes.cache.CuratorCacheListener() {
                @Override
                public void event(Type type, org.apache.curator.framework.recipes.cache.ChildData before, org.apache.curator.framework.recipes.cache.ChildData after) {
                    events.add(type + " " + (after == null ? before : after).getPath());
                }

                @Override
                public void initialized() {
                    ready.countDown();
                }
            });
            cache.start();
            ready.await(5, TimeUnit.SECONDS);
            List<String> seen = new ArrayList<>();
            seen.add(events.poll(5, TimeUnit.SECONDS));
            other.create().forPath("/cached/child", bytes("1"));
            seen.add(events.poll(5, TimeUnit.SECONDS));
            other.setData().forPath("/cached/child", bytes("2"));
            seen.add(events.poll(5, TimeUnit.SECONDS));
            other.delete().forPath("/cached/child");
            seen.add(events.poll(5, TimeUnit.SECONDS));
            System.out.println("cache: " + seen);
        }
    }

    private static CuratorFramework connect() throws Exception {
        CuratorFramework client = CuratorFrameworkFactory.newClient(servers, 10_000, 10_000, new ExponentialBackoffRetry(100, 5));
        client.start();
        client.blockUntilConnected(20, TimeUnit.SECONDS);
        return client;
    }

    private static void say(String what, Callable<Object> work) {
        String result;
        try {
            result = String.valueOf(work.call());
        } catch (KeeperException error) {
            result = error.code().toString();
        } catch (Exception error) {
            result = String.valueOf(error);
        }
        System.out.println(what + ": " + result);
    }

    private static String types(List<CuratorTransactionResult> results) {
        List<String> types = new ArrayList<>();
        for (CuratorTransactionResult result : results) {
            types.add(result.getType() + " " + result.getForPath() + " " + result.getError());
        }
        return types.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
