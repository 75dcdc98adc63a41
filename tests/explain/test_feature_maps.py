import numpy as np

from lenspipe.explain.feature_maps import activations


def test_maps_are_those_of_a_forward_pass_by_hand(classifier):
    images = np.random.default_rng(0).normal(0, 5, (3, 2, 24, 24)).astype(np.float32)
    maps = activations(classifier, images)
    assert list(maps) == ["input", *classifier.network.feature_layers]
    x = classifier.input.tensor(images)
    np.testing.assert_array_equal(maps["input"], x.numpy())
    for layer in classifier.network.feature_layers:
        x = classifier.network.get_submodule(layer)(x)
        np.testing.assert_allclose(maps[layer], x.numpy(), atol=1e-5)


def test_no_hook_is_left_behind(classifier):
    activations(classifier, np.zeros((1, 2, 24, 24), np.float32))
    assert not any(module._forward_hooks for module in classifier.network.modules())
