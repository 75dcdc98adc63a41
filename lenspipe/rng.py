"""Random streams: generators that are derived from a seed and a name. There is never a global generator.

A stream is a pure function of the seed and its name, so that no result depends on the order of the work.
"""

from zlib import crc32

import numpy as np

from lenspipe.columns import IDS_PER_SPLIT, SPLITS

BATCH = 1000  # catalogue draws per stream; fixed, so that a larger count only appends rows

# Three separate, additive noise streams: Poisson noise of the sky and all unlensed light, Poisson noise of the lensed
# source, read noise. A twin without source therefore has the same noise as its lens, except that of the arc.
PURPOSES = {"sky": 0, "source": 1, "read": 2}
CATALOG_PURPOSES = {"object": 0, "field": 1}  # drawing the field of stars and galaxies changes no other draw


def catalog_stream(seed, split, kind, batch, purpose="object"):
    """Generator of one batch of catalogue draws.

    Parameters
    ----------
    seed : int
    split : str
        One of ``columns.SPLITS``.
    kind : str
        Its name, not its position in a list, is part of the stream: a new kind changes no other kind.
    batch : int
        Number of the batch of ``BATCH`` draws.
    purpose : str
        One of ``CATALOG_PURPOSES``.

    Returns
    -------
    numpy.random.Generator
    """
    key = (SPLITS.index(split), crc32(kind.encode()), batch, CATALOG_PURPOSES[purpose])
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def child_stream(rng):
    """Generator for draws that must not change the other draws of a stream: a child of its seed.

    Parameters
    ----------
    rng : numpy.random.Generator
        Parent. Its children are numbered: the next call returns another child.

    Returns
    -------
    numpy.random.Generator
    """
    return rng.spawn(1)[0]


def named_child_stream(rng, name):
    """As ``child_stream``, but the child is identified by a name, so that numbered children keep their numbers.

    Parameters
    ----------
    rng : numpy.random.Generator
        Parent.
    name : str

    Returns
    -------
    numpy.random.Generator
    """
    stream = rng.bit_generator.seed_seq
    key = (*stream.spawn_key, crc32(name.encode()))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(stream.entropy, spawn_key=key)))


def background_stream(seed):
    """Generator of the order in which real galaxies are assigned to splits.

    Parameters
    ----------
    seed : int

    Returns
    -------
    numpy.random.Generator
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(crc32(b"backgrounds"),))))


def pixel_stream(seed, noise_id, purpose):
    """Generator of the pixel noise of one object for one purpose.

    Parameters
    ----------
    seed : int
    noise_id : int
        Id of the object whose noise it is.
    purpose : str
        One of ``PURPOSES``.

    Returns
    -------
    numpy.random.Generator
    """
    split, index = divmod(int(noise_id), IDS_PER_SPLIT)
    sequence = np.random.SeedSequence(seed, spawn_key=(split, index, PURPOSES[purpose]))
    return np.random.Generator(np.random.SFC64(sequence))
