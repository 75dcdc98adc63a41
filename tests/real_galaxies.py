"""Synthetic files of a user's galaxies: FITS cubes of red galaxies with neighbours, and the store made of them."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from lenspipe.cli import main

BANDS = "griz"
NOISE = (2.6, 3.7, 6.3, 11.0)  # counts
SEEING = {"g": 1.12, "r": 0.96, "i": 0.88, "z": 0.84}  # arcsec
KNOWN = {"z_lens": [0.4, 0.3, np.nan], "sigma_v": [260.0, np.nan, 250.0]}  # repeated over the galaxies


def write_cubes(folder, count, size=51, seed=3):
    """Write a cube [object, y, x] per band, and a catalogue with some redshifts and velocity dispersions."""
    rng = np.random.default_rng(seed)
    y, x = np.indices((size, size)) - (size - 1) / 2
    cubes = rng.normal(0, np.array(NOISE)[:, None, None, None], (len(BANDS), count, size, size))
    for k in range(count):
        e, phi, flux = rng.uniform(0.2, 0.5), rng.uniform(0, np.pi), rng.uniform(200, 2000)
        along, across = np.cos(phi) * x + np.sin(phi) * y, np.cos(phi) * y - np.sin(phi) * x
        galaxy = flux * np.exp(-np.sqrt(along**2 * (1 - e) + across**2 / (1 - e)) / 2.5)
        neighbour = 30 * np.exp(-((x - 12) ** 2 + (y + 9 - k % 5) ** 2) / 8)
        for b, share in enumerate((0.2, 0.6, 1.0, 1.3)):
            cubes[b, k] += share * galaxy + neighbour
    for b, band in enumerate(BANDS):
        header = fits.Header({"PIXSCALE": 0.263, "MAGZERO": 30.0})
        fits.PrimaryHDU(cubes[b].astype(np.float32), header).writeto(folder / f"{band}.fits", overwrite=True)
    columns = {name: np.resize(values, count) for name, values in KNOWN.items()}
    pd.DataFrame({"id": 100 + np.arange(count)} | columns).to_csv(folder / "galaxies.csv", index=False)


def ingest(folder, *options, images="{band}.fits", seeing=SEEING, num_pix=51):
    """Ingest the cubes by the command; path of the store ``galaxies.zarr``."""
    widths = [f"--seeing={band}={width}" for band, width in seeing.items()]
    command = ["ingest", "--images", f"{folder}/{images}", "--catalog", f"{folder}/galaxies.csv", *widths, *options]
    with pytest.raises(SystemExit) as end:
        main([*command, "--num-pix", str(num_pix), "--output", f"{folder}/galaxies.zarr"])
    assert end.value.code == 0
    return folder / "galaxies.zarr"
