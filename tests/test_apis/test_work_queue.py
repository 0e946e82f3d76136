import threading

from mmlle.apis.work_queue import WorkQueue


def test_items_come_out_in_order_and_then_none():
    queue = WorkQueue(3, 100)
    assert all(queue.put(i, 1) for i in range(3))
    queue.end()
    assert [queue.get() for _ in range(5)] == [0, 1, 2, None, None]
    assert not queue.put(3, 1)


def test_a_full_queue_waits_for_room():
    for size, limit in ((1, 2), (60, 1)):
        queue = WorkQueue(2, 100)
        for i in range(limit):
            queue.put(i, size)
        thread = threading.Thread(target=queue.put, args=(9, size))
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
        assert queue.get() == 0
        thread.join(10)
        assert not thread.is_alive()


def test_one_item_has_room_however_large():
    assert WorkQueue(1, 10).put("x", 1000)


def test_discarding_lets_both_sides_go():
    queue = WorkQueue(1, 10)
    queue.put("x", 1)
    queue.discard()
    assert queue.get() is None
    assert not queue.put("y", 1)
