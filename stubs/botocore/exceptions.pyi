from typing import TypedDict

class _Metadata(TypedDict):
    HTTPStatusCode: int

class _Response(TypedDict):
    ResponseMetadata: _Metadata

class BotoCoreError(Exception): ...

class ClientError(Exception):
    response: _Response
