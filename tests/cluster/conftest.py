"""One city for all tests of this folder: three processes take half a minute to start."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.city import City
from tests.support.services import Nginx, Postgres, Redis


@pytest.fixture(scope="session")
def whole_city(postgres: Postgres, redis_server: Redis, nginx: Callable[..., Nginx]) -> Iterator[City]:
    """The city, started once."""
    # Not pytest's own folder, which nobody but its owner may enter: the processes have another user.
    folder = Path(tempfile.mkdtemp(prefix="linlitong-city-"))
    city = City(folder, postgres, redis_server, nginx)
    try:
        city.start()
        yield city
    finally:
        city.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def city(whole_city: City) -> Iterator[City]:
    """The city with at least two processes ready; one that the last test restarted may still be starting."""
    whole_city.mend(ready=2)
    yield whole_city
    whole_city.mend(ready=0)
