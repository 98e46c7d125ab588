"""The directory, arranged for asking."""

from .directory import Agent, Center, Directory, Job, Status, Terminal
from .errors import Refused
from .ids import AgentId, CenterId, JobId, TerminalId


class Index:
    """Look-ups over one directory; rebuilt whole when the directory changes."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.home = directory.numbering.home
        self.agents: dict[AgentId, Agent] = {agent.id: agent for agent in directory.agents}
        self.terminals: dict[TerminalId, Terminal] = {terminal.id: terminal for terminal in directory.terminals}
        self.terminal_by_endpoint: dict[str, Terminal] = {item.endpoint: item for item in directory.terminals}
        self.centers: dict[CenterId, Center] = {center.id: center for center in directory.centers}
        self.center_by_queue: dict[str, Center] = {center.queue: center for center in directory.centers}
        self.center_by_number: dict[str, Center] = {
            number: item for item in directory.centers for number in (item.number, *item.numbers) if number
        }
        self.jobs: dict[JobId, Job] = {job.id: job for job in directory.jobs}
        self.statuses: dict[str, Status] = {status.key: status for status in directory.statuses}
        self._memberships: dict[AgentId, list[tuple[Center, int]]] = {}
        for center in directory.centers:
            for member in center.members:
                self._memberships.setdefault(member.agent, []).append((center, member.penalty))

    def is_trunk(self, endpoint: str) -> bool:
        """Whoever calls or is called there is outside: an endpoint that is nobody's terminal."""
        return endpoint != "" and endpoint not in self.terminal_by_endpoint

    def agent(self, id: AgentId) -> Agent:
        if id not in self.agents:
            raise Refused("unknown-agent", str(id))
        return self.agents[id]

    def terminal(self, id: TerminalId) -> Terminal:
        if id not in self.terminals:
            raise Refused("unknown-terminal", str(id))
        return self.terminals[id]

    def job(self, id: JobId) -> Job:
        if id not in self.jobs:
            raise Refused("unknown-job", str(id))
        return self.jobs[id]

    def memberships(self, agent: AgentId) -> list[tuple[Center, int]]:
        """The centers an agent works in, with the penalty of each."""
        return self._memberships.get(agent, [])
