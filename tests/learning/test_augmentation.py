import pytest
import torch

from lenspipe.learning.augmentation import Augmenter, d4_views


def test_the_views_are_a_group_of_eight():
    image = torch.arange(25.0).reshape(5, 5)
    views = [v.flatten().tolist() for v in d4_views(image)]
    assert len({tuple(v) for v in views}) == 8
    assert views[0] == image.flatten().tolist()
    for view in d4_views(image):
        assert {tuple(v.flatten().tolist()) for v in d4_views(view)} == {tuple(v) for v in views}


@pytest.mark.parametrize("view", range(8))
@pytest.mark.parametrize("shift", [(0, 0), (2, -1), (-2, 2)])
def test_a_change_is_a_shift_with_sky_brought_in_then_a_view(view, shift):
    images = torch.randn(1, 9, 9, 3)
    changed = Augmenter(9, 2).apply(images, torch.tensor([view]), torch.tensor([[shift[0]], [shift[1]]]))[0]
    shifted = torch.zeros(3, 9, 9)
    for y in range(9):
        for x in range(9):
            if 0 <= y + shift[0] < 9 and 0 <= x + shift[1] < 9:
                shifted[:, y + shift[0], x + shift[1]] = images[0, y, x]
    torch.testing.assert_close(changed, d4_views(shifted)[view])


def test_all_views_and_shifts_are_drawn_alike():
    """Chi-square of 8 x 25 outcomes in 20,000 draws: 199 degrees of freedom."""
    augment, images = Augmenter(3, 2), torch.zeros(20_000, 3, 3, 1)
    drawn = {}
    augment.apply = lambda images, view, shift: drawn.update(view=view, shift=shift)
    augment(images, torch.Generator().manual_seed(3))
    outcome = drawn["view"] * 25 + (drawn["shift"][0] + 2) * 5 + drawn["shift"][1] + 2
    counts = torch.bincount(outcome, minlength=200).double()
    assert len(counts) == 200
    assert 140 < ((counts - 100) ** 2 / 100).sum() < 270


def test_without_shift_no_pixel_is_lost():
    images = torch.randn(16, 7, 7, 2)
    changed = Augmenter(7, 0)(images, torch.Generator().manual_seed(1))
    torch.testing.assert_close(changed.sum(dim=(2, 3)), images.sum(dim=(1, 2)), rtol=1e-4, atol=1e-4)
