"""Every dialogue by the name that the dialplan calls."""

from .dialogues.change_status import change_status, set_status
from .dialogues.join_job import join_job
from .dialogues.operations import Operations
from .dialogues.pause_recording import pause_recording
from .dialogues.raise_hand import raise_hand
from .dialogues.sign_in import outside_sign_in, sign_in, sign_in_extension
from .dialogues.sign_out import outside_sign_out, sign_out
from .server import Dialogue


def routes(operations: Operations) -> dict[str, Dialogue]:
    """For `agi.server.Server`."""
    makers = (
        change_status,
        join_job,
        outside_sign_in,
        outside_sign_out,
        pause_recording,
        raise_hand,
        set_status,
        sign_in,
        sign_in_extension,
        sign_out,
    )
    return {maker.__name__: maker(operations) for maker in makers}
