"""Keep what the models cost within ``models.budget`` of pack.yaml.

LiteLLM's own budgets are stored in PostgreSQL or reset with its process. This
hook (``litellm_settings.callbacks: budget.handler``) stores the sum of the
current period in a file on a volume, so that it survives a restart of the
container or the pod:

- before a request, its highest possible cost is added to the sum, so that a
  crash or a disconnected client cannot make a request free;
- after the request, the cost that LiteLLM calculated replaces this amount;
- once the sum reaches the budget, requests are answered with one sentence that
  says so, and no model is called until the period ends. It is an answer, not an
  error, because OpenClaw rewords errors and says "overloaded" after 20 attempts.
  A request without tools is refused with 400 instead: OpenClaw uses such requests
  to summarize a long conversation, and would keep the sentence as the summary.

A period is a calendar day, week (from Monday) or month, in UTC. The modules of
this folder import each other, and LiteLLM may load one under a second name, so
only the object ``handler`` holds state.
"""

import asyncio
import json
import math
import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import litellm
from custom_auth import LIMITS, refuse_to_start
from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger

# In seconds. The key proxy ends a silent request after ten minutes.
MAX_REQUEST_SECONDS = 3600
UNDER_WAY = (
    "The rest of the budget for the models may be used up by requests that are under "
    "way. Try again when they have finished."
)

# A token of English text has at least three characters. Code and JSON need more tokens;
# the surcharge for cache writes covers this.
CHARACTERS_PER_TOKEN = 3
# The tokens that Anthropic counts for the largest image, rounded up.
TOKENS_PER_IMAGE = 5000
# Writing input to the prompt cache costs a quarter more than plain input.
CACHE_WRITE_FACTOR = 1.25


def period_start(today: date, per: str) -> date:
    """Return the first day of the period that ``today`` is in."""
    if per == "day":
        return today
    if per == "week":
        return today - timedelta(days=today.weekday())
    return today.replace(day=1)


def next_period(start: date, per: str) -> date:
    """Return the first day of the period after the one that begins on ``start``."""
    days = {"day": 1, "week": 7, "month": 32}[per]
    return period_start(start + timedelta(days=days), per)


class Price:
    """The highest price of an input token and of an output token, in USD."""

    def __init__(self, model: str, limits: dict[str, Any]) -> None:
        """Read the price from limits.json, otherwise from LiteLLM's list."""
        listed = litellm.model_cost.get(model, {})
        own = limits.get("price_per_million")
        if own is not None:
            self.input, self.output = own["input"] / 1e6, own["output"] / 1e6
        elif "input_cost_per_token" in listed and "output_cost_per_token" in listed:
            self.input = _highest(listed, "input_cost_per_token")
            self.output = _highest(listed, "output_cost_per_token")
        else:
            refuse_to_start(
                f"LiteLLM knows no price of {model}, so the budget cannot be enforced; "
                "write models.list[].price in pack.yaml",
                "budget",
            )


def _highest(listed: dict[str, Any], name: str) -> float:
    """Return the higher of a price and its variant for long contexts."""
    return max(listed[name], listed.get(f"{name}_above_200k_tokens") or 0)


class Ledger:
    """The sum of one period, in USD, stored in a file."""

    def __init__(self, path: Path, per: str) -> None:
        """Read the file; without a file, or in a new period, the sum is 0."""
        self._path = path
        self._per = per
        self._lock = asyncio.Lock()
        self.start = period_start(_today(), per)
        self.spent = 0.0
        if not path.exists():
            return
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            start, spent = (
                date.fromisoformat(record["period_start"]),
                float(record["spent_usd"]),
            )
            # Python's json also reads NaN, which no limit would stop.
            if not 0 <= spent < math.inf:
                raise ValueError
        except (OSError, ValueError, KeyError, TypeError):
            refuse_to_start(
                f"{path} cannot be read; fix it, or delete it to start from 0 USD",
                "budget",
            )
        # If the clock was set back, the later period and its sum are kept.
        if start >= self.start:
            self.start, self.spent = start, spent

    async def add(self, usd: float) -> None:
        """Add to the sum and write it to the file."""
        # Before the lock, so that the next request sees it without waiting for the
        # disk.
        self.turn_over()
        self.spent = max(0.0, self.spent + usd)
        async with self._lock:
            await asyncio.to_thread(self._write)

    def turn_over(self) -> None:
        """Reset the sum to 0 if a new period has begun."""
        start = period_start(_today(), self._per)
        if start > self.start:
            self.start, self.spent = start, 0.0

    def _write(self) -> None:
        record = {
            "period_start": self.start.isoformat(),
            "spent_usd": round(self.spent, 6),
        }
        # Written to another file and renamed: a crash leaves the old record or the new
        # one.
        part = self._path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)


def _today() -> date:
    return datetime.now(UTC).date()


class Reservation:
    """The highest possible cost of a request in progress."""

    def __init__(self, usd: float, period: date) -> None:
        """Start the reservation now."""
        self.usd = usd
        self.period = period
        self.since = time.monotonic()


class Budget(CustomLogger):
    """Refuses requests at the limit, and adds up the cost of all others."""

    def __init__(self) -> None:
        """Read the limits and the record. An invalid one prevents LiteLLM's start."""
        super().__init__()
        budget = LIMITS["budget"]
        self._usd: float = budget["usd"]
        self._per: str = budget["per"]
        self._models: dict[str, Any] = LIMITS["models"]
        self._prices = {
            model: Price(model, limits) for model, limits in self._models.items()
        }
        self._ledger = Ledger(Path(os.environ["SPEND_FILE"]), self._per)
        # The reservations by LiteLLM's call ID, the oldest first.
        self._reserved: dict[str, Reservation] = {}

    def limit_message(self) -> str:
        """Return the message for the user once the budget is used up."""
        ledger = self._ledger
        again = next_period(ledger.start, self._per)
        return (
            "The budget for the models is used up: "
            f"{ledger.spent:.2f} of {self._usd:.2f} USD since {ledger.start:%d %B %Y}. "
            f"I can answer again from {again:%d %B %Y} (UTC), "
            "or once models.budget is raised in pack.yaml."
        )

    async def async_pre_call_hook(
        self,
        user_api_key_dict: object,
        cache: object,
        data: dict[str, Any],
        call_type: str,
    ) -> dict[str, Any] | str:
        """Return the request, with an answer at the limit, or a string to refuse it."""
        price = self._prices.get(data.get("model", ""))
        # The trial's mock costs nothing, and an unlisted model is refused later.
        if price is None or "mock_response" in data:
            return data
        self._ledger.turn_over()
        if self._ledger.spent >= self._usd:
            if self._ledger.spent - self._under_way() < self._usd:
                raise HTTPException(429, {"error": UNDER_WAY})
            if not data.get("tools"):
                return self.limit_message()
            data["mock_response"] = self.limit_message()
            return data
        if not (data.get("max_completion_tokens") or data.get("max_tokens")):
            # LiteLLM's default is the model's maximum, which may exceed that of
            # pack.yaml.
            data["max_tokens"] = self._models[data["model"]]["max_tokens"]
        usd = highest_cost(data, price, self._models[data["model"]]["context"])
        self._reserved[data["litellm_call_id"]] = Reservation(usd, self._ledger.start)
        await self._ledger.add(usd)
        return data

    def _under_way(self) -> float:
        """Return the sum of reservations that may still turn out cheaper."""
        oldest = time.monotonic() - MAX_REQUEST_SECONDS
        # A request that was neither answered nor refused counts as its reservation.
        for call, reservation in list(self._reserved.items()):
            if reservation.since < oldest:
                del self._reserved[call]
        return sum(
            reservation.usd
            for reservation in self._reserved.values()
            if reservation.period == self._ledger.start
        )

    async def async_log_success_event(
        self,
        kwargs: dict[str, Any],
        response_obj: object,
        start_time: object,
        end_time: object,
    ) -> None:
        """Replace the reservation with the cost of the answer, complete or partial."""
        cost = kwargs.get("response_cost")
        # Without a cost the reservation is kept, because too much is safer than
        # nothing.
        if cost is not None:
            await self._settle(kwargs.get("litellm_call_id"), float(cost))

    async def async_log_failure_event(
        self,
        kwargs: dict[str, Any],
        response_obj: object,
        start_time: object,
        end_time: object,
    ) -> None:
        """Count the cost of an interrupted stream."""
        cost = kwargs.get("response_cost")
        if cost:
            await self._settle(kwargs.get("litellm_call_id"), float(cost))

    async def async_post_call_failure_hook(
        self,
        request_data: dict[str, Any],
        original_exception: Exception,
        user_api_key_dict: object,
        traceback_str: str | None = None,
    ) -> None:
        """Release the reservation of a request that failed and is not retried."""
        # The sender of a refused request chose its ID.
        if getattr(user_api_key_dict, "user_role", None) is None:
            return
        await self._settle(request_data.get("litellm_call_id"), 0.0)

    async def _settle(self, call: str | None, cost: float) -> None:
        reservation = self._reserved.pop(call or "", None)
        if reservation is None:
            return
        # A reservation of an earlier period is no longer in the sum.
        is_current = reservation.period == self._ledger.start
        await self._ledger.add(cost - (reservation.usd if is_current else 0.0))


def highest_cost(data: dict[str, Any], price: Price, context: int) -> float:
    """Return the highest possible cost of a request, in USD."""
    images = 0

    def without_images(value: object) -> object:
        nonlocal images
        if isinstance(value, dict):
            return {key: without_images(item) for key, item in value.items()}
        if isinstance(value, list):
            return [without_images(item) for item in value]
        if isinstance(value, str) and value.startswith("data:image/"):
            images += 1
            return ""
        return value

    text = json.dumps(
        without_images([data.get("messages"), data.get("tools")]), default=str
    )
    # Anthropic refuses input longer than the model's context, which costs nothing.
    tokens = min(len(text) / CHARACTERS_PER_TOKEN + images * TOKENS_PER_IMAGE, context)
    answer = max(data.get("max_completion_tokens") or 0, data.get("max_tokens") or 0)
    return tokens * price.input * CACHE_WRITE_FACTOR + answer * price.output


handler = Budget()
