"""What a release costs: zero-concentrated differential privacy, and its conversions to ε and δ."""

from __future__ import annotations

import math

from scipy.special import erfcx, ndtr

from naungan.methods.release.errors import ReleaseError

__all__ = [
    "delta_of_gaussian",
    "delta_of_rho",
    "epsilon_of_gaussian",
    "epsilon_of_rho",
    "gaussian_rho",
    "rho_of_budget",
    "selection_rho",
]


def delta_of_rho(rho: float, epsilon: float) -> float:
    """
    The δ at which a ρ-zCDP mechanism is (ε, δ)-differentially private.

    Args:
        rho: zCDP parameter, at least 0.
        epsilon: ε in nats, at least 0.

    Returns:
        float: δ in [0, 1]; safe to publish (it does not depend on data).

    Raises:
        ReleaseError: `bad-budget` when ρ or ε is negative.

    Source:
        Canonne, Kamath and Steinke 2020, "The discrete Gaussian for differential privacy", Proposition 7 with
        Corollary 13: δ = inf over α > 1 of exp((α-1)(αρ-ε)) / (α-1) · (1 - 1/α)^α.
    """
    if rho < 0 or epsilon < 0:
        raise ReleaseError("bad-budget", "ρ and ε must not be negative.", fix="Give numbers of at least 0.")
    if rho == 0:
        return 0.0
    low, high = 1.0 + 1e-12, max(2.0, (epsilon + 1) / (2 * rho) + 2)
    for _ in range(400):
        alpha = (low + high) / 2
        slope = (2 * alpha - 1) * rho - epsilon + math.log1p(-1 / alpha)
        low, high = (alpha, high) if slope < 0 else (low, alpha)
        if high - low <= 1e-15 * high:
            break
    alpha = high
    log_delta = (alpha - 1) * (alpha * rho - epsilon) + alpha * math.log1p(-1 / alpha) - math.log(alpha - 1)
    return min(1.0, math.exp(min(log_delta, 0.0)))


def epsilon_of_rho(rho: float, delta: float) -> float:
    """
    The smallest ε at which a ρ-zCDP mechanism is (ε, δ)-differentially private by `delta_of_rho`, rounded up.

    Args:
        rho: zCDP parameter, at least 0.
        delta: δ in (0, 1).

    Returns:
        float: ε in nats; safe to publish.

    Raises:
        ReleaseError: `bad-budget` when δ is not between 0 and 1.

    Source:
        As `delta_of_rho`.
    """
    _require_delta(delta)
    if delta_of_rho(rho, 0.0) <= delta:
        return 0.0
    low, high = 0.0, rho + 2 * math.sqrt(rho * math.log(1 / delta)) + 1e-12  # Bun and Steinke 2016, Proposition 1.3
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if delta_of_rho(rho, middle) <= delta else (middle, high)
    return high


def rho_of_budget(epsilon: float, delta: float) -> float:
    """
    The largest ρ whose zCDP guarantee implies (ε, δ), rounded down.

    Args:
        epsilon: ε in nats, above 0.
        delta: δ in (0, 1).

    Returns:
        float: ρ; for ε = 4 and δ = 1.8485e-6 it is 0.32557. Safe to publish.

    Raises:
        ReleaseError: `bad-budget` when ε is not positive and finite, or δ not in (0, 1).

    Source:
        As `delta_of_rho`.

    >>> round(rho_of_budget(4, 1.8485e-6), 4)
    0.3256
    """
    _require_delta(delta)
    if not (0 < epsilon < math.inf):
        raise ReleaseError("bad-budget", "ε must be a number above 0.", fix="Usual values lie between 0.5 and 12.")
    low, high = 0.0, epsilon + 1
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of_rho(middle, epsilon) <= delta else (low, middle)
    return low


def gaussian_rho(scale: float, sensitivity: float = 1.0) -> float:
    """
    The zCDP cost of one (discrete) Gaussian measurement.

    Args:
        scale: The parameter σ of the noise, above 0.
        sensitivity: L2 sensitivity of what is measured.

    Returns:
        float: ρ = Δ² / (2σ²). Safe to publish.

    Source:
        Bun and Steinke 2016, Proposition 1.6; Canonne, Kamath and Steinke 2020, Theorem 4.
    """
    return sensitivity**2 / (2 * scale**2)


def selection_rho(scale: float, sensitivity: float = 1.0) -> float:
    """
    The zCDP cost of one noisy maximum with Gumbel noise (the exponential mechanism).

    Args:
        scale: Scale of the noise, above 0.
        sensitivity: How far one person can move any score.

    Returns:
        float: ρ = Δ² / (2·scale²): the mechanism is (2Δ/scale)-bounded-range, which is η²/8-zCDP. Safe to publish.

    Source:
        Cesar and Rogers 2021, "Bounding, concentrating, and truncating", Lemma 3.4.
    """
    return sensitivity**2 / (2 * scale**2)


def delta_of_gaussian(rho: float, epsilon: float) -> float:
    """
    The exact δ of one continuous Gaussian mechanism that costs ρ, shown beside the bound by zCDP.

    A composition of Gaussian measurements with Σ Δ²/(2σ²) = ρ is one Gaussian mechanism with σ = Δ/√(2ρ), so this is
    exact for the part of a release which is measured, and a comparison for the whole; the promise is `delta_of_rho`.

    Args:
        rho: zCDP parameter, at least 0.
        epsilon: ε in nats.

    Returns:
        float: δ in [0, 1]. Safe to publish.

    Source:
        Balle and Wang 2018, "Improving the Gaussian mechanism", Theorem 8.
    """
    if rho <= 0:
        return 0.0
    mu = math.sqrt(2 * rho)
    upper, lower = mu / 2 - epsilon / mu, -mu / 2 - epsilon / mu
    # e^ε Φ(lower) loses its digits as a product; erfcx keeps them: Φ(x) = erfcx(-x/√2) exp(-x²/2) / 2.
    second = 0.5 * float(erfcx(-lower / math.sqrt(2))) * math.exp(epsilon - lower**2 / 2)
    return max(0.0, float(ndtr(upper)) - second)


def epsilon_of_gaussian(rho: float, delta: float) -> float:
    """
    The exact ε at δ of one continuous Gaussian mechanism that costs ρ; see `delta_of_gaussian`.

    Args:
        rho: zCDP parameter, at least 0.
        delta: δ in (0, 1).

    Returns:
        float: ε in nats. Safe to publish.

    Raises:
        ReleaseError: `bad-budget` when δ is not between 0 and 1.

    Source:
        As `delta_of_gaussian`.
    """
    _require_delta(delta)
    low, high = 0.0, epsilon_of_rho(rho, delta)
    if delta_of_gaussian(rho, 0.0) <= delta:
        return 0.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if delta_of_gaussian(rho, middle) <= delta else (middle, high)
    return high


def _require_delta(delta: float) -> None:
    if not 0 < delta < 1:
        raise ReleaseError("bad-budget", "δ must lie between 0 and 1.", fix="Leave it out to have it derived.")
