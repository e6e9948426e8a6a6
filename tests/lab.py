"""JupyterLab and Notebook for tests and benchmarks: serve a folder, open a notebook, run it."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

SETTINGS = {  # no question about news, and every cell in the page, seen or not
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
FOLDERS = {  # a server of its own: nobody's settings, and no trace left
    "JUPYTERLAB_SETTINGS_DIR": ".settings",
    "JUPYTERLAB_WORKSPACES_DIR": ".workspaces",
    "JUPYTER_CONFIG_DIR": ".config",
    "JUPYTER_RUNTIME_DIR": ".runtime",
    "IPYTHONDIR": ".ipython",
}
APPS = {  # how each lets a script use its commands, and where it shows a notebook
    "jupyterlab": ("--LabApp.expose_app_in_browser=True", "doc/tree"),
    "notebook": ("--JupyterNotebookApp.expose_app_in_browser=True", "notebooks"),
}


def furnish(home, notebooks):
    """Make a folder fit to be served: with notebooks, {name: path, or list of cells' sources}."""
    for name, settings in SETTINGS.items():
        file = home / f".settings/@jupyterlab/{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(settings))
    for name, notebook in notebooks.items():
        if isinstance(notebook, list):
            (home / name).write_text(json.dumps(_notebook(notebook)))
        else:
            shutil.copy(notebook, home / name)


def _notebook(sources):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [cell | {"id": f"cell-{k}", "source": source} for k, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    about = {"metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return {"cells": cells} | about


@contextmanager
def serving(home, app):
    """Serve a folder with "jupyterlab" or "notebook"; gives the address of a notebook by name."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    flag, place = APPS[app]
    env = os.environ | {name: str(home / folder) for name, folder in FOLDERS.items()}
    command = [sys.executable, "-m", app, "--no-browser", "--allow-root", f"--port={port}", flag]
    command += ["--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={token}"]
    log = home / f"{app}.log"
    with log.open("w") as out:
        command.append(f"--ServerApp.root_dir={home}")
        server = subprocess.Popen(command, env=env, stdout=out, stderr=out)
    try:
        address = f"http://127.0.0.1:{port}/{{}}?token={token}"
        for _ in range(120):
            try:
                urllib.request.urlopen(address.format("api/status"), timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        else:
            raise RuntimeError(f"{app} did not start:\n{log.read_text()[-2000:]}")
        yield lambda name: address.format(f"{place}/{name}")
    finally:
        server.terminate()
        server.wait(30)


RUN_ALL = """async () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
  const panel = () => jupyterapp.shell.currentWidget;
  while (panel()?.sessionContext?.session?.kernel?.status !== "idle") await pause();
  await jupyterapp.commands.execute("notebook:run-all-cells");
  await pause();
  return panel().content.model.sharedModel.toJSON().cells;
}"""


def run(page, address):
    """Open a notebook and run all of it; returns its cells with their outputs."""
    page.goto(address, timeout=90_000)
    page.locator(".jp-Notebook").wait_for(timeout=90_000)
    return page.evaluate(RUN_ALL)


def errors(cells):
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return [output["evalue"] for output in outputs if output["output_type"] == "error"]


def theme(page, name):
    """Put on "JupyterLab Light" or "JupyterLab Dark"."""
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
    light = "true" if name.endswith("Light") else "false"
    page.locator(f"body[data-jp-theme-light={light}]").wait_for(state="attached")
