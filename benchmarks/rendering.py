"""Speed of the noise-free renderer beside lenstronomy's SimAPI, and the errors of both against a converged reference.

    python benchmarks/rendering.py [--objects 60] [--rounds 5]

All engines draw the same lenses of the default population in turns, all bands; the numbers are medians over rounds, on
one core. SimAPI is used as its documentation shows it: an image model per object and band. A kernel is given to it on
the grid of its supersampling; with a supersampling of 3 it convolves there, and takes the mean over each pixel: it is
compared with the reference's mean. The reference (tests/simulate/reference.py) takes a second an object.
"""

import argparse
import os
import sys
import time
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
from default_sky import PIXELS, ROOT, objects
from lenstronomy.SimulationAPI.sim_api import SimAPI

from lenspipe.simulate.pipeline import render_row
from lenspipe.simulate.psf import CoaddPsf
from lenspipe.simulate.scene import psf_of

sys.path.insert(0, str(ROOT / "tests" / "simulate"))
import reference

MODEL = {
    "lens_model_list": ["SIE", "SHEAR"],
    "lens_light_model_list": ["SERSIC_ELLIPSE"],
    "source_light_model_list": ["SERSIC_ELLIPSE"],
}


def with_sim_api(row, bands, num_pix, survey, supersampling):
    """The same lens through lenstronomy's own imaging, band by band."""
    mass = [
        {key: row[key] for key in ("theta_E", "e1", "e2", "center_x", "center_y")},
        {"gamma1": row["gamma1"], "gamma2": row["gamma2"], "ra_0": row["center_x"], "dec_0": row["center_y"]},
    ]
    planes = []
    for band in bands:
        api = SimAPI(num_pix, band_of(row, band, num_pix, survey, supersampling), MODEL)
        numerics = {"supersampling_factor": supersampling, "supersampling_convolution": supersampling > 1}
        model = api.image_model_class(numerics)
        lens = light_of(row, "lens", band, row["center_x"], row["center_y"])
        source = light_of(row, "source", band, row["source_center_x"], row["source_center_y"])
        lens, source, _ = api.magnitude2amplitude([lens], [source])
        planes.append(model.image(mass, source, lens))
    return np.array(planes)


def band_of(row, band, num_pix, survey, supersampling):
    """SimAPI's keywords of a band, the point-spread function as a kernel as wide as the image."""
    size = num_pix * supersampling // 2 * 2 + 1
    offset = (np.arange(size) - size // 2) * survey.pixel_scale / supersampling
    kernel = CoaddPsf(psf_of(row, [band], survey)).at(offset, offset)[0]
    return {
        "read_noise": survey.read_noise,
        "pixel_scale": survey.pixel_scale,
        "ccd_gain": survey.ccd_gain,
        "exposure_time": survey.bands[band].exposure_time,
        "magnitude_zero_point": survey.magnitude_zero_point,
        "sky_brightness": row[f"sky_brightness_{band}"],
        "num_exposures": row[f"num_exposures_{band}"],
        "seeing": row[f"seeing_{band}"],
        "psf_type": "PIXEL",
        "kernel_point_source": kernel / kernel.sum(),
        "point_source_supersampling_factor": supersampling,
        "data_count_unit": "e-",
    }


def light_of(row, name, band, x, y):
    light = {key: row[f"{name}_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2")}
    return light | {"magnitude": row[f"{name}_magnitude_{band}"], "center_x": x, "center_y": y}


def alike(lenses):
    """Rows that every engine here can draw: deflector and smooth source, no field, one size in all bands."""
    none = [np.empty(0)] * len(lenses)
    parts = {name: none for name in lenses if name.startswith("part_")}
    return reference.without_field(lenses.assign(lens_size_gradient=np.nan, **parts))


def both_planes(row, bands, num_pix, survey):
    return sum(render_row(row, bands, num_pix, survey))


ENGINES = {
    "lenspipe": both_planes,
    "SimAPI, supersampling 1": partial(with_sim_api, supersampling=1),
    "SimAPI, supersampling 3": partial(with_sim_api, supersampling=3),
}
AVERAGING = "SimAPI, supersampling 3"  # gives means over pixels, the others values at pixel centres


def seconds(draw, rows):
    start = time.process_time()
    for row in rows:
        draw(row, **PIXELS)
    return (time.process_time() - start) / len(rows)


def worst_pixels(draw, rows, expected):
    """Worst pixel of each object against the reference, in units of its noise."""
    noise = [
        reference.noise(true, row, PIXELS["bands"], PIXELS["survey"]) for true, row in zip(expected, rows, strict=True)
    ]
    found = [draw(row, **PIXELS) for row in rows]
    return [np.max(np.abs(one - true) / sigma) for one, true, sigma in zip(found, expected, noise, strict=True)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    table = objects(asked.objects)
    whole = table[table["is_lens"]].to_dict("records")
    lenses = alike(table[table["is_lens"]])
    times = {name: [] for name in ENGINES}
    for engine in ENGINES.values():
        seconds(engine, lenses[:2])
    for _ in range(asked.rounds):
        for name, engine in ENGINES.items():
            times[name].append(seconds(engine, lenses))
    expected = {mean: [reference.render(row, **PIXELS, over_pixel=mean) for row in lenses] for mean in (False, True)}
    ours = np.median(times["lenspipe"])
    print(f"{len(lenses)} lenses, {len(PIXELS['bands'])} bands, one core, medians of {asked.rounds} rounds in turns")
    print("worst: an object's worst pixel against the reference, in units of its noise\n")
    print("| engine | ms/object | objects/s per core | time beside ours | worst, median | worst, largest |")
    print("|---|---|---|---|---|---|")
    for name, engine in ENGINES.items():
        took, worst = np.median(times[name]), worst_pixels(engine, lenses, expected[name == AVERAGING])
        print(f"| {name} | {1e3 * took:.2f} | {1 / took:.0f} | {took / ours:.1f} ", end="")
        print(f"| {np.median(worst):.2f} | {np.max(worst):.2f} |")
    took = np.median([seconds(both_planes, whole) for _ in range(asked.rounds)])
    print(f"\nlenspipe, the same lenses with field, clumps and sizes by wavelength: {1e3 * took:.2f} ms")


if __name__ == "__main__":
    main()
