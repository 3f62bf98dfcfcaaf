"""A kernel in this very process, behind the interface by which nbclient drives any kernel.

papermill, nbclient and IPython are the same as with a kernel in a process of its own, so that
the outputs are the same; only the sockets between them are left out. What a notebook does to
the process stays in it: the process must be one that ends with the notebook.
"""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import threading
import time
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable
from queue import Empty
from types import SimpleNamespace
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from matplotlib._pylab_helpers import Gcf
from matplotlib_inline.config import InlineBackend
from nbclient.exceptions import DeadKernelError
from traitlets.config import Config

from kpi_lib.batch.kernels.limits import size_of

Message = dict[str, Any]


class KernelHere:
    """What nbclient takes for a kernel manager; the kernel runs already. One at a time.

    ``limit`` is the most bytes that all cells together may put out. Beyond it ``too_much`` is
    called, which is to end the process.
    """

    has_kernel = True

    def __init__(self, limit: int) -> None:
        """Make the kernel with its IPython shell."""
        self._messages = _Messages(limit)
        self.kernel = _Kernel.instance(
            session=self._messages,
            log=logging.getLogger("kpi_lib"),
            user_ns=None,
            shell_channel_thread=SimpleNamespace(parent_thread=None),  # there is no such thread
            # A history would be written to a file, by a thread.
            config=Config({"HistoryManager": {"enabled": False}}),
        )
        _make_known(self.kernel)
        _forget_where_to_draw()
        _import_from_folder()
        _show_as_in_a_kernel()
        self._client = _Client(self.kernel, self._messages)

    def client(self, **_: object) -> _Client:
        """Give the one client there is."""
        return self._client

    @property
    def at(self) -> tuple[int, str]:
        """Number and source of the cell that runs, or ran last."""
        return self._client.at

    @property
    def seconds(self) -> dict[int, float]:
        """Seconds that each cell took, by its number."""
        return self._client.seconds

    def catch_prints(self, too_much: Callable[[], None]) -> None:
        """Take over what the process prints, for good: no more of it goes where it went."""
        self._messages.too_much = too_much
        self._client.printed.begin()

    def forget(self) -> None:
        """Give the kernel and its shell up, so that others can be made."""
        for made in (_Kernel, ZMQInteractiveShell, IPKernelApp, InlineBackend):
            made.clear_instance()


def _make_known(kernel: IPythonKernel) -> None:
    """Let who asks for the running kernel, as ``%matplotlib`` does, or for its file, find them.

    The file has what a connection file has, but for ports that anything could connect to.
    """
    descriptor = os.memfd_create("kernel.json")
    ports = dict.fromkeys(("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"), 0)
    scheme = {"signature_scheme": "hmac-sha256", "kernel_name": "python3"}
    content = {**ports, "ip": "127.0.0.1", "key": "", "transport": "tcp", **scheme}
    os.write(descriptor, json.dumps(content, indent=2).encode())
    app = IPKernelApp.instance(connection_file=f"/proc/self/fd/{descriptor}")
    app.kernel, app.shell = kernel, kernel.shell


def _forget_where_to_draw() -> None:
    """Let the shell set itself up for figures when it first draws, as in a new process.

    Figures that are open here are of no notebook; a cell would go on drawing on the last. They are
    dropped, not closed: a window belongs to the process that this one was forked from.
    """
    Gcf.figs.clear()
    sys.modules.pop("matplotlib_inline.backend_inline", None)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        vars(pyplot)["_backend_mod"] = None


def _import_from_folder() -> None:
    """Let notebooks import what is beside them, before what is installed, as a kernel does."""
    if "" not in sys.path:
        names = [os.path.basename(path) for path in sys.path]
        installed = [i for i, name in enumerate(names) if name.endswith("-packages")]
        sys.path.insert(installed[0] if installed else len(names), "")


def _show_as_in_a_kernel() -> None:
    """Let pandas show as many columns as where a kernel imports it, not as on a terminal."""
    if pandas := sys.modules.get("pandas"):
        pandas.set_option("display.max_columns", 20)


class _Kernel(IPythonKernel):
    """A kernel that nothing waits for."""

    _execute_sleep = 0.0

    def _abort_queues(self, *_: object) -> None:
        """After an error there is no queue of cells to drop."""


class _Messages(Session):
    """Keeps the messages that the kernel would send."""

    def __init__(self, limit: int) -> None:
        super().__init__(key=b"")
        self.published: deque[Message] = deque()
        self.replies: deque[Message] = deque()
        self.too_much: Callable[[], None] = lambda: None
        self._left = limit

    def send(
        self,
        stream: object,
        msg_or_type: Message | str,
        content: Message | None = None,
        parent: Message | None = None,
        ident: object = None,
        buffers: list[Any] | None = None,
        track: bool = False,
        header: Message | None = None,
        metadata: Message | None = None,
    ) -> Message:
        message = msg_or_type
        if isinstance(message, str):
            message = self.msg(message, content, parent, header, metadata)
        message["buffers"] = buffers or []
        if message["msg_type"] == "execute_reply":
            self.replies.append(message)
            return message
        if message["msg_type"] != "stream":  # that was counted as it was written
            self.count(size_of(message["content"]))
        self.published.append(message)
        return message

    def count(self, size: int) -> None:
        """Count bytes that are put out; calls ``too_much`` beyond the limit."""
        self._left -= size
        if self._left < 0:
            self.too_much()


class _Client:
    """What nbclient takes for a kernel client: a cell runs within the call that asks for it."""

    allow_stdin = False

    def __init__(self, kernel: IPythonKernel, messages: _Messages) -> None:
        self._kernel, self._messages = kernel, messages
        self.printed = _Printed(messages)
        self.iopub_channel = _Channel(messages.published)
        self.shell_channel = _Channel(messages.replies)
        self.at: tuple[int, str] = (0, "")
        self.seconds: dict[int, float] = {}

    def start_channels(self) -> None:
        pass

    def stop_channels(self) -> None:
        pass

    def wait_for_ready(self, timeout: float | None = None) -> None:
        pass

    def is_alive(self) -> bool:
        return True

    def kernel_info(self) -> str:
        request = self._messages.msg("kernel_info_request")
        reply = {"parent_header": request["header"], "content": self._kernel.kernel_info}
        self._messages.replies.append(reply)
        return str(request["header"]["msg_id"])

    async def execute(
        self, code: str, store_history: bool = True, stop_on_error: bool = True, **_: object
    ) -> str:
        shell = self._kernel.shell
        assert shell is not None
        if shell.exit_now:
            raise DeadKernelError("the notebook ended its kernel")
        content = {
            "code": code,
            "silent": False,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": stop_on_error,
        }
        request = self._messages.msg("execute_request", content)
        self.at = (shell.execution_count, code)
        begun = time.perf_counter()
        self._kernel.set_parent([], request)  # type: ignore[no-untyped-call]
        await self._kernel.execute_request(None, [], request)  # type: ignore[no-untyped-call]
        self.printed.finish()
        self.seconds[self.at[0]] = time.perf_counter() - begun
        self._messages.send(None, "status", {"execution_state": "idle"}, parent=request)
        return str(request["header"]["msg_id"])


class _Channel:
    """Gives messages that are there already."""

    def __init__(self, messages: deque[Message]) -> None:
        self._messages = messages

    async def get_msg(self, timeout: float | None = None) -> Message:
        if self._messages:
            return self._messages.popleft()
        raise Empty


class _Stream(io.TextIOBase):
    """A standard stream that becomes messages."""

    def __init__(self, name: str, descriptor: int, messages: _Messages) -> None:
        self.name, self._descriptor, self._messages = name, descriptor, messages
        self._waiting: list[str] = []
        self._parent: Message = {}
        self._lock = threading.Lock()

    encoding = "UTF-8"

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def set_parent(self, parent: Message) -> None:
        self._parent = parent

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._messages.count(len(text))
        with self._lock:
            self._waiting.append(text)
        return len(text)

    def flush(self) -> None:
        with self._lock:
            text, self._waiting = "".join(self._waiting), []
        if text:
            content = {"name": self.name, "text": text}
            self._messages.send(None, "stream", content, parent=self._parent)


class _Printed:
    """What the process prints: by Python, and below it by libraries and by other processes."""

    def __init__(self, messages: _Messages) -> None:
        self._streams = (_Stream("stdout", 1, messages), _Stream("stderr", 2, messages))
        self._readers: list[_Reader] = []

    def begin(self) -> None:
        """Take over the standard streams, for good."""
        sys.stdout, sys.stderr = self._streams
        self._readers = [_Reader(stream) for stream in self._streams]

    def finish(self) -> None:
        """Send all that a cell has printed."""
        for reader in self._readers:
            reader.catch_up()
        for stream in self._streams:
            stream.flush()


class _Reader:
    """Passes on what is written to a file descriptor below Python."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._end, write = os.pipe()
        os.dup2(write, stream.fileno())
        os.close(write)
        self._mark = os.urandom(16)
        self._marked = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        waiting = b""
        while data := os.read(self._end, 1 << 16):
            text, mark, waiting = (waiting + data).partition(self._mark)
            if not mark:  # unless it has begun
                begun = (n for n in range(15, 0, -1) if self._mark.startswith(text[-n:]))
                kept = next(begun, 0) if text else 0
                text, waiting = text[: len(text) - kept], text[len(text) - kept :]
            if text:
                self._stream.write(decode(text))
            if mark:
                self._marked.set()

    def catch_up(self) -> None:
        """Wait until all that was written before has been passed on."""
        self._marked.clear()
        os.write(self._stream.fileno(), self._mark)
        self._marked.wait(timeout=5)
