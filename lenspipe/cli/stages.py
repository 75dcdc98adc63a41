"""The commands that run the stages of the pipeline."""

from lenspipe.cli.networks import baselines, explain, predict, train
from lenspipe.cli.results import diagnose, figures, report
from lenspipe.cli.sky import population, simulate

COMMANDS = (population, simulate, train, predict, baselines, explain, diagnose, figures, report)
