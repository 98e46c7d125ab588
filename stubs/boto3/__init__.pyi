# What recordings/s3.py uses of boto3, which has no types of its own.
from collections.abc import Mapping
from typing import BinaryIO, Literal, TypedDict

from boto3.s3.transfer import TransferConfig
from botocore.config import Config

class Head(TypedDict):
    ContentLength: int
    ETag: str

class Body:
    def read(self, amt: int | None = None) -> bytes: ...
    def close(self) -> None: ...

class Found(Head):
    Body: Body

class S3Client:
    def head_object(self, *, Bucket: str, Key: str) -> Head: ...
    def get_object(self, *, Bucket: str, Key: str, Range: str) -> Found: ...
    def delete_object(self, *, Bucket: str, Key: str) -> Mapping[str, object]: ...
    def upload_fileobj(self, Fileobj: BinaryIO, Bucket: str, Key: str, *, Config: TransferConfig) -> None: ...
    def create_bucket(self, *, Bucket: str) -> Mapping[str, object]: ...
    def head_bucket(self, *, Bucket: str) -> Mapping[str, object]: ...

def client(
    service_name: Literal["s3"],
    *,
    endpoint_url: str,
    region_name: str,
    aws_access_key_id: str,
    aws_secret_access_key: str,
    config: Config = ...,
) -> S3Client: ...
