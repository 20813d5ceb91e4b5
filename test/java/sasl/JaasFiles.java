import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.AppConfigurationEntry;
import java.security.URIParameter;

/** What Java reads from JAAS files: the options of the section Server, with all of its modules. One JSON line each. */
public final class JaasFiles {
  private static final String MODULE = "org.apache.zookeeper.server.auth.DigestLoginModule";

  public static void main(String[] args) throws Exception {
    for (String text :
        new String[] {
          "Server {\n  " + MODULE + " required\n  user_super=\"adminsecret\"\n  user_bob=\"bobsecret\";\n};\n",
          "Client { " + MODULE + " required username=\"bob\" password=\"x\"; };\nServer { " + MODULE + " required user_a=\"b\"; };",
          "Client { " + MODULE + " required; };",
          "",
          "  \n",
          "// nothing\n/* more\n */ Server { /* here */ " + MODULE + " required // there\n user_a=\"b\"; };",
          "/ a single slash\nServer { " + MODULE + " required; };",
          "Server { " + MODULE + " REQUIRED user_a=\"b\"; };",
          "Server { " + MODULE + " sufficient user_a=\"b\"; " + MODULE + " optional user_c=\"d\"; };",
          "Server { " + MODULE + " requisite user_a=b; };",
          "Server { " + MODULE + " perhaps user_a=\"b\"; };",
          "Server { " + MODULE + " required user_a=\"b\" };",
          "Server { " + MODULE + " required user_a=\"b\"; }",
          "Server { " + MODULE + " required user_a=\"b\";",
          "Server " + MODULE + " required user_a=\"b\"; };",
          "Server { };",
          "Server { " + MODULE + " required user_a \"b\"; };",
          "Server { " + MODULE + " required user_a=; };",
          "Server { " + MODULE + " required user_a=\"b; };\n",
          "Server { " + MODULE + " required user_a='b'; };",
          "Server { " + MODULE + " required user_a=\"b\\\"c\\\\d\\te\\101f\\/\"; };",
          "Server { " + MODULE + " required user_a=\"b\" user_a=\"c\"; };",
          "Server { " + MODULE + " required user_a=\"b\"; };\nServer { " + MODULE + " required user_c=\"d\"; };",
          "Server { " + MODULE + " required user_a=\"b\"; };\nserver { " + MODULE + " required user_c=\"d\"; };",
          "\"Server\" { \"" + MODULE + "\" \"required\" \"user_a\"=\"b\"; };",
          "Server { " + MODULE + " required user_a=\"\" user_1=\"2\" user_x.y=\"z\" user_p-q=\"r\" user_$=\"s\" user_*=t; };",
          "Server { " + MODULE + " required user_a=12; };",
          "Server { " + MODULE + " required user_a=1a; };",
          "Server { " + MODULE + " required user_a=-; };",
          "Server { " + MODULE + " required user_a=-5; };",
          "Server { " + MODULE + " required user_a=.5; };",
          "Server { " + MODULE + " required user_a=x5.6-7_8$*; };",
          "Server { " + MODULE + " required user_a=grün user_b=\"密码\"; };",
          "Server { " + MODULE + " required user_a=\"${no.such.property}\"; };",
          "Server { " + MODULE + " required user_a=\"$b {c}\"; };",
          "Server { " + MODULE + " required user_a=\"b\", user_c=\"d\"; };",
          "Server { " + MODULE + " required user_a@b=\"c\"; };",
          "Server{" + MODULE + " required user_a=\"b\";};",
          "Server\n{\n" + MODULE + "\nrequired\nuser_a\n=\n\"b\"\n;\n}\n;\n",
          "Server { " + MODULE + " required user_a=\"b\"; }; };",
          "Server { " + MODULE + " required user_a=\"b\"; }; more",
          "Server { " + MODULE + " required user_a=\"b\\\nc\"; };",
          "\ufeffServer { " + MODULE + " required user_a=\"b\"; };",
          "Server { " + MODULE + " required debug=true user_a=\"b\"; };",
          "Server { com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true principal=\"zk/h@R\"; };",
          "Server { " + MODULE + " required user_a=\"b\"; };\r\nClient {\r\n" + MODULE + " required;\r\n};\r\n",
          "Server { " + MODULE + " required user_a=\"b\"; };\nClient { broken",
        }) {
      System.out.println("{\"text\":" + quoted(text) + "," + verdict(text) + "}");
    }
  }

  private static String verdict(String text) throws Exception {
    Path file = Files.createTempFile("jaas", ".conf");
    try {
      Files.write(file, text.getBytes(StandardCharsets.UTF_8));
      Configuration configuration = Configuration.getInstance("JavaLoginConfig", new URIParameter(file.toUri()));
      AppConfigurationEntry[] entries = configuration.getAppConfigurationEntry("Server");
      if (entries == null) return "\"section\":false";
      Map<String, String> options = new TreeMap<>();
      for (AppConfigurationEntry entry : entries) {
        for (Map.Entry<String, ?> option : entry.getOptions().entrySet()) options.put(option.getKey(), (String) option.getValue());
      }
      StringBuilder json = new StringBuilder();
      for (Map.Entry<String, String> option : options.entrySet()) {
        json.append(json.isEmpty() ? "" : ",").append(quoted(option.getKey())).append(":").append(quoted(option.getValue()));
      }
      return "\"options\":{" + json + "}";
    } catch (SecurityException | java.security.NoSuchAlgorithmException | IllegalArgumentException error) {
      return "\"refused\":true";
    } finally {
      Files.delete(file);
    }
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char each : text.toCharArray()) {
      if (each == '"' || each == '\\') json.append('\\').append(each);
      else if (each < ' ' || each > '~') json.append(String.format("\\u%04x", (int) each));
      else json.append(each);
    }
    return json.append('"').toString();
  }
}
