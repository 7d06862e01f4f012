"""Python loads libglue_security_c and makes calls; so do other ways of loading it.

Arguments: libglue_security_c and libglue_security. With a third, the name of a case, runs
that case, each in a process of its own.
"""

import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

OK, NOT_LOADED = 0, 8


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


class Answer(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_int),
        ("message", ctypes.c_char_p),
        ("message_size", ctypes.c_size_t),
        ("http_status", ctypes.c_int),
        ("error_type", ctypes.c_char_p),
        ("error_type_size", ctypes.c_size_t),
        ("body", ctypes.c_char_p),
        ("body_size", ctypes.c_size_t),
        ("delay_seconds", ctypes.c_double),
        ("lost", ctypes.c_int),
    ]


def text(value):
    return Text(value.encode(), len(value.encode()))


class Door:
    def __init__(self, path):
        self.library = ctypes.CDLL(str(path))
        self.library.glue_security_free.restype = None
        self.library.glue_security_call.argtypes = [ctypes.c_uint64] + [Text] * 5 + [ctypes.c_void_p]

    def open(self):
        """Returns the code, the message and the handle."""
        handle = ctypes.c_uint64()
        answer = ctypes.POINTER(Answer)()
        code = self.library.glue_security_open(None, ctypes.c_size_t(0), ctypes.byref(handle), ctypes.byref(answer))
        message = answer.contents.message.decode()
        self.library.glue_security_free(answer)
        return code, message, handle.value

    def call(self, handle, target, body):
        answer = ctypes.POINTER(Answer)()
        code = self.library.glue_security_call(
            handle, text(""), text(""), text(""), text(target), text(body), ctypes.byref(answer)
        )
        assert code == OK, answer.contents.message
        result = answer.contents.http_status, answer.contents.body.decode()
        self.library.glue_security_free(answer)
        return result


def one_call(c_library, library):
    door = Door(c_library)
    code, message, handle = door.open()
    assert code == OK, message
    status, body = door.call(handle, "AWSGlue.GetResourcePolicy", "{}")
    assert status == 400 and "Policy not found" in body, body
    assert door.library.glue_security_close(ctypes.c_uint64(handle)) == OK


def two_c_libraries(c_library, library):
    """Two copies of the C library share one engine library, whichever they stand beside."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(c_library, folder)
        shutil.copy(library, folder)
        first, second = Door(c_library), Door(copy)
        code, message, handle = first.open()
        assert code == OK, message
        code, message, other = second.open()
        assert code == OK and other != handle, message
        status, _ = second.call(handle, "AWSGlue.GetResourcePolicy", "{}")
        assert status == 400


def another_version(c_library, library):
    with tempfile.TemporaryDirectory() as folder:
        ctypes.CDLL(shutil.copy(library, pathlib.Path(folder, "libglue_security.so.0.0.9")))
        code, message, _ = Door(c_library).open()
        assert code == NOT_LOADED and "another version" in message and "0.0.9" in message, message


def no_library(c_library, library):
    with tempfile.TemporaryDirectory() as folder:
        door = Door(shutil.copy(c_library, folder))
        code, message, handle = door.open()
        assert code == NOT_LOADED and "cannot be loaded" in message and handle == 0, message
        # It is looked for again.
        shutil.copy(library, folder)
        code, message, _ = door.open()
        assert code == OK, message


def call_in_child(door):
    """Forks. The child makes a call, and is ended after 20 s if it hangs."""
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        code, _, handle = door.open()
        status, _ = door.call(handle, "AWSGlue.GetResourcePolicy", "{}")
        os._exit(0 if (code, status) == (OK, 400) else 1)
    assert os.waitpid(child, 0)[1] == 0


def fork_with_two_c_libraries(c_library, library):
    with tempfile.TemporaryDirectory() as folder:
        doors = [Door(c_library), Door(shutil.copy(c_library, folder))]
        for door in doors:
            assert door.open()[0] == OK
        for door in doors:
            call_in_child(door)
            assert door.open()[0] == OK


def fork_while_it_loads(c_library, library):
    begin = time.monotonic()
    if os.fork() == 0:
        Door(c_library).open()
        os._exit(0)
    os.wait()
    took = time.monotonic() - begin
    for instant in range(16):
        if os.fork() == 0:
            # Nothing is loaded in this process.
            door = Door(c_library)
            thread = threading.Thread(target=door.open)
            thread.start()
            time.sleep(took * instant / 16)
            call_in_child(door)
            thread.join()
            os._exit(0)
        assert os.wait()[1] == 0, f"instant {instant} of 16 in {took} s"


CASES = [
    one_call, two_c_libraries, another_version, no_library, fork_with_two_c_libraries,
    fork_while_it_loads,
]


def main():
    c_library, library = (os.path.realpath(path) for path in sys.argv[1:3])
    for case in CASES:
        if sys.argv[3:] == [case.__name__]:
            case(c_library, library)
        elif not sys.argv[3:]:
            print(case.__name__, flush=True)
            subprocess.run([sys.executable, *sys.argv[:3], case.__name__], check=True)


main()
