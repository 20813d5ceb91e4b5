import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.MultiResponse;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.*;
import org.apache.zookeeper.server.TxnLogEntry;
import org.apache.zookeeper.server.persistence.Util;
import org.apache.zookeeper.server.util.SerializeUtils;
import org.apache.zookeeper.txn.*;

/**
 * Writes whole messages: client packets as ClientCnxn frames them, responses, multis and txns. What
 * surrounds the records here is hand-written in ZooKeeper, so only its own classes can say how it
 * looks. One JSON object a line, in packets.jsonl.
 */
final class PacketVectors {
    private final PrintStream out;

    private PacketVectors(PrintStream out) {
        this.out = out;
    }

    /** Argument: the directory for the file. */
    public static void main(String[] arguments) throws Exception {
        Path file = Paths.get(arguments[0]).resolve("packets.jsonl");
        try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, "US-ASCII")) {
            PacketVectors vectors = new PacketVectors(out);
            vectors.connects();
            vectors.requests();
            vectors.responses();
            vectors.multis();
            vectors.txns();
        }
    }

    private void connects() throws Exception {
        ConnectRequest request = new ConnectRequest(0, 0x1_0000_0007L, 30_000, 0, new byte[16]);
        String json = JsonArchive.toJson(request);
        for (boolean readOnly : new boolean[] {false, true}) {
            // ClientCnxn itself writes the flag behind the record.
            line("connect request", "\"value\":" + with(json, "readOnly", readOnly), framedByClient(null, request, readOnly));
        }
        line("connect request", "\"value\":" + json, framed(request));
        ConnectResponse response = new ConnectResponse(0, 20_000, 0x1000_0000_0000_0001L, new byte[] {1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7, 8, -8});
        json = JsonArchive.toJson(response);
        line("connect response", "\"value\":" + json, framed(response));
        line("connect response", "\"value\":" + with(json, "readOnly", true), framed(response, true));
        ConnectResponse expired = new ConnectResponse(0, 0, 0, new byte[16]);
        line("connect response", "\"value\":" + with(JsonArchive.toJson(expired), "readOnly", false), framed(expired, false));
    }

    private void requests() throws Exception {
        request("create", OpCode.create, CreateRequest.class);
        request("delete", OpCode.delete, DeleteRequest.class);
        request("exists", OpCode.exists, ExistsRequest.class);
        request("getData", OpCode.getData, GetDataRequest.class);
        request("setData", OpCode.setData, SetDataRequest.class);
        request("getACL", OpCode.getACL, GetACLRequest.class);
        request("setACL", OpCode.setACL, SetACLRequest.class);
        request("getChildren", OpCode.getChildren, GetChildrenRequest.class);
        request("sync", OpCode.sync, SyncRequest.class);
        request("ping", OpCode.ping, null);
        request("getChildren2", OpCode.getChildren2, GetChildren2Request.class);
        request("check", OpCode.check, CheckVersionRequest.class);
        request("create2", OpCode.create2, CreateRequest.class);
        request("reconfig", OpCode.reconfig, ReconfigRequest.class);
        request("checkWatches", OpCode.checkWatches, CheckWatchesRequest.class);
        request("removeWatches", OpCode.removeWatches, RemoveWatchesRequest.class);
        request("createContainer", OpCode.createContainer, CreateRequest.class);
        request("createTTL", OpCode.createTTL, CreateTTLRequest.class);
        request("auth", OpCode.auth, AuthPacket.class);
        request("setWatches", OpCode.setWatches, SetWatches.class);
        request("sasl", OpCode.sasl, GetSASLRequest.class);
        request("getEphemerals", OpCode.getEphemerals, GetEphemeralsRequest.class);
        request("getAllChildrenNumber", OpCode.getAllChildrenNumber, GetAllChildrenNumberRequest.class);
        request("setWatches2", OpCode.setWatches2, SetWatches2.class);
        request("addWatch", OpCode.addWatch, AddWatchRequest.class);
        request("whoAmI", OpCode.whoAmI, null);
        request("closeSession", OpCode.closeSession, null);
    }

    private void responses() throws Exception {
        response("create", CreateResponse.class);
        response("create2", Create2Response.class);
        response("createTTL", Create2Response.class);
        response("createContainer", Create2Response.class);
        response("delete", null);
        response("exists", ExistsResponse.class);
        response("getData", GetDataResponse.class);
        response("setData", SetDataResponse.class);
        response("getACL", GetACLResponse.class);
        response("setACL", SetACLResponse.class);
        response("getChildren", GetChildrenResponse.class);
        response("sync", SyncResponse.class);
        response("ping", null);
        response("getChildren2", GetChildren2Response.class);
        response("reconfig", GetDataResponse.class);
        response("checkWatches", null);
        response("removeWatches", null);
        response("auth", null);
        response("setWatches", null);
        response("sasl", SetSASLResponse.class);
        response("getEphemerals", GetEphemeralsResponse.class);
        response("getAllChildrenNumber", GetAllChildrenNumberResponse.class);
        response("setWatches2", null);
        response("addWatch", ErrorResponse.class);
        response("whoAmI", WhoAmIResponse.class);
        response("closeSession", null);
        failure("getData", -101, null);
        failure("create", -110, null);
        // A server that refuses a SASL token sends the error and an empty record after it.
        failure("sasl", -115, new SetSASLResponse(null));
        ReplyHeader header = new ReplyHeader(-1, 0x1_0000_002aL, 0);
        WatcherEvent event = new WatcherEvent(3, 3, "/\u914d\u7f6e");
        line("event", "\"header\":" + JsonArchive.toJson(header) + ",\"event\":" + JsonArchive.toJson(event), framed(header, event));
    }

    private void multis() throws Exception {
        byte[] data = {0, 1, -1};
        multiRequest("multi", OpCode.multi);
        multiRequest("multi", OpCode.multi,
            Op.create("/a", data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL),
            Op.create("/null", null, ZooDefs.Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT),
            Op.create("/c", new byte[0], ZooDefs.Ids.READ_ACL_UNSAFE, CreateMode.CONTAINER),
            Op.create("/t", data, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, 86_400_000L),
            Op.delete("/d", -1),
            Op.setData("/s", data, 7),
            Op.setData("/s", null, 7),
            Op.check("/k", 42));
        multiRequest("multiRead", OpCode.multiRead, Op.getData("/\u00e9t\u00e9"), Op.getChildren("/"));
        Stat stat = new Stat();
        stat.deserialize(new InventingArchive(InventingArchive.Style.MIXED, 14), "");
        multiResponse("multi", OpCode.multi);
        multiResponse("multi", OpCode.multi,
            new OpResult.CreateResult("/a0000000001"), new OpResult.CreateResult("/c", stat),
            new OpResult.DeleteResult(), new OpResult.SetDataResult(stat), new OpResult.CheckResult());
        multiResponse("multi", OpCode.multi,
            new OpResult.ErrorResult(0), new OpResult.ErrorResult(-101), new OpResult.ErrorResult(-2));
        multiResponse("multiRead", OpCode.multiRead,
            new OpResult.GetDataResult(data, stat), new OpResult.GetDataResult(null, stat),
            new OpResult.GetChildrenResult(Arrays.asList("x", "\u914d")), new OpResult.ErrorResult(-102));
    }

    private void txns() throws Exception {
        txn("createSession", OpCode.createSession, CreateSessionTxn.class);
        txn("closeSession", OpCode.closeSession, CloseSessionTxn.class);
        txn("create", OpCode.create, CreateTxn.class);
        txn("create2", OpCode.create2, CreateTxn.class);
        txn("createTTL", OpCode.createTTL, CreateTTLTxn.class);
        txn("createContainer", OpCode.createContainer, CreateContainerTxn.class);
        txn("delete", OpCode.delete, DeleteTxn.class);
        txn("deleteContainer", OpCode.deleteContainer, DeleteTxn.class);
        txn("setData", OpCode.setData, SetDataTxn.class);
        txn("reconfig", OpCode.reconfig, SetDataTxn.class);
        txn("setACL", OpCode.setACL, SetACLTxn.class);
        txn("error", OpCode.error, ErrorTxn.class);
        // 3.4 to 3.5: the header of a closeSession stands alone.
        txn("closeSession", OpCode.closeSession, null, null);
        // Since 3.6 with zookeeper.closeSessionTxn.enabled=false: a digest, and still no record. Java's own
        // reader takes the digest for a record that is cut short, so what was written is the expectation.
        TxnHeader header = header(OpCode.closeSession);
        TxnDigest digest = new TxnDigest(2, 0x0123_4567_89ab_cdefL);
        txnLine("closeSession", header, null, digest, Util.marshallTxnEntry(header, null, digest));
        // Before 3.4.
        for (int seed = 0; seed < 4; seed++) {
            txn("create", OpCode.create, invent(CreateTxnV0.class, InventingArchive.Style.PLAIN, seed), null);
        }
        List<Txn> changes = new ArrayList<>();
        changes.add(change(OpCode.create, CreateTxn.class));
        changes.add(change(OpCode.create2, CreateTxn.class));
        changes.add(change(OpCode.createTTL, CreateTTLTxn.class));
        changes.add(change(OpCode.createContainer, CreateContainerTxn.class));
        changes.add(change(OpCode.delete, DeleteTxn.class));
        changes.add(change(OpCode.setData, SetDataTxn.class));
        changes.add(change(OpCode.check, CheckVersionTxn.class));
        txn("multi", OpCode.multi, new MultiTxn(changes), digest);
        changes = new ArrayList<>();
        for (int code : new int[] {0, -101, -2}) {
            changes.add(new Txn(OpCode.error, RecordVectors.encode(new ErrorTxn(code))));
        }
        txn("multi", OpCode.multi, new MultiTxn(changes), null);
    }

    private static Txn change(int type, Class<? extends Record> record) throws Exception {
        return new Txn(type, RecordVectors.encode(invent(record, InventingArchive.Style.PLAIN, type)));
    }

    private void request(String op, int type, Class<? extends Record> record) throws Exception {
        InventingArchive.Style[] styles = {InventingArchive.Style.PLAIN, InventingArchive.Style.CHINESE, InventingArchive.Style.MIXED};
        for (int index = 0; index < (record == null ? 1 : styles.length); index++) {
            Record body = record == null ? null : invent(record, styles[index], type);
            RequestHeader header = new RequestHeader(xid(type, index), type);
            line("request", opAndHeader(op, header) + ",\"request\":" + json(body), framedByClient(header, body, false));
        }
    }

    /** The reserved numbers, where ClientCnxn uses them. */
    private static int xid(int type, int index) {
        switch (type) {
            case OpCode.ping: return -2;
            case OpCode.auth: return -4;
            case OpCode.setWatches: case OpCode.setWatches2: return -8;
            default: return 1 + index;
        }
    }

    private void response(String op, Class<? extends Record> record) throws Exception {
        InventingArchive.Style[] styles = {InventingArchive.Style.PLAIN, InventingArchive.Style.CHINESE, InventingArchive.Style.EMPTY};
        for (int index = 0; index < (record == null ? 1 : styles.length); index++) {
            Record body = record == null ? null : invent(record, styles[index], op.hashCode());
            ReplyHeader header = new ReplyHeader(1 + index, 0x1_0000_0000L + index, 0);
            line("response", opAndHeader(op, header) + ",\"response\":" + json(body), framed(header, body));
        }
    }

    private void failure(String op, int error, Record body) throws Exception {
        ReplyHeader header = new ReplyHeader(9, 0x1_0000_0009L, error);
        line("response", opAndHeader(op, header) + ",\"response\":null", framed(header, body));
    }

    private void multiRequest(String op, int type, Op... ops) throws Exception {
        RequestHeader header = new RequestHeader(5, type);
        List<String> json = new ArrayList<>();
        for (Op one : ops) {
            json.add("{\"type\":" + one.getType() + ",\"request\":" + json(one.toRequestRecord()) + "}");
        }
        line("multi request", opAndHeader(op, header) + ",\"operations\":" + json,
            framedByClient(header, new MultiOperationRecord(Arrays.asList(ops)), false));
    }

    private void multiResponse(String op, int type, OpResult... results) throws Exception {
        ReplyHeader header = new ReplyHeader(5, 0x1_0000_0005L, 0);
        MultiResponse response = new MultiResponse();
        List<String> json = new ArrayList<>();
        for (OpResult result : results) {
            response.add(result);
            json.add("{\"type\":" + result.getType() + ",\"result\":" + resultJson(result) + "}");
        }
        line("multi response", opAndHeader(op, header) + ",\"results\":" + json, framed(header, response));
    }

    private static String resultJson(OpResult result) throws IOException {
        switch (result.getType()) {
            case OpCode.create:
                return json(new CreateResponse(((OpResult.CreateResult) result).getPath()));
            case OpCode.create2:
                return json(new Create2Response(((OpResult.CreateResult) result).getPath(), ((OpResult.CreateResult) result).getStat()));
            case OpCode.setData:
                return json(new SetDataResponse(((OpResult.SetDataResult) result).getStat()));
            case OpCode.getData:
                return json(new GetDataResponse(((OpResult.GetDataResult) result).getData(), ((OpResult.GetDataResult) result).getStat()));
            case OpCode.getChildren:
                return json(new GetChildrenResponse(((OpResult.GetChildrenResult) result).getChildren()));
            case OpCode.error:
                return json(new ErrorResponse(((OpResult.ErrorResult) result).getErr()));
            default:
                return "null";
        }
    }

    private void txn(String op, int type, Class<? extends Record> record) throws Exception {
        txn(op, type, invent(record, InventingArchive.Style.PLAIN, type), null);
        txn(op, type, invent(record, InventingArchive.Style.ACCENTS, type), new TxnDigest(2, -0x0123_4567_89ab_cdefL));
        txn(op, type, invent(record, InventingArchive.Style.NULLS, type), new TxnDigest(2, 0));
    }

    /** Expects what Java reads back, which differs from what was written for the old form of create. */
    private void txn(String op, int type, Record record, TxnDigest digest) throws Exception {
        TxnHeader header = header(type);
        byte[] bytes = Util.marshallTxnEntry(header, record, digest);
        TxnLogEntry read = SerializeUtils.deserializeTxn(bytes);
        txnLine(op, read.getHeader(), read.getTxn(), read.getDigest(), bytes);
    }

    private void txnLine(String op, TxnHeader header, Record record, TxnDigest digest, byte[] bytes) throws IOException {
        line("txn", opAndHeader(op, header) + ",\"txn\":" + json(record) + ",\"digest\":" + json(digest), bytes);
    }

    private static TxnHeader header(int type) {
        return new TxnHeader(0x1000_0000_0000_0001L, 3, 0x1_0000_0003L, 1_600_000_000_000L, type);
    }

    private static String opAndHeader(String op, Record header) throws IOException {
        return "\"op\":\"" + op + "\",\"header\":" + JsonArchive.toJson(header);
    }

    private void line(String packet, String fields, byte[] bytes) {
        out.printf("{\"packet\":\"%s\",%s,\"hex\":\"%s\"}\n", packet, fields, RecordVectors.hex(bytes));
    }

    private static String json(Record record) throws IOException {
        return record == null ? "null" : JsonArchive.toJson(record);
    }

    private static String with(String json, String field, boolean value) {
        return json.substring(0, json.length() - 1) + ",\"" + field + "\":" + value + "}";
    }

    private static Record invent(Class<? extends Record> type, InventingArchive.Style style, long seed) throws Exception {
        Record record = type.getDeclaredConstructor().newInstance();
        record.deserialize(new InventingArchive(style, seed), "");
        return record;
    }

    /** A server's frame: the length, then the records (nulls left out). */
    private static byte[] framed(Record... records) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Record record : records) {
            if (record != null) {
                body.write(RecordVectors.encode(record));
            }
        }
        return ByteBuffer.allocate(4 + body.size()).putInt(body.size()).put(body.toByteArray()).array();
    }

    /** As ZooKeeperServer.finishSessionInit does in 3.8: the flag follows the record. */
    private static byte[] framed(ConnectResponse response, boolean readOnly) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(RecordVectors.encode(response));
        BinaryOutputArchive.getArchive(body).writeBool(readOnly, "readOnly");
        return ByteBuffer.allocate(4 + body.size()).putInt(body.size()).put(body.toByteArray()).array();
    }

    /** The bytes that the Java client would put on the socket; its packet class is private to it. */
    private static byte[] framedByClient(RequestHeader header, Record request, boolean readOnly) throws Exception {
        Class<?> type = Class.forName("org.apache.zookeeper.ClientCnxn$Packet");
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (constructor.getParameterCount() == 6) {
                constructor.setAccessible(true);
                Object packet = constructor.newInstance(header, null, request, null, null, readOnly);
                Method createBytes = type.getDeclaredMethod("createBB");
                createBytes.setAccessible(true);
                createBytes.invoke(packet);
                Field bytes = type.getDeclaredField("bb");
                bytes.setAccessible(true);
                return ((ByteBuffer) bytes.get(packet)).array();
            }
        }
        throw new IllegalStateException("this is not ZooKeeper 3.8: ClientCnxn.Packet has no constructor with readOnly");
    }
}
