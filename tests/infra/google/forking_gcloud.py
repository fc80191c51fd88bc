"""gcloud that starts fast: the installed CLI's own code, imported once, and forked for each command. Run by gcloud's Python.

`forking_gcloud.py SOCKET LIBRARY` serves; `client` in SCRIPT is what stands on the path as gcloud: it passes on its arguments, its
environment, its directory and its three files, and ends as the command ended.
"""

import array
import json
import os
import socket
import sys

SCRIPT = """#!{python} -S
import array, json, os, socket, sys
here = socket.socket(socket.AF_UNIX)
here.connect({address!r})
files = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
asked = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
here.sendmsg([len(asked).to_bytes(8, "big")], files)
here.sendall(asked)
sys.exit(int(here.recv(8) or b"1"))
"""


def serve(address: str, library: str) -> None:
    """Fork for each connection; the child is gcloud."""
    sys.path[:0] = [library, os.path.join(library, "third_party")]
    import gcloud  # type: ignore[import-not-found]  # the library that was named

    gcloud._fix_google_module()
    main = gcloud._import_gcloud_main()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen(64)
    while True:
        connection, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _answer(connection, main)
        connection.close()
        # Children that ended are collected, and nobody waits for the others.
        while _collected():
            pass


def _collected() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _answer(connection: socket.socket, main: object) -> None:
    """In a process of its own: run the command in a child of it, and say how it ended."""
    child = os.fork()
    if child == 0:
        _become(connection, main)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        connection.sendall(str(code if code >= 0 else 128 - code).encode())
    finally:
        os._exit(0)


def _become(connection: socket.socket, main: object) -> None:
    size, files, _, _ = connection.recvmsg(8, socket.CMSG_SPACE(3 * array.array("i").itemsize))
    descriptors = array.array("i")
    descriptors.frombytes(files[0][2])
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    wanted, asked = int.from_bytes(size, "big"), b""
    while len(asked) < wanted:
        asked += connection.recv(wanted - len(asked))
    connection.close()
    arguments, environment, directory = json.loads(asked)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    sys.argv = ["gcloud", *arguments]
    sys.exit(main.main())  # type: ignore[attr-defined]


if __name__ == "__main__":
    serve(*sys.argv[1:])
