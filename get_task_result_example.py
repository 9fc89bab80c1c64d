"""How to read the result of a task: put its id below, or give ids on the command line."""

import sys

from tasks_scheduler import DataXTaskScheduler

sample_task_id = "08c30376-b3f6-41d3-a90b-053032e823c5"  # replace it with the id of a task of yours


def show(scheduler: DataXTaskScheduler, task_id: str) -> None:
    """Print a task's state and, once it is ready, its result."""
    task = scheduler.get_task_result(task_id)
    print(f"task   {task_id}")
    print(f"state  {task.state}")
    if not task.ready():
        print("result not there yet: the task waits or runs, or the id is not known")
    elif isinstance(task.result, bool):
        print(f"result the job document is {'valid' if task.result else 'not valid'}")
    else:
        print(f"result success={task.result['success']} exit_code={task.result['exit_code']}")
        print(task.result["stdout"] if task.result["success"] else task.result["stderr"])


if __name__ == "__main__":
    for wanted in sys.argv[1:] or [sample_task_id]:
        show(DataXTaskScheduler(), wanted)
