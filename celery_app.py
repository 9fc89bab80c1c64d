"""The Celery app: `celery -A celery_app worker`. Its two tasks can also be sent from here, `execute_datax_job.delay(job)`."""

from webapp import create_app
from webapp.app import __version__
from webapp.celery import survive_forks
from webapp.config import load_or_exit
from webapp.tasks import private
from webapp.tasks.stopping import stopping
from webapp.tasks.worker import register
from webapp.workers import announcing

flask_app = create_app(load_or_exit())
celery_app = flask_app.extensions["celery"]
execute_datax_job, validate_datax_job = register(celery_app)
announcing.register(flask_app, __version__)
survive_forks(flask_app)
stopping.listen(flask_app.config["SETTINGS"])
private.clean_at_start(flask_app.config["SETTINGS"])
