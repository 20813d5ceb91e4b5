import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.jute.compiler.JFile;
import org.apache.jute.compiler.JRecord;
import org.apache.jute.compiler.generated.Rcc;

/**
 * Has Apache's compiler generate Java and C for many schemas, compiles the Java, and tries it. Reads
 * a schema per line (base64 of its UTF-8 form) and prints a word per line: "fine", "broken" (javac
 * refuses, or a record is another one after writing and reading it) or "refused" (by the compiler).
 *
 * The first argument is a directory; the C code of the schema of line N, from 0, is left in N/c.
 */
public final class GeneratedCode {
    private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

    private GeneratedCode() {
    }

    public static void main(String[] arguments) throws Exception {
        Path base = Paths.get(arguments[0]);
        PrintStream answers = System.out;
        System.setOut(new PrintStream(new ByteArrayOutputStream(), true, "UTF-8"));
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Path directory = base.resolve(Integer.toString(number++));
            answers.println(judge(directory, Base64.getDecoder().decode(line)));
            answers.flush();
        }
    }

    private static String judge(Path directory, byte[] schema) throws Exception {
        Path java = Files.createDirectories(directory.resolve("java"));
        Path c = Files.createDirectories(directory.resolve("c"));
        Path classes = Files.createDirectories(directory.resolve("classes"));
        Path source = directory.resolve("x.jute");
        Files.write(source, schema);
        JFile parsed;
        try {
            parsed = Rcc.parseFile(source.toFile());
        } catch (Exception | Error refused) {
            return "refused";
        }
        forgetVectors();
        parsed.genCode("c", c.toFile());
        parsed.genCode("java", java.toFile());
        return compiles(java, classes) && works(classes) ? "fine" : "broken";
    }

    /** The compiler means to live for one file: it writes the struct of a vector once a process. */
    private static void forgetVectors() throws Exception {
        for (Field field : JRecord.class.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && Map.class.isAssignableFrom(field.getType())) {
                field.setAccessible(true);
                ((Map<?, ?>) field.get(null)).clear();
            }
        }
    }

    private static boolean compiles(Path java, Path classes) throws Exception {
        List<File> files;
        try (Stream<Path> paths = Files.walk(java)) {
            files = paths.map(Path::toFile).filter(File::isFile).collect(Collectors.toList());
        }
        try (StandardJavaFileManager manager =
                JAVAC.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> options = Arrays.asList("-nowarn", "-Xlint:none", "-proc:none", "-d",
                    classes.toString(), "-cp", System.getProperty("java.class.path"));
            return JAVAC.getTask(new StringWriter(), manager, diagnostic -> { }, options, null,
                    manager.getJavaFileObjectsFromFiles(files)).call();
        }
    }

    private static boolean works(Path classes) throws Exception {
        URL[] urls = {classes.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(urls, GeneratedCode.class.getClassLoader());
                Stream<Path> paths = Files.walk(classes)) {
            for (Path path : paths.filter(Files::isRegularFile).collect(Collectors.toList())) {
                String name = classes.relativize(path).toString();
                name = name.substring(0, name.length() - ".class".length()).replace('/', '.');
                if (!survives(loader.loadClass(name))) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Whether a record of this class is the same after writing and reading it. */
    private static boolean survives(Class<?> type) throws Exception {
        try {
            Record record = (Record) filled(type);
            byte[] bytes = written(record);
            Record again = (Record) type.getDeclaredConstructor().newInstance();
            again.deserialize(BinaryInputArchive.getArchive(new ByteArrayInputStream(bytes)), "t");
            return Arrays.equals(bytes, written(again)) && sameFields(type, record, again)
                    && record.equals(again) && record.hashCode() == again.hashCode();
        } catch (RuntimeException broken) {
            return false;
        }
    }

    private static byte[] written(Record record) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        record.serialize(BinaryOutputArchive.getArchive(bytes), "t");
        return bytes.toByteArray();
    }

    private static Object filled(Class<?> type) throws Exception {
        Object record = type.getDeclaredConstructor().newInstance();
        int number = 1;
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers())) {
                continue;
            }
            field.setAccessible(true);
            field.set(record, value(field.getType(), number++));
        }
        return record;
    }

    private static Object value(Class<?> type, int number) throws Exception {
        if (type == boolean.class) {
            return true;
        }
        if (type == byte.class) {
            return (byte) number;
        }
        if (type == int.class) {
            return number;
        }
        if (type == long.class) {
            return (long) number;
        }
        if (type == float.class) {
            return (float) number;
        }
        if (type == double.class) {
            return (double) number;
        }
        if (type == String.class) {
            return "v" + number;
        }
        if (type == byte[].class) {
            return new byte[] {(byte) number};
        }
        if (type == List.class) {
            return new ArrayList<>();
        }
        return type == TreeMap.class ? new TreeMap<>() : filled(type);
    }

    private static boolean sameFields(Class<?> type, Object one, Object other) throws Exception {
        for (Field field : type.getDeclaredFields()) {
            field.setAccessible(true);
            Object value = field.get(one);
            if (value instanceof Record) {
                if (!sameFields(value.getClass(), value, field.get(other))) {
                    return false;
                }
            } else if (!Objects.deepEquals(value, field.get(other))) {
                return false;
            }
        }
        return true;
    }
}
