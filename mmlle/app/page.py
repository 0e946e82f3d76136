"""The page itself: its controls, and what happens when they are used."""

import tempfile
import traceback
from collections.abc import Callable, Sequence
from functools import wraps
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from mmlle.apis.batch import describe_error
from mmlle.utils.errors import UserError
from mmlle.zoo import list_models

from .comparison import COMPARISON_CSS, comparison_html
from .darkroom import Darkroom, Results
from .histogram import HISTOGRAM_CSS, histogram_svg
from .settings import NUMBER, SETTINGS, look_of, values_of

__all__ = ["build_page"]

#: One photograph is read and shown while another one is enhanced at full size, which bounds the memory.
SHOWING, ENHANCING = "show", "enhance"

#: Gradio gives each call of a handler that has it as its default a progress bar of its own.
PROGRESS = gr.Progress()

CSS = f"""
{COMPARISON_CSS}
{HISTOGRAM_CSS}
#comparison .pending, #histogram .pending {{opacity: .85}}
footer {{display: none !important}}
#title h1 {{margin: 0; font-size: 22px}}
#title p {{margin: 0; color: var(--body-text-color-subdued)}}
#photographs {{min-height: 120px}}
#messages ul {{margin: 0; padding: 10px 14px 10px 30px; border-radius: 8px; list-style: disc;
    color: var(--body-text-color); background: var(--background-fill-primary);
    border-left: 4px solid var(--color-accent)}}
fieldset label {{padding: 5px 10px !important}}
"""

#: Names what Gradio leaves without a name for screen readers. Messages are read out as they come.
LABELS = """
() => {
    const messages = document.querySelector('#messages');
    messages.setAttribute('role', 'status');
    messages.setAttribute('aria-live', 'polite');
    const name = () => {
        for (const group of document.querySelectorAll('fieldset:not([role])')) {
            group.setAttribute('role', 'radiogroup');
            const label = group.querySelector('[data-testid=block-info]');
            group.setAttribute('aria-label', label.innerText.trim());
        }
        for (const button of document.querySelectorAll('[aria-label="common.upload"]')) {
            button.setAttribute('aria-label', 'Add photographs');
            button.title = 'Add photographs';
        }
    };
    name();
    new MutationObserver(name).observe(document.body, {childList: true, subtree: true});
}
"""

#: Starts the download of the archive, or of the only result.
DOWNLOAD = "() => document.querySelector('#results a[download], #results a[href]')?.click()"


def build_page(darkroom: Darkroom) -> gr.Blocks:
    """Build the page.

    Args:
        darkroom: Does the work.
    """
    limits, methods = darkroom.limits, darkroom.methods
    # No font is loaded: those of the system serve.
    theme = gr.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    page = gr.Blocks(title="mmlle", theme=theme, css=CSS, analytics_enabled=False, fill_width=True)
    with page:
        gr.HTML(
            "<h1>Bring dark photographs to light</h1>"
            "<p>Size, depth, EXIF and colour profile stay as they are.</p>",
            elem_id="title",
        )
        with gr.Row():
            with gr.Column(scale=3, min_width=420):
                comparison = gr.HTML(elem_id="comparison", visible=False, padding=False)
                photographs = gr.File(
                    label=f"Photographs: up to {limits.files}, of {limits.megapixels:g} megapixels",
                    file_count="multiple",
                    elem_id="photographs",
                    height=300,
                )
                messages = gr.HTML(elem_id="messages", padding=False)
            with gr.Column(scale=1, min_width=320):
                shown = gr.Dropdown([], label="Photograph", visible=False, elem_id="shown", filterable=False)
                method = gr.Dropdown(
                    [(_label(name), name) for name in methods.names],
                    value=methods.names[0],
                    label="Method",
                    elem_id="method",
                    filterable=False,
                )
                with gr.Group() as look:
                    controls = _controls(values_of(methods[methods.names[0]].inferencer.look))
                reset = gr.Button("Reset the look", size="sm", elem_id="reset")
                histogram = gr.HTML(elem_id="histogram", padding=False)
                with gr.Row():
                    save = gr.Button("Save this one", variant="primary", interactive=False, elem_id="save")
                    save_all = gr.Button("Save all", visible=False, elem_id="save-all")
                results = gr.File(
                    label="Results",
                    file_count="multiple",
                    interactive=False,
                    visible=False,
                    elem_id="results",
                )

        chosen = [shown, photographs, method, *controls]
        view = [comparison, histogram, messages]
        showing = dict(
            fn=_in_words(lambda *values: _show(darkroom, *values)),
            inputs=chosen,
            outputs=view,
            show_progress="hidden",
            api_name=False,
            concurrency_limit=1,
            concurrency_id=SHOWING,
        )

        photographs.upload(
            _in_words(_opening(darkroom)),
            photographs,
            [photographs, shown, messages, save, save_all, results],
            show_progress="full",
            show_progress_on=photographs,
            api_name=False,
            concurrency_limit=1,
            concurrency_id=SHOWING,
        ).then(**showing)
        gr.on(
            [photographs.delete, photographs.clear],
            lambda paths: _listed([Path(path) for path in paths or []], []),
            photographs,
            [photographs, shown, messages, save, save_all, results],
            api_name=False,
        ).then(**showing)
        # While one preview is computed, of all further changes the last one counts.
        gr.on(
            [control.change for control in (shown, method, *controls)], trigger_mode="always_last", **showing
        )
        method.change(
            _in_words(lambda name: gr.Group(visible=methods[name].scale == 1)), method, look, api_name=False
        )
        start = values_of(methods[methods.names[0]].inferencer.look)
        reset.click(lambda: start, None, controls, api_name=False)
        for button, every in ((save, False), (save_all, True)):
            button.click(
                _in_words(_saving(darkroom, every)),
                chosen,
                [results, messages],
                show_progress="full",
                show_progress_on=results,
                api_name=False,
                concurrency_limit=1,
                concurrency_id=ENHANCING,
            ).success(None, None, None, js=DOWNLOAD, api_name=False)
        page.load(None, None, None, js=LABELS, api_name=False)
    page.queue(max_size=limits.waiting, api_open=False)
    return page


def _label(method: str) -> str:
    enlarges = list_models().get(method, {}).get("task") == "Image Super-Resolution"
    return f"{method} (enlarges)" if enlarges else method


def _controls(values: Sequence[Any]) -> list[gr.Radio | gr.Slider]:
    """Make the controls of the look; all but the exposure are folded away."""
    left = list(values)
    controls: list[gr.Radio | gr.Slider] = []
    first, *others = SETTINGS

    def add(setting: Any) -> None:
        choice = left.pop(0)
        radio = gr.Radio(setting.choices, value=choice, label=setting.label, elem_id=setting.name)
        controls.append(radio)
        if setting.number is None:
            return
        slider = gr.Slider(
            setting.lowest,
            setting.highest,
            value=left.pop(0),
            step=setting.step,
            label=setting.number,
            visible=choice == NUMBER,
            elem_id=f"{setting.name}-number",
            show_reset_button=False,
        )
        controls.append(slider)
        radio.change(
            None,
            radio,
            slider,
            js=f"choice => ({{visible: choice === '{NUMBER}', __type__: 'update'}})",
            api_name=False,
        )

    add(first)
    with gr.Accordion("More settings", open=False, elem_id="more"):
        for setting in others:
            add(setting)
    return controls


def _in_words(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Show an error as a message: what the user can fix, and faults too."""

    @wraps(handler)
    def handle(*values: Any) -> Any:
        try:
            return handler(*values)
        except gr.Error:
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                traceback.print_exc()
            words = str(error) if isinstance(error, UserError) else describe_error(Path("the page"), error)
            raise gr.Error(escape(words), duration=None, print_exception=False) from error

    return handle


def _opening(darkroom: Darkroom) -> Callable[..., list[Any]]:
    def take_in(progress: Callable[..., object] = PROGRESS, paths: Sequence[str] | None = None) -> list[Any]:
        return _open(darkroom, paths, progress)

    return take_in


def _open(darkroom: Darkroom, paths: Sequence[str] | None, progress: Callable[..., object]) -> list[Any]:
    """Take the photographs in that can be read, and tell of the others."""
    files = [Path(path) for path in paths or []]
    limits = darkroom.limits
    problems = [
        f"{path.name} was left out: {limits.files} files at a time are the limit."
        for path in files[limits.files :]
    ]
    good = []
    for done, path in enumerate(files[: limits.files]):
        progress((done, len(files)), desc=f"Reading {path.name}", unit="files")
        try:
            darkroom.check(path)
        except UserError as error:
            problems.append(str(error))
            path.unlink(missing_ok=True)
        else:
            good.append(path)
    return _listed(good, problems)


def _listed(files: Sequence[Path], problems: Sequence[str]) -> list[Any]:
    """Update what depends on the list of the photographs."""
    choices = [(path.name, str(index)) for index, path in enumerate(files)]
    return [
        gr.File([str(path) for path in files] or None, height=120 if files else 300),
        gr.Dropdown(choices, value="0" if files else None, visible=len(files) > 1),
        _as_list(problems),
        gr.Button(interactive=bool(files)),
        gr.Button(visible=len(files) > 1),
        gr.File(None, visible=False),
    ]


def _show(
    darkroom: Darkroom, index: str | None, paths: Sequence[str] | None, method: str, *values: Any
) -> list[Any]:
    """Show a photograph before and after."""
    path = _chosen(index, paths)
    if path is None:
        return [gr.HTML("", visible=False), "", gr.skip()]
    preview = darkroom.preview(path, method, look_of(values, darkroom.methods[method].inferencer.look))
    return [
        gr.HTML(comparison_html(path.name, preview.before, preview.after), visible=True),
        histogram_svg(preview.before, preview.after),
        gr.skip(),
    ]


def _chosen(index: str | None, paths: Sequence[str] | None) -> Path | None:
    if not paths:
        return None
    number = int(index) if index and index.isdecimal() else 0
    return Path(paths[min(number, len(paths) - 1)])


def _saving(darkroom: Darkroom, every: bool) -> Callable[..., list[Any]]:
    def save(progress: Callable[..., object] = PROGRESS, *chosen: Any) -> list[Any]:
        index, paths, method, *values = chosen
        path = _chosen(index, paths)
        if path is None:
            raise UserError("There is no photograph yet: add one first.")
        files = [Path(each) for each in paths or []] if every else [path]
        folder = Path(tempfile.mkdtemp(prefix="results-"))
        results = darkroom.enhance(
            files,
            method,
            look_of(values, darkroom.methods[method].inferencer.look),
            folder,
            lambda done, name: progress((done, len(files)), desc=f"Enhancing {name}", unit="files"),
        )
        return _saved(results)

    return save


def _saved(results: Results) -> list[Any]:
    if not results.files:
        raise UserError(" ".join(results.notes))
    files = [results.archive] if results.archive else []
    files += results.files
    return [gr.File([str(file) for file in files], visible=True), _as_list(results.notes)]


def _as_list(messages: Sequence[str]) -> str:
    if not messages:
        return ""
    return f"<ul>{''.join(f'<li>{escape(message)}</li>' for message in messages)}</ul>"
