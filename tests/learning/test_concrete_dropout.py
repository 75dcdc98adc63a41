"""Dropout at learned rates: closed forms of one layer, and networks."""

from types import SimpleNamespace

import numpy as np
import pytest
import rings
import torch
from torch import nn

from lenspipe.learning import checkpoint
from lenspipe.learning.build import build
from lenspipe.learning.concrete_dropout import START, ConcreteDropout, divergence, thinned, with_dropout
from lenspipe.learning.inference import ALL_VIEWS, FIRST_VIEW, for_answers, outputs
from lenspipe.learning.loop import train_epoch
from lenspipe.learning.optimisation import make_optimizer
from lenspipe.stages.predict import predict

LAYERS = {"cnn": 4, "resnet": 20, "d4_resnet": 1, "vit": 1, "lenet": 4, "feed_forward": 2}  # behind the first


def dropped(layer, rate):
    module = ConcreteDropout(layer)
    nn.init.constant_(module.logit, float(np.log(rate / (1 - rate))))
    return module


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.6])
def test_masks_drop_at_their_rate_and_leave_the_mean(rate):
    module = dropped(nn.Linear(400, 1, bias=False), rate).eval()
    nn.init.ones_(module.layer.weight)
    x, kept = torch.ones(1, 400), []
    for number in range(1, 200):
        with thinned(module, number), torch.no_grad():
            kept.append(float(module(x)) * (1 - rate) / 400)
    assert np.mean(kept) == pytest.approx(1 - rate, abs=4 * np.sqrt(rate * (1 - rate) / 400 / 199))
    assert np.std(kept) == pytest.approx(np.sqrt(rate * (1 - rate) / 400), rel=0.2)
    torch.manual_seed(0)
    relaxed = module.train()(torch.ones(2000, 400)).detach()
    assert float(relaxed.mean()) / 400 == pytest.approx(1, abs=0.02)


def test_the_divergence_is_that_of_the_paper_by_hand():
    module = dropped(nn.Linear(7, 3), 0.2)
    entropy = -(0.2 * np.log(0.2) + 0.8 * np.log(0.8))
    weights = float(module.layer.weight.detach().square().sum())
    assert divergence(module).item() == pytest.approx(1e-8 * weights / 1.6 - 7 * entropy, rel=1e-6)
    assert divergence(nn.Linear(7, 3)) == 0.0


@pytest.mark.parametrize(("name", "dropped"), LAYERS.items())
def test_the_layers_behind_the_first_have_it_and_a_mask_is_one_network(name, dropped):
    torch.manual_seed(1)
    network = with_dropout(build(name, (4, 45, 45), (2,)), "concrete").eval()
    assert sum(isinstance(module, ConcreteDropout) for module in network.modules()) == dropped
    images = torch.randn(3, 4, 45, 45)
    with torch.no_grad():
        whole = network(images)
        with thinned(network, 3):
            one, again, alone = network(images), network(images), network(images[1:2])
        with thinned(network, 4):
            other = network(images)
        torch.testing.assert_close(network(images), whole)
    torch.testing.assert_close(one, again)
    torch.testing.assert_close(one[1:2], alone, rtol=1e-4, atol=1e-4)  # whatever the batch
    assert not torch.allclose(one, other, atol=1e-5) and not torch.allclose(one, whole, atol=1e-5)


def test_without_the_word_the_network_stays_as_it_is():
    network = build("cnn", (4, 45, 45), (2,))
    names = list(network.state_dict())
    assert list(with_dropout(network, "none").state_dict()) == names


def test_each_view_but_the_first_has_a_mask_of_its_own_in_predictions_too(image_input):
    torch.manual_seed(5)
    network = with_dropout(build("cnn", (2, 24, 24), (1,), width=4), "concrete").eval().requires_grad_(False)
    images = torch.randn(20, 2, 24, 24)
    options = {"batch_size": 7, "views": ALL_VIEWS, "device": torch.device("cpu")}
    eight = outputs(network, images, image_input, **options)
    for number, view in enumerate(image_input.views(images)):
        with thinned(network, number):
            torch.testing.assert_close(eight[number], network(view.contiguous()))
    torch.testing.assert_close(outputs(for_answers(network), images, image_input, **options), eight)
    first = outputs(network, images, image_input, **options | {"views": FIRST_VIEW})
    torch.testing.assert_close(first[0], network(images))


@pytest.mark.slow
def test_radii_are_measured_with_it_and_the_scatter_of_the_masks_is_in_the_sigma(tmp_path):
    made = {split: rings.write(tmp_path, split, count) for split, count in (("train", 512), ("val", 256), ("test", 64))}
    stores, catalogs = ({split: paths[part] for split, paths in made.items() if split != "test"} for part in (0, 1))
    recipe = {"network": "resnet", "options": {"width": 4, "depth": 1}, "epochs": 6, "batch_size": 32}
    recipe |= {"learning_rate": 1e-2, "weight_decay": 1e-3, "ema_decay": 0.9, "max_shift": 1, "imperfect": 0.0}
    folder = tmp_path / "models" / "einstein_radius"
    rings.train("einstein_radius", stores, catalogs, folder, seed=1, dropout="concrete", **recipe)
    read = checkpoint.load(folder)
    rates = [torch.sigmoid(one.logit) for one in read.network.modules() if isinstance(one, ConcreteDropout)]
    assert (
        len(rates) == 12 and all(0 < rate < 0.5 for rate in rates) and max(abs(rate - START) for rate in rates) > 1e-3
    )
    table = predict(made["test"][0], [folder], batch_size=64, d4_average=True, d4_share=1.0)
    outputs = checkpoint.load_validation(folder).outputs.numpy()
    scatter = read.task.sd * outputs[:, :, 0].std(axis=0).mean()
    assert 0.01 < scatter < table["theta_E_sigma"].mean()


def rate_after_a_step(processes):
    """Logit of one layer that learns from its penalty alone, with as many processes."""
    torch.manual_seed(2)
    network = with_dropout(nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1)), "concrete")
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    training = SimpleNamespace(network=network, optimizer=optimizer, mean=SimpleNamespace(update=lambda network: None))
    task = SimpleNamespace(loss=lambda outputs, target: 0.0 * outputs.sum())
    group = SimpleNamespace(size=processes, gathered=lambda outputs: outputs)
    train_epoch(training, network, task, [(torch.ones(5, 3), torch.zeros(5))], [1.0], count=100, group=group)
    return network[1].logit.item()


def test_processes_together_count_the_penalty_once():
    """It is the same in each of them, and their gradients are averaged."""
    start = np.log(START / (1 - START))
    assert rate_after_a_step(1) - start == pytest.approx(
        4 / 100 * START * (1 - START) * -start, rel=1e-3
    )  # K dH/dlogit
    assert rate_after_a_step(2) == pytest.approx(rate_after_a_step(1), rel=1e-6)


def learned_rate(objects, steps=1500):
    """Rate of a network that has learned a noisy line from so many objects."""
    torch.manual_seed(3)
    x = torch.randn(objects, 1)
    y = 2 * x + 1 + torch.randn(objects, 1)
    network = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = make_optimizer(with_dropout(network, "concrete"), 0.0)
    for group in optimizer.param_groups:
        group["lr"] = 0.01
    for _ in range(steps):
        rows = torch.randint(objects, (128,))
        loss = 0.5 * (network(x[rows]) - y[rows]).square().mean() + divergence(network) / objects
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float(
        torch.stack([torch.sigmoid(one.logit) for one in network if isinstance(one, ConcreteDropout)]).mean().detach()
    )


def test_more_objects_leave_less_open():
    """The rates fall with the number of objects (the paper's figure 2)."""
    few, many = learned_rate(30), learned_rate(30_000)
    assert many < 0.05 < few / 2
