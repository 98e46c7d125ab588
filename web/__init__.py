"""The web view: `/api/v1`, server-rendered pages and the live socket. `web.app.build` is the only door."""
