"""The web page: photographs in, looked at beside their originals, and out with all their properties.

Gradio, the extra ``app``, is imported by :mod:`mmlle.app.page` and :mod:`mmlle.app.server` alone.
"""
