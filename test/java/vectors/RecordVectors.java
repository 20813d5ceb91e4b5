import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.proto.ConnectRequest;
import org.apache.zookeeper.proto.ConnectResponse;
import org.apache.zookeeper.server.quorum.LearnerInfo;

/**
 * Writes values of all 72 records and the bytes that Java makes of them: one file a module, one
 * JSON object a line. First the record's signature, then its cases.
 */
final class RecordVectors {
    private static final int MIXED_CASES = 16;

    /** Every record of zookeeper.jute, by module and in its order. */
    static final Map<String, String[]> MODULES = new LinkedHashMap<>();

    static {
        MODULES.put("org.apache.zookeeper.data", new String[] {
            "Id", "ACL", "Stat", "StatPersisted", "ClientInfo"});
        MODULES.put("org.apache.zookeeper.proto", new String[] {
            "ConnectRequest", "ConnectResponse", "SetWatches", "SetWatches2", "RequestHeader", "MultiHeader",
            "AuthPacket", "ReplyHeader", "GetDataRequest", "SetDataRequest", "ReconfigRequest", "SetDataResponse",
            "GetSASLRequest", "SetSASLRequest", "SetSASLResponse", "CreateRequest", "CreateTTLRequest",
            "DeleteRequest", "GetChildrenRequest", "GetAllChildrenNumberRequest", "GetChildren2Request",
            "CheckVersionRequest", "GetMaxChildrenRequest", "GetMaxChildrenResponse", "SetMaxChildrenRequest",
            "SyncRequest", "SyncResponse", "GetACLRequest", "SetACLRequest", "SetACLResponse", "AddWatchRequest",
            "WatcherEvent", "ErrorResponse", "CreateResponse", "Create2Response", "ExistsRequest",
            "ExistsResponse", "GetDataResponse", "GetChildrenResponse", "GetAllChildrenNumberResponse",
            "GetChildren2Response", "GetACLResponse", "CheckWatchesRequest", "RemoveWatchesRequest",
            "GetEphemeralsRequest", "GetEphemeralsResponse", "WhoAmIResponse"});
        MODULES.put("org.apache.zookeeper.server.quorum", new String[] {
            "LearnerInfo", "QuorumPacket", "QuorumAuthPacket"});
        MODULES.put("org.apache.zookeeper.server.persistence", new String[] {
            "FileHeader"});
        MODULES.put("org.apache.zookeeper.txn", new String[] {
            "TxnDigest", "TxnHeader", "CreateTxnV0", "CreateTxn", "CreateTTLTxn", "CreateContainerTxn",
            "DeleteTxn", "SetDataTxn", "CheckVersionTxn", "SetACLTxn", "SetMaxChildrenTxn", "CreateSessionTxn",
            "CloseSessionTxn", "ErrorTxn", "Txn", "MultiTxn"});
    }

    private final PrintStream out;
    /** Values already written for this record: records of plain numbers look alike in many styles. */
    private final Set<String> seen = new LinkedHashSet<>();

    private RecordVectors(PrintStream out) {
        this.out = out;
    }

    /** Argument: the directory for the files. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Paths.get(arguments[0]);
        int records = 0;
        for (Map.Entry<String, String[]> module : MODULES.entrySet()) {
            String name = module.getKey().substring(module.getKey().lastIndexOf('.') + 1);
            try (PrintStream out = new PrintStream(Files.newOutputStream(directory.resolve(name + ".jsonl")), false, "US-ASCII")) {
                for (String record : module.getValue()) {
                    new RecordVectors(out).write(module.getKey() + "." + record);
                    records++;
                }
            }
        }
        if (records != 72) {
            throw new IllegalStateException(records + " records instead of 72");
        }
    }

    static byte[] encode(Record record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        record.serialize(BinaryOutputArchive.getArchive(bytes), "");
        return bytes.toByteArray();
    }

    static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte one : bytes) {
            text.append(String.format("%02x", one));
        }
        return text.toString();
    }

    private void write(String fullName) throws Exception {
        Class<?> type = Class.forName(fullName);
        out.printf("{\"record\":\"%s\",\"signature\":\"%s\"}\n", fullName, type.getMethod("signature").invoke(null));
        for (InventingArchive.Style style : InventingArchive.Style.values()) {
            int cases = style == InventingArchive.Style.MIXED ? MIXED_CASES : 1;
            for (int index = 0; index < cases; index++) {
                long seed = 31L * fullName.hashCode() + 1000L * style.name().hashCode() + index;
                Record record = (Record) type.getDeclaredConstructor().newInstance();
                record.deserialize(new InventingArchive(style, seed), "");
                String name = style.name().toLowerCase(Locale.ROOT).replace('_', ' ') + (cases > 1 ? " " + index : "");
                write(fullName, name, record);
                writeOtherEras(fullName, name, record, new Random(seed));
            }
        }
    }

    private void write(String fullName, String name, Record record) throws IOException {
        write(fullName, name, JsonArchive.toJson(record), encode(record));
    }

    /** The forms of a record that the generated class of ZooKeeper 3.8.0 cannot write itself. */
    private void writeOtherEras(String fullName, String name, Record record, Random random) throws IOException {
        if (record instanceof ConnectRequest || record instanceof ConnectResponse) {
            // 3.9 made readOnly a field of the class, whose serialize() ends with this call; before that,
            // ClientCnxn and ZooKeeperServer made the same call after serialize().
            boolean readOnly = random.nextBoolean();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(encode(record));
            BinaryOutputArchive.getArchive(bytes).writeBool(readOnly, "readOnly");
            String json = JsonArchive.toJson(record);
            String withReadOnly = json.substring(0, json.length() - 1) + ",\"readOnly\":" + readOnly + "}";
            write(fullName, name + ", readOnly appended as 3.9 does", withReadOnly, bytes.toByteArray());
        }
        if (record instanceof LearnerInfo) {
            LearnerInfo info = (LearnerInfo) record;
            for (int fields = 1; fields <= 2; fields++) {
                JsonArchive json = new JsonArchive();
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                BinaryOutputArchive binary = BinaryOutputArchive.getArchive(bytes);
                json.startRecord(info, "");
                json.writeLong(info.getServerid(), "serverid");
                binary.writeLong(info.getServerid(), "serverid");
                if (fields == 2) {
                    json.writeInt(info.getProtocolVersion(), "protocolVersion");
                    binary.writeInt(info.getProtocolVersion(), "protocolVersion");
                }
                json.endRecord(info, "");
                write(fullName, name + ", the " + bytes.size() + " bytes of an older learner", json.toString(), bytes.toByteArray());
            }
        }
    }

    private void write(String fullName, String name, String json, byte[] bytes) {
        if (seen.add(json)) {
            out.printf("{\"record\":\"%s\",\"case\":\"%s\",\"value\":%s,\"hex\":\"%s\"}\n", fullName, name, json, hex(bytes));
        }
    }
}
