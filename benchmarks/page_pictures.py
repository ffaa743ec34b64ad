"""The pictures of the page in docs/images, of all tabs but that of Runs, taken from a real browser.

    python benchmarks/page_pictures.py

3,000 pictures of Fashion-MNIST with 60 labels changed and 24 copies planted, so that there is something to see; the
judges are three models of scikit-learn, each asked out of fold. Nothing is measured here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from assay.audit.counts import splits_of
from assay.audit.labels.fuse import fuse
from assay.data.data import Data
from assay.data.open import open_data

IMAGES = Path(__file__).parent.parent / "docs" / "images"
EXAMPLES, CHANGED, COPIES, SEED = 3000, 60, 24, 400
MOST_BYTES = 280_000
SIZE = {"width": 1280, "height": 800}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def plant(path: Path) -> None:
    """Write the picture set."""
    data = open_data("fashion-mnist", seed=SEED)
    draw = np.random.default_rng(SEED)
    chosen = draw.permutation(len(data.train))[:EXAMPLES]
    inputs, targets = data.train.inputs.numpy()[chosen], data.train.targets.numpy()[chosen]
    changed = draw.permutation(EXAMPLES)[:CHANGED]
    targets[changed] = (targets[changed] + draw.integers(1, 10, CHANGED)) % 10
    copied = draw.permutation(EXAMPLES)[:COPIES]
    brighter = np.clip(inputs[copied].astype(int) + 6, 0, 255).astype(np.uint8)
    names = np.array(data.specification.classes)
    np.savez(path, inputs=np.concatenate([inputs, brighter]), targets=names[np.concatenate([targets, targets[copied]])])


def judge(data: Data, path: Path) -> None:
    """Write what three models say of the labels, in the columns of `assay clean`."""
    parts = splits_of(data)
    pixels = np.concatenate([split.inputs.numpy().reshape(len(split), -1) for split in parts.values()]) / 255.0
    labels = np.concatenate([split.targets.numpy() for split in parts.values()])
    features = PCA(40, random_state=SEED).fit_transform(pixels)
    models = {"logistic": LogisticRegression(max_iter=500), "neighbours": KNeighborsClassifier(8, weights="distance"),
              "forest": RandomForestClassifier(100, random_state=SEED)}  # fmt: skip
    said = {
        name: cross_val_predict(model, features, labels, cv=5, method="predict_proba") for name, model in models.items()
    }
    fusion, rows = fuse(said, labels), np.arange(len(labels))
    names = np.array(data.specification.classes, dtype=object)
    pl.DataFrame({
        "id": [id for split in parts.values() for id in split.ids],
        "split": [name for name, split in parts.items() for _ in range(len(split))],
        **{f"p_{name}": values[rows, labels] for name, values in said.items()},
        "votes_for_label": (fusion.choices == labels[:, None]).sum(1),
        "answer": names[fusion.answer].tolist(), "votes": (fusion.choices == fusion.answer[:, None]).sum(1),
        "score": fusion.score, "flagged": fusion.flagged, "action": fusion.action.tolist(),
        "proposal": [names[to] if to >= 0 else None for to in fusion.proposal.tolist()],
    }, schema_overrides={"proposal": pl.String}).write_parquet(path)  # fmt: skip


def take(page: Page, name: str) -> None:
    """Keep what the window shows; what is heavy, in 256 colours."""
    page.wait_for_load_state("networkidle")
    path = IMAGES / f"page-{name}.png"
    page.screenshot(path=path)
    if path.stat().st_size > MOST_BYTES:
        Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def press(page: Page, *keys: str) -> None:
    """As a reader would, who looks before."""
    for key in keys:
        page.wait_for_selector(".decide[data-seen], #question[data-seen], .cell", state="attached")
        page.keyboard.press(key)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)


def show(address: str) -> None:
    """Look at the tabs, one of them in the dark."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        light = browser.new_context(viewport=SIZE, color_scheme="light", reduced_motion="reduce").new_page()
        dark = browser.new_context(viewport=SIZE, color_scheme="dark", reduced_motion="reduce").new_page()
        light.goto(f"{address}overview")
        take(light, "overview")
        light.goto(f"{address}human")
        light.keyboard.press("Enter")
        press(light, "3", "0", "7", "8")
        light.wait_for_selector("#question[data-seen]")
        take(light, "human")
        light.goto(f"{address}review")
        press(light, "Enter", "Enter", "Enter")
        take(light, "review")
        dark.goto(f"{address}review")
        press(dark, "Enter")
        take(dark, "review-dark")
        light.goto(f"{address}browse?where=label%20%3D%20'sandal'&sort=score&descending=1")
        press(light, "j", "j", "j")
        light.wait_for_selector("#panel .similar li", timeout=120_000)
        take(light, "browse")
        light.goto(f"{address}duplicates")
        press(light, "j")
        take(light, "duplicates")
        browser.close()


def main() -> None:
    """Make the set, serve it, look at it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source, table = folder / "fashion.npz", folder / "audit.parquet"
        plant(source)
        judge(open_data(source), table)
        command = [sys.executable, "-m", "assay", "ui", source.name, "--audit", table.name, "--port", "0",
                   "--reviewer", "anna", "--budget", "5m"]  # fmt: skip
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            address = re.findall(r"http://\S+", server.stdout.readline())[0]
            while "is read" not in urllib.request.urlopen(f"{address}state").read().decode():
                time.sleep(1)
            show(address)
            server.terminate()


if __name__ == "__main__":
    main()
