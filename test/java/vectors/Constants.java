import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.ClientCnxn;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZKUtil;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;

/** Writes the numbers and well-known values that ZooKeeper defines beside its records, in constants.json. */
final class Constants {
    private final List<String> groups = new ArrayList<>();

    /** Argument: the directory for the file. */
    public static void main(String[] arguments) throws Exception {
        Constants constants = new Constants();
        constants.write();
        Path file = Paths.get(arguments[0]).resolve("constants.json");
        try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, "US-ASCII")) {
            out.println(indented("{" + String.join(",", constants.groups) + "}"));
        }
    }

    private void write() throws Exception {
        integers("OpCode", ZooDefs.OpCode.class);
        integers("Perms", ZooDefs.Perms.class);
        integers("PacketType", Class.forName("org.apache.zookeeper.server.quorum.Leader"));
        integers("ClientCnxn", ClientCnxn.class);
        List<String> rows = new ArrayList<>();
        for (KeeperException.Code code : KeeperException.Code.values()) {
            rows.add(JsonArchive.quote(code.name()) + ":" + code.intValue());
        }
        group("ErrorCode", rows);
        for (Watcher.Event.EventType type : Watcher.Event.EventType.values()) {
            rows.add(JsonArchive.quote(type.name()) + ":" + type.getIntValue());
        }
        group("EventType", rows);
        for (Watcher.Event.KeeperState state : Watcher.Event.KeeperState.values()) {
            rows.add(JsonArchive.quote(state.name()) + ":" + state.getIntValue());
        }
        group("KeeperState", rows);
        for (Watcher.WatcherType type : Watcher.WatcherType.values()) {
            rows.add(JsonArchive.quote(type.name()) + ":" + type.getIntValue());
        }
        group("WatcherType", rows);
        for (AddWatchMode mode : AddWatchMode.values()) {
            rows.add(JsonArchive.quote(mode.name()) + ":" + mode.getMode());
        }
        group("AddWatchMode", rows);
        for (CreateMode mode : CreateMode.values()) {
            rows.add(String.format("%s:{\"flags\":%d,\"ephemeral\":%b,\"sequential\":%b,\"container\":%b,\"ttl\":%b}",
                JsonArchive.quote(mode.name()), mode.toFlag(), mode.isEphemeral(), mode.isSequential(), mode.isContainer(), mode.isTTL()));
        }
        group("CreateMode", rows);
        for (int perms = 0; perms <= ZooDefs.Perms.ALL; perms++) {
            rows.add("\"" + perms + "\":" + JsonArchive.quote(ZKUtil.getPermString(perms)));
        }
        group("permsText", rows);
        rows.add("\"ANYONE_ID_UNSAFE\":" + JsonArchive.toJson(ZooDefs.Ids.ANYONE_ID_UNSAFE));
        rows.add("\"AUTH_IDS\":" + JsonArchive.toJson(ZooDefs.Ids.AUTH_IDS));
        group("ids", rows);
        rows.add("\"OPEN_ACL_UNSAFE\":" + list(ZooDefs.Ids.OPEN_ACL_UNSAFE));
        rows.add("\"CREATOR_ALL_ACL\":" + list(ZooDefs.Ids.CREATOR_ALL_ACL));
        rows.add("\"READ_ACL_UNSAFE\":" + list(ZooDefs.Ids.READ_ACL_UNSAFE));
        group("acls", rows);
    }

    private static String list(List<ACL> acls) throws Exception {
        List<String> json = new ArrayList<>();
        for (ACL acl : acls) {
            json.add(JsonArchive.toJson(acl));
        }
        return "[" + String.join(",", json) + "]";
    }

    /** Every int constant of a class, private ones included, in the order in which it declares them. */
    private void integers(String group, Class<?> type) throws Exception {
        List<String> rows = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers()) && field.getType() == int.class) {
                field.setAccessible(true);
                rows.add(JsonArchive.quote(field.getName()) + ":" + field.getInt(null));
            }
        }
        group(group, rows);
    }

    /** Takes the rows and leaves the list empty for the next group. */
    private void group(String name, List<String> rows) {
        groups.add(JsonArchive.quote(name) + ":{" + String.join(",", rows) + "}");
        rows.clear();
    }

    /** Breaks compact JSON into lines. The strings in it hold no brackets, commas or colons. */
    private static String indented(String json) {
        StringBuilder text = new StringBuilder();
        int depth = 0;
        for (char unit : json.toCharArray()) {
            switch (unit) {
                case '{': case '[':
                    text.append(unit).append('\n').append("  ".repeat(++depth));
                    break;
                case '}': case ']':
                    text.append('\n').append("  ".repeat(--depth)).append(unit);
                    break;
                case ',':
                    text.append(",\n").append("  ".repeat(depth));
                    break;
                case ':':
                    text.append(": ");
                    break;
                default:
                    text.append(unit);
            }
        }
        return text.toString();
    }
}
