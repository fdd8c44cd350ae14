"""Each Blender that is installed here, with its scenes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dccs import blenders
from dccs.studios import Studio
from needs import require


@pytest.fixture(scope="session", params=blenders.FOUND or [None], ids=blenders.name)
def studio(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Each Blender that is installed here. pytest runs all its tests before those of the next."""
    require(request.param, "Blender is not installed")
    studio = Studio(request.param, tmp_path_factory.mktemp("blender"))
    yield studio
    studio.close()
