"""Pages for people, rendered here; every form works without script. One page a file."""

from web.access import Route

from . import account, audit, call, callbacks, calls, campaigns, centers, exports, look, monitor, records, sign_in

ROUTES: tuple[Route, ...] = (
    *sign_in.ROUTES,
    *look.ROUTES,
    *monitor.ROUTES,
    *exports.ROUTES,
    *calls.ROUTES,
    *call.ROUTES,
    *callbacks.ROUTES,
    *centers.ROUTES,
    *campaigns.ROUTES,
    *account.ROUTES,
    *records.ROUTES,
    *audit.ROUTES,
)
