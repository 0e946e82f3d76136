"""Models as files that need neither PyTorch nor the OpenMMLab packages: their export, and what runs them.

Only :mod:`.export`, :mod:`.export_cache` and :mod:`.quantization` need more than NumPy and a runtime.
"""
