"""What several tests of recordings share."""

from collections.abc import Iterator

import pytest

from tests.recordings.s3_server import S3Server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for the whole run."""
    with S3Server(tmp_path_factory.mktemp("s3")) as server:
        yield server
