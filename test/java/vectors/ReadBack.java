import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.Record;

/**
 * The other direction: reads bytes, prints what Java finds in them as JSON and compares it with what
 * whoever wrote them says they mean. Input: lines of record, hex and JSON, separated by tabs. Exits
 * with 1 and the first differences when there are any.
 */
final class ReadBack {
    private static final int SHOWN = 5;

    /** Arguments: the file, and what its records are. */
    public static void main(String[] arguments) throws Exception {
        int cases = 0;
        int wrong = 0;
        try (BufferedReader lines = Files.newBufferedReader(Paths.get(arguments[0]), StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split("\t", 3);
                String found = read(parts[0], bytes(parts[1]));
                cases++;
                if (!found.equals(parts[2]) && ++wrong <= SHOWN) {
                    System.err.printf("%s\n  bytes   %s\n  written %s\n  read    %s\n", parts[0], parts[1], parts[2], found);
                }
            }
        }
        if (cases == 0 || wrong > 0) {
            System.err.printf("Java read %d of %d %s differently.\n", wrong, cases, arguments[1]);
            System.exit(1);
        }
        System.out.printf("Java reads all %d %s as they were meant.\n", cases, arguments[1]);
    }

    private static String read(String type, byte[] bytes) throws Exception {
        Record record = (Record) Class.forName(type).getDeclaredConstructor().newInstance();
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        try {
            record.deserialize(BinaryInputArchive.getArchive(in), "");
        } catch (IOException | RuntimeException error) {
            return error.toString();
        }
        return in.available() == 0 ? JsonArchive.toJson(record) : in.available() + " bytes left over";
    }

    private static byte[] bytes(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int index = 0; index < bytes.length; index++) {
            bytes[index] = (byte) Integer.parseInt(hex.substring(2 * index, 2 * index + 2), 16);
        }
        return bytes;
    }
}
