"""Finds the sub-packages of every layer, so that a new folder under arenas/ needs no line anywhere.

setuptools' own discovery cannot put one root's packages under another name; everything else is in pyproject.toml.
"""

import tomllib
from pathlib import Path

from setuptools import find_packages, setup

with (Path(__file__).parent / "pyproject.toml").open("rb") as file:
    roots = tomllib.load(file)["tool"]["setuptools"]["package-dir"]

packages = list(roots)
for root, folder in roots.items():
    packages += [f"{root}.{name}" for name in find_packages(folder)]
setup(packages=packages)
