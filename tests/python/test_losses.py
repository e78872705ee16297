"""Losses in Python: warnings, the older options, what happens right at the edges."""
import copy
import pickle
import warnings

import lamina as torch
import lamina.nn as nn
import lamina.nn.functional as F
import pytest

INF = float("inf")


@pytest.mark.parametrize("loss", [F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss, nn.MSELoss(), nn.L1Loss(), nn.SmoothL1Loss(),
                                  nn.HuberLoss()])
def test_a_column_against_a_row_warns_and_broadcasts(loss):
    x, t = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([1.0, 3.0])
    with pytest.warns(UserWarning, match=r"target size \(torch.Size\(\[2\]\)\) that is different to the input size \(torch.Size\(\[3, 1\]\)\)"):
        broadcast = loss(x, t)
    assert broadcast.item() == loss(x.expand(3, 2), t.expand(3, 2)).item()


@pytest.mark.parametrize("loss", [F.kl_div, F.poisson_nll_loss, F.soft_margin_loss, F.hinge_embedding_loss])
def test_other_losses_warn_of_a_result_larger_than_both(loss):
    with pytest.warns(UserWarning, match="different to the input size"):
        loss(torch.ones(3, 1), torch.ones(3), reduction="sum")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss(torch.ones(2, 3), torch.ones(3), reduction="sum")


def test_the_older_options_decide_with_a_warning():
    x, t = torch.tensor([1.0, 3.0]), torch.tensor([0.0, 1.0])
    for older, reduction in (({"size_average": False}, "sum"), ({"reduce": False}, "none"), ({"size_average": True}, "mean"),
                             ({"reduce": True, "size_average": False}, "sum")):
        with pytest.warns(UserWarning, match=f"please use reduction='{reduction}' instead"):
            assert F.mse_loss(x, t, **older).tolist() == F.mse_loss(x, t, reduction=reduction).tolist()
        with pytest.warns(UserWarning, match=f"please use reduction='{reduction}' instead"):
            assert nn.SmoothL1Loss(**older).reduction == reduction
    with pytest.warns(UserWarning, match="please use reduction='none' instead"):
        assert nn.MSELoss(None, False).reduction == "none"
    with pytest.warns(FutureWarning, match="`NLLLoss2d` has been deprecated"):
        assert isinstance(nn.NLLLoss2d(), nn.NLLLoss)
    with pytest.warns(UserWarning, match="'batchmean' divides only by the batch size"):
        nn.KLDivLoss()(x, t)


def test_at_the_edges():
    zero, one = torch.zeros(1), torch.ones(1)
    far = torch.tensor([INF, -INF]).requires_grad_()
    F.binary_cross_entropy_with_logits(far, torch.tensor([1.0, 0.0]), reduction="sum").backward()
    assert far.grad.tolist() == [0, 0]
    assert F.binary_cross_entropy_with_logits(far, torch.tensor([1.0, 0.0])).item() == 0
    assert F.multilabel_soft_margin_loss(far, torch.tensor([1.0, 0.0])).item() == 0
    positive = torch.tensor([2.0, 3.0])
    assert F.binary_cross_entropy_with_logits(far, torch.tensor([1.0, 0.0]), pos_weight=positive).item() == 0
    assert F.kl_div(-INF * one, zero, reduction="sum").item() == 0
    assert F.kl_div(-INF * one, -INF * one, reduction="sum", log_target=True).item() == 0
    assert F.kl_div(zero, one, reduction="sum").item() == 0
    logits = torch.tensor([[0.0, -INF, 0.0]]).requires_grad_()
    loss = F.cross_entropy(logits, torch.tensor([[0.5, 0.0, 0.5]]))
    loss.backward()
    assert abs(loss.item() - 0.6931472) < 1e-6 and logits.grad.tolist() == [[0, 0, 0]]
    assert F.binary_cross_entropy(torch.tensor([0.0, 1.0]), torch.tensor([1.0, 1.0]), reduction="none").tolist() == [100, 0]
    x = torch.tensor([200.0, -200.0]).requires_grad_()
    F.soft_margin_loss(x, torch.tensor([-1.0, 1.0]), reduction="sum").backward()
    assert x.grad.tolist() == [1, -1]
    huge = torch.tensor([[1e30, 1e30], [3.0, 4.0]])
    cosines = F.cosine_embedding_loss(huge, torch.tensor([[1e-3, 1e-3], [3e25, 4e25]]), torch.tensor([1, 1]), reduction="none")
    assert cosines.abs().max().item() < 1e-4


@pytest.mark.parametrize("make", [lambda: nn.MultiMarginLoss(p=2, weight=torch.tensor([1.0, 2.0])), lambda: nn.GaussianNLLLoss(full=True),
                                  lambda: nn.HuberLoss(delta=0.5), lambda: nn.KLDivLoss(reduction="batchmean")])
def test_copies_and_pickles(make):
    loss = make()
    for other in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert repr(other) == repr(loss) and other.reduction == loss.reduction


def test_options_are_attributes():
    loss = nn.TripletMarginLoss(margin=2, swap=True)
    assert (loss.margin, loss.p, loss.swap, loss.reduction) == (2, 2.0, True, "mean")
    loss.margin = 0.5
    assert loss.margin == 0.5


def test_any_distance():
    a, p, n = (torch.tensor([[float(i), 2.0], [3.0, float(i)]]).requires_grad_() for i in range(3))
    taxi = F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda x, y: (x - y).abs().sum(-1), swap=True, reduction="none")
    assert taxi.tolist() == F.triplet_margin_loss(a, p, n, p=1, eps=0, swap=True, reduction="none").tolist()
    with pytest.raises(TypeError, match="must be callable"):
        F.triplet_margin_with_distance_loss(a, p, n, distance_function=3)
    with pytest.raises(TypeError, match="distance_function returned int"):
        F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda x, y: 1)
    with pytest.raises(ZeroDivisionError):
        F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda x, y: 1 / 0)


def test_variance_may_be_a_number():
    x, t = torch.tensor([1.0, 3.0]), torch.tensor([0.0, 1.0])
    assert F.gaussian_nll_loss(x, t, 2.0).item() == F.gaussian_nll_loss(x, t, torch.tensor([2.0, 2.0])).item()
    assert nn.GaussianNLLLoss()(x, t, 2).item() == F.gaussian_nll_loss(x, t, 2.0).item()
    with pytest.raises(ValueError, match="negative"):
        F.gaussian_nll_loss(x, t, -1.0)
