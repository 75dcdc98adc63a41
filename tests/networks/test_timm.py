"""Architectures of timm: each is made for stamps as they are, trains, and is read back as it was."""

import re
import sys
from dataclasses import replace

import pandas as pd
import pytest
import torch

from lenspipe import config
from lenspipe.config.timm_names import timm_names
from lenspipe.errors import InputError
from lenspipe.families import NETWORKS
from lenspipe.learning import checkpoint
from lenspipe.learning.build import BuildError, build, try_out

pytestmark = pytest.mark.usefixtures("timm")
SHAPE = (4, 45, 45)
NAMES = ["convnext_atto", "efficientnet_b0", "inception_next_atto", "vgg11", "vit_tiny_patch16_224"]


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_stamps_of_any_bands_and_every_weight_takes_part(name):
    network = build(f"timm:{name}", SHAPE, (3,))
    answer = network(torch.randn(4, *SHAPE))
    assert answer.shape == (4, 3)
    answer.square().sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())


def test_layers_of_a_convolutional_one_are_maps():
    network, seen = build("timm:convnext_atto", SHAPE, (1,)).eval(), []
    for layer in network.feature_layers:
        network.get_submodule(layer).register_forward_hook(lambda _, inputs, output: seen.append(output.shape[-1]))
    network(torch.zeros(1, *SHAPE))
    assert len(seen) == len(network.feature_layers) == 4 and seen == sorted(seen, reverse=True)


def test_one_that_halves_a_stamp_too_often_is_told_and_works_enlarged():
    with pytest.raises(BuildError, match=r"^the network fails on inputs of \(4, 45, 45\) \([^\n]+\)$"):
        try_out(build("timm:inception_v3", SHAPE, (1,)), SHAPE)
    try_out(build("timm:inception_v3", SHAPE, (1,), size=90), SHAPE)


def test_all_names_of_timm_are_known_without_importing_it(timm):
    assert timm_names() == sorted(timm.list_models())


@pytest.mark.parametrize(
    ("network", "told"),
    [
        ("timm:convnext_ato", "timm has no architecture 'convnext_ato', did you mean 'convnext_atto'?"),
        ("timm:", "timm has no architecture ''"),
        ("time:convnext_atto", "is unknown"),
        ("timm", "is unknown"),
    ],
)
def test_a_wrong_name_is_told_with_the_settings(root, tmp_path, network, told):
    (tmp_path / "mine.yaml").write_text(f"train: {{classifier: {{network: '{network}'}}}}\n")
    with pytest.raises(InputError, match=re.escape(told)):
        config.load([root / "config" / "config.yaml", tmp_path / "mine.yaml"])


def test_without_timm_the_settings_say_what_to_install(root, tmp_path, monkeypatch):
    monkeypatch.setattr("lenspipe.config.timm_names.timm_names", list)
    (tmp_path / "mine.yaml").write_text("train: {classifier: {network: 'timm:vgg11'}}\n")
    with pytest.raises(InputError, match=r"needs timm; pip install 'lenspipe\[timm\]'"):
        config.load([root / "config" / "config.yaml", tmp_path / "mine.yaml"])


def test_a_network_whose_library_is_not_here_is_not_called_damaged(monkeypatch, tmp_path, classifier):
    validation = checkpoint.Validation(torch.zeros(8, 2, 1), torch.zeros(2))
    there = replace(classifier, network_name="timm:resnet10t", options={})
    checkpoint.save(tmp_path / "model", there, pd.DataFrame({"epoch": [1]}), validation)
    monkeypatch.setitem(sys.modules, "timm", None)
    monkeypatch.delitem(sys.modules, "lenspipe.networks.timm", raising=False)
    with pytest.raises(InputError, match=r"^timm:resnet10t: cannot be imported \([^\n]+\); install its library again$"):
        checkpoint.load(tmp_path / "model")


def test_the_collection_is_one_module_of_which_each_name_is_a_member():
    assert "timm:vgg11" in NETWORKS and "timm" not in NETWORKS and "timm" not in list(NETWORKS)
    assert NETWORKS.module_of("timm:vgg11") == NETWORKS.module_of("timm:vgg13") == "lenspipe.networks.timm"
    assert NETWORKS.options_of("timm:vgg11") == {"size": 0}
