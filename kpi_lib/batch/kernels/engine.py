"""Papermill engine ``kpi``: each notebook in a process forked from this one.

What this process has imported, a notebook need not import: in a loop over cities, all but the
first take what their cells take. Nothing that a notebook does to its process reaches the next.
"""

from __future__ import annotations

import logging
import os
from multiprocessing.connection import Connection, Pipe
from typing import Any

import matplotlib
import nbformat
from ipykernel.kernelapp import IPKernelApp
from nbclient.exceptions import DeadKernelError
from papermill.engines import NBClientEngine

from kpi_lib.batch.kernels.launch import INLINE
from kpi_lib.batch.kernels.warm import import_all
from kpi_lib.locale.catalogue import msg

_MOST_OUTPUT = 1 << 40


class ForkedEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Run notebooks as papermill does, in forks; within a notebook or on Windows, as papermill."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the notebook of a manager in a fork, and give the manager its outputs."""
        if not hasattr(os, "fork") or IPKernelApp.initialized():
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        import_all()
        results, own_end = Pipe(duplex=False)
        pid = os.fork()
        if pid == 0:
            try:
                results.close()
                cls._run(nb_man, kernel_name, own_end, options)
            finally:
                os._exit(1)
        own_end.close()
        try:
            executed = results.recv()
        except EOFError:
            raise DeadKernelError(msg("the kernel died")) from None
        finally:
            results.close()
            os.waitpid(pid, 0)
        nb_man.nb = nbformat.from_dict(executed)  # type: ignore[no-untyped-call]
        return None

    @classmethod
    def _run(
        cls, nb_man: Any, kernel_name: str, results: Connection, options: dict[str, Any]
    ) -> None:
        from kpi_lib.batch.kernels.inprocess import KernelHere

        backend = os.environ.setdefault("MPLBACKEND", INLINE)  # as every kernel has it
        matplotlib.rcParams["backend"] = backend
        nb_man.pbar = None  # what this process prints is the notebook's
        logging.root.handlers.clear()
        logging.getLogger("traitlets").setLevel(logging.ERROR)  # no message leaves the process
        kernel = KernelHere(_MOST_OUTPUT)
        kernel.catch_prints(lambda: os._exit(1))
        NBClientEngine.execute_managed_notebook(nb_man, kernel_name, km=kernel, **options)
        results.send(nb_man.nb)
        os._exit(0)
