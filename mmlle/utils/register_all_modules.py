__all__ = ["register_all_modules"]


def register_all_modules(init_default_scope: bool = True) -> None:
    """Import every module that registers something.

    Configs do not need it: MMEngine imports what a ``mmlle.`` name asks for. It is for scripts that build
    models from configs by themselves.

    Args:
        init_default_scope: Whether names without a prefix are then looked up in ``mmlle``.
    """
    from mmengine.registry import DefaultScope

    import mmlle.datasets
    import mmlle.engine
    import mmlle.evaluation
    import mmlle.models  # noqa: F401

    if init_default_scope and not DefaultScope.check_instance_created("mmlle"):
        DefaultScope.get_instance("mmlle", scope_name="mmlle")
