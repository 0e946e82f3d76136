from .collect_env import collect_env
from .register_all_modules import register_all_modules

__all__ = ["collect_env", "register_all_modules"]
