"""A sky painted on real galaxies, as a user makes it: from FITS cubes to the image stores."""

import json

import numpy as np
import pytest
import real_galaxies as made
import yaml
from astropy.io import fits

from lenspipe import config, store
from lenspipe.cli import main
from lenspipe.cli.settings import load_for_workflow
from lenspipe.columns import DRAWN_SPLITS, SPLITS
from lenspipe.explain.without_arc import features
from lenspipe.simulate.noise import coadds_of
from lenspipe.simulate.painting import turned
from lenspipe.stages import simulate as running
from lenspipe.surveys import SURVEYS

pytestmark = pytest.mark.slow

DES_Y3 = SURVEYS["des_y3"]

COUNTS = {"train": 48, "val": 32, "test": 300, "twins": 6}  # two chunks
OVERRIDES = {
    "population": {
        "counts": COUNTS,
        "lens_fraction": {"test": 0.5},
        "non_lenses": dict.fromkeys(("spiral", "merger", "near_miss", "bright_star", "red_pair", "edge_on"), 0),
    },
    "simulate": {"keep_planes": True},
}


def lenspipe(capsys, *arguments):
    """Exit status, stderr."""
    with pytest.raises(SystemExit) as end:
        main([str(a) for a in arguments])
    return end.value.code, capsys.readouterr().err if capsys else ""


class Run:
    """A folder with a store of galaxies, settings that name it, and what the first two stages make of them."""

    def __init__(self, folder, backgrounds, overrides=OVERRIDES, capsys=None):
        self.folder, self.capsys = folder, capsys
        population = overrides["population"] | {"backgrounds": str(backgrounds)}
        self.settings = folder / "painted.yaml"
        self.settings.write_text(yaml.safe_dump(overrides | {"run": "painted", "population": population}))
        self.complete = folder / "complete.yaml"

    def do(self, *arguments):
        return lenspipe(self.capsys, *arguments)

    def write_settings(self, root):
        merged = {}
        for path in (root / "config" / "config.yaml", self.settings):
            merged = config.merge(merged, yaml.safe_load(path.read_text()))
        self.complete.write_text(yaml.safe_dump(merged))

    def simulate(self, *more, to="images"):
        named = [
            (f"--catalog={self.folder}/catalog/{s}.parquet", f"--manifest={self.folder}/{to}/{s}.json") for s in SPLITS
        ]
        return self.do("simulate", "--settings", self.complete, *(word for pair in named for word in pair), *more)

    def catalog(self, split="test"):
        return store.read_table(self.folder / "catalog" / f"{split}.parquet")

    def images(self, split="test", to="images"):
        return store.open_images(self.folder / to / f"{split}.zarr")


@pytest.fixture(scope="module")
def painted(tmp_path_factory, root):
    folder = tmp_path_factory.mktemp("painted")
    made.write_cubes(folder, 14)
    run = Run(folder, made.ingest(folder))
    run.write_settings(root)
    assert run.do("population", "--settings", run.complete, "--output", folder / "catalog")[0] == 0
    assert run.simulate()[0] == 0
    return run


def under(run, split="test"):
    """The cutouts that a split's objects lie on, turned as they say, cut from the user's files."""
    rows = run.catalog(split)
    cubes = [fits.getdata(run.folder / f"{band}.fits") for band in made.BANDS]
    stamps = np.stack(cubes, axis=1)[:, :, 3:48, 3:48]
    return rows, np.stack(
        [
            turned(stamps[id - 100], turn)
            for id, turn in zip(rows["background_id"], rows["background_turn"], strict=True)
        ]
    )


def gains(rows):
    """Electrons per count [n, band] of the exposures: 90 s each, dimmed by the survey's mean extinction."""
    zero_points = np.array([DES_Y3.bands[band].zero_point for band in made.BANDS])
    one = 90 * 10 ** (0.4 * (zero_points - 30 - DES_Y3.extinction))
    return one * rows[[f"num_exposures_{band}" for band in made.BANDS]].to_numpy()


def test_no_galaxy_is_in_two_splits_and_each_is_there_painted_and_unpainted(painted):
    used = {}
    for split in DRAWN_SPLITS:
        rows = painted.catalog(split)
        used[split] = set(rows["background_id"])
        for kind in ("lens", "deflector") if split == "test" else ("lens",):
            assert set(rows.loc[rows["kind"] == kind, "background_id"]) == used[split], (split, kind)
    assert sum(map(len, used.values())) == 14 == len(set().union(*used.values()))


def test_an_unpainted_galaxy_is_the_real_cutout_itself(painted):
    rows, real = under(painted)
    alone = (rows["kind"] == "deflector").to_numpy()
    assert alone.sum() > 20 and set(rows.loc[alone, "background_turn"]) == set(range(8))
    np.testing.assert_array_equal(painted.images()["image"].values[alone], real[alone])


def test_a_painted_galaxy_less_its_cutout_is_the_source_within_its_photon_noise(painted):
    rows, real = under(painted)
    lens, images = rows["is_lens"].to_numpy(), painted.images()
    source = images["source_light"].values[lens].astype(float)
    paint = images["image"].values[lens] - real[lens].astype(float)
    units = 1 / gains(rows[lens])
    electrons = paint / units[..., None, None]
    np.testing.assert_allclose(electrons, np.rint(electrons), atol=0.05)  # float32 pixels on whole photons
    expected = source / units[..., None, None]
    seen = expected > 20
    pull = ((electrons - expected) / np.sqrt(np.maximum(expected, 1e-9)))[seen]
    assert seen.sum() > 2000
    assert pull.mean() == pytest.approx(0, abs=5 / np.sqrt(seen.sum())) and pull.std() == pytest.approx(1, abs=0.05)
    np.testing.assert_allclose(images["lens_light"].values[lens], real[lens])  # the plane is the real image


def test_twins_share_their_lens_s_cutout(painted):
    rows, real = under(painted, "twins")
    lenses = painted.catalog().set_index("id").loc[rows["noise_id"]]
    for name in ("background_id", "background_turn"):
        np.testing.assert_array_equal(rows[name], lenses[name])
    image, bare = painted.images("twins")["image"].values, (rows["kind"] == "twin_without_source").to_numpy()
    assert bare.sum() == 6
    np.testing.assert_array_equal(image[bare], real[bare])
    assert (image[~bare] - real[~bare] > -1e-2).all() and (image[~bare] != real[~bare]).any(axis=(1, 2, 3)).all()


def test_noise_seeing_and_signal_to_noise_are_the_cutout_s(painted):
    rows, real = under(painted)
    images, cutouts = painted.images(), store.open_images(painted.folder / "galaxies.zarr")
    place = {id: k for k, id in enumerate(cutouts["id"].values)}
    places = [place[id] for id in rows["background_id"]]
    np.testing.assert_array_equal(images["sky_sigma"], cutouts["sky_sigma"].values[places])
    np.testing.assert_allclose(images["psf_fwhm"], np.tile(list(made.SEEING.values()), (len(rows), 1)), rtol=1e-6)
    k = int(np.argmax(images["arc_snr"].values))
    snr2 = 0
    coadds = coadds_of(rows.iloc[k].to_dict(), made.BANDS, DES_Y3)  # whose noise before resampling counts
    for b, coadd in enumerate(coadds):
        source = images["source_light"].values[k, b].astype(float)
        variance = coadd.variance() + (real[k, b].clip(0) + source) / gains(rows[k : k + 1])[0, b]
        snr2 += np.sum(source**2 / variance)
        assert coadd.sky_sigma() == pytest.approx(float(images["sky_sigma"][k, b]), rel=1e-5)
    assert float(images["arc_snr"][k]) == pytest.approx(np.sqrt(snr2), rel=1e-4)
    assert ((images["arc_snr"].values > 0) == rows["is_lens"]).all()


def test_stores_are_whole_and_an_object_is_redrawn(painted, tmp_path, root):
    assert all(store.verify(painted.folder / "images" / f"{split}.zarr") == [] for split in SPLITS)
    (painted.folder / "settings").mkdir(exist_ok=True)
    said = config.stage_settings(config.load([painted.complete]), "simulate")
    (painted.folder / "settings" / "simulate.json").write_text(json.dumps(said))
    rows = painted.catalog()
    number = int(rows.loc[rows["is_lens"], "id"].iloc[3])
    assert painted.do("redraw", number, "--run", painted.folder, "--output", tmp_path / "one.fits")[0] == 0
    stored = painted.images()["image"].values[number - 2 * 10**9]
    with fits.open(tmp_path / "one.fits") as file:
        np.testing.assert_array_equal([file[f"IMAGE_{band.upper()}"].data for band in made.BANDS], stored)
        assert file[0].header["background_id"] == rows["background_id"][number - 2 * 10**9]


def test_parts_and_whole_are_the_same_bytes_and_other_cutouts_another_sky(painted, tmp_path, monkeypatch):
    for part in ("2/2", "1/2", "1/1"):
        assert painted.simulate("--part", part, to="parts")[0] == 0
    for name in ("image/c/0/0/0/0", "image/c/1/0/0/0", "arc_snr/c/1"):
        one, two = (painted.folder / to / "test.zarr" / name for to in ("images", "parts"))
        assert one.read_bytes() == two.read_bytes()
    begun = {p: p.stat().st_mtime_ns for p in (painted.folder / "parts").rglob("image/c/*/0/0/0")}
    assert painted.simulate(to="parts")[0] == 0
    assert {p: p.stat().st_mtime_ns for p in begun} == begun, "what is whole is kept"
    digests = []
    for sums in ("a", "b"):
        monkeypatch.setattr(running, "_manifest_of", lambda path, sums=sums: {"path": str(path), "manifest": sums})
        inputs = {"survey": DES_Y3, "part": (1, 1), "backgrounds": "galaxies.zarr", "engine": "numba"}
        catalog = painted.folder / "catalog" / "val.parquet"
        job = running._prepare(catalog, tmp_path / "val.zarr", **inputs, pixels={"seed": 1})
        digests.append(job.journal.digest)
    assert digests[0] != digests[1]


def test_an_arc_s_light_is_taken_away_and_the_galaxy_stays(painted):
    """What attribution asks for: the object without its arc is the cutout."""
    rows, real = under(painted)
    few = rows[rows["is_lens"]][:6]
    light, without_arc = features(
        few, list(made.BANDS), 45, DES_Y3, seed=20240607, backgrounds=painted.folder / "galaxies.zarr"
    )
    np.testing.assert_allclose(without_arc, real[few.index], rtol=1e-6)
    np.testing.assert_allclose(light, painted.images()["source_light"].values[few.index], atol=0.02)


WRONG = {
    "no store": ({}, lambda folder: folder / "none.zarr", "none.zarr: no image store here"),
    "no manifest": ({}, "manifest", "has no manifest galaxies.json; make it with `lenspipe ingest`"),
    "larger pictures": ({"num_pix": 61}, None, "51 x 51 pixels, which cannot be cut to 61"),
    "a kind without deflector": (
        {"population": OVERRIDES["population"] | {"non_lenses": {"spiral": 0.2}}},
        None,
        "population.non_lenses: with population.backgrounds, 'spiral' has no deflector that could be a real galaxy",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_settings_get_one_line_before_anything_is_made(painted, tmp_path, root, capsys, case):
    changed, path, said = WRONG[case]
    path = path(tmp_path) if callable(path) else painted.folder / "galaxies.zarr"
    if case == "no manifest":
        path = tmp_path / "galaxies.zarr"
        path.symlink_to(painted.folder / "galaxies.zarr")
    run = Run(tmp_path, path, OVERRIDES | changed, capsys)
    status, err = run.do("config", "--configfile", run.settings)
    assert status == 2 and len(err.splitlines()) == 1 and said in err, err
    files = [root / "config" / "config.yaml", run.settings]  # and so does the workflow, before its graph is built
    with pytest.raises(SystemExit) as end:
        load_for_workflow(config.merge(*map(config.read_yaml, files)), files)
    assert end.value.code == 2 and capsys.readouterr().err == err


GALAXIES = {
    "an unknown PSF": (
        dict(count=4, seeing={"g": 1.1, "r": 1.0, "i": 0.9}),
        "has no psf_fwhm in band z; ingest it with --psf or --seeing",
    ),
    "too few": (dict(count=2), "holds 2 usable galaxies; at least 3 are needed"),
    "one of them twice": (dict(count=4, twice=True), "occurs twice, also as 100"),
}


@pytest.mark.parametrize("case", GALAXIES)
def test_galaxies_that_cannot_be_used_get_one_line_and_make_no_catalogue(tmp_path, root, capsys, case):
    said, words = GALAXIES[case]
    made.write_cubes(tmp_path, said["count"])
    if said.get("twice"):
        for band in made.BANDS:
            with fits.open(tmp_path / f"{band}.fits", mode="update") as file:
                file[0].data[2] = file[0].data[0]
    run = Run(tmp_path, made.ingest(tmp_path, seeing=said.get("seeing", made.SEEING)), capsys=capsys)
    run.write_settings(root)
    capsys.readouterr()
    status, err = run.do("population", "--settings", run.complete, "--output", tmp_path / "catalog")
    lines = [line for line in err.splitlines() if not line.startswith("population: ")]
    assert status == 2 and len(lines) == 1 and words in lines[0], err
    assert not (tmp_path / "catalog" / "train.parquet").exists()


def test_thirty_real_galaxies_are_painted_on(tmp_path, root, realdata):
    for band in made.BANDS:
        (tmp_path / f"{band}.fits").symlink_to(realdata / "des_galaxies" / f"{band}.fits")
    (tmp_path / "galaxies.csv").symlink_to(realdata / "des_galaxies" / "galaxies.csv")
    counts = {"train": 16, "val": 16, "test": 96, "twins": 1}
    run = Run(tmp_path, made.ingest(tmp_path), {"population": OVERRIDES["population"] | {"counts": counts}})
    run.write_settings(root)
    assert run.do("population", "--settings", run.complete, "--output", tmp_path / "catalog")[0] == 0
    assert run.simulate()[0] == 0
    rows, images = run.catalog(), run.images()
    assert [len(set(run.catalog(split)["background_id"])) for split in DRAWN_SPLITS] == [4, 5, 21]
    assert rows["lens_magnitude_i"].between(16, 21).all() and np.hypot(rows["center_x"], rows["center_y"]).max() < 0.8
    for b, (band, noise) in enumerate(zip(made.BANDS, (2.64, 3.72, 6.25, 11.19), strict=True)):  # of 56 such stamps
        assert np.median(images["sky_sigma"][:, b]) == pytest.approx(noise, rel=0.15), band
    exposures = rows[[f"num_exposures_{band}" for band in made.BANDS]].to_numpy()
    assert 3 <= np.median(exposures) <= 6  # Y3 coadds
