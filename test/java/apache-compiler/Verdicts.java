import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import org.apache.jute.compiler.generated.ParseException;
import org.apache.jute.compiler.generated.Rcc;
import org.apache.jute.compiler.generated.TokenMgrError;

/**
 * Asks Apache's compiler about many texts in one process. Reads one text per
 * line (base64 of its UTF-8 form) and prints one word per line: accept, lexical,
 * syntax, unknown (an unknown type), or missing (an include).
 *
 * The first argument is a directory for the text under test; the files that
 * texts include must be there already.
 */
@SuppressWarnings("removal")
public final class Verdicts {
    private Verdicts() {
    }

    public static void main(String[] arguments) throws Exception {
        File text = new File(arguments[0], "text.jute");
        PrintStream answers = System.out;
        Said said = new Said();
        // The compiler ends the process on an unknown type, after saying so on standard output.
        System.setOut(new PrintStream(said, true, "UTF-8"));
        System.setSecurityManager(new RefuseExit());
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        int asked = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            // The compiler never closes an included file that it refuses; collecting the reader does.
            if (++asked % 500 == 0) {
                System.gc();
            }
            Files.write(text.toPath(), Base64.getDecoder().decode(line));
            said.clear();
            answers.println(judge(text, said));
        }
        answers.flush();
    }

    private static String judge(File text, Said said) throws Exception {
        try {
            Rcc.parseFile(text);
            return "accept";
        } catch (ParseException refused) {
            return "syntax";
        } catch (TokenMgrError refused) {
            return "lexical";
        } catch (ExitRefused refused) {
            String words = said.toString();
            if (words.contains(" not known. Exiting.")) {
                return "unknown";
            }
            if (words.contains(" Not found.")) {
                return "missing";
            }
            // Otherwise the compiler has printed the ParseException of an included file.
            return "syntax";
        }
    }

    private static final class ExitRefused extends SecurityException {
        private static final long serialVersionUID = 1L;
    }

    private static final class RefuseExit extends SecurityManager {
        @Override
        public void checkExit(int status) {
            throw new ExitRefused();
        }

        @Override
        public void checkPermission(java.security.Permission permission) {
            // Everything else is allowed.
        }
    }

    private static final class Said extends OutputStream {
        private final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();

        @Override
        public void write(int unit) {
            bytes.write(unit);
        }

        void clear() {
            bytes.reset();
        }

        @Override
        public String toString() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
