"""`/api/v1`: one noun a file. Each file's `ROUTES` says who may walk it; `web.app` mounts them all."""
