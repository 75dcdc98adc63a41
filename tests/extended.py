"""What docs/extending.md adds, in use: runs inside a copy of the project that has it, and prints what was found.

    PYTHONPATH=COPY python tests/extended.py kind

A process of its own, since the copy's package has the name of ours.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path.cwd()  # the copy
SHIFTS = [(11 * j, 11 * i) for j in (-1, 0, 1) for i in (-1, 0, 1)]  # pixels: apertures that hardly overlap


def load(**said):
    """The copy's settings with some said otherwise, checked as the workflow does."""
    from lenspipe import config
    from lenspipe.cli import settings

    Path("said.json").write_text(json.dumps(said))
    assert (HERE / "config/schema.json").read_text() == config.schema(), "the schema would have to be made anew"
    return settings.load([config.DEFAULTS, "said.json"]).model_dump()


def draw(settings, count):
    """Catalogue of a test split."""
    from lenspipe.cli._priors import priors_from
    from lenspipe.population.catalog import draw_catalog

    drawn = settings["population"]
    priors = priors_from(settings["survey"], settings["bands"], drawn, settings["num_pix"])
    return priors, draw_catalog(
        "test",
        count,
        lens_fraction=drawn["lens_fraction"]["test"],
        non_lenses=drawn["non_lenses"],
        seed=settings["seed"],
        priors=priors,
    )


def kind():
    """Shares in a catalogue, the law of the deflectors, and the quasar's light in a picture."""
    from lenspipe.explain.without_arc import without_feature
    from lenspipe.families import KINDS
    from lenspipe.simulate.pipeline import render_row

    settings = load()
    priors, catalog = draw(settings, 600)
    drawn = [KINDS[name](np.random.default_rng(1 + k), 3000, priors) for k, name in enumerate(("deflector", "quasar"))]
    row = catalog[catalog["kind"] == "quasar"].iloc[0].to_dict()
    pixels = {"bands": settings["bands"], "num_pix": 101, "survey": priors.survey}
    light = render_row(row, **pixels)[0] - render_row(without_feature(row), **pixels)[0]
    light = light[list(settings["bands"]).index("i")]
    y, x = (np.indices(light.shape) - (light.shape[0] - 1) / 2) * priors.survey.pixel_scale
    peak = np.unravel_index(light.argmax(), light.shape)
    return {
        "counts": catalog["kind"].value_counts().to_dict(),
        "empty": int(catalog[["radius", "sky_brightness_g"]].isna().sum().sum()),
        "laws": {name: [one[name].tolist() for one in drawn] for name in ("sigma_v", "z_lens", "z_source", "e1")},
        "distance": float(np.hypot(x[peak] - row["center_x"], y[peak] - row["center_y"])),
        "radius": row["radius"],
        "magnitude": 30 - 2.5 * float(np.log10(light.sum())),
        "magnitude_said": row["extra_magnitude_i"][0],
    }


def survey():
    """Noise of empty images in apertures, and what the settings of the stages say of the survey."""
    from lenspipe import config
    from lenspipe.simulate.noise import observe

    settings = config.load([config.DEFAULTS, "config/narrow.yaml"])
    priors, catalog = draw(settings.model_dump(), 60)
    blank = np.zeros((2, 45, 45))
    rows = (row | {"source_R_sersic": np.nan} for row in catalog.to_dict("records"))
    seen = [observe(blank, blank, row, settings.bands, priors.survey, settings.seed) for row in rows]
    y, x = (np.indices((45, 45)) - 22) * priors.survey.pixel_scale
    inside = np.hypot(x, y) < priors.survey.published.aperture / 2
    fluxes = [[np.roll(one.image, shift, (1, 2))[:, inside].sum(axis=1) for shift in SHIFTS] for one in seen]
    told = [config.stage_settings(settings, stage)["survey"] for stage in ("population", "simulate", "report")]
    return {
        "name": priors.survey.name,
        "aperture_sigma": np.std(np.concatenate(fluxes), axis=0).tolist(),
        "seeing": float(catalog["seeing_r"].median()),
        "settings": told,
    }


def network():
    """A training of two epochs, and what the network that is read back answers about the validation split."""
    import rings
    from sklearn.metrics import roc_auc_score

    from lenspipe import config, store
    from lenspipe.learning import checkpoint, history
    from lenspipe.stages.predict import predict
    from lenspipe.stages.train import train

    settings = load(train={name: {"network": "strided", "epochs": 2} for name in ("classifier", "regressor")})
    stores, catalogs = toy_sky(rings)
    for name, training in settings["train"].items():
        recipe = config.recipe_of(training)
        options = {"output_dir": HERE / name, "seed": 1, "threads": 2, "recipe": recipe}
        train(name, training["task"], stores, catalogs, **options)
    answers = predict(stores["val"], [HERE / "classifier", HERE / "regressor"], batch_size=64, d4_average=False)
    epochs = history.read_history(HERE / "classifier")
    best = checkpoint.load(HERE / "classifier").best_epoch
    truth = store.read_table(catalogs["val"])["is_lens"]
    return {
        "network": checkpoint.load(HERE / "classifier").network_name,
        "weights": sum(p.numel() for p in checkpoint.load(HERE / "regressor").network.parameters()),
        "auroc_in_training": float(epochs.set_index("epoch")["val_auroc"][best]),
        "auroc_read_back": float(roc_auc_score(truth, answers["score"])),
        "distinct_scores": int(answers["score"].nunique()),
    }


def toy_sky(rings):
    """Stores and catalogues of a small sky, whose rings have redshifts that follow their radii."""
    from lenspipe import store

    written = {split: rings.write(HERE, split, count) for split, count in (("train", 256), ("val", 128))}
    stores, catalogs = ({split: paths[k] for split, paths in written.items()} for k in (0, 1))
    for path in catalogs.values():
        table = store.read_table(path)
        store.write_table(table.assign(z_source=1 + table["theta_E"]), path)
    return stores, catalogs


def task():
    """A run with the third training: rules, trained network, table of predictions, status, figure."""
    import contextlib

    import rings
    from snakemake.cli import main

    from lenspipe import config, store
    from lenspipe.diagnostics.training_history import training_history
    from lenspipe.plots.drawing import draw
    from lenspipe.stages.predict import predict
    from lenspipe.stages.train import train
    from lenspipe.status import look

    settings = config.load([config.DEFAULTS, "config/redshifts.yaml"])
    run = HERE / "results" / "redshifts"
    (run / "settings").mkdir(parents=True)
    for stage in config.stage_names(settings):
        (run / "settings" / f"{stage}.json").write_text(json.dumps(config.stage_settings(settings, stage)))
    stores, catalogs = toy_sky(rings)
    for name, training in settings.model_dump()["train"].items():
        recipe = config.recipe_of(training)
        recipe |= {"epochs": 4 if name == "redshift" else 1, "batch_size": 32, "learning_rate": 4e-3}
        options = {"output_dir": run / "models" / name, "seed": 1, "threads": 2, "recipe": recipe}
        train(name, training["task"], stores, catalogs, **options)
    folders = [run / "models" / name for name in settings.train]
    answers = predict(stores["val"], folders, batch_size=64, d4_average=True)
    truth = store.read_table(catalogs["val"])
    lenses = truth["is_lens"].to_numpy()
    store.write_table(training_history(run / "models"), run / "tables" / "training_history.csv")
    drawn = draw(run / "tables", run / "figures", ["training_history"])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main(["--dry-run", "--cores", "1", "--quiet", "host", "--configfile", "config/redshifts.yaml"])
    return {
        "columns": list(answers.columns),
        "correlation": float(np.corrcoef(answers["z_source_pred"][lenses], truth["z_source"][lenses])[0, 1]),
        "status": {stage: state.state for stage, state in look(run).items()},
        "drawn": drawn,
        "dry_run": printed.getvalue(),
    }


def engine():
    """The image of a lens by an engine whose folder was added, through the settings and the whole pipeline."""
    from lenspipe.families import ENGINES
    from lenspipe.simulate.pipeline import simulate_objects

    settings = load(simulate={"engine": "another"})
    priors, catalog = draw(settings, 40)
    pixels = (settings["bands"], settings["num_pix"], priors.survey, settings["seed"])
    images = [
        simulate_objects(catalog.head(4), *pixels, engine=name)["image"]
        for name in ("numba", settings["simulate"]["engine"])
    ]
    return {"engines": sorted(ENGINES), "largest_difference": float(np.abs(images[0] - images[1]).max())}


def figure():
    """The table and figure of an external finder, its place in the report, and what the workflow promises."""
    from snakemake.cli import main

    from lenspipe.cli import stages

    rng = np.random.default_rng(3)
    is_lens = np.arange(400) % 2 == 0
    theta_E = np.where(is_lens, rng.uniform(0.3, 3, 400), np.nan)
    snr = np.where(is_lens, rng.uniform(5, 200, 400), 0.0)
    table = {"score": rng.uniform(0, 1, 400), "is_lens": is_lens, "theta_E": theta_E, "arc_snr": snr}
    table |= {"theta_E_pred": rng.uniform(0.3, 3, 400), "theta_E_sigma": rng.uniform(0.1, 1, 400)}
    pd.DataFrame(table).to_csv("finder.csv", index=False)
    run = HERE / "results" / "finder"
    stages.diagnose(predictions=Path("finder.csv"), output=run)
    stages.report(run)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main(["--dry-run", "--cores", "1", "--quiet", "host", "--", "results/talk/figures/sigma_vs_arc_snr.png"])
    made = pd.read_csv(run / "tables" / "sigma_vs_arc_snr.csv")
    return {
        "objects": int(made["n"].sum()),
        "figures": [path.name for path in sorted((run / "figures").iterdir())],
        "report": (run / "report.html").read_text(),
        "dry_run": printed.getvalue(),
    }


if __name__ == "__main__":
    act = {"kind": kind, "survey": survey, "network": network, "task": task, "engine": engine, "figure": figure}
    Path("found.json").write_text(json.dumps(act[sys.argv[1]]()))
