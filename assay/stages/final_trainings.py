"""The long trainings at a run's end: planned once, each as long as what is then left of the budget allows it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from assay.data.data import Data
from assay.finishing.distillation import distil_recipe
from assay.models.ensemble import Ensemble
from assay.planning import (
    LEAST_LONG,
    STUDENT_LENGTH,
    LongPlan,
    Speed,
    long_steps,
    measure_speed,
    plan_long,
    reserve_seconds,
)
from assay.recipe import Recipe
from assay.stages.session import Session
from assay.training.train import Run


@dataclass
class FinalTrainings:
    """The long trainings of a run, each as long as what is left of the budget allows it.

    speed: measured before them. step_seconds: of a step, as the last of them took.
    """

    session: Session
    data: Data
    speed: Speed
    plan: LongPlan
    steps_per_epoch: int
    step_seconds: float

    @classmethod
    def planned(cls, session: Session, data: Data, recipe: Recipe) -> FinalTrainings:
        """What the time that is left suffices for; decided once."""
        decided = session.decide("long speed", lambda: asdict(measure_speed(recipe, data, device=session.device)))
        speed, steps_per_epoch = Speed(**decided), max(1, len(data.train) // recipe.batch_size)
        plan = session.decide(
            "long plan", lambda: asdict(plan_long(time_left(session), speed, steps_per_epoch=steps_per_epoch))
        )
        return cls(session, data, speed, LongPlan(**plan), steps_per_epoch, speed.step)

    def train(self, name: str, member: Recipe, seed: int, teacher: Ensemble | None) -> Run | None:
        """One training; None where there is no time for it."""
        decided = self.session.decide(f"length of {name}", lambda: self.length(name))
        if not decided["epochs"]:
            return None
        member = member.change(epochs=decided["epochs"])
        run = self.session.train(
            distil_recipe(member, teacher) if teacher else member, self.data, seed, name=name,
            text=f"{name} of the final model", evaluations=int(decided["looks"]), until=decided["until"],
            initial=teacher.members[0] if teacher else None,
        )  # fmt: skip
        self.step_seconds = run.seconds_per_step
        return run

    def length(self, name: str) -> dict[str, float]:
        """Epochs, looks at the validation split, and when it must end."""
        seconds = self.plan.share(name) * time_left(self.session)
        if name == "member-0":
            seconds = max(seconds, LEAST_LONG * self.session.budget.total)
        weight = self.plan.weight(name) / (STUDENT_LENGTH if name == "student" else 1)
        speed = replace(self.speed, step=self.step_seconds)
        steps, looks = long_steps(seconds, speed, validation=len(self.data.validation), weight=weight)
        epochs = steps / self.steps_per_epoch if seconds > 1 or name == "member-0" else 0.0
        return {"epochs": epochs, "looks": looks, "until": self.session.budget.used + seconds}


def time_left(session: Session) -> float:
    """Seconds of the budget that the final trainings may use."""
    return session.budget.remaining - reserve_seconds(session.budget.total)
