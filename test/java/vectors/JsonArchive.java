import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import org.apache.jute.OutputArchive;
import org.apache.jute.Record;

/**
 * Writes a record as JSON through Java's own serialize(): the names, the order and the nesting are
 * those of the generated class, not of a second description of it. The text is what JSON.stringify
 * would give, with everything beyond ASCII escaped, so that two texts are equal when the values are.
 */
final class JsonArchive implements OutputArchive {
    private final StringBuilder text = new StringBuilder();
    /** The closing bracket of every open object and array. */
    private final Deque<Character> open = new ArrayDeque<>();
    private boolean first = true;

    /** The JSON of one record. */
    static String toJson(Record record) throws java.io.IOException {
        JsonArchive archive = new JsonArchive();
        record.serialize(archive, "");
        return archive.toString();
    }

    static String quote(String value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char unit : value.toCharArray()) {
            switch (unit) {
                case '"': quoted.append("\\\""); break;
                case '\\': quoted.append("\\\\"); break;
                case '\b': quoted.append("\\b"); break;
                case '\f': quoted.append("\\f"); break;
                case '\n': quoted.append("\\n"); break;
                case '\r': quoted.append("\\r"); break;
                case '\t': quoted.append("\\t"); break;
                default:
                    if (unit < 0x20 || unit > 0x7e) {
                        quoted.append(String.format("\\u%04x", (int) unit));
                    } else {
                        quoted.append(unit);
                    }
            }
        }
        return quoted.append('"').toString();
    }

    @Override
    public void writeByte(byte value, String tag) {
        put(tag, String.valueOf(value));
    }

    @Override
    public void writeBool(boolean value, String tag) {
        put(tag, String.valueOf(value));
    }

    @Override
    public void writeInt(int value, String tag) {
        put(tag, String.valueOf(value));
    }

    /** As a string, since a JSON number loses digits beyond 2^53 in most readers. */
    @Override
    public void writeLong(long value, String tag) {
        put(tag, quote(String.valueOf(value)));
    }

    @Override
    public void writeFloat(float value, String tag) {
        throw new UnsupportedOperationException("no record of ZooKeeper has a float");
    }

    @Override
    public void writeDouble(double value, String tag) {
        throw new UnsupportedOperationException("no record of ZooKeeper has a double");
    }

    @Override
    public void writeString(String value, String tag) {
        put(tag, value == null ? "null" : quote(value));
    }

    @Override
    public void writeBuffer(byte[] value, String tag) {
        put(tag, value == null ? "null" : quote(new String(Base64.getEncoder().encode(value), StandardCharsets.US_ASCII)));
    }

    @Override
    public void writeRecord(Record record, String tag) throws java.io.IOException {
        record.serialize(this, tag);
    }

    @Override
    public void startRecord(Record record, String tag) {
        begin(tag, '{', '}');
    }

    @Override
    public void endRecord(Record record, String tag) {
        end();
    }

    @Override
    public void startVector(List<?> vector, String tag) {
        if (vector == null) {
            put(tag, "null");
        } else {
            begin(tag, '[', ']');
        }
    }

    /** The generated code calls this for a null vector as well, which has opened nothing. */
    @Override
    public void endVector(List<?> vector, String tag) {
        if (vector != null) {
            end();
        }
    }

    @Override
    public void startMap(TreeMap<?, ?> map, String tag) {
        throw new UnsupportedOperationException("no record of ZooKeeper has a map");
    }

    @Override
    public void endMap(TreeMap<?, ?> map, String tag) {
        throw new UnsupportedOperationException("no record of ZooKeeper has a map");
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("unfinished JSON: " + text);
        }
        return text.toString();
    }

    private void put(String tag, String json) {
        if (!first) {
            text.append(',');
        }
        first = false;
        if (!open.isEmpty() && open.peek() == '}') {
            text.append(quote(tag)).append(':');
        }
        text.append(json);
    }

    private void begin(String tag, char start, char stop) {
        put(tag, String.valueOf(start));
        open.push(stop);
        first = true;
    }

    private void end() {
        text.append(open.pop());
        first = false;
    }
}
