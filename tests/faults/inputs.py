"""Hostile inputs by kind, generated from a number, and the command that each is handed to."""

import json
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
WORDS = [
    "",
    "nan",
    "inf",
    "-inf",
    "1e308",
    "-1e308",
    "1e-320",
    "9" * 30,
    "0x1F",
    "true",
    "None",
    "{}",
    "[1]",
    "\x00",
    "é",
    "'",
]
WORDS += ['"', "\\", "${HOME}", "$(id)", "../../x", "/dev/zero", "%s%n", "<script>", "=1+1", " " * 50, "a" * 5000]
NUMBERS = [
    0,
    -1,
    1,
    0.5,
    -0.0,
    1e308,
    -1e308,
    1e-320,
    2**31,
    2**53 + 1,
    2**63 - 1,
    -(2**63),
    10**30,
    True,
    None,
    "x",
    [],
    {},
]


def prepare(folder):
    """Sound files, which the hostile ones are changed from."""
    import torch

    from lenspipe import store
    from lenspipe.learning.build import build
    from lenspipe.learning.checkpoint import Checkpoint, Validation, save
    from lenspipe.learning.image_input import ImageInput
    from lenspipe.learning.image_spec import ImageSpec
    from lenspipe.learning.stretch import Stretch
    from lenspipe.tasks import is_lens

    rng = np.random.default_rng(1)
    count = 40
    table = pd.DataFrame({"id": np.arange(count), "name": [f"o{k:03}" for k in range(count)], "ra": 10.0, "dec": -30.0})
    scores = pd.DataFrame(
        {"id": np.arange(count), "score": rng.uniform(0, 1, count), "is_lens": np.arange(count) % 2 == 0}
    )
    scores["theta_E"] = np.where(scores["is_lens"], 1.0 + np.arange(count) / 40, np.nan)
    for name, frame in (("objects", table), ("scores", scores)):
        for ending in ("csv", "parquet", "fits"):
            store.write_table(frame, folder / f"{name}.{ending}")
    image = rng.normal(0, 3, (count, 1, 17, 17)).astype(np.float32)
    noise = np.full((count, 1), 3, np.float32)
    known = {"sky_sigma": noise, "psf_fwhm": noise, "depth": noise, "arc_snr": noise[:, 0], "forecast_snr": noise}
    attributes = {"pixel_scale": 0.263, "magnitude_zero_point": 30.0, "unit": "counts"}
    path = folder / "sound.zarr"
    store.create(path, count, bands=["g"], num_pix=17, planes=False, attributes=attributes)
    store.write_chunk(path, 0, known | {"image": image, "id": np.arange(count)})
    store.finish(path)
    torch.manual_seed(1)
    spec = ImageSpec(("g",), num_pix=17, pixel_scale=0.263, magnitude_zero_point=30.0, unit="counts")
    image_input = ImageInput(spec, Stretch((6.0,), (0.0,), (1.0,)))
    network = build("cnn", image_input.shape, is_lens.Task.output_shape, width=4)
    options = {"best_epoch": 1, "seed": 1, "options": {"width": 4}}
    checkpoint = Checkpoint(network, "cnn", "is_lens", is_lens.Task(), image_input, **options)
    validation = Validation(torch.zeros(8, 2, 1), torch.zeros(2))
    save(folder / "models" / "classifier", checkpoint, pd.DataFrame({"epoch": [1]}), validation)


def hand_in(kind, number, sound, own):
    """Make an input of a kind in the folder ``own`` and call the command with it."""
    import os

    from lenspipe.cli import main

    os.chdir(own)
    arguments = KINDS[kind](random.Random(number), sound, own)
    try:
        main([str(argument) for argument in arguments])
    finally:
        sys.stdout.flush()


def damaged(rng, data):
    """Bytes with a few changed, cut off, doubled or taken out."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 3, 20])):
        place = rng.randrange(len(data)) if data else 0
        match rng.randrange(5):
            case 0:
                data[place : place + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[place:]
            case 2:
                data[place:place] = data[place : place + rng.randrange(1, 200)]
            case 3:
                del data[place : place + rng.randrange(1, 200)]
            case 4:
                data[place:place] = rng.randbytes(rng.randrange(1, 50))
    return bytes(data)


def ranking(predictions, catalog):
    return ["candidates", "--predictions", predictions, "--catalog", catalog, "--output", "ranked.csv"]


def damaged_table(rng, sound, own):
    name = rng.choice(["objects", "scores"])
    path = own / f"{name}.{rng.choice(['csv', 'parquet', 'fits'])}"
    path.write_bytes(damaged(rng, (sound / path.name).read_bytes()))
    return ranking(path, sound / "objects.csv") if name == "scores" else ranking(sound / "scores.csv", path)


def table_of_words(rng, sound, own):
    lines = [line.split(",") for line in (sound / "scores.csv").read_text().splitlines()]
    for _ in range(rng.choice([1, 5, 50])):
        row = lines[rng.randrange(len(lines))]
        row[rng.randrange(len(row))] = rng.choice(WORDS)
    (own / "scores.csv").write_text("\n".join(map(",".join, lines)) + "\n", errors="replace")
    return ranking("scores.csv", sound / "objects.csv")


def table_by_another_name(rng, sound, own):
    source = sound / f"objects.{rng.choice(['csv', 'parquet', 'fits'])}"
    endings = [".csv", ".CSV", ".parquet", ".txt", ".dat", ".fits", ".gz", ".xlsx", "", ".csv.gz", ".json"]
    name = f"objects{rng.choice(endings)}"
    shutil.copy(source, own / name)
    return ranking(sound / "scores.csv", own / name)


def header(rng, sound, own):
    """FITS files whose headers hold anything."""
    from astropy.io import fits

    keys = ["MAGZERO", "BUNIT", "PIXSCALE", "SEEING", "BAND", "FILTER", "CTYPE1", "CTYPE2", "CRVAL1", "CRPIX1", "CD1_1"]
    keys += [
        "CD2_2",
        "CDELT1",
        "CUNIT1",
        "EQUINOX",
        "RADESYS",
        "BSCALE",
        "BZERO",
        "BLANK",
        "BOFFSET",
        "BSOFTEN",
        "FLUXMAG0",
    ]
    keys += ["A_ORDER", "CPDIS1", "PV1_1", "LONPOLE", "WCSAXES", "NAXIS3", "EXTEND", "BANDS"]
    made = fits.Header({"MAGZERO": 30.0, "PIXSCALE": 0.263})
    for key in rng.sample(keys, rng.choice([1, 3, 8])):
        value = rng.choice(
            [*NUMBERS[:-3], *WORDS[:14], "RA---TAN", "DEC--TAN", "10**(10**9)", "Jy", "deg", 5.0, "9**9**9"]
        )
        try:
            made[key] = value
        except (ValueError, TypeError):
            continue
    fits.PrimaryHDU(np.random.default_rng(1).normal(0, 3, (21, 21)), made).writeto(
        "o000.fits", output_verify="silentfix"
    )
    blob = Path("o000.fits").read_bytes()
    if rng.random() < 0.3:
        Path("o000.fits").write_bytes(damaged(rng, blob[:2880]) + blob[2880:])
    options = rng.sample([["--zero-point", "30"], ["--pixel-scale", "0.263"], ["--keep-sky"], ["--seeing", "1"]], 2)
    images = ["--images", "o{id}.fits", "--catalog", "one.csv", "--bands", "g", "--num-pix", "17", "--output", "x.zarr"]
    Path("one.csv").write_text(f"id,ra,dec\n000,{rng.choice(['10', *WORDS[:6]])},-30\n")
    return ["ingest", *images, *options[0], *options[1]]


def settings(rng, sound, own):
    """Settings that grow, repeat, nest or hold anything."""
    text = (ROOT / "config" / "config.yaml").read_text()
    lines = text.splitlines()
    match rng.randrange(6):
        case 0:
            depth = rng.choice([10, 20, 40])
            text += "a0: &a0 [x, x]\n" + "".join(f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}]\n" for k in range(1, depth))
        case 1:
            text += "x: " + rng.choice("[{") * rng.choice([10, 2000, 20_000])
        case 2:
            text += rng.choice([line for line in lines if line and not line.startswith((" ", "#"))]) + "\n"
        case 3:
            text = damaged(rng, text.encode()).decode(errors="replace")
        case 4:
            place = rng.choice([k for k, line in enumerate(lines) if ": " in line])
            lines[place] = lines[place].partition(": ")[0] + ": " + rng.choice([*map(str, NUMBERS), *WORDS[:14]])
            text = "\n".join(lines)
        case 5:
            text += "population: &p\n  theta_E: *p\n"
    Path("mine.yaml").write_text(text, errors="replace")
    return ["config", "--configfile", "mine.yaml"]


def anything_in(rng, values):
    """JSON values of which one or more are exchanged for anything, at any depth."""
    places = []

    def walk(part):
        for key in part if isinstance(part, dict) else range(len(part)):
            places.append((part, key))
            if isinstance(part[key], dict | list):
                walk(part[key])

    walk(values)
    for part, key in rng.sample(places, min(rng.choice([1, 2]), len(places))):
        part[key] = rng.choice([*NUMBERS, [10**9], [10**12, 1], "../x", "nanomaggies"])
    return values


def metadata(rng, sound, own):
    """An image store whose metadata hold anything."""
    shutil.copytree(sound / "sound.zarr", own / "user.zarr")
    path = rng.choice(sorted((own / "user.zarr").rglob("zarr.json")))
    text = path.read_text()
    if rng.random() < 0.2:
        path.write_text(damaged(rng, text.encode()).decode(errors="replace"))
    elif rng.random() < 0.1:
        path.write_text("[" * 50_000)
    else:
        path.write_text(json.dumps(anything_in(rng, json.loads(text))))
    return scoring("user.zarr", sound / "models")


def chunks(rng, sound, own):
    """An image store whose chunks hold anything."""
    shutil.copytree(sound / "sound.zarr", own / "user.zarr")
    path = rng.choice([p for p in (own / "user.zarr").rglob("*") if p.is_file() and "/c/" in str(p)])
    path.write_bytes(damaged(rng, path.read_bytes()))
    return scoring("user.zarr", sound / "models")


def checkpoint(rng, sound, own):
    """A network whose files hold anything."""
    shutil.copytree(sound / "models", own / "models")
    path = own / "models" / "classifier" / rng.choice(["model.json", "model.json", "weights.safetensors"])
    if path.suffix == ".json" and rng.random() < 0.7:
        path.write_text(json.dumps(anything_in(rng, json.loads(path.read_text()))))
    else:
        path.write_bytes(damaged(rng, path.read_bytes()))
    return scoring(sound / "sound.zarr", "models")


def scoring(images, models):
    return ["predict", "--images", images, "--models", models, "--threads", "1", "--output", "scores.csv"]


KINDS = {
    "damaged tables": damaged_table,
    "tables of words": table_of_words,
    "tables by other names": table_by_another_name,
    "headers": header,
    "settings": settings,
    "metadata of stores": metadata,
    "chunks of stores": chunks,
    "networks": checkpoint,
}
