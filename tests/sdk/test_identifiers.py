from concurrent.futures import ThreadPoolExecutor

from watchkeeper.sdk.identifiers import Identifiers


def test_ids_of_many_threads_are_all_different() -> None:
    ids = Identifiers()
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda _: [ids.new() for _ in range(2_000)], range(8)))
    flat = [one for some in drawn for one in some]
    assert len(set(flat)) == len(flat) == 16_000


def test_a_renewed_source_shares_no_id_with_its_past() -> None:
    ids = Identifiers()
    before = {ids.new() for _ in range(100)}
    ids.renew()
    assert before.isdisjoint(ids.new() for _ in range(100))
