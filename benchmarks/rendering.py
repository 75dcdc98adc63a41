#!/usr/bin/env python3
"""Speed of the noise-free renderer beside lenstronomy's ImageModel, and its error against a converged reference.

    python benchmarks/rendering.py [--objects 60] [--rounds 5]

Both engines draw the same lenses of the default population in turns, all bands; the numbers are medians over rounds, on
one core. ImageModel works band by band on a grid of a third of a pixel with convolution on that grid, the usual
setting for ground-based images. The reference (tests/simulate/reference.py) takes a second an object.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
from lenstronomy.Data.pixel_grid import PixelGrid
from lenstronomy.Data.psf import PSF
from lenstronomy.ImSim.image_model import ImageModel
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LightModel.light_model import LightModel

from lenspipe import config
from lenspipe.cli._priors import priors_from
from lenspipe.population import draw_catalog
from lenspipe.simulate.psf import moffat
from lenspipe.simulate.rendering import render

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "simulate"))
import reference  # noqa: E402

SUPERSAMPLING = 3
KERNEL = 45 * SUPERSAMPLING  # pixels along a side, odd


def with_image_model(row, bands, num_pix, survey):
    """The same lens through lenstronomy's own imaging, band by band."""
    scale = survey.pixel_scale
    corner = -(num_pix - 1) / 2 * scale
    grid = PixelGrid(num_pix, num_pix, np.eye(2) * scale, corner, corner)
    offset = (np.arange(KERNEL) - KERNEL // 2) * scale / SUPERSAMPLING
    r = np.hypot(*np.meshgrid(offset, offset))
    mass = [
        {key: row[key] for key in ("theta_E", "e1", "e2", "center_x", "center_y")},
        {"gamma1": row["gamma1"], "gamma2": row["gamma2"], "ra_0": row["center_x"], "dec_0": row["center_y"]},
    ]
    planes = []
    for band in bands:
        kernel = moffat(r, row[f"seeing_{band}"], survey.moffat_beta)
        psf = PSF("PIXEL", kernel_point_source=kernel / kernel.sum(), point_source_supersampling_factor=SUPERSAMPLING)
        numerics = {"supersampling_factor": SUPERSAMPLING, "supersampling_convolution": True}
        light = LightModel(["SERSIC_ELLIPSE"])
        model = ImageModel(grid, psf, LensModel(["SIE", "SHEAR"]), light, light, kwargs_numerics=numerics)
        lens = light_of(row, "lens", band, row["center_x"], row["center_y"], survey)
        source = light_of(row, "source", band, row["source_center_x"], row["source_center_y"], survey)
        planes.append(model.image(mass, [source], [lens]))
    return np.array(planes)


def light_of(row, name, band, x, y, survey):
    light = {key: row[f"{name}_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2")} | {"amp": 1.0}
    light |= {"center_x": x, "center_y": y}
    counts = 10 ** (-0.4 * (row[f"{name}_magnitude_{band}"] - survey.magnitude_zero_point))
    return light | {"amp": counts / LightModel(["SERSIC_ELLIPSE"]).total_flux([light])[0]}


def seconds(draw, rows, bands, survey):
    start = time.perf_counter()
    for row in rows:
        draw(row, bands, 45, survey)
    return (time.perf_counter() - start) / len(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    said = config.load([ROOT / "config" / "config.yaml"]).model_dump()
    priors = priors_from(said["survey"], said["bands"], said["population"])
    rows = draw_catalog("test", asked.objects, 0.5, said["population"]["non_lenses"], 3, priors).to_dict("records")
    lenses = [row for row in rows if row["is_lens"]]
    bands, survey = said["bands"], priors.survey
    for engine in (render, with_image_model):
        seconds(engine, lenses[:2], bands, survey)
    times = {engine: [] for engine in (render, with_image_model)}
    for _ in range(asked.rounds):
        for engine, measured in times.items():
            measured.append(seconds(engine, lenses, bands, survey))
    ours, theirs = (1e3 * np.median(measured) for measured in times.values())
    print(f"{len(lenses)} lenses, {len(bands)} bands, one core, medians of {asked.rounds} rounds in turns")
    print(f"lenspipe   {ours:6.2f} ms/object")
    print(f"ImageModel {theirs:6.2f} ms/object, ratio {theirs / ours:.1f}")
    worst = []
    for row in rows:
        expected = reference.render(row, bands, 45, survey)
        sigma = reference.noise(expected, row, bands, survey)
        worst.append(np.max(np.abs(sum(render(row, bands, 45, survey)) - expected) / sigma))
    print(f"worst pixel of an object against the reference, in units of its noise, {len(rows)} objects of all kinds:")
    print(f"median {np.median(worst):.3f}, largest {np.max(worst):.3f}")


if __name__ == "__main__":
    main()
