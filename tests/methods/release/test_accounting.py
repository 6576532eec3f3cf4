"""Costs agree with the published figure, with another accountant, and with a direct search of our own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dp_accounting import GaussianDpEvent, pld
from dp_accounting.rdp import rdp_privacy_accountant
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from naungan.methods.release import accounting
from naungan.methods.release.errors import ReleaseError

EPSILONS = st.floats(0.1, 20)
DELTAS = st.floats(1e-12, 1e-2)


def searched_log_delta(rho: float, epsilon: float) -> float:
    """The smallest log δ over α, by a search that knows nothing of the slope."""

    def bound(log_order: float) -> float:
        order = 1 + math.exp(log_order)
        return (order - 1) * (order * rho - epsilon) + order * math.log1p(-1 / order) - math.log(order - 1)

    grid = np.linspace(-20, 25, 400)
    near = float(grid[int(np.argmin([bound(point) for point in grid]))])
    found = minimize_scalar(bound, bounds=(near - 0.2, near + 0.2), method="bounded", options={"xatol": 1e-12})
    return min(0.0, float(found.fun))


def test_published_budget_converts_to_its_rho() -> None:
    # McKenna's and OpenDP's conversions give 0.32557 for δ = 1 / (50,000 ln 50,000).
    assert accounting.rho_of_budget(4, 1 / (50_000 * math.log(50_000))) == pytest.approx(0.3255763, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(rho=st.floats(1e-4, 10), epsilon=EPSILONS)
def test_delta_agrees_with_a_direct_search(rho: float, epsilon: float) -> None:
    found = accounting.delta_of_rho(rho, epsilon)

    expected = math.exp(searched_log_delta(rho, epsilon))
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-300)


@settings(deadline=None, max_examples=30)
@given(rho=st.floats(1e-3, 5), epsilon=EPSILONS)
def test_delta_agrees_with_dp_accounting(rho: float, epsilon: float) -> None:
    """Its accountant takes the best of given orders, so they are laid ever closer around its own choice."""
    found = accounting.delta_of_rho(rho, epsilon)
    assume(found <= 0.01)  # it knows √(1 - e^-ρ) as well, which is above 0.03 here and so never the best
    spread = np.linspace(-1, 1, 2001)
    orders = 1 + np.exp(12 * spread)
    for width in (0.02, 1e-4, 1e-6):
        delta, order = rdp_privacy_accountant.compute_delta(orders, orders * rho, epsilon)
        orders = 1 + (order - 1) * np.exp(width * spread)

    assert found == pytest.approx(delta, rel=1e-8, abs=1e-300)


@settings(deadline=None, max_examples=40)
@given(epsilon=EPSILONS, delta=DELTAS)
def test_budget_survives_the_way_there_and_back(epsilon: float, delta: float) -> None:
    rho = accounting.rho_of_budget(epsilon, delta)

    assert accounting.epsilon_of_rho(rho, delta) == pytest.approx(epsilon, rel=1e-8)


@settings(deadline=None, max_examples=40)
@given(epsilon=EPSILONS, delta=DELTAS)
def test_rho_never_promises_more_than_its_delta(epsilon: float, delta: float) -> None:
    rho = accounting.rho_of_budget(epsilon, delta)

    assert accounting.delta_of_rho(rho, epsilon) <= delta


@settings(deadline=None, max_examples=25)
@given(rho=st.floats(1e-3, 3), delta=st.floats(1e-9, 1e-3))
def test_exact_gaussian_agrees_with_dp_accounting(rho: float, delta: float) -> None:
    scale = 1 / math.sqrt(2 * rho)
    loss = pld.privacy_loss_mechanism.GaussianPrivacyLoss(scale)

    epsilon = accounting.epsilon_of_gaussian(rho, delta)

    assert loss.get_delta_for_epsilon(epsilon) == pytest.approx(delta, rel=1e-8, abs=1e-14)


@pytest.mark.slow
def test_bound_is_never_below_the_tight_accountant() -> None:
    rho, delta = accounting.rho_of_budget(4, 1e-6), 1e-6
    tight = pld.PLDAccountant()
    tight.compose(GaussianDpEvent(math.sqrt(10 / (2 * rho))), 10)

    assert tight.get_epsilon(delta) <= accounting.epsilon_of_rho(rho, delta)
    assert tight.get_epsilon(delta) == pytest.approx(accounting.epsilon_of_gaussian(rho, delta), rel=1e-3)


@settings(deadline=None, max_examples=40)
@given(rho=st.floats(1e-4, 5), delta=DELTAS)
def test_exact_gaussian_is_no_dearer_than_the_bound(rho: float, delta: float) -> None:
    assert accounting.epsilon_of_gaussian(rho, delta) <= accounting.epsilon_of_rho(rho, delta) + 1e-9


@pytest.mark.parametrize(
    ("epsilon", "delta"), [(0, 1e-6), (-1, 1e-6), (math.inf, 1e-6), (math.nan, 1e-6), (1, 0), (1, 1)]
)
def test_impossible_budget_is_refused(epsilon: float, delta: float) -> None:
    with pytest.raises(ReleaseError) as refused:
        accounting.rho_of_budget(epsilon, delta)

    assert refused.value.code == "bad-budget"


def test_free_release_costs_nothing() -> None:
    assert accounting.delta_of_rho(0, 0) == 0
    assert accounting.delta_of_gaussian(0, 0) == 0
    assert accounting.epsilon_of_rho(1e-12, 0.5) == 0


def test_negative_cost_is_refused() -> None:
    with pytest.raises(ReleaseError):
        accounting.delta_of_rho(-1, 1)
