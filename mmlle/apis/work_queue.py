import threading
from collections import deque
from typing import Generic, TypeVar

__all__ = ["WorkQueue"]

Item = TypeVar("Item")


class WorkQueue(Generic[Item]):
    """A queue between two threads, bounded by the number of its items and by their bytes.

    Args:
        max_items: How many may wait.
        max_bytes: How many bytes they may have in all.
    """

    def __init__(self, max_items: int, max_bytes: int) -> None:
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._items: deque[tuple[Item, int]] = deque()
        self._ended = False
        self._changed = threading.Condition()

    def put(self, item: Item, num_bytes: int) -> bool:
        """Wait for room, which an empty queue has for any item; False once the queue has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or not self._items or self._has_room(num_bytes))
            if self._ended:
                return False
            self._items.append((item, num_bytes))
            self._changed.notify_all()
        return True

    def _has_room(self, num_bytes: int) -> bool:
        waiting = sum(size for _, size in self._items)
        return len(self._items) < self._max_items and waiting + num_bytes <= self._max_bytes

    def get(self) -> Item | None:
        """Wait for an item; None when the queue has ended and is empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._items)
            if not self._items:
                return None
            item, _ = self._items.popleft()
            self._changed.notify_all()
        return item

    def end(self) -> None:
        """Take no more items; those that wait can be taken out."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def discard(self) -> None:
        """End, and drop the items that wait."""
        with self._changed:
            self._items.clear()
        self.end()
