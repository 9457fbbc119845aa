"""Runs the actions inside the server process: the action endpoint without its HTTP hop.

Rasa asks an ``EndpointConfig`` to POST the tracker to an action server; this one hands the same JSON to the
SDK's executor instead, so that an action behaves alike here and behind ``rasa run actions``.
"""

from __future__ import annotations

import json
import logging
from typing import Any, Optional

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

logger = logging.getLogger(__name__)


class InProcessActions(EndpointConfig):
    """An action endpoint whose requests never leave the process."""

    def __init__(self) -> None:
        # The domain is sent only to actions that ask for it; ours do not, and it is large.
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        logging.getLogger("rasa_sdk.executor").setLevel(logging.WARNING)
        self._executor.register_package("actions")

    @property
    def names(self) -> frozenset[str]:
        """The actions that there are."""
        return frozenset(self._executor.actions)

    async def request(self, method: str = "post", subpath: Optional[str] = None,
                      content_type: Optional[str] = "application/json", compress: bool = False,
                      **kwargs: Any) -> Optional[Any]:
        """Run the action named in ``json``; errors take the form that an action server gives them."""
        try:
            return await self._executor.run(kwargs["json"])
        except ActionExecutionRejection as error:
            raise ClientResponseError(400, str(error), _error_body(error.action_name, str(error))) from error
        except ActionNotFoundException as error:
            raise ClientResponseError(404, str(error), _error_body(error.action_name, str(error))) from error


def _error_body(action: str, error: str) -> str:
    return json.dumps({"action_name": action, "error": error})
