import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;

/**
 * What the JDK's SASL server, which Apache's server uses, answers to clients: its own and ones that
 * deviate. One JSON line for each exchange; the password of every user is in PASSWORDS.
 */
public final class DigestMd5 {
  private static final Map<String, String> PASSWORDS =
      Map.of("bob", "secret", "super", "a \"b\" \\c", "käthe", "grün", "名前", "密码", "empty", "");

  public static void main(String[] args) throws Exception {
    for (String user : PASSWORDS.keySet().stream().sorted().toList()) {
      record("client of the JDK, " + user, user, null, text -> text);
    }
    record("authzid", "bob", "alice", text -> text);
    record("own authzid", "bob", "bob", text -> text);
    record("wrong password", "bob", null, text -> text.replaceFirst("response=.", "response=x"));
    record("unknown user", "bob", null, text -> text.replace("username=\"bob\"", "username=\"eve\""));
    for (String key :
        List.of("charset", "username", "realm", "nonce", "nc", "cnonce", "digest-uri", "maxbuf", "response", "qop")) {
      record("without " + key, "bob", null, text -> without(text, key));
      record("two of " + key, "bob", null, text -> text + "," + directive(text, key));
      record("upper case " + key, "bob", null, text -> text.replace(key + "=", key.toUpperCase() + "="));
    }
    record("realm of another", "bob", null, text -> text.replace("realm=\"zk-sasl-md5\"", "realm=\"other\""));
    record("uri in upper case", "bob", null, text -> text.replace("zookeeper/zk-sasl-md5", "ZooKeeper/ZK-SASL-MD5"));
    record("uri of another", "bob", null, text -> text.replace("zookeeper/zk-sasl-md5", "ldap/zk-sasl-md5"));
    record("uri with a service", "bob", null, text -> text.replace("zookeeper/zk-sasl-md5", "zookeeper/zk-sasl-md5/x"));
    record("nc 2", "bob", null, text -> text.replace("nc=00000001", "nc=00000002"));
    record("nc short", "bob", null, text -> text.replace("nc=00000001", "nc=1"));
    record("nc no number", "bob", null, text -> text.replace("nc=00000001", "nc=zz"));
    record("nonce wrong", "bob", null, text -> text.replace("nonce=\"", "nonce=\"x"));
    record("charset of another", "bob", null, text -> text.replace("charset=utf-8", "charset=ascii"));
    record("charset in upper case", "bob", null, text -> text.replace("charset=utf-8", "charset=UTF-8"));
    record("qop auth-int", "bob", null, text -> without(text, "qop") + ",qop=auth-int");
    record("qop auth", "bob", null, text -> without(text, "qop") + ",qop=auth");
    record("qop quoted", "bob", null, text -> without(text, "qop") + ",qop=\"auth\"");
    record("maxbuf no number", "bob", null, text -> without(text, "maxbuf") + ",maxbuf=x");
    record("maxbuf 0", "bob", null, text -> without(text, "maxbuf") + ",maxbuf=0");
    record("cipher", "bob", null, text -> text + ",cipher=rc4");
    record("unknown directive", "bob", null, text -> text + ",color=\"red\"");
    record("unknown twice", "bob", null, text -> text + ",color=red,color=red");
    record("spaces", "bob", null, text -> "  " + text.replace(",", " , ").replace("=", " = "));
    record("separated by space", "bob", null, text -> text.replace(",", " "));
    record("empty elements", "bob", null, text -> ",," + text.replace(",", ",,") + ",");
    record("escapes", "bob", null, text -> text.replace("username=\"bob\"", "username=\"b\\o\\b\""));
    record("token for a quoted value", "bob", null, text -> text.replace("username=\"bob\"", "username=bob"));
    record("after a quote", "bob", null, text -> text.replace("username=\"bob\"", "username=\"bob\"x"));
    record("open quote", "bob", null, text -> text + ",color=\"red");
    record("open escape", "bob", null, text -> text + ",color=\"red\\");
    record("no value", "bob", null, text -> text + ",color=");
    record("no key", "bob", null, text -> text + ",=red");
    record("no equals sign", "bob", null, text -> text + ",color");
    record("comma in a key", "bob", null, text -> text + ",col,or=1");
    record("key with a space", "bob", null, text -> text + ",col or=1");
    record("empty", "bob", null, text -> "");
    record("nothing of it", "bob", null, text -> "hello");
    record("4096 bytes", "bob", null, text -> text + ",x=" + "y".repeat(4096 - 3 - text.length()));
    record("4097 bytes", "bob", null, text -> text + ",x=" + "y".repeat(4097 - 3 - text.length()));
    record("response in upper case", "bob", null, DigestMd5::upperResponse);
    first("first token not empty", "x");
    again("a third token");
  }

  private static void record(String name, String user, String authzid, UnaryOperator<String> change)
      throws Exception {
    SaslServer server = server();
    byte[] challenge = server.evaluateResponse(new byte[0]);
    byte[] said = client(user, authzid).evaluateChallenge(challenge);
    byte[] response = change.apply(new String(said, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
    print(name, challenge, response, server);
  }

  private static void first(String name, String token) throws Exception {
    print(name, new byte[0], token.getBytes(StandardCharsets.ISO_8859_1), server());
  }

  private static void again(String name) throws Exception {
    SaslServer server = server();
    byte[] challenge = server.evaluateResponse(new byte[0]);
    byte[] response = client("bob", null).evaluateChallenge(challenge);
    server.evaluateResponse(response);
    print(name, challenge, response, server);
  }

  private static void print(String name, byte[] challenge, byte[] response, SaslServer server) {
    String outcome;
    try {
      byte[] answer = server.evaluateResponse(response);
      outcome = "\"answer\":\"" + hex(answer) + "\",\"complete\":" + server.isComplete()
          + (server.isComplete() ? ",\"id\":\"" + server.getAuthorizationID() + "\"" : "");
    } catch (SaslException | RuntimeException error) {
      outcome = "\"refused\":\"" + error.getClass().getSimpleName() + "\"";
    }
    System.out.println("{\"name\":\"" + name + "\",\"challenge\":\"" + hex(challenge) + "\",\"response\":\""
        + hex(response) + "\"," + outcome + "}");
  }

  private static SaslServer server() throws SaslException {
    String[] user = new String[1];
    return Sasl.createSaslServer("DIGEST-MD5", "zookeeper", "zk-sasl-md5", null, callbacks -> {
      for (Callback callback : callbacks) {
        if (callback instanceof NameCallback name) {
          if (!PASSWORDS.containsKey(name.getDefaultName())) continue;
          name.setName(name.getDefaultName());
          user[0] = name.getDefaultName();
        } else if (callback instanceof PasswordCallback password) {
          String known = user[0] == null ? null : PASSWORDS.get(user[0]);
          if (known != null) password.setPassword(known.toCharArray());
        } else if (callback instanceof RealmCallback realm) {
          realm.setText(realm.getDefaultText());
        } else if (callback instanceof AuthorizeCallback authorize) {
          authorize.setAuthorized(true);
          authorize.setAuthorizedID(authorize.getAuthenticationID());
        }
      }
    });
  }

  private static SaslClient client(String user, String authzid) throws SaslException {
    return Sasl.createSaslClient(new String[] {"DIGEST-MD5"}, authzid, "zookeeper", "zk-sasl-md5", null, callbacks -> {
      for (Callback callback : callbacks) {
        if (callback instanceof NameCallback name) name.setName(user);
        else if (callback instanceof PasswordCallback password) password.setPassword(PASSWORDS.get(user).toCharArray());
        else if (callback instanceof RealmCallback realm) realm.setText(realm.getDefaultText());
      }
    });
  }

  private static String directive(String text, String key) {
    for (String each : parts(text)) if (each.startsWith(key + "=")) return each;
    return key + "=1";
  }

  private static String without(String text, String key) {
    List<String> kept = new ArrayList<>();
    for (String each : parts(text)) if (!each.startsWith(key + "=")) kept.add(each);
    return String.join(",", kept);
  }

  private static String[] parts(String text) {
    return text.split(",(?=[a-z-]+=)");
  }

  private static String upperResponse(String text) {
    int at = text.indexOf("response=") + "response=".length();
    return text.substring(0, at) + text.substring(at, at + 32).toUpperCase() + text.substring(at + 32);
  }

  private static String hex(byte[] bytes) {
    return bytes == null ? "" : HexFormat.of().formatHex(bytes);
  }
}
