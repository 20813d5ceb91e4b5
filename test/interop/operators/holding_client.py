"""Two sessions of kazoo that hold ephemerals and watches until this process is ended."""

import sys

from kazoo.client import KazooClient


def ignore(event):
    pass


first = KazooClient(sys.argv[1], timeout=9)
first.start()
first.ensure_path("/a/b")
first.create("/a/e", b"x", ephemeral=True)
first.create("/a/e2", b"y", ephemeral=True)
first.get("/a", watch=ignore)
first.exists("/missing", watch=ignore)
first.get_children("/a/b", watch=ignore)
for number in range(150):
    first.set("/a/b", b"data %d" % number)
second = KazooClient(sys.argv[1], timeout=5)
second.start()
second.get("/a", watch=ignore)
second.create("/a/f", b"", ephemeral=True)
print("ready", flush=True)
sys.stdin.read()
