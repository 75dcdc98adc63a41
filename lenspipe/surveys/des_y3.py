"""The Dark Energy Survey's wide field after three years (DR1).

Zero points, sky, exposure time, pixel, read noise: lenstronomy's ``ObservationConfig/DES.py``.
Median seeing: DES DR1, abstract (arXiv 1801.03181). Spread between exposures: DES DR1 figures 3 and 4.
Number of exposures: 3 to 6 with mean 4.5 meets the sky noise of real Y3 coadds (its own default of 10 is 0.5 mag
too deep). Moffat with beta 3: real DES PSFs. Wavelengths: DECam filters' pivot wavelengths.
"""

from lenspipe.surveys._survey import Band, Survey

DES_Y3 = Survey(
    name="des_y3",
    pixel_scale=0.263,
    exposure_time=90.0,
    read_noise=7.0,
    ccd_gain=4.0,
    magnitude_zero_point=30.0,  # as DES coadds are scaled
    moffat_beta=3.0,
    num_exposures=(3, 4, 5, 6),
    bands={
        "g": Band(26.58, 22.01, 0.21, 1.12, 0.21, 4826.0),
        "r": Band(26.78, 21.15, 0.23, 0.96, 0.17, 6432.0),
        "i": Band(26.75, 19.89, 0.28, 0.88, 0.13, 7827.0),
        "z": Band(26.48, 18.72, 0.29, 0.84, 0.14, 9179.0),
    },
)
