from panoramisk import Manager

class AMIProtocol:
    factory: Manager
    encoding: str
    def connection_made(self, transport: object) -> None: ...
    def data_received(self, data: bytes) -> None: ...
