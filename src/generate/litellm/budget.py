"""Keep what the models cost within ``models.budget`` of pack.yaml.

LiteLLM's own budgets live in PostgreSQL or start again with its process. This
hook (``litellm_settings.callbacks: budget.handler``) keeps the sum of the
current period in a file on a volume, so that it survives a restart of the
container and of the pod:

- before a request, its highest possible cost is added to the sum, so that a
  crash or a client that goes away cannot make a request free;
- after it, that is replaced by the cost that LiteLLM calculated;
- once the sum reaches the budget, requests are answered with one sentence that
  says so, and no model is asked until the period ends. It is an answer, not an
  error, because OpenClaw words errors itself and says "overloaded" after 20
  tries. A request without tools is refused with 400 instead: OpenClaw summarizes
  a long conversation by one, and would keep the sentence as the summary.

A period is a calendar day, week (from Monday) or month, in UTC. The modules of
this folder import each other; LiteLLM may load one under a second name, so the
state is an object that ``handler`` alone holds.
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

# Seconds; the key proxy ends a silent request after ten minutes.
LONGEST_REQUEST = 3600
UNDER_WAY = (
    "What is left of the budget for the models may be used up by requests that are "
    "under way. Try again when they have ended."
)

# A token of English has at least three characters. Code and JSON need more tokens;
# the surcharge for cache writes covers that.
CHARACTERS_PER_TOKEN = 3
# What Anthropic counts for the largest image, rounded up.
TOKENS_PER_IMAGE = 5000
# Writing input to the prompt cache costs a quarter more than input.
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
    """USD for a token of input and of output: the highest rate that applies."""

    def __init__(self, model: str, limits: dict[str, Any]) -> None:
        """Take the price from limits.json, else from LiteLLM's list."""
        listed = litellm.model_cost.get(model, {})
        own = limits.get("price_per_million")
        if own is not None:
            self.input, self.output = own["input"] / 1e6, own["output"] / 1e6
        elif "input_cost_per_token" in listed and "output_cost_per_token" in listed:
            self.input = _highest(listed, "input_cost_per_token")
            self.output = _highest(listed, "output_cost_per_token")
        else:
            refuse_to_start(
                f"LiteLLM knows no price of {model}, so the budget could not be kept; "
                "write models.list[].price in pack.yaml",
                "budget",
            )


def _highest(listed: dict[str, Any], name: str) -> float:
    """Return the price of that name, or of the same for long contexts."""
    return max(listed[name], listed.get(f"{name}_above_200k_tokens") or 0)


class Ledger:
    """The sum of one period, in USD, in a file."""

    def __init__(self, path: Path, per: str) -> None:
        """Read the file; without one, or in a new period, nothing was spent."""
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
            # Python's json also reads NaN, to which no limit ever applies.
            if not 0 <= spent < math.inf:
                raise ValueError
        except (OSError, ValueError, KeyError, TypeError):
            refuse_to_start(
                f"{path} cannot be read; mend it, or delete it to begin at 0 USD",
                "budget",
            )
        # If the clock was set back, the later period and its sum stay.
        if start >= self.start:
            self.start, self.spent = start, spent

    async def add(self, usd: float) -> None:
        """Add to the sum, and write it before anything else is done."""
        # At once, so that the next request sees it, however many wait for the disk.
        self.turn_over()
        self.spent = max(0.0, self.spent + usd)
        async with self._lock:
            await asyncio.to_thread(self._write)

    def turn_over(self) -> None:
        """Begin at 0 when a new period has begun."""
        start = period_start(_today(), self._per)
        if start > self.start:
            self.start, self.spent = start, 0.0

    def _write(self) -> None:
        record = {
            "period_start": self.start.isoformat(),
            "spent_usd": round(self.spent, 6),
        }
        # Written aside and renamed: a crash leaves the old record or the new one.
        aside = self._path.with_suffix(".part")
        with aside.open("w", encoding="utf-8") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._path)


def _today() -> date:
    return datetime.now(UTC).date()


class Reservation:
    """The highest cost of a request that is under way."""

    def __init__(self, usd: float, period: date) -> None:
        """Begin now."""
        self.usd = usd
        self.period = period
        self.since = time.monotonic()


class Budget(CustomLogger):
    """Refuses requests at the limit, and counts what the others cost."""

    def __init__(self) -> None:
        """Read the limits and the record. With a bad one LiteLLM does not start."""
        super().__init__()
        budget = LIMITS["budget"]
        self._usd: float = budget["usd"]
        self._per: str = budget["per"]
        self._models: dict[str, Any] = LIMITS["models"]
        self._prices = {
            model: Price(model, limits) for model, limits in self._models.items()
        }
        self._ledger = Ledger(Path(os.environ["SPEND_FILE"]), self._per)
        # By LiteLLM's id of the call, the oldest first: what was added beforehand.
        self._reserved: dict[str, Reservation] = {}

    def limit_message(self) -> str:
        """Return the message for the user once the budget is used up."""
        ledger = self._ledger
        again = next_period(ledger.start, self._per)
        return (
            "The budget for the models is used up: "
            f"{ledger.spent:.2f} of {self._usd:.2f} USD since {ledger.start:%d %B %Y}. "
            f"I can answer again from {again:%d %B %Y} (UTC) on, "
            "or once models.budget is raised in pack.yaml."
        )

    async def async_pre_call_hook(
        self,
        user_api_key_dict: object,
        cache: object,
        data: dict[str, Any],
        call_type: str,
    ) -> dict[str, Any] | str:
        """Return the request, at the limit with its answer; a string refuses it."""
        price = self._prices.get(data.get("model", ""))
        # The trial's mock costs nothing, and what is no listed model gets no further.
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
            # LiteLLM's own default is the model's maximum, beyond that of pack.yaml.
            data["max_tokens"] = self._models[data["model"]]["max_tokens"]
        most = highest_cost(data, price, self._models[data["model"]]["context"])
        self._reserved[data["litellm_call_id"]] = Reservation(most, self._ledger.start)
        await self._ledger.add(most)
        return data

    def _under_way(self) -> float:
        """Return what is reserved for requests that may still turn out cheaper."""
        oldest = time.monotonic() - LONGEST_REQUEST
        # One that was neither answered nor refused has cost what was reserved.
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
        """Replace what was reserved by what the answer, or its part, cost."""
        cost = kwargs.get("response_cost")
        # Without a cost the reservation stays: rather too much than nothing.
        if cost is not None:
            await self._settle(kwargs.get("litellm_call_id"), float(cost))

    async def async_log_failure_event(
        self,
        kwargs: dict[str, Any],
        response_obj: object,
        start_time: object,
        end_time: object,
    ) -> None:
        """Count what arrived before a stream broke off."""
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
        # A refused request carries an id that its sender chose.
        if getattr(user_api_key_dict, "user_role", None) is None:
            return
        await self._settle(request_data.get("litellm_call_id"), 0.0)

    async def _settle(self, call: str | None, cost: float) -> None:
        reservation = self._reserved.pop(call or "", None)
        if reservation is None:
            return
        # A reservation of the last period went with it.
        is_current = reservation.period == self._ledger.start
        await self._ledger.add(cost - (reservation.usd if is_current else 0.0))


def highest_cost(data: dict[str, Any], price: Price, context: int) -> float:
    """Return what a request can cost at most, in USD."""
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
    # Anthropic refuses what is longer than the model's context, and that costs nothing.
    tokens = min(len(text) / CHARACTERS_PER_TOKEN + images * TOKENS_PER_IMAGE, context)
    answer = max(data.get("max_completion_tokens") or 0, data.get("max_tokens") or 0)
    return tokens * price.input * CACHE_WRITE_FACTOR + answer * price.output


handler = Budget()
