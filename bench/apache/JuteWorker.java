// Apache's own Java Jute on the benchmark's workloads. Prints one line when it is warm, then
// answers each line "<mode> <iterations>" with the nanoseconds that they took.

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.GetChildrenResponse;
import org.apache.zookeeper.proto.GetDataResponse;
import org.apache.zookeeper.proto.MultiHeader;
import org.apache.zookeeper.proto.ReplyHeader;
import org.apache.zookeeper.proto.SetDataRequest;
import org.apache.zookeeper.server.quorum.QuorumPacket;

public final class JuteWorker {
    private static final int COPIES = 4;

    /** Results stay reachable for a while, so that the compiler cannot drop the work. */
    private static final Object[] KEPT = new Object[16];

    private interface Decoder {
        Object decode(BinaryInputArchive in) throws IOException;
    }

    private static final class Workload {
        final Record[][] messages = new Record[COPIES][];
        final byte[][] encoded = new byte[COPIES][];
        final Decoder decoder;
        final ByteArrayOutputStream reused = new ByteArrayOutputStream(1 << 16);
        final BinaryOutputArchive reusedArchive =
                new BinaryOutputArchive(new DataOutputStream(reused));

        Workload(Decoder decoder, java.util.function.Supplier<Record[]> message)
                throws IOException {
            this.decoder = decoder;
            for (int i = 0; i < COPIES; i++) {
                messages[i] = message.get();
                encoded[i] = encode(i);
            }
        }

        byte[] encode(int index) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            BinaryOutputArchive archive = BinaryOutputArchive.getArchive(bytes);
            for (Record record : messages[index & (COPIES - 1)]) {
                record.serialize(archive, "");
            }
            return bytes.toByteArray();
        }

        int write(int index) throws IOException {
            reused.reset();
            for (Record record : messages[index & (COPIES - 1)]) {
                record.serialize(reusedArchive, "");
            }
            return reused.size();
        }

        Object decode(int index) throws IOException {
            ByteArrayInputStream bytes = new ByteArrayInputStream(encoded[index & (COPIES - 1)]);
            return decoder.decode(new BinaryInputArchive(new DataInputStream(bytes)));
        }

        long run(String mode, int iterations) throws IOException {
            long start = System.nanoTime();
            switch (mode) {
                case "encode":
                    for (int i = 0; i < iterations; i++) KEPT[i & 15] = encode(i);
                    break;
                case "write":
                    int size = 0;
                    for (int i = 0; i < iterations; i++) size += write(i);
                    if (size < 0) KEPT[0] = null;
                    break;
                case "decode":
                    for (int i = 0; i < iterations; i++) KEPT[i & 15] = decode(i);
                    break;
                default:
                    throw new IllegalArgumentException(mode);
            }
            return System.nanoTime() - start;
        }
    }

    private static final String[] MODES = {"encode", "write", "decode"};

    public static void main(String[] args) throws IOException {
        Map<String, Workload> workloads = workloads();
        warm(new ArrayList<>(workloads.values()), Integer.parseInt(args[0]));
        Workload timed = workloads.get(args[1]);
        byte[] first = timed.encode(0);
        System.out.println(
                "ready\tJava " + System.getProperty("java.version")
                        + "\t" + String.join(",", MODES)
                        + "\t" + first.length
                        + "\t" + Integer.toUnsignedString(fingerprint(first)));
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            System.out.println(timed.run(words[0], Integer.parseInt(words[1])));
        }
    }

    /** All workloads in turn, so that call sites have seen every record before one is timed. */
    private static void warm(List<Workload> workloads, int millisEach) throws IOException {
        Random random = new Random(42);
        for (int pass = 0; pass < 2; pass++) {
            java.util.Collections.shuffle(workloads, random);
            for (Workload workload : workloads) {
                for (String mode : MODES) {
                    long end = System.nanoTime() + millisEach * 1_000_000L / 2;
                    for (int n = 1; System.nanoTime() < end; n = Math.min(2 * n, 4096)) {
                        workload.run(mode, n);
                    }
                }
            }
        }
    }

    private static Map<String, Workload> workloads() throws IOException {
        Map<String, Workload> all = new LinkedHashMap<>();
        all.put("a", new Workload(read(CreateRequest::new),
                () -> one(createRequest("/services/orders/instances/i-7"))));
        all.put("b", new Workload(read(Stat::new), () -> one(stat())));
        all.put("c", new Workload(
                in -> {
                    ReplyHeader header = new ReplyHeader();
                    header.deserialize(in, "");
                    GetDataResponse body = new GetDataResponse();
                    body.deserialize(in, "");
                    return new Record[] {header, body};
                },
                () -> new Record[] {replyHeader(), new GetDataResponse(bytes(1024), stat())}));
        all.put("d", new Workload(read(GetChildrenResponse::new), () -> {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 1000; i++) names.add(String.format("worker-%013d", i * 7919));
            return one(new GetChildrenResponse(names));
        }));
        all.put("e", new Workload(read(QuorumPacket::new),
                () -> one(new QuorumPacket(2, 0x500004321L, bytes(256), null))));
        all.put("f", new Workload(JuteWorker::readMulti, () -> {
            List<Record> records = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                records.add(new MultiHeader(1, false, -1));
                records.add(createRequest(String.format("/services/orders/batch/item-%02d", i)));
            }
            records.add(new MultiHeader(-1, true, -1));
            return records.toArray(new Record[0]);
        }));
        all.put("g", new Workload(read(CreateRequest::new), () -> one(createRequest(
                "/服务/订单中心/配置管理/数据库连接/主节点地址列表/北京机房"))));
        all.put("g2", new Workload(read(GetChildrenResponse::new), () -> {
            String[] services = {"订单服务", "支付网关", "用户中心", "库存管理", "消息推送"};
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                names.add(services[i % 5] + "节点编号" + (char) (0x4e00 + i * 13) + "号");
            }
            return one(new GetChildrenResponse(names));
        }));
        all.put("h", new Workload(read(SetDataRequest::new),
                () -> one(new SetDataRequest("/services/orders/blob", bytes(1_000_000), -1))));
        all.put("i", new Workload(read(ReplyHeader::new), () -> one(replyHeader())));
        return all;
    }

    private static Decoder read(java.util.function.Supplier<Record> type) {
        return in -> {
            Record record = type.get();
            record.deserialize(in, "");
            return record;
        };
    }

    private static Object readMulti(BinaryInputArchive in) throws IOException {
        List<Record> records = new ArrayList<>();
        while (true) {
            MultiHeader header = new MultiHeader();
            header.deserialize(in, "");
            if (header.getDone()) return records;
            CreateRequest request = new CreateRequest();
            request.deserialize(in, "");
            records.add(header);
            records.add(request);
        }
    }

    private static Record[] one(Record record) {
        return new Record[] {record};
    }

    private static CreateRequest createRequest(String path) {
        List<ACL> acl = Arrays.asList(
                new ACL(31, new Id(new String("world"), new String("anyone"))));
        return new CreateRequest(new String(path), bytes(128), acl, 0);
    }

    private static Stat stat() {
        return new Stat(0x500001234L, 0x500004321L, 1712345678901L, 1723456789012L,
                17, 3, 1, 0L, 1024, 12, 0x500003333L);
    }

    private static ReplyHeader replyHeader() {
        return new ReplyHeader(70001, 0x500004321L, 0);
    }

    private static byte[] bytes(int length) {
        byte[] result = new byte[length];
        for (int i = 0; i < length; i++) result[i] = (byte) (i * 7 + 3);
        return result;
    }

    /** FNV-1a: enough to see that both sides encode the same message. */
    private static int fingerprint(byte[] bytes) {
        int hash = 0x811c9dc5;
        for (byte each : bytes) hash = (hash ^ (each & 0xff)) * 0x01000193;
        return hash;
    }
}
