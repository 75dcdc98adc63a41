"""What may happen to a file. Files of a run are hard links here: each is replaced, never written into."""

import numpy as np
import zarr

from lenspipe import store


def truncated(path):
    replace(path, path.read_bytes()[: path.stat().st_size // 2])


def garbled(path):
    replace(path, np.random.default_rng(1).bytes(path.stat().st_size))


def foreign(path):
    replace(path, b'{"colour": [1, 2]}')


def missing(path):
    path.unlink()


def flipped(path):
    blob = bytearray(path.read_bytes())
    blob[len(blob) // 2] ^= 1
    replace(path, bytes(blob))


def replace(path, data):
    path.unlink()
    path.write_bytes(data)


def table(change):
    """A change of a table's frame."""

    def damage(path):
        store.write_table(change(store.read_table(path)), path)

    return damage


def without(column):
    return table(lambda frame: frame.drop(columns=column))


def text_in(column):
    return table(lambda frame: frame.assign(**{column: "many"}))


def array(name, change):
    """A change of an array of a store, which is then a stranger's: without manifest and journal."""

    def damage(path):
        detach(path)
        group = zarr.open_group(str(path), mode="r+", use_consolidated=False)
        values, dims = group[name][:], group[name].metadata.dimension_names
        values = change(values)
        group.create_array(name, data=values, dimension_names=dims[: values.ndim], overwrite=True)
        store.finish(path)

    return damage


def attribute(name, value):
    def damage(path):
        detach(path)
        zarr.open_group(str(path), mode="r+", use_consolidated=False).attrs[name] = value
        store.finish(path)

    return damage


def detach(path):
    for beside in path.parent.glob(f"{path.stem}.*"):
        if beside != path:
            beside.unlink()


def blank(rows, bands=slice(None)):
    def change(image):
        image[rows, bands] = np.nan
        return image

    return array("image", change)


def torn(path):
    """A chunk cut off in a stranger's store, which has no sums."""
    detach(path)
    truncated(path / "image/c/1/0/0/0")


def of_other_objects(path):
    table(lambda frame: frame.assign(id=frame["id"] + 1))(path)


def of_another_store(path):
    replace(path, (path.parent / "val.json").read_bytes())
