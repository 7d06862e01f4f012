"""Threads, forks, memory, the places where the library is looked for, the server.

GLUE_SECURITY_FRESH_MOCKS is the number of fresh mocks, by default 1,000.
Usage: process_test.py LIBRARY
"""

import concurrent.futures
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import unittest

import door

import botocore.exceptions

import glue_security
from glue_security import _library, _mock, mock_glue_security

CONFIGURATIONS = {"EncryptionConfiguration": {}}
FRESH_MOCKS = int(os.environ.get("GLUE_SECURITY_FRESH_MOCKS", "1000"))


def names(glue):
    pages = glue.get_paginator("get_security_configurations").paginate()
    return [entry["Name"] for page in pages for entry in page["SecurityConfigurations"]]


def resident_bytes():
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def in_child(function):
    """Runs a function in a child. Returns its exit status: 0 when it returns True."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        status = 2
        try:
            status = 0 if function() else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class LoadingTest(unittest.TestCase):
    """The library is loaded while something else happens, at several instants."""

    def run_at_instants(self, script):
        for tenths in range(1, 25, 3):
            milliseconds = tenths / 10
            done = subprocess.run(
                [sys.executable, "-c", script, str(milliseconds / 1000)],
                capture_output=True, timeout=60, text=True, check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            self.assertEqual((done.returncode, done.stderr), (0, ""), milliseconds)

    def test_a_signal_handler_loads_it_too(self):
        self.run_at_instants("""if True:
            import signal, sys
            from glue_security import check_policy
            signal.signal(signal.SIGALRM, lambda *unused: check_policy("{}"))
            signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))
            check_policy("{}")
            """)

    def test_a_fork_comes_while_a_thread_loads_it(self):
        self.run_at_instants("""if True:
            import os, sys, threading, time
            from glue_security import check_policy
            thread = threading.Thread(target=check_policy, args=("{}",))
            thread.start()
            end = time.perf_counter() + float(sys.argv[1])
            while time.perf_counter() < end: pass
            child = os.fork()
            if child == 0:
                check_policy("{}")
                os._exit(0)
            thread.join()
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """)


class ThreadsTest(unittest.TestCase):
    def test_threads_share_a_mock(self):
        with mock_glue_security() as mock:
            glue = door.client()

            def create(number):
                glue.create_security_configuration(Name=f"n{number:03}", **CONFIGURATIONS)

            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                list(pool.map(create, range(200)))
            self.assertEqual(names(glue), [f"n{number:03}" for number in range(200)])
            created = [c for c in mock.history if c["operation"].startswith("Create")]
            self.assertEqual(len(created), 200)
            self.assertGreater(len({call["client"] for call in created}), 1)

    def test_of_threads_with_one_condition_one_wins(self):
        with mock_glue_security():
            glue = door.client()
            barrier = threading.Barrier(8)

            def put(_):
                barrier.wait()
                try:
                    glue.put_resource_policy(
                        PolicyInJson=door.POLICY, PolicyExistsCondition="NOT_EXIST"
                    )
                    return True
                except glue.exceptions.ConditionCheckFailureException:
                    return False

            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                self.assertEqual(sum(pool.map(put, range(8))), 1)

    def test_a_mock_that_ends_under_calls(self):
        """Calls of other threads succeed until it ends, and then are exceptions."""
        for _ in range(20):
            mock = mock_glue_security().start()
            glue = door.client()
            started = threading.Barrier(3)
            ended = []

            def call():
                started.wait()
                while True:
                    try:
                        glue.get_data_catalog_encryption_settings()
                    except Exception as error:
                        ended.append(error)
                        return

            threads = [threading.Thread(target=call) for _ in range(2)]
            for thread in threads:
                thread.start()
            started.wait()
            mock.stop()
            for thread in threads:
                thread.join()
            for error in ended:
                # The second is that of the test, which is in the place of the network.
                self.assertIsInstance(
                    error,
                    (glue_security.NotActiveError, botocore.exceptions.HTTPClientError),
                )

    def test_threads_start_and_stop_mocks(self):
        def scene(number):
            for _ in range(50):
                with mock_glue_security() as mock:
                    mock.clock.freeze()
            return True

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertTrue(all(pool.map(scene, range(8))))
        self.assertEqual(glue_security._hooks.active, ())
        self.assertEqual(_mock._credential_users, 0)
        self.assertNotIn("AWS_ACCESS_KEY_ID", os.environ)


class ForkTest(unittest.TestCase):
    def test_a_child_has_a_copy(self):
        with mock_glue_security():
            glue = door.client()
            glue.create_security_configuration(Name="before", **CONFIGURATIONS)

            def child():
                glue.create_security_configuration(Name="child", **CONFIGURATIONS)
                return names(glue) == ["before", "child"]

            self.assertEqual(in_child(child), 0)
            self.assertEqual(names(glue), ["before"])

    def test_a_child_ends_the_mock_and_starts_another(self):
        with mock_glue_security() as mock:
            door.client().create_security_configuration(Name="n", **CONFIGURATIONS)

            def child():
                mock.stop()
                with mock_glue_security():
                    return names(door.client()) == []

            self.assertEqual(in_child(child), 0)
            self.assertEqual(names(door.client()), ["n"])

    def test_a_file_is_refused_in_a_child(self):
        with tempfile.TemporaryDirectory() as folder:
            with mock_glue_security(storage=f"sqlite:{folder}/records") as mock:
                glue = door.client()
                glue.create_security_configuration(Name="n", **CONFIGURATIONS)

                def child():
                    try:
                        names(glue)
                    except glue_security.ForkedError:
                        mock.stop()
                        return True

                self.assertEqual(in_child(child), 0)
                self.assertEqual(names(glue), ["n"])

    def test_forks_while_threads_call_and_start_mocks(self):
        with mock_glue_security():
            glue = door.client()
            stop = threading.Event()

            failures = []

            def call():
                try:
                    while not stop.is_set():
                        with mock_glue_security():
                            glue.get_data_catalog_encryption_settings()
                except Exception as error:
                    failures.append(error)

            threads = [threading.Thread(target=call) for _ in range(2)]
            for thread in threads:
                thread.start()

            def child():
                with mock_glue_security() as mock:
                    # Without a call: another thread may have held a lock of botocore.
                    mock.clock.freeze()
                    return len(mock.history) == 0

            try:
                self.assertEqual([in_child(child) for _ in range(20)], [0] * 20)
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
            self.assertEqual(failures, [])


class GrowthTest(unittest.TestCase):
    def test_fresh_mocks_leave_no_memory(self):
        glue = door.client(key="k")

        def fresh(count):
            for _ in range(count):
                with mock_glue_security():
                    glue.create_security_configuration(Name="n", **CONFIGURATIONS)

        fresh(200)
        before = resident_bytes()
        fresh(FRESH_MOCKS)
        grown = resident_bytes() - before
        print(f"{FRESH_MOCKS} fresh mocks: {grown} bytes", file=sys.stderr)
        self.assertLess(grown, 4 << 20)


class LibraryTest(unittest.TestCase):
    """Each case is a process of its own, which has loaded nothing."""

    def run_python(self, code, package=door.PYTHON, **environment):
        variables = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(package), **environment
        }
        return subprocess.run(
            ["/usr/bin/python3", "-c", code], env=variables, capture_output=True, text=True
        )

    def test_a_variable_names_it(self):
        code = "import glue_security; print(glue_security.library_version())"
        run = self.run_python(code, GLUE_SECURITY_LIBRARY=door.LIBRARY)
        self.assertEqual((run.stdout, run.stderr), (glue_security.__version__ + "\n", ""))

    def test_beside_the_package_comes_first_and_the_loaders_path_last(self):
        code = "import glue_security; print(glue_security.library_version())"
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(
                door.PYTHON / "glue_security", pathlib.Path(folder, "glue_security")
            )
            libraries = pathlib.Path(folder, "glue_security", "lib")
            path = str(pathlib.Path(door.LIBRARY).parent)
            run = self.run_python(code, folder, LD_LIBRARY_PATH=path)
            self.assertEqual((run.stdout, run.stderr), ("0.1.0\n", ""))
            libraries.mkdir()
            for name in (_library.NAME, "libglue_security.so.0.1.0"):
                shutil.copy(pathlib.Path(path, name), libraries)
            run = self.run_python(code, folder, GLUE_SECURITY_LIBRARY="/no/such")
            self.assertEqual((run.stdout, run.stderr), ("0.1.0\n", ""))

    def test_a_library_that_is_not_there(self):
        code = (
            "import glue_security\n"
            "try: glue_security.check_policy('{}')\n"
            "except glue_security.LibraryError as error: print(error)\n"
        )
        for environment, texts in [
            ({}, [_library.NAME, "tools/python_wheel.sh", _library.VARIABLE]),
            ({"GLUE_SECURITY_LIBRARY": "/no/such"}, ["'/no/such'", _library.VARIABLE]),
            ({"GLUE_SECURITY_LIBRARY": "/etc/passwd"}, ["/etc/passwd", "loaded"]),
            ({"GLUE_SECURITY_LIBRARY": ""}, [_library.VARIABLE]),
        ]:
            with self.subTest(environment):
                run = self.run_python(code, **environment)
                self.assertEqual(run.stderr, "")
                for text in texts:
                    self.assertIn(text, run.stdout)

    def test_policies_need_no_botocore(self):
        code = (
            "import sys\n"
            "sys.modules['botocore'] = None\n"
            "import glue_security\n"
            "print(len(glue_security.check_policy('{}')))\n"
            "try: glue_security.mock_glue_security().start()\n"
            "except ImportError as error: print(error)\n"
        )
        run = self.run_python(code, GLUE_SECURITY_LIBRARY=door.LIBRARY)
        self.assertEqual(
            (run.stdout, run.stderr), ("1\nmock_glue_security needs botocore\n", "")
        )

    def test_the_server(self):
        command = ["/usr/bin/python3", "-m", "glue_security.server", "--port=0"]
        with tempfile.TemporaryDirectory() as folder:
            variables = {"PATH": folder, "PYTHONPATH": str(door.PYTHON)}
            run = subprocess.run(command, env=variables, capture_output=True, text=True)
            self.assertEqual(run.returncode, 1)
            for text in ("glue-security-server", "./bazelw build", "GLUE_SECURITY_SERVER"):
                self.assertIn(text, run.stderr)
            program = pathlib.Path(folder, "glue-security-server")
            program.write_text('#!/bin/sh\necho "$@"\nexit 7\n')
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            for extra in ({}, {"GLUE_SECURITY_SERVER": str(program), "PATH": "/usr/bin"}):
                run = subprocess.run(
                    command, env={**variables, **extra}, capture_output=True, text=True
                )
                self.assertEqual((run.returncode, run.stdout), (7, "--port=0\n"))


if __name__ == "__main__":
    unittest.main()
