"""saved jobs"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
from webapp.extensions import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def exactly(length):
    return sa.String(length=length).with_variant(mysql.VARCHAR(collation="utf8mb4_bin", length=length), "mysql")


def upgrade() -> None:
    op.create_table(
        "saved_job",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("key", exactly(600), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_saved_job_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_job")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_saved_job_project_id_key")),
    )
    op.create_table(
        "saved_job_version",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql"), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["saved_job.id"], name=op.f("fk_saved_job_version_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_saved_job_version")),
    )
    op.create_table(
        "saved_job_tag",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("tag", exactly(40), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("key", exactly(600), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["saved_job.id"], name=op.f("fk_saved_job_tag_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "tag", name=op.f("pk_saved_job_tag")),
    )
    with op.batch_alter_table("saved_job_tag", schema=None) as batch_op:
        batch_op.create_index("ix_saved_job_tag_tag", ["project_id", "tag", "key"], unique=False)

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("job_id", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("job_version", sa.Integer(), nullable=True))
        batch_op.create_index("ix_task_job", ["project_id", "job_id", "created_at", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index("ix_task_job")
        batch_op.drop_column("job_version")
        batch_op.drop_column("job_id")

    op.drop_table("saved_job_tag")
    op.drop_table("saved_job_version")
    op.drop_table("saved_job")
