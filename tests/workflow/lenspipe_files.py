"""What a run leaves behind."""

FIGURES = [
    "einstein_radius",
    "examples",
    "false_positives_vs_radius",
    "feature_maps",
    "roc",
    "scores_by_kind",
    "training_history",
]
FILES = [
    *(f"catalog/{split}.parquet" for split in ("train", "val", "test")),
    *(f"images/{split}.json" for split in ("train", "val", "test")),
    *(f"images/{split}.zarr/zarr.json" for split in ("train", "val", "test")),
    *(
        f"models/{t}/{f}"
        for t in ("classifier", "regressor")
        for f in ("weights.safetensors", "model.json", "history.csv")
    ),
    *(f"predictions/{split}.parquet" for split in ("val", "test")),
    "tables/summary.csv",
    "report.html",
]
