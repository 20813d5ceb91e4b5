"""kazoo, driven by lines, as CommandClient.java drives Apache's client.

A line of standard input is a number, a command and its values, separated by tabs; a
line of standard output answers one, or begins with "event". Texts are URL encoded,
data is base64. Commands of one session are sent in the order of the lines. The
process ends when its input does, without closing its sessions.
"""

import base64
import os
import sys
import threading
import time
from urllib.parse import quote_plus, unquote_plus

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException
from kazoo.protocol.states import KazooState
from kazoo.retry import KazooRetry
from kazoo.security import OPEN_ACL_UNSAFE

CONNECTION_LOSS = -4
SYSTEM_ERROR = -1
EPHEMERAL, SEQUENTIAL = 1, 2

sessions = {}
writing = threading.Lock()


def say(*values):
    line = "\t".join(str(value) for value in values) + "\n"
    with writing:
        sys.stdout.write(line)
        sys.stdout.flush()


def answer(number, *values):
    say(number, "ok", *values)


def fail(number, error):
    default = CONNECTION_LOSS if isinstance(error, KazooException) else SYSTEM_ERROR
    code = getattr(error, "code", None)
    say(number, "error", default if code is None else code, quote_plus(repr(error)))


def data_of(text):
    return None if text == "-" else base64.b64decode(text)


def text_of(data):
    return "-" if data is None else base64.b64encode(data).decode()


def stat_of(stat):
    return ",".join(str(field) for field in stat)


def on_result(number, asked, *values_of):
    """Answers when what was asked is done, with what each of the functions makes of it."""

    def done(result):
        try:
            value = result.get()
            answer(number, *[function(value) for function in values_of])
        except Exception as error:
            fail(number, error)

    asked.rawlink(done)


def open_session(number, name, servers, timeout_ms):
    client = KazooClient(
        unquote_plus(servers),
        timeout=int(timeout_ms) / 1000,
        # Another server at once, as other clients do, and without an end.
        connection_retry=KazooRetry(max_tries=-1, delay=0.05, max_delay=0.2),
        command_retry=KazooRetry(max_tries=-1, delay=0.05, max_delay=0.2),
    )
    sessions[name] = client

    def on_state(state):
        say("event", name, "state", STATES[state])

    client.add_listener(on_state)
    client.start(30)
    answer(number, client.client_id[0])


STATES = {
    KazooState.CONNECTED: "SyncConnected",
    KazooState.SUSPENDED: "Disconnected",
    KazooState.LOST: "Expired",
}


def create(number, client, path, data, _acl, mode, _ttl, _with_stat):
    flags = int(mode)
    asked = client.create_async(
        unquote_plus(path),
        data_of(data),
        acl=OPEN_ACL_UNSAFE,
        ephemeral=flags & EPHEMERAL != 0,
        sequence=flags & SEQUENTIAL != 0,
        include_data=True,
    )
    on_result(number, asked, lambda made: quote_plus(made[0]), lambda made: stat_of(made[1]))


def read(number, client, path):
    asked = client.get_async(unquote_plus(path))
    on_result(number, asked, lambda got: text_of(got[0]), lambda got: stat_of(got[1]))


def children(number, client, path):
    asked = client.get_children_async(unquote_plus(path), include_data=True)
    names = lambda got: ",".join(quote_plus(name) for name in got[0])
    on_result(number, asked, names, lambda got: stat_of(got[1]))


def exists(number, client, path):
    asked = client.exists_async(unquote_plus(path))
    on_result(number, asked, lambda stat: "-" if stat is None else stat_of(stat))


def write(number, client, path, version, data):
    asked = client.set_async(unquote_plus(path), data_of(data), int(version))
    on_result(number, asked, stat_of)


def show(number, client, name, data_of_path, children_of_path):
    """Says what a znode holds and which children another has, now and whenever a watch tells of a change.

    Not by kazoo's recipes: those may miss what changes while a connection is lost, and
    show two answers in the wrong order.
    """
    data, children = unquote_plus(data_of_path), unquote_plus(children_of_path)

    def read_data(watch):
        return client.get(data, watch)[1].mzxid

    def read_children(watch):
        return quote_plus(" ".join(sorted(client.get_children(children, watch))))

    follow(client, name, data_of_path, read_data)
    follow(client, name, children_of_path, read_children)
    answer(number)


def follow(client, name, path, read):
    def work():
        changed = threading.Event()
        while client.state != KazooState.LOST:
            changed.clear()
            try:
                # kazoo tells a watch also when its connection is lost.
                mark = read(lambda event: changed.set())
            except KazooException:
                time.sleep(0.05)
                continue
            say("event", name, "shown", path, mark)
            changed.wait()

    threading.Thread(target=work, daemon=True).start()


def close(number, name):
    client = sessions[name]
    client.stop()
    client.close()
    answer(number)


def in_background(function, number, *values):
    def work():
        try:
            function(number, *values)
        except Exception as error:
            fail(number, error)

    threading.Thread(target=work, daemon=True).start()


def run(number, command, name, *values):
    if command == "open":
        in_background(open_session, number, name, *values)
        return
    client = sessions[name]
    if command == "create":
        create(number, client, *values)
    elif command == "set":
        write(number, client, *values)
    elif command == "delete":
        path, version = values
        on_result(number, client.delete_async(unquote_plus(path), int(version)))
    elif command == "get":
        read(number, client, *values)
    elif command == "children2":
        children(number, client, *values)
    elif command == "exists":
        exists(number, client, *values)
    elif command == "sync":
        on_result(number, client.sync_async(unquote_plus(values[0])))
    elif command == "show":
        in_background(show, number, client, name, *values)
    elif command == "close":
        in_background(close, number, name)
    else:
        raise ValueError(command)


for line in sys.stdin:
    number, *rest = line.rstrip("\n").split("\t")
    try:
        run(number, *rest)
    except Exception as error:
        fail(number, error)
os._exit(0)
