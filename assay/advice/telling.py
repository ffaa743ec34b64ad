"""Advice as findings of a report, as plain values, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import Any

from assay.advice.counsel import Advice
from assay.advice.history import VERDICTS, AdviceOutcome, GivenAdvice, last_outcomes
from assay.advice.judgement import NotMeasured
from assay.advice.next_step import describe_path
from assay.advice.reading_list import LINES
from assay.advice.rule_catalog import ADVISING
from assay.advice.session import AdviceSession
from assay.audit.journal import Log
from assay.figure import Passage, Table
from assay.finding import Finding, Report, Skipped

WIDTH = 110


def find_advice(one: Advice, place: int) -> Finding:
    """One advice as a finding, with its command to copy."""
    source = f"{one.source} ({', '.join(one.ids)})" if one.ids else one.source
    return Finding(
        f"advice_{one.rule}",
        "note",
        f"{place}. {one.action} {one.measured}",
        {**as_plain(one), **one.evidence},
        one.cause,
        f"Run the command; expected: {say_expected(one)}",
        source,
        (Passage("Command", str(one.command), is_code=True),),
    )


def say_expected(one: Advice) -> str:
    """What the command should change, by how much at most, and how likely."""
    change = f"{one.expected.quantity} score {one.expected.told}"
    change = f"then known: {one.expected.told}" if one.expected.quantity == "known" else change
    size = f"; {one.expected.size}" if one.expected.size else ""
    return f"{change}{size}. At most {one.at_stake:.4f}, with a chance of {one.chance:.0%}."


def as_plain(one: Advice) -> dict[str, Any]:
    """For JSON."""
    return {
        "rule": one.rule,
        "ids": list(one.ids),
        "action": one.action,
        "command": str(one.command),
        "expected": vars(one.expected),
        "at_stake": one.at_stake,
        "chance": one.chance,
        "worth": one.worth,
        "measured": one.measured,
        "cause": one.cause,
        "source": one.source,
    }


def make_report(session: AdviceSession) -> Report:
    """For the page."""
    found = session.counsel
    findings = [
        *session.findings,
        describe_path(found.path),
        *(find_advice(one, n) for n, one in enumerate(session.next, 1)),
    ]
    if session.followed:
        findings.append(find_followed(session))
    rows = tuple((name, one.measured) for name, one in found.fine.items())
    rows += tuple((name, f"left out: {reason}") for name, reason in found.contradicting.items())
    findings.append(
        Finding(
            "nothing_to_do",
            "note",
            f"{len(rows)} rules found nothing to do.",
            figures=(Table("Measured, and fine", ("rule", "measured"), rows),),
        )
    )
    findings.append(find_reading())
    skipped = tuple(
        Skipped(name, f"not measured: {one.missing}" + (f"; `{one.measure}` measures it" if one.measure else ""))
        for name, one in found.lacking.items()
    )
    return Report("advise", tuple(findings), skipped, session.seconds)


def find_followed(session: AdviceSession) -> Finding:
    """What came of earlier advice."""
    rows = tuple((given.rule, given.action, one.verdict, one.told) for given, one in session.followed)
    done = sum(one.verdict == VERDICTS[0] for _, one in session.followed)
    return Finding(
        "followed",
        "note",
        f"Of {len(rows)} pieces of advice that were followed, {done} did what was expected.",
        {"n": len(rows), "as_expected": done},
        figures=(Table("Advice that was followed", ("rule", "advice", "outcome", "measured"), rows),),
    )


def find_reading() -> Finding:
    """Rules that no measurement decides."""
    left = [line for line in LINES if not line.rule]
    rows = tuple((", ".join(line.ids), line.words, line.why) for line in left)
    count = sum(len(line.ids) for line in LINES)
    return Finding(
        "reading",
        "note",
        f"Of {count} rules of thumb and diagnoses, {sum(len(line.ids) for line in left)} are "
        "reading: no measurement of a run decides them.",
        {"n": count},
        figures=(Table("To read", ("rule", "in a line", "why nothing measures it"), rows),),
    )


def plain(session: AdviceSession) -> dict[str, Any]:
    """All of it, for programs."""
    found = session.counsel
    return {
        "folder": str(found.measurements.folder),
        "path": {
            "leads_to": found.path.leads_to,
            "conclusion": found.path.conclusion,
            "branches": [vars(one) for one in found.path.branches],
        },
        "advice": [as_plain(one) for one in session.next],
        "followed": [
            {
                "rule": given.rule,
                "command": given.command,
                "folder": one.folder,
                "outcome": one.verdict,
                "change": one.change,
                "low": one.low,
                "high": one.high,
                "told": one.told,
            }
            for given, one in session.followed
        ],
        "fine": {name: one.measured for name, one in found.fine.items()},
        "not_measured": {
            name: {"missing": one.missing, "command": None if one.measure is None else str(one.measure)}
            for name, one in found.lacking.items()
        },
        "history": str(session.history.path),
        "unread": list(found.measurements.unread),
        "contradicting": dict(found.contradicting),
        "set_aside": [vars(one) for one in session.history.set_aside],
    }


def tell_lines(session: AdviceSession) -> Iterator[str]:
    """For a terminal; commands stand on lines of their own, whole, to be copied."""
    found, now = session.counsel, session.counsel.measurements.folder
    if now is not None and now.resolve() != session.asked_about.resolve():
        yield f"Advice on {session.asked_about} was followed and helped: what follows starts from {now}."
    yield "The path through the tree"
    for branch in found.path.branches:
        yield fill(f"{branch.question} {branch.answer.upper()}", WIDTH, initial_indent="  ", subsequent_indent="      ")
        yield fill(branch.measured, WIDTH, initial_indent="      ", subsequent_indent="      ")
        if branch.measure:
            yield f"      measured by: $ {branch.measure}"
    yield fill(f"-> {found.path.conclusion}", WIDTH, initial_indent="  ", subsequent_indent="     ")
    for given, one in session.followed:
        yield ""
        yield fill(
            f"Followed: {given.rule}. {given.action} {one.verdict.upper()}: {one.told}", WIDTH, subsequent_indent="  "
        )
    yield ""
    yield "To do next, by expected worth" if session.next else "Nothing to do next was found."
    for place, one in enumerate(session.next, start=1):
        yield from advice_lines(one, place)
    yield ""
    yield fill(f"{len(found.fine)} rules found nothing to do.", WIDTH)
    for name, reason in found.contradicting.items():
        yield fill(f"Left out: {name} {reason}.", WIDTH, subsequent_indent="  ")
    yield from lacking_lines(found.lacking)
    for one in session.findings:
        yield fill(f"{one.level}: {one.summary} {one.fix}", WIDTH)
    yield f"history: {session.history.path}" if not session.unkept else f"not kept: {session.unkept}"


def lacking_lines(lacking: Mapping[str, NotMeasured]) -> Iterator[str]:
    """Each command once, with the rules that wait for what it measures."""
    if not lacking:
        return
    waiting: dict[tuple[str, ...], list[str]] = {}
    commands = {one.measure.asks: one.measure for one in lacking.values() if one.measure is not None}
    for name, one in lacking.items():
        waiting.setdefault(() if one.measure is None else one.measure.asks, []).append(name)
    yield fill(f"{len(lacking)} lack a measurement; the command that makes it:", WIDTH)
    for asked, names in waiting.items():
        yield fill(", ".join(names), WIDTH, initial_indent="   ", subsequent_indent="   ")
        yield f"   $ {commands[asked]}" if asked else "   nothing measures it before what is at fault is mended"


def advice_lines(one: Advice, place: int) -> Iterator[str]:
    """Four parts: what to do, why, what it should change, and the command."""
    ids = f" [{', '.join(one.ids)}]" if one.ids else ""
    yield fill(f"{place}. {one.action} ({one.rule}{ids})", WIDTH, subsequent_indent="   ")
    yield fill(f"{one.measured} {one.cause}", WIDTH, initial_indent="   ", subsequent_indent="   ")
    yield fill(f"expected: {say_expected(one)}", WIDTH, initial_indent="   ", subsequent_indent="   ")
    yield f"   $ {one.command}"


def history_lines(log: Log[GivenAdvice | AdviceOutcome]) -> Iterator[str]:
    """Every piece of advice with its outcome, and of each rule how often it did what it said."""
    given = list({one.id: one for one in log.entries if isinstance(one, GivenAdvice)}.values())
    told = last_outcomes(log.entries)
    if not given:
        yield f"No advice was given yet; {log.path} is the file it would be in."
    for one in given:
        came = told.get(one.id)
        yield f"{one.time[:16]}  {one.run}  {one.rule}: {'not followed yet' if came is None else came.verdict}"
        yield f"   $ {one.command}"
        if came is not None:
            yield fill(came.told, WIDTH, initial_indent="   ", subsequent_indent="   ")
    yield from rate_lines(given, told)
    for one in log.set_aside:
        yield f"line {one.line} of {log.path} is set aside: {one.reason}"


def rate_lines(given: list[GivenAdvice], told: dict[str, AdviceOutcome]) -> Iterator[str]:
    """`capacity: given 3, followed 2, as expected 1`."""
    for rule in (rule.name for rule in ADVISING):
        mine = [one for one in given if one.rule == rule]
        came = [told[one.id].verdict for one in mine if one.id in told]
        if mine:
            yield f"{rule}: given {len(mine)}, followed {len(came)}, as expected {came.count(VERDICTS[0])}"
