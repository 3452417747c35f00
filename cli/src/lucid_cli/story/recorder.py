"""Which steps of the story held."""

from dataclasses import dataclass, field

from rich.console import Console


@dataclass
class Recorder:
    """Counts the steps that held and keeps those that did not."""

    console: Console
    held: int = 0
    failed: list[str] = field(default_factory=list)

    def act(self, title: str) -> None:
        """Announce an act."""
        self.console.rule(f"[bold]{title}[/]", align="left", style="dim")

    def say(self, text: str) -> None:
        """Say something that is not a step."""
        self.console.print(text, soft_wrap=True)

    def step(self, claim: str, holds: bool, detail: str = "") -> bool:
        """Record whether a claim holds, and show it."""
        mark = "[green]✓[/]" if holds else "[red]✗[/]"
        self.console.print(f"{mark} {claim}{': ' + detail if detail else ''}", soft_wrap=True)
        if holds:
            self.held += 1
        else:
            self.failed.append(claim)
        return holds

    @property
    def all_held(self) -> bool:
        """Say whether no step failed."""
        return not self.failed
