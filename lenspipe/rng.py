"""Where randomness comes from: named streams, never a global generator.

A stream is a pure function of the seed and a name, so that nothing depends on the order of work.
"""

from zlib import crc32

import numpy as np

from lenspipe.columns import IDS_PER_SPLIT, SPLITS

BATCH = 1000  # catalogue draws that share a stream; fixed, so that growing a count appends

# The Poisson noise of the sky and all unlensed light, of the lensed source, and the read noise are
# separate and additive: a twin without source shares all but its arc.
PURPOSES = {"sky": 0, "source": 1, "read": 2}
CATALOG_PURPOSES = {"object": 0, "field": 1}  # the field of stars and galaxies disturbs no other draw


def catalog_stream(seed, split, kind, batch, purpose="object"):
    """Generator of one batch of catalogue draws.

    Parameters
    ----------
    seed : int
    split : str
        One of ``columns.SPLITS``.
    kind : str
        Its name, not its place in a list, enters: a new kind changes no other.
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
    """A generator of its own for draws that disturb no others: a child of the stream's seed."""
    return rng.spawn(1)[0]


def named_child_stream(rng, name):
    """Likewise, but by a name: children that are numbered keep their numbers."""
    stream = rng.bit_generator.seed_seq
    key = (*stream.spawn_key, crc32(name.encode()))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(stream.entropy, spawn_key=key)))


def background_stream(seed):
    """Generator of the order in which real galaxies are shared out among the splits."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(crc32(b"backgrounds"),))))


def pixel_stream(seed, noise_id, purpose):
    """Generator of one object's pixels for one purpose.

    Parameters
    ----------
    seed : int
    noise_id : int
        The id of the object whose noise it is.
    purpose : str
        One of ``PURPOSES``.

    Returns
    -------
    numpy.random.Generator
    """
    split, index = divmod(int(noise_id), IDS_PER_SPLIT)
    sequence = np.random.SeedSequence(seed, spawn_key=(split, index, PURPOSES[purpose]))
    return np.random.Generator(np.random.SFC64(sequence))
