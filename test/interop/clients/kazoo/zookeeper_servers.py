"""Runs kazoo's own tests with servers of our choice.

A pytest plugin. kazoo's tests start servers by `java`, with a zoo.cfg that they
write themselves, and stop and start them as they need it. All of that stays; only
the program that is started is another one where the environment says so:

  ZOOKEEPER_MAKERS    who makes the servers 1, 2, ..., with commas: apache or own
  ZOOKEEPER_OWN       the command line of our server, to which `start zoo.cfg` is added, as JSON
  ZOOKEEPER_OUTCOMES  a file that gets a line for each test: its outcome, its name, why
"""

import collections
import json
import os
import re
import socket
import subprocess
import time
import types

from kazoo.testing import common, harness

# What kazoo counts on for each server: client, election, quorum and admin port.
PORTS_OF_A_SERVER = 4
BETWEEN_SERVERS = 10
SERVERS = 3
ELECTION_SECONDS = 10

makers = os.environ.get("ZOOKEEPER_MAKERS", "apache,apache,apache").split(",")
own_command = json.loads(os.environ.get("ZOOKEEPER_OWN", "null"))
outcomes_path = os.environ.get("ZOOKEEPER_OUTCOMES")
outcomes = {}
leaders = collections.Counter()


def free_port_offset():
    """The first of a row of ports which are all free, below those of outgoing connections."""
    for offset in range(13000 + os.getpid() % 97 * 190, 32000, BETWEEN_SERVERS):
        if all(
            is_free(offset + server * BETWEEN_SERVERS + port)
            for server in range(SERVERS)
            for port in range(PORTS_OF_A_SERVER)
        ):
            return offset
    raise RuntimeError("there are not enough free ports")


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def launch(args):
    """Stands for subprocess.Popen where kazoo starts a server."""
    configuration = args[-1]
    directory = os.path.dirname(configuration)
    with open(os.path.join(directory, "data", "myid")) as myid:
        maker = makers[int(myid.read()) - 1]
    if maker == "own":
        adapt(configuration, args)
        args = own_command + ["start", configuration]
    log = open(os.path.join(directory, "printed"), "ab")
    with log:
        return subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def adapt(configuration, args):
    """What Java is given on its command line stands in our zoo.cfg, where what we do not have must not."""
    properties = [found.groups() for found in map(PROPERTY.match, args) if found]
    with open(configuration) as file:
        lines = [line for line in file if line.strip() not in REFUSED_LINES]
    lines += ["%s=%s\n" % each for each in properties if each[0] in KNOWN_PROPERTIES]
    with open(configuration, "w") as file:
        file.writelines(lines)


PROPERTY = re.compile(r"-D(?:zookeeper\.)?([^=]+)=(.*)", re.DOTALL)
KNOWN_PROPERTIES = {
    "readonlymode.enabled",
    "DigestAuthenticationProvider.superDigest",
    "java.security.auth.login.config",
}
REFUSED_LINES = {"reconfigEnabled=true"}


class Servers(common.ZookeeperCluster):
    """kazoo's servers, with a look at who leads them."""

    def start(self):
        super().start()
        end = time.monotonic() + ELECTION_SECONDS
        while time.monotonic() < end:
            for server, maker in zip(self, makers):
                if mode_of(server.client_port) == "leader":
                    leaders[maker] += 1
                    return
            time.sleep(0.1)


def mode_of(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"srvr")
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
    except OSError:
        return None
    found = re.search(rb"^Mode: (\w+)$", answer, re.MULTILINE)
    return found and found.group(1).decode()


def pytest_configure():
    os.environ["ZOOKEEPER_PORT_OFFSET"] = str(free_port_offset())
    common.subprocess = types.SimpleNamespace(Popen=launch)
    harness.ZookeeperCluster = Servers


def pytest_runtest_logreport(report):
    name = report.nodeid.split("kazoo/tests/")[-1]
    known = outcomes.get(name, ("passed", ""))
    if report.outcome != "passed" and known[0] != "failed":
        outcomes[name] = (report.outcome, reason_of(report))
    else:
        outcomes[name] = known


def reason_of(report):
    if report.skipped:
        return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message if crash else str(report.longrepr)


def pytest_sessionfinish():
    if outcomes_path is None:
        return
    with open(outcomes_path, "w") as file:
        json.dump({"leaders": leaders, "outcomes": outcomes}, file, indent=1)
