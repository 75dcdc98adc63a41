"""Losses and answers against torch's and scipy's own, and what every task promises."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import expit
from scipy.stats import norm

from lenspipe.columns import ARC_SNR, catalog_columns
from lenspipe.families import TASKS
from lenspipe.tasks import einstein_radius, is_lens, kind, kind_and_arc

KINDS = ("lens", "ring", "star")


@pytest.fixture
def truth():
    """Twelve objects of three kinds, as the catalogue has them."""
    n = 12
    kinds = np.array(KINDS)[np.arange(n) % 3]
    lenses = kinds == "lens"
    theta_E = np.where(lenses, np.linspace(0.5, 2.5, n), np.nan)
    seen = {"radius": np.linspace(0.5, 2.5, n), "arc_snr": np.where(lenses, np.linspace(5, 60, n), 0.0)}
    return pd.DataFrame({"id": np.arange(n), "kind": kinds, "is_lens": lenses, "theta_E": theta_E} | seen)


@pytest.fixture(params=sorted(TASKS))
def name(request):
    return request.param


def test_a_task_s_outputs_are_scored_measured_and_answered(name, truth):
    task = TASKS[name].fit(truth)
    target = task.target(truth)
    assert target.dtype == np.float32 and len(target) == len(truth)
    rows = np.isfinite(target.reshape(len(target), -1)[:, 0])
    outputs = torch.randn(len(truth), *task.output_shape, generator=torch.Generator().manual_seed(1))[rows]
    outputs.requires_grad_(True)
    task.loss(outputs, torch.from_numpy(target[rows])).backward()
    assert outputs.grad.abs().sum() > 0
    measured = task.measure(outputs.detach(), torch.from_numpy(target[rows]))
    assert tuple(measured) == task.metrics and all(np.isfinite(list(measured.values())))
    views = np.stack([outputs.detach().numpy()] * 8)
    calibrated = task.calibrated(views, target[rows])
    answers = calibrated.answers(views)
    assert set(answers) == {column.name for column in task.columns}
    assert all(len(values) == rows.sum() for values in answers.values())


def test_a_task_is_rebuilt_from_its_json(name, truth):
    task = TASKS[name].fit(truth)
    target = task.target(truth)
    target = target[np.isfinite(target.reshape(len(target), -1)[:, 0])]
    views = np.random.default_rng(3).normal(size=(8, len(target), *task.output_shape))
    task = task.calibrated(views, target)
    rebuilt = TASKS[name](**json.loads(json.dumps(asdict(task))))
    assert rebuilt == task and rebuilt.output_shape == task.output_shape and rebuilt.columns == task.columns


def test_a_task_reads_columns_of_the_catalogue(name):
    assert set(TASKS[name].truth) <= {column.name for column in [*catalog_columns([]), ARC_SNR]}


def test_a_catalogue_that_teaches_nothing_is_refused(name, truth):
    with pytest.raises(ValueError, match=r"both classes|two lenses or more"):
        TASKS[name].fit(truth).target(truth[~truth["is_lens"]])


def test_the_loss_of_the_radius_is_minus_the_gaussian_log_likelihood():
    outputs, target = torch.tensor([[0.3, -0.5], [1.0, 0.7]]), torch.tensor([0.1, -0.4])
    log_likelihood = norm.logpdf(target.numpy(), outputs[:, 0].numpy(), np.exp(outputs[:, 1].numpy()))
    expected = -np.mean(log_likelihood) - 0.5 * np.log(2 * np.pi)
    assert einstein_radius.Task(1.0, 2.0).loss(outputs, target).item() == pytest.approx(expected, rel=1e-5)


def test_the_loss_of_is_lens_is_the_cross_entropy_of_its_score():
    outputs, target = torch.tensor([[2.0], [-1.0], [0.2]]), torch.tensor([1.0, 0.0, 0.0])
    p = score(outputs[None].numpy())
    expected = -np.mean(np.log(np.where(target.numpy() > 0, p, 1 - p)))
    assert is_lens.Task().loss(outputs, target).item() == pytest.approx(expected, rel=1e-5)


def score(outputs, classes=()):
    task = kind.Task(classes) if classes else is_lens.Task()
    return task.answers(outputs)["score"]


def probabilities(outputs):
    answers = kind.Task(KINDS).answers(outputs)
    return np.stack([answers[f"p_{name}"] for name in KINDS], axis=1)


@pytest.fixture
def logits():
    """Of 50 images in eight views, some of them sure [view, n, class]."""
    rng = np.random.default_rng(4)
    return rng.normal(0, 6, (50, 3)) + rng.normal(0, 0.5, (8, 50, 3))


def test_the_score_of_a_classifier_of_kinds_is_the_lens_s_of_probabilities_that_add_up_to_one(logits):
    p = probabilities(logits)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(score(logits, KINDS), p[:, 0], rtol=1e-10)
    assert p[:, 0].min() < 1e-4 and p[:, 0].max() > 0.999
    two = logits[:, :, :2]  # of two classes, the logit is their difference
    np.testing.assert_allclose(score(two, KINDS[:2]), score(two[:, :, :1] - two[:, :, 1:]), rtol=1e-10)


def test_the_order_of_the_classes_does_not_matter(logits):
    order = [2, 0, 1]
    permuted = tuple(KINDS[k] for k in order)
    np.testing.assert_allclose(score(logits[:, :, order], permuted), score(logits, KINDS), rtol=1e-12)
    target = torch.arange(50) % 3
    measured = kind.Task(KINDS).measure(torch.from_numpy(logits[0]), target)
    place = torch.tensor([order.index(k) for k in range(3)])
    assert kind.Task(permuted).measure(torch.from_numpy(logits[0][:, order]), place[target]) == pytest.approx(measured)


def test_a_kind_that_is_not_learned_counts_as_a_non_lens_and_not_in_the_loss(logits):
    outputs, target = torch.from_numpy(logits[0]), torch.arange(50) % 3
    task, strange = kind.Task(KINDS), torch.where(torch.arange(50) % 6 == 1, kind.UNKNOWN, target)
    kept = strange != kind.UNKNOWN
    p = probabilities(logits[:1])[kept.numpy(), target[kept].numpy()]
    assert task.loss(outputs, strange).item() == pytest.approx(-np.log(p).mean(), rel=1e-6)
    measured, without = (task.measure(outputs[rows], strange[rows]) for rows in (slice(None), kept))
    assert measured["val_balanced_accuracy"] == without["val_balanced_accuracy"]
    assert measured["val_auroc"] == task.measure(outputs, target)["val_auroc"] != without["val_auroc"]
    binary = is_lens.Task().loss(task.logit(outputs)[:, None], (target == 0).double())
    assert measured["val_lens_loss"] == pytest.approx(binary.item(), rel=1e-6)


def test_views_are_averaged_in_logit_and_mean_and_their_law_has_the_total_variance():
    views = np.array([[[0.0, np.log(0.1)]], [[1.0, np.log(0.3)]]])
    theta_E, sigma = einstein_radius.Task(mean=1.5, sd=2.0).radius(views)
    assert theta_E == pytest.approx([1.5 + 2 * 0.5])
    assert sigma == pytest.approx([2 * np.sqrt((0.1**2 + 0.3**2) / 2 + 0.5**2)])
    assert score(views[:, :, :1]) == pytest.approx([expit(0.5)])


def test_a_radius_is_never_negative():
    answers = einstein_radius.Task(mean=1.5, sd=0.6).answers(np.array([[[-9.0, 0.0]]]))
    assert answers["theta_E_pred"] == [0.0]


def test_calibrated_sigmas_cover_68_percent():
    rng = np.random.default_rng(2)
    true = rng.uniform(0.5, 3, 20_000)
    predicted = true + rng.normal(0, 0.3, true.size)
    task = einstein_radius.Task(mean=1.7, sd=0.7)
    claimed = 0.1  # three times too sure
    outputs = np.stack([(predicted - 1.7) / 0.7, np.full(true.size, np.log(claimed / 0.7))], axis=1)[None]
    calibrated = task.calibrated(outputs, (true - 1.7) / 0.7)
    fitted = np.array(calibrated.sigma_scale["1"])
    assert len(fitted) == 40 and fitted[:, 1].mean() == pytest.approx(3.0, rel=0.03)
    answers = calibrated.answers(outputs)
    assert np.mean(np.abs(answers["theta_E_pred"] - true) < answers["theta_E_sigma"]) == pytest.approx(0.683, abs=5e-3)


@pytest.mark.parametrize("head", ["gaussian", "mixture"])
def test_calibrated_sigmas_cover_68_percent_whatever_the_answer(head):
    """Errors that grow with the radius, of a network that claims the same for all: seen on other objects."""
    rng = np.random.default_rng(4)
    true = rng.uniform(0.5, 3, 40_000)
    predicted = true + rng.normal(0, 0.1 * true)
    law = [(predicted - 1.7) / 0.7, np.full(true.size, np.log(0.3))]
    mixture = [np.zeros(true.size), np.zeros(true.size), np.full(true.size, -30.0)]  # the first two components, equal
    means, sigmas = ([part] * 3 for part in law)
    outputs = np.stack(law if head == "gaussian" else [*mixture, *means, *sigmas], axis=1)[None]
    task, (first, other) = einstein_radius.Task(mean=1.7, sd=0.7, head=head), np.split(np.arange(true.size), 2)
    assert outputs.shape[2:] == task.output_shape
    answers = task.calibrated(outputs[:, first], (true[first] - 1.7) / 0.7).answers(outputs[:, other])
    within = np.abs(answers["theta_E_pred"] - true[other]) < answers["theta_E_sigma"]
    place = np.digitize(answers["theta_E_pred"], [1.0, 1.5, 2.0, 2.5])
    np.testing.assert_allclose([within[place == k].mean() for k in range(5)], 0.683, atol=0.02)


def test_one_factor_for_all_as_older_versions_wrote_is_refused():
    with pytest.raises(ValueError, match="pairs of radius and factor"):
        einstein_radius.Task(mean=0, sd=1, sigma_scale={"1": 0.9})


def test_few_validation_lenses_have_one_factor():
    task = einstein_radius.Task(mean=0, sd=1)
    outputs = np.random.default_rng(1).normal(size=(1, 300, 2))
    assert len(task.calibrated(outputs, np.zeros(300)).sigma_scale["1"]) == 1


def test_measures_are_in_arcsec():
    outputs, target = torch.tensor([[1.0, 0.0], [0.0, 0.0]]), torch.tensor([0.0, 0.0])
    assert einstein_radius.Task(mean=9, sd=0.5).measure(outputs, target) == pytest.approx(
        {"val_rmse": np.sqrt(0.125), "val_bias": 0.25}
    )


def test_the_loss_with_arcs_is_that_of_kinds_and_the_likelihood_of_the_known_logarithms(truth):
    truth.loc[3, ["radius", "arc_snr"]] = np.nan, 0.4  # of no radius, too faint
    task = kind_and_arc.Task.fit(truth)
    torch.manual_seed(2)
    target, outputs = task.target(truth), torch.randn(len(truth), *task.output_shape).clamp(-1.9, 1.9)
    of_kinds = kind.Task(task.classes)
    expected = of_kinds.loss(outputs[:, :3], torch.from_numpy(of_kinds.target(truth))).item()
    likelihoods = []
    for k, column in enumerate(("radius", "arc_snr")):
        values = np.log(truth[column].where(truth[column] > (0, 1)[k]))
        standard = (values - values.mean()) / values.std(ddof=0)
        law = norm(outputs[:, 3 + k].numpy(), np.exp(outputs[:, 5 + k].numpy()))
        likelihoods.append(law.logpdf(standard) + 0.5 * np.log(2 * np.pi))
    assert np.isfinite(likelihoods).sum() == 11 + 3
    expected -= np.nanmean(likelihoods)
    assert task.loss(outputs, torch.from_numpy(target)).item() == pytest.approx(expected, rel=1e-5)
    task.loss(outputs.requires_grad_(True), torch.from_numpy(target)).backward()
    assert torch.isfinite(outputs.grad).all()


def test_arcs_are_learned_and_not_answered(truth):
    task = kind_and_arc.Task.fit(truth)
    outputs = np.random.default_rng(8).normal(size=(8, 20, *task.output_shape))
    answers, of_kinds = task.answers(outputs), kind.Task(task.classes).answers(outputs[..., :3])
    assert set(answers) == set(of_kinds) and all(np.array_equal(answers[name], of_kinds[name]) for name in answers)


@pytest.mark.parametrize("blank", [["arc_snr"], ["arc_snr", "radius"]])
def test_a_store_that_knows_no_arcs_is_learned_from_by_the_kinds_alone(truth, blank):
    truth = truth.assign(**dict.fromkeys(blank, np.nan))
    task = kind_and_arc.Task.fit(truth)
    target, outputs = torch.from_numpy(task.target(truth)), torch.randn(len(truth), *task.output_shape)
    assert torch.isfinite(task.loss(outputs, target))
    assert set(task.measure(outputs, target)) == set(task.metrics)
