"""What every test stands on: no variable of the operator's, and a seed that is told."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

from services import clock
from services.settings import PREFIX

# How fast examples are drawn is a busy machine's affair, and no fault of a rule.
HOUSE = settings(deadline=None, print_blob=True, suppress_health_check=(HealthCheck.too_slow,))
settings.register_profile("house", HOUSE)
# pytest --hypothesis-profile nightly --timeout 7200
settings.register_profile("nightly", HOUSE, max_examples=3_000)
# For planted bugs: that an example fails is enough, and the smallest one is not looked for.
CAUGHT = (Phase.explicit, Phase.generate)
settings.register_profile("mutants", HOUSE, max_examples=600, phases=CAUGHT)
settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Forget the operator's variables, and choose the seed of this run's examples."""
    for name in [name for name in os.environ if name.startswith(PREFIX) and "_TEST_" not in name]:
        del os.environ[name]
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(int.from_bytes(clock.random_bytes(4)))


def pytest_report_header(config: pytest.Config) -> str:
    """Tell how to run the same examples again."""
    return f"examples: --hypothesis-seed={config.option.hypothesis_seed}"
