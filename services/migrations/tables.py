"""Every table of the product in one metadata."""

from sqlalchemy import MetaData

from services.core.accounts import model as accounts
from services.core.assets import model as assets
from services.core.budgets import model as budgets
from services.core.characters import model as characters
from services.core.commands import model as commands
from services.core.exports import model as exports
from services.core.jobs import model as jobs
from services.core.kit.database import Base
from services.core.outbox import model as outbox
from services.core.projects import model as projects

TABLE_MODULES = (accounts, assets, budgets, characters, commands, exports, jobs, outbox, projects)
METADATA: MetaData = Base.metadata
