"""The figures of science.md: what lenspipe draws, and the law in closed form.

Densities over (theta_E, z_lens, z_source) are projected by adding up cells of their support.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

from lenspipe import config
from lenspipe.cli._priors import priors_from
from lenspipe.plots._style import COLOURS, STYLE, colour_of, colour_picture
from lenspipe.population import caustics, deflectors, joint_prior, source_counts, source_regions, sources
from lenspipe.population.cosmology import sigma_v_sis
from lenspipe.population.priors import z_lens_limit, z_source_limits
from lenspipe.simulate.noise import coadds_of
from lenspipe.stats.rates import binomial_interval

SETTINGS = config.load([Path(__file__).resolve().parents[1] / "config" / "config.yaml"]).model_dump()
PRIORS = priors_from(SETTINGS["survey"], SETTINGS["bands"], SETTINGS["population"], SETTINGS["num_pix"])
SURVEY, BANDS = PRIORS.survey, SETTINGS["bands"]
DRAWN, LAW, SURVEYS = {"color": COLOURS[2], "alpha": 0.6}, {"color": COLOURS[0], "lw": 1.2}, {"color": COLOURS[5]}
CELLS = 60  # along each axis of the support
plt.rcParams.update(STYLE | {"figure.dpi": 130})

NAMES = {
    "theta_E_halo": "theta_E (arcsec)",
    "z_lens": "z_lens",
    "z_source": "z_source",
    "sigma_v": "sigma_v (km/s)",
}


def support():
    """Cells of the training support.

    Returns
    -------
    dict of str to array [n]
        ``theta_E_halo``, ``z_lens``, ``z_source``, ``sigma_v`` at the cells' middles, and ``volume``, arcsec.
    """
    middle = (np.arange(CELLS) + 0.5) / CELLS
    a, b, c = (grid.ravel() for grid in np.meshgrid(middle, middle, middle, indexing="ij"))
    theta_E = PRIORS.theta_E_min + a * (PRIORS.theta_E_max - PRIORS.theta_E_min)
    lens_low, lens_high = PRIORS.z_lens_min, z_lens_limit(theta_E, PRIORS)
    z_lens = lens_low + b * (lens_high - lens_low)
    low, high = z_source_limits(theta_E, z_lens, PRIORS)
    z_source = low + c * (high - low)
    volume = (PRIORS.theta_E_max - PRIORS.theta_E_min) * (lens_high - lens_low) * (high - low) / CELLS**3
    sigma_v = sigma_v_sis(theta_E, z_lens, z_source)
    return {"theta_E_halo": theta_E, "z_lens": z_lens, "z_source": z_source, "sigma_v": sigma_v, "volume": volume}


def training_density(cells):
    where = (cells[name] for name in ("theta_E_halo", "z_lens", "z_source"))
    return joint_prior.proposal_density(*where, PRIORS)


def survey_density(cells):
    """Lenses per cell, with the cross-section of a sphere, pi theta_E^2."""
    where = [cells[name] for name in ("theta_E_halo", "z_lens", "z_source")]
    edges = np.linspace(PRIORS.magnitude_i_min, PRIORS.magnitude_i_max, 81)
    i, z = (edges[1:] + edges[:-1]) / 2, np.linspace(0.01, PRIORS.z_source_max, 400)
    behind = source_counts.source_density(i[:, None], z).sum(axis=0) * (edges[1] - edges[0])
    return joint_prior.survey_density(*where) * np.interp(where[2], z, behind) * np.pi * where[0] ** 2


def against_law(lenses, density, style, weight=None):
    """Histograms of drawn lenses, weighted if asked for, and the projections of a density."""
    cells = support()
    _, axes = plt.subplots(1, 4, figsize=(9.5, 2.3), layout="constrained")
    for ax, (name, label) in zip(axes, NAMES.items(), strict=True):
        bins = np.linspace(cells[name].min(), cells[name].max(), 31)
        projected = np.histogram(cells[name], bins, weights=density(cells) * cells["volume"], density=True)[0]
        ax.hist(lenses[name], bins, weights=weight, density=True, **style, label="drawn")
        ax.stairs(projected, bins, **LAW, label="closed form")
        ax.set(xlabel=label, yticks=[])
    axes[0].set_ylabel("density")
    axes[-1].legend()


def training_prior(lenses):
    against_law(lenses, training_density, DRAWN)


def survey_prior(lenses):
    against_law(lenses, survey_density, SURVEYS | {"alpha": 0.6}, lenses["weight"])


def galaxies(rng):
    """Velocity-dispersion function, source redshifts at two magnitudes, source magnitudes: drawn and counted."""
    _, axes = plt.subplots(1, 3, figsize=(9.5, 2.5), layout="constrained")
    sigma_v = np.linspace(50, 450, 200)
    axes[0].semilogy(sigma_v, deflectors.velocity_dispersion_function(sigma_v), **LAW)
    axes[0].axvspan(PRIORS.sigma_v_min, PRIORS.sigma_v_max, color="0.92", zorder=0)
    axes[0].set(xlabel="sigma_v (km/s)", ylabel="galaxies per Mpc³ and km/s", ylim=(1e-10, 1e-3))
    z = np.linspace(0.01, PRIORS.z_source_max, 200)
    for i, colour in ((22.0, COLOURS[2]), (25.0, COLOURS[1])):
        drawn = source_counts.draw_redshift(rng, np.full(4000, i), 0.0, PRIORS.z_source_max)
        axes[1].hist(drawn, 40, density=True, color=colour, alpha=0.6, label=f"i = {i:g}, drawn")
        axes[1].plot(z, source_counts.redshift_density_at(np.full(len(z), i), z), **LAW)
    axes[1].set(xlabel="redshift", ylabel="density")
    axes[1].legend()
    i = np.linspace(PRIORS.magnitude_i_min, PRIORS.magnitude_i_max, 100)
    number = source_counts.source_density(i[:, None], z).sum(axis=1)
    axes[2].hist(sources.draw_magnitude(rng, 4000, PRIORS), 40, density=True, **DRAWN, label="proposal, drawn")
    axes[2].plot(i, sources.magnitude_density(i, PRIORS), **LAW)
    axes[2].plot(i, number / (number.mean() * (i[-1] - i[0])), color=COLOURS[5], label="counts")
    axes[2].set(xlabel="i magnitude of the source", ylabel="density")
    axes[2].legend()


def caustic_and_cross_section(lenses):
    """One lens's caustics with drawn sources; cross-sections of many against their axis ratio."""
    _, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained", width_ratios=[1, 1.5])
    lens = {"theta_E_halo": 1.2, "e1": 0.15, "e2": 0.08, "gamma1": 0.03, "gamma2": -0.02}
    lens = {name: np.array([value]) for name, value in lens.items()}
    cut, tangential = (curve[0] for curve in caustics.caustics(lens))
    radius = np.repeat(source_regions.region_radius(lens), 400, axis=0)
    axes[0].plot(*source_regions.draw_in_region(np.random.default_rng(0), radius), ".", ms=2, color=COLOURS[2])
    axes[0].plot(cut.real, cut.imag, **LAW, label="cut")
    axes[0].plot(tangential.real, tangential.imag, color=COLOURS[5], label="tangential caustic")
    axes[0].set(aspect="equal", xlabel="source plane (arcsec)", title="theta_E = 1.2 arcsec")
    axes[0].legend(loc="upper right", bbox_to_anchor=(1, 1.2))
    area = source_regions.region_area(source_regions.region_radius(lenses)) / (
        np.pi * lenses["theta_E"].to_numpy() ** 2
    )
    q, _ = caustics.axis_ratio(lenses["e1"].to_numpy(), lenses["e2"].to_numpy())
    axes[1].plot(q, area, ".", ms=2, color=COLOURS[2], label="drawn lenses, with shear")
    grid = np.linspace(0.2, 0.999, 80)
    e, zero = (1 - grid) / (1 + grid), np.zeros(80)
    without_shear = {"theta_E_halo": np.ones(80), "e1": e, "e2": zero, "gamma1": zero, "gamma2": zero}
    plain = source_regions.region_area(source_regions.region_radius(without_shear)) / np.pi
    axes[1].plot(grid, plain, **LAW, label="without shear")
    axes[1].set(xlabel="axis ratio q of the mass", ylabel="cross-section / (π theta_E²)", ylim=(0.7, 1.05))
    axes[1].legend(loc="lower right")
    return float(area.mean())


def impostor_radii(catalog):
    """Radii of every kind."""
    kinds = sorted(catalog["kind"].unique(), key=lambda kind: (kind != "lens", kind))
    _, axes = plt.subplots(2, -(-len(kinds) // 2), figsize=(9.5, 3.4), layout="constrained", sharex=True, sharey=True)
    axes.flat[-1].axis("off" if len(kinds) % 2 else "on")
    for ax, kind in zip(axes.flat, kinds, strict=False):
        ax.hist(catalog.loc[catalog["kind"] == kind, "radius"], np.linspace(0, 5, 26), color=colour_of(kind), alpha=0.7)
        ax.set(title=kind, yticks=[])
    for ax in axes[-1]:
        ax.set_xlabel("radius (arcsec)")


def conditions(catalog):
    """Seeing and sky of each band: of exposures, drawn and in closed form, and of their coadds."""
    _, axes = plt.subplots(2, len(BANDS), figsize=(9.5, 3.6), layout="constrained")
    for column, band in zip(axes.T, BANDS, strict=True):
        said = SURVEY.bands[band]
        scatter = np.sqrt(np.log1p((said.seeing_sd / said.seeing) ** 2))
        laws = {
            "seeing": (stats.lognorm(scatter, scale=said.seeing), said.seeing, said.seeing_sd),
            "sky_brightness": (
                stats.norm(said.sky_brightness, said.sky_brightness_sd),
                said.sky_brightness,
                said.sky_brightness_sd,
            ),
        }
        for ax, (name, (law, median, sd)) in zip(column, laws.items(), strict=True):
            x = np.linspace(median - 2.5 * sd, median + 3 * sd, 200)
            ax.hist(np.concatenate(catalog[f"exposure_{name}_{band}"]), x[::4], density=True, **DRAWN)
            ax.hist(catalog[f"{name}_{band}"], x[::4], density=True, histtype="step", **SURVEYS)
            ax.plot(x, law.pdf(x), **LAW)
            ax.set(yticks=[], xlim=(x[0], x[-1]))
        column[0].set_title(band)
    for ax, label in ((axes[0, 0], "seeing (arcsec)"), (axes[1, 0], "sky (mag/arcsec²)")):
        ax.set_ylabel(label)


def noise(catalog, coadds, depths):
    """A table of noise and depth next to what was measured on the survey.

    Parameters
    ----------
    catalog : DataFrame
    coadds : dict of str to float
        Median noise of real coadds, counts per pixel at zero point 30.
    depths : dict of str to float
        Published magnitudes of ten sigma in an aperture of 1.95 arcsec.
    """
    made = [coadds_of(row, BANDS, SURVEY) for row in catalog.to_dict("records")]
    sigma = np.array([[coadd.sky_sigma() for coadd in row] for row in made])
    depth = np.median([[coadd.depth(SURVEY) for coadd in row] for row in made], axis=0)
    low, median, high = np.percentile(sigma, [5, 50, 95], axis=0)
    rows = {
        band: {
            "noise, drawn, median": f"{median[b]:.2f}",
            "5 to 95 %": f"{low[b]:.2f} to {high[b]:.2f}",
            "real coadds, median": f"{coadds[band]:.2f}",
            "depth, drawn, median": f"{depth[b]:.2f}",
            "published (DR1)": f"{depths[band]:.2f}",
        }
        for b, band in enumerate(BANDS)
    }
    return pd.DataFrame(rows).T


def correlation(catalog, band="i"):
    """Correlation of pixels, the mean of drawn coadds, next to that of real ones (measured where no source is seen)."""
    made = [coadds_of(row, [band], SURVEY)[0].covariance for row in catalog.to_dict("records")]
    mean = np.mean([covariance / covariance[0, 0] for covariance in made], axis=0)
    apart = {"one pixel": (0, 1), "diagonal": (1, 1), "two": (0, 2), "three": (0, 3), "five": (0, 5)}
    return pd.DataFrame({name: {"drawn": f"{mean[lag]:+.3f}"} for name, lag in apart.items()})


def stages_of(one, band="i"):
    """A lens as it is made: its deflector, its arc, both with noise, in colour."""
    b = BANDS.index(band)
    panels = {
        "deflector": one["lens_light"][b],
        "arc": one["source_light"][b],
        "with noise": one["image"][b],
    }
    _, axes = plt.subplots(1, 4, figsize=(9.5, 2.6), layout="constrained")
    for ax, (title, plane) in zip(axes, panels.items(), strict=False):
        ax.imshow(np.arcsinh(plane / one["sky_sigma"][b]), origin="lower", cmap="gray")
        ax.set(title=f"{title}, {band}", xticks=[], yticks=[])
    axes[-1].imshow(colour_picture(one["image"], BANDS), origin="lower")
    axes[-1].set(title=f"arc S/N {one['arc_snr']:.0f}", xticks=[], yticks=[])


def arc_snr(lenses, snr, least):
    """Arc S/N against theta_E, and what a search can hope for."""
    _, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
    ax.semilogy(lenses["theta_E"], snr, ".", ms=3, color=COLOURS[2])
    ax.plot(
        [least["theta_E"], least["theta_E"], PRIORS.theta_E_max], [snr.max(), least["arc_snr"], least["arc_snr"]], **LAW
    )
    ax.set(xlabel="theta_E (arcsec)", ylabel="arc S/N", title="right of and above the line: discoverable")


def coverage(trials, confidence):
    """Share of experiments whose interval holds the true rate, by adding up the binomial law."""
    _, ax = plt.subplots(figsize=(5.5, 2.6), layout="constrained")
    rates = np.geomspace(1e-4, 0.5, 400)
    events = np.arange(trials + 1)
    low, high = binomial_interval(events, np.full(len(events), trials), confidence)
    holds = [stats.binom.pmf(events[(low <= p) & (p <= high)], trials, p).sum() for p in rates]
    ax.semilogx(rates, holds, **LAW | {"lw": 0.8})
    ax.axhline(confidence, color=COLOURS[5])
    ax.set(xlabel=f"true rate, {trials:,} objects", ylabel="share that holds it", ylim=(0, 1))


def survey_total():
    """Lenses per steradian on the training support, with the cross-section of a sphere."""
    cells = support()
    return float((survey_density(cells) * cells["volume"]).sum())
