"""A FastAPI application whose one route does nothing: what every other route is measured against."""

from fastapi import FastAPI

__all__ = ["application"]


def application() -> FastAPI:
    """The application."""
    app = FastAPI()

    @app.get("/")
    def nothing() -> dict[str, str]:
        return {}

    return app
