import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.flexible.QuorumVerifier;

/**
 * Answers questions about configurations with Apache's own classes: a line in, a
 * line of JSON out. The columns of a question are separated by tabs, texts are in
 * base64, "-" is a text that is not there:
 *
 *   properties TEXT
 *   configuration ZOO_CFG DYNAMIC_NAME DYNAMIC MYID
 *   verifier TEXT SETS           sets of sids: commas inside, semicolons between
 *   equality TEXT TEXT
 *
 * The argument is a directory for files; in the texts it is called @DIR@.
 */
final class Verdicts {
    private final Path directory;

    private Verdicts(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws IOException {
        Verdicts verdicts = new Verdicts(Paths.get(arguments[0]));
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        Properties system = (Properties) System.getProperties().clone();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                // Keys that the server does not know become properties of the whole process, and some settings are static.
                System.setProperties((Properties) system.clone());
                QuorumPeerConfig.setStandaloneEnabled(true);
                QuorumPeerConfig.setReconfigEnabled(false);
                out.println(verdicts.answer(line.split("\t", -1)));
            }
        }
        out.flush();
    }

    private String answer(String[] question) throws IOException {
        switch (question[0]) {
            case "properties":
                return properties(text(question[1]));
            case "configuration":
                return configuration(question);
            case "verifier":
                return verifier(text(question[1]), question[2]);
            case "equality":
                return equality(text(question[1]), text(question[2]));
            default:
                throw new IllegalArgumentException("no such question: " + question[0]);
        }
    }

    private static String properties(String text) throws IOException {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IllegalArgumentException error) {
            return refused(error);
        }
        List<String> fields = new ArrayList<>();
        for (Map.Entry<Object, Object> entry : new TreeMap<>(properties).entrySet()) {
            fields.add(quote((String) entry.getKey()) + ":" + quote((String) entry.getValue()));
        }
        return "{\"properties\":{" + String.join(",", fields) + "}}";
    }

    private String configuration(String[] question) throws IOException {
        clear();
        Path file = directory.resolve("zoo.cfg");
        Files.write(file, text(question[1]).getBytes(StandardCharsets.UTF_8));
        if (!question[2].equals("-")) {
            Files.write(Paths.get(text(question[2])), text(question[3]).getBytes(StandardCharsets.UTF_8));
        }
        if (!question[4].equals("-")) {
            Files.write(directory.resolve("myid"), text(question[4]).getBytes(StandardCharsets.UTF_8));
        }
        QuorumPeerConfig config = new QuorumPeerConfig();
        try {
            config.parse(file.toString());
        } catch (QuorumPeerConfig.ConfigException | RuntimeException error) {
            return refused(error);
        }
        return "{" + String.join(",", Arrays.asList(
            field("tickTime", config.getTickTime()),
            field("initLimit", config.getInitLimit()),
            field("syncLimit", config.getSyncLimit()),
            field("connectToLearnerMasterLimit", config.getConnectToLearnerMasterLimit()),
            field("dataDir", config.getDataDir()),
            field("dataLogDir", config.getDataLogDir()),
            field("clientHost", config.getClientPortAddress() == null ? null : config.getClientPortAddress().getHostString()),
            field("clientPort", config.getClientPortAddress() == null ? null : config.getClientPortAddress().getPort()),
            field("maxClientCnxns", config.getMaxClientCnxns()),
            field("minSessionTimeout", config.getMinSessionTimeout()),
            field("maxSessionTimeout", config.getMaxSessionTimeout()),
            field("snapRetainCount", config.getSnapRetainCount()),
            field("purgeInterval", config.getPurgeInterval()),
            field("syncEnabled", config.getSyncEnabled()),
            field("quorumListenOnAllIPs", config.getQuorumListenOnAllIPs()),
            field("serverId", config.getServerId()),
            field("peerType", config.getPeerType()),
            field("ensemble", sorted(config.getQuorumVerifier())))) + "}";
    }

    private static String verifier(String text, String sets) throws IOException {
        QuorumVerifier verifier;
        try {
            verifier = parse(text);
        } catch (QuorumPeerConfig.ConfigException | RuntimeException error) {
            return refused(error);
        }
        StringBuilder quorums = new StringBuilder();
        for (String list : sets.split(";", -1)) {
            Set<Long> set = new HashSet<>();
            for (String sid : list.split(",")) {
                if (!sid.isEmpty()) {
                    set.add(Long.parseLong(sid));
                }
            }
            quorums.append(verifier.containsQuorum(set) ? '1' : '0');
        }
        List<String> weights = new ArrayList<>();
        for (long sid : new TreeMap<>(verifier.getVotingMembers()).keySet()) {
            weights.add("\"" + sid + "\":" + verifier.getWeight(sid));
        }
        return "{" + field("ensemble", sorted(verifier)) + "," + field("quorums", quorums)
            + ",\"weights\":{" + String.join(",", weights) + "}}";
    }

    private static String equality(String first, String second) throws IOException {
        try {
            return "{" + field("equal", parse(first).equals(parse(second))) + "}";
        } catch (QuorumPeerConfig.ConfigException error) {
            return refused(error);
        }
    }

    /** As a server reads what another has sent, but without the rules for a server that stands alone. */
    private static QuorumVerifier parse(String text) throws IOException, QuorumPeerConfig.ConfigException {
        QuorumPeerConfig.setStandaloneEnabled(false);
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        return QuorumPeerConfig.parseDynamicConfig(properties, 3, false, false, null);
    }

    /** The lines of a verifier; their order is that of a hash table. */
    private static String sorted(QuorumVerifier verifier) {
        String[] lines = verifier.toString().split("\n");
        Arrays.sort(lines);
        return String.join("\n", lines);
    }

    private void clear() throws IOException {
        try (java.nio.file.DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    private static String refused(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return "{" + field("refused", cause.getClass().getSimpleName()) + "}";
    }

    private String text(String base64) {
        String text = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        return text.replace("@DIR@", directory.toString());
    }

    private static String field(String name, Object value) {
        boolean plain = value == null || value instanceof Number || value instanceof Boolean;
        return quote(name) + ":" + (plain ? String.valueOf(value) : quote(value.toString()));
    }

    private static String quote(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
