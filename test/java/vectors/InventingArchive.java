import java.util.Random;
import org.apache.jute.Index;
import org.apache.jute.InputArchive;
import org.apache.jute.Record;

/**
 * An archive that holds no bytes and makes values up, so that deserialize() fills any record with
 * them, nested ones included. What it invents depends on the style and the seed alone:
 * java.util.Random is specified to the bit.
 */
final class InventingArchive implements InputArchive {
    /** What the values of a record are like. */
    enum Style {
        /** Null wherever Java can write null, and zeros. */
        NULLS,
        /** Empty strings, buffers and vectors, and zeros. */
        EMPTY,
        /** What ZooKeeper sees all day: paths, small numbers. */
        PLAIN,
        CHINESE,
        ACCENTS,
        COMBINING,
        /** The first and last characters of every encoded length, the last of them U+FFFF, and U+0000. */
        EDGES,
        /** Characters beyond U+FFFF, which Java writes as two surrogates of three bytes each. */
        ASTRAL,
        LONE_SURROGATES,
        SMALLEST,
        LARGEST,
        /** Vectors of 50 elements, with a null or empty one among them where that can be. */
        LONG_VECTORS,
        BIG,
        /** Everything above, mixed at random. */
        MIXED
    }

    private static final String[] PLAIN = {"/", "/a", "/zookeeper/config", "/app/lock-0000000042", "world", "anyone", "digest"};
    private static final String[] CHINESE = {"/\u914d\u7f6e", "/\u52a8\u7269\u56ed/\u7ba1\u7406\u5458", "\u4f60\u597d\uff0c\u4e16\u754c"};
    private static final String[] ACCENTS = {"/caf\u00e9", "/\u00dcber/gr\u00f6\u00dfe", "/\u010de\u0161tina", "\u00ff\u0100\u017f"};
    private static final String[] COMBINING = {"/cafe\u0301", "/n\u0303o\u0308\u0323", "\u1112\u1161\u11ab", "\u05e9\u05c1\u05b8", "a\u200d\u200bb"};
    private static final String[] EDGES = {"\u0000", "\u0001\u007f", "\u0080\u07ff", "\u0800\uffff", "\uffff", "\ufeff/bom", "\ud7ff\ue000", "\"\\\b\f\n\r\t\u001f"};
    private static final String[] ASTRAL = {"\ud83d\ude00", "/\ud83d\udc18/\ud83e\udd93", "\ud800\udc00\udbff\udfff", "a\ud83d\ude00b\ud83d\ude00"};
    private static final String[] LONE = {"\ud800", "\udfff", "a\udbffb", "\ude00\ud83d", "\ud83d\ud83d\ude00", "/\udc00/\ud83d\ude00"};
    private static final String[][] TEXTS = {PLAIN, CHINESE, ACCENTS, COMBINING, EDGES, ASTRAL, LONE};
    private static final int[] INTS = {0, 1, -1, 2, 31, 127, 128, 255, 256, -128, 65535, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE};
    private static final long[] LONGS = {
        0, 1, -1, 0xffffffffL, 0x100000000L, -0x100000000L, (1L << 53) - 1, (1L << 53) + 1, -(1L << 53) - 1,
        1_600_000_000_000L, 0x1000000002aL, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1};

    private final Style style;
    private final Random random;

    InventingArchive(Style style, long seed) {
        this.style = style;
        this.random = new Random(seed);
    }

    @Override
    public byte readByte(String tag) {
        return (byte) readInt(tag);
    }

    @Override
    public boolean readBool(String tag) {
        switch (style) {
            case NULLS: case EMPTY: case SMALLEST: return false;
            case LARGEST: return true;
            default: return random.nextBoolean();
        }
    }

    @Override
    public int readInt(String tag) {
        switch (style) {
            case NULLS: case EMPTY: return 0;
            case SMALLEST: return Integer.MIN_VALUE;
            case LARGEST: return Integer.MAX_VALUE;
            case PLAIN: case LONG_VECTORS: return random.nextInt(32);
            default: return random.nextInt(3) == 0 ? random.nextInt() : INTS[random.nextInt(INTS.length)];
        }
    }

    @Override
    public long readLong(String tag) {
        switch (style) {
            case NULLS: case EMPTY: return 0;
            case SMALLEST: return Long.MIN_VALUE;
            case LARGEST: return Long.MAX_VALUE;
            case PLAIN: case LONG_VECTORS: return random.nextInt(1_000_000);
            default: return random.nextInt(3) == 0 ? random.nextLong() : LONGS[random.nextInt(LONGS.length)];
        }
    }

    @Override
    public float readFloat(String tag) {
        throw new UnsupportedOperationException("no record of ZooKeeper has a float");
    }

    @Override
    public double readDouble(String tag) {
        throw new UnsupportedOperationException("no record of ZooKeeper has a double");
    }

    @Override
    public String readString(String tag) {
        switch (style) {
            case NULLS: return null;
            case EMPTY: return "";
            case CHINESE: return oneOf(CHINESE);
            case ACCENTS: return oneOf(ACCENTS);
            case COMBINING: return oneOf(COMBINING);
            case EDGES: return oneOf(EDGES);
            case ASTRAL: return oneOf(ASTRAL);
            case LONE_SURROGATES: return oneOf(LONE);
            case LONG_VECTORS: return random.nextInt(10) == 0 ? nullOrEmpty() : "/" + random.nextInt(10_000);
            case BIG: return oneOf(PLAIN) + "/" + "0123456789abcdef".repeat(64) + oneOf(TEXTS[random.nextInt(TEXTS.length)]);
            case MIXED: return random.nextInt(6) == 0 ? nullOrEmpty() : oneOf(TEXTS[random.nextInt(TEXTS.length)]);
            default: return oneOf(PLAIN);
        }
    }

    @Override
    public byte[] readBuffer(String tag) {
        switch (style) {
            case NULLS: return null;
            case EMPTY: return new byte[0];
            case BIG: return bytes(1500 + random.nextInt(500));
            case MIXED: return random.nextInt(6) == 0 ? (random.nextBoolean() ? null : new byte[0]) : bytes(random.nextInt(40));
            default: return bytes(1 + random.nextInt(16));
        }
    }

    @Override
    public void readRecord(Record record, String tag) throws java.io.IOException {
        record.deserialize(this, tag);
    }

    @Override
    public void startRecord(String tag) {
    }

    @Override
    public void endRecord(String tag) {
    }

    /** Null stands for a null vector, as in Java's binary archive. */
    @Override
    public Index startVector(String tag) {
        switch (style) {
            case NULLS: return null;
            case EMPTY: return elements(0);
            case LONG_VECTORS: return elements(50);
            case BIG: return elements(2);
            case MIXED:
                if (random.nextInt(6) == 0) {
                    return random.nextBoolean() ? null : elements(0);
                }
                return elements(random.nextInt(random.nextInt(20) == 0 ? 51 : 5));
            default: return elements(1 + random.nextInt(3));
        }
    }

    @Override
    public void endVector(String tag) {
    }

    @Override
    public Index startMap(String tag) {
        throw new UnsupportedOperationException("no record of ZooKeeper has a map");
    }

    @Override
    public void endMap(String tag) {
    }

    private String oneOf(String[] texts) {
        return texts[random.nextInt(texts.length)];
    }

    private String nullOrEmpty() {
        return random.nextBoolean() ? null : "";
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Index elements(int count) {
        return new Index() {
            private int left = count;

            @Override
            public boolean done() {
                return left == 0;
            }

            @Override
            public void incr() {
                left--;
            }
        };
    }
}
