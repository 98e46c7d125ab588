from collections.abc import Mapping
from typing import Literal

class Config:
    def __init__(
        self,
        *,
        signature_version: str,
        s3: Mapping[str, str],
        connect_timeout: float,
        read_timeout: float,
        retries: Mapping[str, int | str],
        request_checksum_calculation: Literal["when_supported", "when_required"],
        response_checksum_validation: Literal["when_supported", "when_required"],
    ) -> None: ...
