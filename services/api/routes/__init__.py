"""The routes, one module for each capability, and the list of all of them."""

from services.api.routes import ai, auth, characters, exports, files, graph, jobs, projects, runs

ROUTERS = (
    auth.router,
    graph.catalogue_router,  # before projects: /api/projects/node-types is no project id
    projects.router,
    graph.router,
    runs.router,
    exports.router,
    ai.router,
    files.router,
    jobs.router,
    characters.router,
)
"""Order counts where one path could be read as another."""
