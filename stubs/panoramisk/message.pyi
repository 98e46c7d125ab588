class Message:
    chanel: str
    @classmethod
    def from_line(cls, line: str) -> Message: ...
