"""The truth of a split and the answers of methods, row by row about the same objects."""

import numpy as np

from lenspipe import store
from lenspipe.columns import PREDICTIONS, QUANTILE_LEVELS, QUANTILES, catalog_columns, classes_among, kind_columns
from lenspipe.errors import InputError
from lenspipe.stats.posterior import Posterior

HEADLINE_NEEDS = ("score", "arc_snr")  # columns of the headline's answers, from which most tables are made


def read_truth(catalog_dir, split, bands=()):
    """The catalogue of a split.

    Parameters
    ----------
    catalog_dir : path
        With <split>.parquet.
    split : str
    bands : sequence of str
        Whose columns are read too.

    Returns
    -------
    DataFrame
        ``columns.catalog_columns``.

    Raises
    ------
    InputError
        If it cannot be read, or holds an id more than once.
    """
    path = catalog_dir / f"{split}.parquet"
    truth = store.read_table(path, catalog_columns(bands))
    store.check_distinct(truth["id"], path)
    return truth


def read_answers(path, truth, *, catalog, stage="predict", headline=False):
    """The answers of a method about the objects of a split.

    Parameters
    ----------
    path : path
        predictions/<method>/<split>.parquet
    truth : DataFrame [n]
        ``id``, ``is_lens``.
    catalog : path
        Where the truth is from: named in messages.
    stage : str
        That writes the answers: named in messages.
    headline : bool
        Whether the method is the headline, which must have ``HEADLINE_NEEDS``, and radii of all objects if of any; of
        another method those of lenses count.

    Returns
    -------
    DataFrame [n]
        Rows as in ``truth``; the columns of ``columns.PREDICTIONS``, ``columns.QUANTILES`` and ``columns.kind_columns``
        that the table has.

    Raises
    ------
    InputError
        If it is not about the same objects, lacks a column, or an answer makes no sense.
    """
    answers = store.read_table(path)
    possible = [*PREDICTIONS, *QUANTILES, *kind_columns(classes_among(answers.columns))]
    columns = [c for c in possible if c.name == "id" or c.name in answers or (headline and c.name in HEADLINE_NEEDS)]
    store.check_columns(path, columns)
    store.check_distinct(answers["id"], path)
    if unshared := len(set(answers["id"]) ^ set(truth["id"])):
        raise InputError(f"{path}: {unshared} ids are not shared with {catalog}; run {stage} again")
    answers = answers.set_index("id").loc[truth["id"]].reset_index()
    radii_of = np.ones(len(truth), bool) if headline else truth["is_lens"].to_numpy(bool)
    if (wrong := _makes_no_sense(answers, radii_of)).any():
        number = answers["id"][wrong].iloc[0]
        raise InputError(f"{path}: object {number} has a score outside 0 to 1 or no theta_E_pred; run {stage} again")
    return answers[[column.name for column in columns if column.name != "id"]].set_index(truth.index)


def join_objects(catalog_dir, predictions_dir, split, bands=()):
    """Catalogue and answers of the network in one table, with the probabilities of kinds if there are any.

    Parameters
    ----------
    catalog_dir, predictions_dir : path
        With <split>.parquet.
    split : str
    bands : sequence of str
        Whose columns are read too.

    Returns
    -------
    DataFrame
        Columns of the catalogue, then those of ``columns.PREDICTIONS``.

    Raises
    ------
    InputError
        If they are not about the same objects, or a prediction makes no sense.
    """
    truth, path = read_truth(catalog_dir, split, bands), predictions_dir / f"{split}.parquet"
    return truth.join(read_answers(path, truth, catalog=catalog_dir / f"{split}.parquet", headline=True))


def has_quantiles(answers):
    """Whether a table of answers (DataFrame) has all quantiles of the Einstein radius: bool."""
    return all(column.name in answers for column in QUANTILES)


def posterior_of(answers):
    """The laws of the Einstein radius that a method predicts, whatever made them.

    Parameters
    ----------
    answers : DataFrame [n]
        With ``columns.QUANTILES``, or ``theta_E_pred`` and ``theta_E_sigma`` of normal laws.

    Returns
    -------
    Posterior
        Of n objects, arcsec.
    """
    if has_quantiles(answers):
        return Posterior(QUANTILE_LEVELS, answers[[column.name for column in QUANTILES]].to_numpy())
    return Posterior.normal(answers["theta_E_pred"].to_numpy(), answers["theta_E_sigma"].to_numpy())


def _makes_no_sense(answers, radii_of):
    """Which answers are wrong; ``radii_of`` are the objects whose radius must be a number."""
    wrong = np.zeros(len(answers), bool)
    if "score" in answers:
        wrong |= ~answers["score"].between(0, 1).to_numpy()
    if "theta_E_pred" in answers:
        wrong |= radii_of & ~np.isfinite(answers["theta_E_pred"].to_numpy())
    if "theta_E_sigma" in answers:
        wrong |= radii_of & ~(answers["theta_E_sigma"] > 0).to_numpy()
    if has_quantiles(answers):
        wrong |= radii_of & ~(np.diff(answers[[column.name for column in QUANTILES]], axis=1) > 0).all(axis=1)
    return wrong
