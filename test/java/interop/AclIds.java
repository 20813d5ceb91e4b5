import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.apache.zookeeper.server.auth.AuthenticationProvider;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;
import org.apache.zookeeper.server.auth.IPAuthenticationProvider;
import org.apache.zookeeper.server.auth.SASLAuthenticationProvider;
import org.apache.zookeeper.server.auth.X509AuthenticationProvider;

/** Says of each line, SCHEME TAB ID in URL encoding, whether ZooKeeper stores an ACL with this id. */
public class AclIds {
    public static void main(String[] arguments) throws Exception {
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        StringBuilder verdicts = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int tab = line.indexOf('\t');
            String id = URLDecoder.decode(line.substring(tab + 1), "UTF-8");
            verdicts.append(provider(line.substring(0, tab)).isValid(id) ? '1' : '0');
        }
        System.out.println(verdicts);
    }

    private static AuthenticationProvider provider(String scheme) throws Exception {
        switch (scheme) {
            case "digest":
                return DIGEST;
            case "ip":
                return IP;
            case "sasl":
                return SASL;
            default:
                return X509;
        }
    }

    private static final AuthenticationProvider DIGEST = new DigestAuthenticationProvider();
    private static final AuthenticationProvider IP = new IPAuthenticationProvider();
    private static final AuthenticationProvider SASL = new SASLAuthenticationProvider();
    private static final AuthenticationProvider X509 = new X509AuthenticationProvider(null, null);
}
