"""Kernels that run notebooks: forked from a warm process, or a process of their own."""
