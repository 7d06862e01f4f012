"""Attacks on the control endpoints: endless growth, delays, clocks, names."""

import json
import re
import threading

import program
import texts
import wire
from attack import attack

CONTROL = ("--control",)
ACCOUNT = "666600000001"
RFC_3339 = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
                      r"(Z|[+-][0-9]{2}:[0-9]{2})$")


def control(attack_, method, path, body=b"", statuses=(200, 204), what=None):
    """Counts a call as one input, whose status must be in `statuses`; returns the answer."""
    answer = attack_.call(wire.control_request(method, path, body))
    status = answer.status if answer else None
    attack_.input(status in statuses, f"{what or (method, path, body)}: {status}")
    return answer


def calls(attack_, requests):
    """Sends requests in a pipeline, twenty at a time; returns the answers."""
    answers = []
    with wire.Peer(attack_.address) as peer:
        for begin in range(0, len(requests), 20):
            batch = requests[begin : begin + 20]
            peer.send(b"".join(batch))
            for _ in batch:
                answer = peer.answer()
                if answer is None:
                    attack_.fail("a pipeline ends early")
                    return answers
                answers.append(answer)
    return answers


@attack(about="calls with large bodies, all of which a history would have to keep",
        flags=CONTROL, memory=program.HISTORY_MIB, forgetful=False)
def history_without_end(attack_):
    body = json.dumps({"PolicyInJson": wire.policy(size=150_000)}).encode()
    data = wire.request("PutResourcePolicy", body, account=ACCOUNT)
    count = attack_.size(1200)
    for _ in range(0, count, 20):
        for answer in calls(attack_, [data] * 20):
            # The policy is longer than is allowed.
            attack_.input(answer.error_type() == "InvalidInputException",
                          f"a large policy: {answer.status}")
    attack_.honest_goes_on()
    answer = control(attack_, "GET", "/history", statuses=(200,))
    if answer is not None and answer.status == 200:
        history = answer.json()
        attack_.detail["history_kib"] = len(answer.body) // 1024
        kept, left_out = len(history["calls"]), history.get("left_out")
        attack_.detail["kept"] = kept
        # Each call must be listed, counted as left out, or on another page.
        attack_.input(
            kept >= count or (left_out or 0) > 0 or "next" in history,
            f"{kept} calls of {count} are there, {left_out} left out",
        )
    attack_.honest_goes_on()


@attack(about="many small calls while the history is read", flags=CONTROL,
        memory=program.HISTORY_MIB)
def history_read_beside_calls(attack_):
    done = threading.Event()

    def read():
        while not done.is_set():
            control(attack_, "GET", "/history", statuses=(200, 503))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    data = wire.request("GetResourcePolicy", {}, account=ACCOUNT)
    for _ in range(0, attack_.size(1500), 100):
        for answer in calls(attack_, [data] * 100):
            attack_.input(answer.error_type() == "EntityNotFoundException",
                          f"GetResourcePolicy: {answer.status}")
    attack_.honest_goes_on()
    done.set()
    for reader in readers:
        reader.join()


def take_snapshots(attack_, regions):
    """Takes snapshots until some are refused; before each, 100 KB are rewritten in each
    of `regions`."""
    refused = 0
    arn = "arn:aws:kms:us-east-1:111122223333:key/" + "k" * 100_000
    for number in range(attack_.size(2000, least=1500)):
        encryption = {
            "CloudWatchEncryption": {
                "CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": f"{arn}{number}"
            }
        }
        requests = []
        for region in range(regions):
            for operation, body in (
                ("DeleteSecurityConfiguration", {"Name": "s"}),
                ("CreateSecurityConfiguration",
                 {"Name": "s", "EncryptionConfiguration": encryption}),
            ):
                requests.append(wire.request(
                    operation, body, account=ACCOUNT, region=f"r-{region}"))
        statuses = [answer.status for answer in calls(attack_, requests)]
        attack_.input(set(statuses[1::2]) == {200}, f"writes: {statuses}")
        # The history has a budget of its own.
        attack_.server.control("DELETE", "/history")
        answer = control(
            attack_, "PUT", f"/snapshots/s{number}-{'n' * 100}", statuses=(200, 204, 503)
        )
        refused += answer is not None and answer.status == 503
        # Bounds the memory that is used if no snapshot is refused.
        if refused > 5 or number * regions > 4000:
            break
    attack_.detail["snapshots"] = number + 1 - refused
    attack_.detail["refused"] = refused
    attack_.input(refused > 0, "no snapshot was refused")
    attack_.honest_goes_on()
    answer = control(attack_, "GET", "/snapshots", statuses=(200,))
    if answer is not None:
        json.loads(answer.body)
    # Deleting a snapshot frees its memory.
    control(attack_, "DELETE", f"/snapshots/s0-{'n' * 100}", statuses=(200, 204))


@attack(about="endless snapshots, each of different records", flags=CONTROL,
        memory=program.SNAPSHOTS_MIB)
def snapshots_without_end(attack_):
    take_snapshots(attack_, regions=1)


@attack(about="the same with 4 MB of different records in each", flags=CONTROL,
        memory=program.SNAPSHOTS_MIB)
def large_snapshots(attack_):
    take_snapshots(attack_, regions=40)


@attack(about="endless fault rules with long texts", flags=CONTROL,
        memory=program.HISTORY_MIB)
def fault_rules_without_end(attack_):
    refused = 0
    with wire.Peer(attack_.address) as peer:
        for number in range(attack_.size(20_000, least=1500)):
            peer.send(wire.control_request("POST", "/faults", {
                "operation": "GetResourcePolicy", "account": "777700000000",
                "message": "m" * 10_000, "count": "forever",
            }))
            answer = peer.answer()
            status = answer.status if answer else None
            attack_.input(status in (200, 503), f"rule {number}: {status}")
            refused += status == 503
            if status not in (200, 503) or refused > 20:
                break
    attack_.detail["refused"] = refused
    attack_.input(refused > 0, "no rule was refused")
    attack_.honest_goes_on()
    control(attack_, "GET", "/faults", statuses=(200,))
    control(attack_, "DELETE", "/faults")


def write_everywhere(attack_, requests):
    """Writes to more and more catalogs; returns the number of refusals."""
    limited = 0
    for begin in range(0, len(requests), 200):
        for answer in calls(attack_, requests[begin : begin + 200]):
            outcome = answer.error_type()
            attack_.input(
                outcome in (None, "InternalServiceException"), f"a new catalog: {outcome}"
            )
            limited += outcome == "InternalServiceException"
    attack_.detail["limited"] = limited
    attack_.honest_goes_on()
    return limited


@attack(about="writes to ever more accounts", memory=program.HISTORY_MIB)
def accounts_without_end(attack_):
    write_everywhere(attack_, [
        wire.request("PutResourcePolicy", {"PolicyInJson": wire.policy(account=account)},
                     account=account)
        for account in (f"{number:012}" for number in range(attack_.size(5000)))
    ])


CATALOG_LIMIT = 100


@attack(about="writes to more catalogs than are allowed",
        flags=(*CONTROL, f"--catalog-limit={CATALOG_LIMIT}"), needs=("catalog-limit",),
        memory=program.HISTORY_MIB, forgetful=True)
def more_catalogs_than_there_may_be(attack_):
    accounts = [f"{number:012}" for number in range(attack_.size(2000, least=300))]
    limited = write_everywhere(attack_, [
        wire.request("PutResourcePolicy", {"PolicyInJson": wire.policy(account=account)},
                     account=account)
        for account in accounts
    ])
    # The honest client and the health check have a catalog each.
    taken = len(accounts) - limited
    attack_.input(taken == CATALOG_LIMIT - 2, f"{taken} catalogs were accepted")
    # The existing catalogs can be read and written.
    for account in accounts[:taken]:
        text = wire.policy(account=account)
        for operation, members in (("GetResourcePolicy", {}),
                                   ("PutResourcePolicy", {"PolicyInJson": text})):
            answer = attack_.call(wire.request(operation, members, account=account))
            attack_.input(answer is not None and answer.status == 200,
                          f"{operation} of a catalog that exists: {answer and answer.status}")
    # The refused catalogs are empty.
    for account in accounts[taken:]:
        answer = attack_.call(wire.request("GetResourcePolicy", {}, account=account))
        attack_.input(
            answer is not None and answer.error_type() == "EntityNotFoundException",
            f"a catalog that does not exist: {answer and answer.error_type()}",
        )
    control(attack_, "POST", "/reset")


@attack(about="writes and reads in ever more regions", memory=program.HISTORY_MIB)
def regions_without_end(attack_):
    count = attack_.size(3000)
    body = {"DataCatalogEncryptionSettings": {}}
    write_everywhere(attack_, [
        wire.request("PutDataCatalogEncryptionSettings", body, account=ACCOUNT,
                     region=f"us-region-{number}")
        for number in range(count)
    ])
    # Reading a catalog that does not exist creates nothing.
    before = attack_.server.status_bytes("VmRSS")
    data = [
        wire.request("GetResourcePolicy", {}, account=ACCOUNT, region=f"eu-region-{number}")
        for number in range(count)
    ]
    for answer in calls(attack_, data):
        attack_.input(answer.error_type() == "EntityNotFoundException",
                      f"reading nothing: {answer.status}")
    if attack_.binary.measures_memory():
        grown = attack_.server.status_bytes("VmRSS") - before
        attack_.input(grown < 2**20 * 8, f"reading nothing took {grown} bytes")


@attack(about="calls that a rule delays and whose clients have gone", flags=CONTROL,
        descriptors=150, forgetful=True)
def delayed_calls_of_gone_clients(attack_):
    before = attack_.server.descriptors()
    rule = {"account": ACCOUNT, "fault": "none", "delay_seconds": 600, "count": "forever"}
    control(attack_, "POST", "/faults", rule)
    data = wire.request("GetResourcePolicy", {}, account=ACCOUNT)
    for number in range(attack_.size(400, least=160)):
        peer = wire.Peer(attack_.address)
        peer.send(data)
        if number % 4 == 0:
            peer.end_sending()
        peer.close()
        attack_.input(attack_.server.is_alive(), "the server died")
    attack_.honest_goes_on()
    # The rule is still in force.
    ok = program.wait_until(
        lambda: attack_.server.descriptors() <= before + 10, seconds=20
    )
    attack_.input(ok, f"{attack_.server.descriptors()} descriptors, {before} before")
    control(attack_, "POST", "/reset", what="reset")


@attack(about="calls that a rule delays and whose clients wait: control gets through and ends them",
        flags=CONTROL, honest=False, descriptors=150)
def delayed_calls_and_reset(attack_):
    rule = {"account": ACCOUNT, "fault": "none", "delay_seconds": 600, "count": "forever"}
    control(attack_, "POST", "/faults", rule)
    data = wire.request("GetResourcePolicy", {}, account=ACCOUNT)
    peers = []

    def wait_in_vain(number):
        for _ in range(number):
            peer = attack_.hold(wire.Peer(attack_.address))
            peer.send(data)
            peers.append(peer)

    with attack_.honest_beside():
        wait_in_vain(60)
    # No room is left for other connections, and none can be evicted.
    wait_in_vain(100)
    for number in range(5):
        control(attack_, "GET", "/faults", statuses=(200,), what=f"GET faults, {number}")
    control(attack_, "POST", "/reset", what="reset")
    for peer in peers:
        peer.socket.settimeout(20)
        try:
            answer = peer.answer()
            ok = answer is None or answer.status in (400, 500, 503)
            attack_.input(ok, f"a cancelled call: {answer and answer.status}")
        except TimeoutError:
            attack_.input(False, "a delayed call outlives reset")
            break


CREATES_AT_ONCE = 20


@attack(about="resets while calls run: the history explains what is stored",
        flags=CONTROL, forgetful=True)
def resets_while_calls_run(attack_):
    stop = threading.Event()

    def create(first):
        with wire.Peer(attack_.address) as peer:
            number = 0
            while not stop.is_set():
                for number in range(number, number + CREATES_AT_ONCE):
                    peer.send(wire.request(
                        "CreateSecurityConfiguration",
                        {"Name": f"{first}-{number}", "EncryptionConfiguration": {}},
                        account=ACCOUNT,
                    ))
                for _ in range(CREATES_AT_ONCE):
                    answer = peer.answer()
                    ok = answer is not None and (
                        answer.status == 200
                        or answer.error_type() == "ResourceNumberLimitExceededException"
                    )
                    attack_.input(ok, f"create: {answer and answer.status}")
                    if answer is None:
                        return
                number += 1

    for number in range(attack_.size(20, least=8)):
        stop.clear()
        threads = [
            threading.Thread(target=create, args=(f"r{number}-{index}",))
            for index in range(4)
        ]
        for thread in threads:
            thread.start()
        attack_.honest_goes_on(5)
        for _ in range(10):
            control(attack_, "POST", "/reset", what="reset")
        stop.set()
        for thread in threads:
            thread.join()
        answer = control(attack_, "GET", "/history", statuses=(200,))
        explained = {
            entry["request"]["Name"]
            for entry in answer.json()["calls"]
            if entry["operation"] == "CreateSecurityConfiguration"
        }
        page = attack_.call(wire.request("GetSecurityConfigurations", {}, account=ACCOUNT))
        stored = {entry["Name"] for entry in page.json()["SecurityConfigurations"]}
        attack_.input(
            stored <= explained, f"stored, not in the history: {sorted(stored - explained)[:5]}"
        )


HOSTILE_CLOCKS = tuple(
    ("PUT", "/clock", {"now": now})
    for now in (
        "10000-01-01T00:00:00Z", "99999-12-31T23:59:59Z", "-0001-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z", "9999-12-31T23:59:60.9Z", "infinite-future", "now", "",
        "0x10", "2019-13-01T00:00:00Z", "2019-02-30T00:00:00Z", "2019-09-01",
        "2019-09-01T00:00:00", " 2019-09-01T00:00:00Z", "2019-09-01T00:00:00Z\x00",
        "9999-12-31T23:59:59-23:59", "2019-09-01T25:00:00Z", 5, None, [], {},
        "292277026596-12-04T15:30:07Z",
    )
) + tuple(
    ("POST", "/clock/advance", {"seconds": seconds})
    for seconds in (
        "0x10", "ten", "", 1e300, -1e300, 1e18, -1e18, 300_000_000_000, -100_000_000_000,
        "inf", "nan", None, [], {}, True,
    )
)


@attack(about="clocks beyond the years 1 to 9999, and seconds that are not a number",
        flags=CONTROL, forgetful=True)
def hostile_clocks(attack_):
    def now_is_a_time(what):
        answer = control(attack_, "GET", "/clock", statuses=(200,), what=what)
        now = answer.json()["now"] if answer else ""
        attack_.input(RFC_3339.match(now) is not None, f"{what}: now is {now!r}")

    for method, path, body in HOSTILE_CLOCKS:
        # A null member counts as absent, as everywhere.
        statuses = (200, 400) if None in body.values() else (400,)
        control(attack_, method, path, body, statuses)
        now_is_a_time(str(body))
    for raw in (b'{"seconds":0x10}', b'{"seconds":1e999}', b'{"seconds":NaN}',
                b'{"seconds":+1}', b'{"seconds":' + b"9" * 5000 + b"}"):
        control(attack_, "POST", "/clock/advance", raw, (400,))
        now_is_a_time(str(raw[:30]))
    # Moves the clock in small steps to the end of year 9999 and beyond.
    control(attack_, "PUT", "/clock", {"now": "9999-12-31T23:59:59Z", "frozen": True})
    control(attack_, "POST", "/clock/advance", {"seconds": 10}, (200, 400))
    now_is_a_time("the end of the years")
    control(attack_, "POST", "/clock/advance", {"seconds": -5})
    data = wire.request("PutResourcePolicy",
                        {"PolicyInJson": wire.policy(account=ACCOUNT)}, account=ACCOUNT)
    attack_.input(attack_.call(data).status == 200, "a call at the end of the years")
    control(attack_, "DELETE", "/clock")


@attack(about="mutated, mistyped and hostile bodies, paths and names of control",
        flags=CONTROL, forgetful=True)
def hostile_control(attack_):
    random = attack_.random
    good = (
        ("PUT", "/clock", {"now": "2019-09-01T00:00:00Z", "frozen": True}),
        ("POST", "/clock/advance", {"seconds": 1.5}),
        ("POST", "/faults", {"operation": "PutResourcePolicy", "fault": "error",
                             "error": "InternalServiceException", "message": "m",
                             "account": "777700000000", "count": 1}),
        ("DELETE", "/faults/1", {}),
    )
    statuses = (200, 204, 400, 404, 405, 413, 503)
    for _ in range(attack_.size(1200)):
        method, path, value = random.choice(good)
        body = texts.mutated(random, json.dumps(value).encode(), texts.PIECES_OF_JSON)
        control(attack_, method, path, body, statuses)
    for text in texts.TEXTS:
        for path in (b"/snapshots/%s", b"/snapshots/%s/restore", b"/faults/%s", b"/%s"):
            for method in (b"PUT", b"POST", b"DELETE", b"GET"):
                raw = (
                    method + b" /_glue_security" + path % text
                    + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
                )
                answer = attack_.call(raw)
                status = answer.status if answer else None
                attack_.input(status in statuses, f"{raw[:60]!r}: {status}")
    # The lists of names must be JSON and UTF-8, whatever names were accepted.
    for path in ("/snapshots", "/faults", "/clock", "/history"):
        answer = control(attack_, "GET", path, statuses=(200,))
        if answer is not None:
            answer.json()
    control(attack_, "POST", "/reset", what="reset")
