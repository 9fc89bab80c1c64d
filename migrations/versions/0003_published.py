"""an index for what was published and waits"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_task_published", "task", ["state", "published_at", "queue"])


def downgrade() -> None:
    op.drop_index("ix_task_published", "task")
