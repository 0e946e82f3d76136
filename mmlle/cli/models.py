"""The command that lists the models with a short name: ``mmlle models``."""

import argparse

from mmlle.zoo import list_models

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Print what is known of each model."""
    parser = argparse.ArgumentParser(prog="mmlle models", description="List the models with a short name.")
    parser.parse_args(argv)
    print("\n\n".join(describe(name, model) for name, model in list_models().items()))


def describe(name: str, model: dict) -> str:
    """Write a model of the index as a block of lines."""
    shipped = f"shipped: {model['weights']}"
    lines = [
        name,
        f"  task        {model['task']}",
        f"  parameters  {model['parameters']:,}",
        f"  weights     {shipped if model['weights'] else 'not shipped; name a checkpoint with --weights'}",
    ]
    if model["licence"]:
        lines.append(f"  licence     {model['licence']}")
    for data_set, metrics in model["results"].items():
        lines.append(f"  {data_set}: {', '.join(f'{metric} {value}' for metric, value in metrics.items())}")
    return "\n".join(lines)
