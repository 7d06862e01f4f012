"""Attacks by outsiders: web pages, forged signatures, and text from the network that
tries to reach a log, a header or a history."""

import json
import tempfile

import honest_client
import program
import texts
import wire
from attack import attack

ACCOUNT = "888800000001"
CONTROL = ("--control",)
HONEST = ("AKIDHONEST", "a-secret-of-somebody-else")
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
CREDENTIALS = (
    f"[alice]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    f"aws_account_id = {ACCOUNT}\n"
    f"[honest]\naws_access_key_id = {HONEST[0]}\naws_secret_access_key = {HONEST[1]}\n"
    f"aws_account_id = {honest_client.ACCOUNT}\n"
)

FOREIGN_HEADERS = (
    (b"Origin: https://evil.example",), (b"Origin: null",),
    (b"Origin: http://127.0.0.1.evil.example",), (b"Origin: http://127.0.0.1:1",),
    (b"Origin: file://",), (b"Origin: ",), (b"Origin: \xff",),
    (b"Sec-Fetch-Site: cross-site",), (b"sec-fetch-site: cross-site", b"Sec-Fetch-Mode: no-cors"),
    (b"Origin: https://evil.example", b"Content-Type: text/plain"),
    (b"Origin: https://evil.example", b"Sec-Fetch-Site: same-origin"),
)
CONTROL_WRITES = (
    ("POST", "/reset", b""),
    ("PUT", "/clock", b'{"now":"2001-01-01T00:00:00Z","frozen":true}'),
    ("POST", "/clock/advance", b'{"seconds":86400000}'),
    ("POST", "/faults", b'{"operation":"GetResourcePolicy","count":"forever"}'),
    ("PUT", "/snapshots/evil", b""),
    ("DELETE", "/history", b""),
)
CONTROL_READS = (("GET", "/history", b""), ("GET", "/faults", b""), ("GET", "/clock", b""))


def put_policy(attack_):
    text = wire.policy(account=ACCOUNT)
    attack_.call(wire.request("PutResourcePolicy", {"PolicyInJson": text}, account=ACCOUNT))


def nothing_was_executed(attack_, what):
    """Checks that the policy exists, no snapshot was made and the clock was not set."""
    answer = attack_.call(wire.request("GetResourcePolicy", {}, account=ACCOUNT))
    attack_.input(answer is not None and answer.status == 200, f"{what}: the policy is gone")
    clock = attack_.server.control("GET", "/clock").json()
    attack_.input(not clock["frozen"] and not clock["now"].startswith("2001"),
                  f"{what}: the clock was set")
    names = attack_.server.control("GET", "/snapshots").body
    attack_.input(b"evil" not in names, f"{what}: a snapshot was made")


@attack(about="web pages of other sites that send requests to control", flags=CONTROL,
        forgetful=True)
def cross_site_requests(attack_):
    put_policy(attack_)
    for headers in FOREIGN_HEADERS:
        for method, path, body in CONTROL_WRITES + CONTROL_READS:
            what = f"{method} {path} with {headers}"
            answer = attack_.call(wire.control_request(method, path, body, headers=headers))
            status = answer.status if answer else None
            attack_.input(status == 403, f"{what}: {status}")
            if status != 403:
                attack_.server.control("DELETE", "/clock")
                attack_.server.control("DELETE", "/faults")
                attack_.server.control("DELETE", "/snapshots/evil")
                put_policy(attack_)
        # The request has a Content-Type of its own.
        foreign = [each for each in headers if not each.startswith(b"Content-Type")]
        for operation in ("DeleteResourcePolicy", "GetResourcePolicy"):
            answer = attack_.call(
                wire.request(operation, {}, account=ACCOUNT, headers=foreign))
            status = answer.status if answer else None
            attack_.input(status == 403, f"{operation} with {foreign}: {status}")
        nothing_was_executed(attack_, headers)
    # The server's own page may use control.
    own = b"Origin: http://127.0.0.1:%d" % attack_.address[1]
    answer = attack_.call(wire.control_request(
        "GET", "/clock", headers=(own, b"Sec-Fetch-Site: same-origin"),
        host=f"127.0.0.1:{attack_.address[1]}",
    ))
    attack_.input(answer is not None and answer.status == 200,
                  f"its own page: {answer and answer.status}")


FOREIGN_HOSTS = (
    "evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example",
    "127.0.0.1@evil.example", "128.0.0.1", "0.0.0.0", "10.0.0.1", "[::2]", "[::ffff:10.0.0.1]",
    "127.1.evil", "localhostx", "2130706433x", "local host", "", "127.0.0.1.", "1.127.0.0",
)
OWN_HOSTS = ("127.0.0.1", "127.0.0.1:{port}", "127.9.8.7", "localhost", "LOCALHOST:{port}",
             "localhost:1", "[::1]", "[::1]:{port}")


@attack(about="DNS rebinding: another name for this address, to control and to the API",
        flags=CONTROL)
def dns_rebinding(attack_):
    put_policy(attack_)
    for host in FOREIGN_HOSTS:
        for what, data in (
            ("the API", wire.request("GetResourcePolicy", {}, account=ACCOUNT, host=host)),
            ("history", wire.control_request("GET", "/history", host=host)),
            ("metrics", wire.control_request("GET", "/metrics", host=host)),
        ):
            answer = attack_.call(data)
            status = answer.status if answer else None
            attack_.input(status in (400, 403, 421), f"{what} for {host!r}: {status}")
            attack_.input(answer is None or b"Policy" not in answer.body,
                          f"{what} for {host!r} shows something")
    for pattern in OWN_HOSTS:
        host = pattern.format(port=attack_.address[1])
        data = wire.request("GetResourcePolicy", {}, account=ACCOUNT, host=host)
        answer = attack_.call(data)
        attack_.input(answer is not None and answer.status == 200,
                      f"{host}: {answer and answer.status}")


ALLOWED_HOSTS = ("mock.example", "MOCK.example:80", "with-port:9999", "WITH-PORT:9999")
NEARLY_ALLOWED_HOSTS = (
    "mock.example.", "xmock.example", "mock.example.evil", "mock.exampl", "example", "mock",
    "mock.example:99999", "mock.example:", "mock.example:x", "with-port", "with-port:999",
    "with-port:99990", "with-port.evil:9999", "mock.example@evil", "*", "*.example",
)


@attack(about="names that are nearly those of --allow-host",
        flags=(*CONTROL, "--allow-host=mock.example", "--allow-host=with-port:9999"),
        needs=("allow-host",))
def nearly_allowed_hosts(attack_):
    put_policy(attack_)
    for hosts, is_allowed in (
        (FOREIGN_HOSTS + NEARLY_ALLOWED_HOSTS, False), (ALLOWED_HOSTS, True),
    ):
        for host in hosts:
            for what, data in (
                ("the API", wire.request("GetResourcePolicy", {}, account=ACCOUNT, host=host)),
                ("history", wire.control_request("GET", "/history", host=host)),
            ):
                answer = attack_.call(data)
                status = answer.status if answer else None
                attack_.input(
                    status == 200 if is_allowed else status in (400, 403, 421),
                    f"{what} for {host!r}: {status}",
                )


@attack(about="requests to control without its token, or with another one", needs=("control-token",),
        flags=("--control", "--control-token=a-secret-of-ours"))
def control_tokens(attack_):
    put_policy(attack_)
    wrong = (
        (), (b"x-glue-security-token: ",), (b"x-glue-security-token: a-secret-of-our",),
        (b"x-glue-security-token: a-secret-of-ours2",), (b"x-glue-security-token: \xff",),
        (b"x-glue-security-token: A-SECRET-OF-OURS",),
        (b"x-glue-security-token: a-secret-of-ours", b"x-glue-security-token: no"),
        (b"x-glue-security-token: a-secret-of-our\x00",),
        (b"x-glue-security-token: " + b"a" * 10_000,),
    )
    for headers in wrong:
        for method, path, body in CONTROL_WRITES + CONTROL_READS:
            answer = attack_.call(wire.control_request(method, path, body, headers=headers))
            status = answer.status if answer else None
            attack_.input(status in (400, 401, 403), f"{method} {path}, {headers}: {status}")
    right = (b"x-glue-security-token: a-secret-of-ours",)
    answer = attack_.call(wire.control_request("GET", "/clock", headers=right))
    attack_.input(answer is not None and answer.status == 200 and not answer.json()["frozen"],
                  "the right token, and a clock that nobody set")


def is_a_region(text):
    return 1 <= len(text) <= 64 and all(
        byte in b"abcdefghijklmnopqrstuvwxyz0123456789-" for byte in text
    )


def no_injection(answer):
    return answer is None or all(
        not name.lower().startswith("x-injected") for name, _ in answer.headers
    )


def check_records(attack_):
    """Checks that the history, the metrics and the log are readable, whatever was sent."""
    history = attack_.server.control("GET", "/history")
    attack_.input(history is not None and "calls" in history.json(), "the history")
    metrics = attack_.server.control("GET", "/metrics")
    attack_.input(metrics is not None and metrics.body.decode("utf-8") != "", "the metrics")


def check_log(attack_, log):
    """Checks that every line is JSON in UTF-8, without control characters."""
    log.seek(0)
    for line in log.read().splitlines():
        try:
            value = json.loads(line.decode("utf-8"))
            attack_.input(isinstance(value, dict), f"the log: {line[:80]!r}")
        except ValueError:
            attack_.input(False, f"the log: {line[:80]!r}")


@attack(about="hostile texts as the region, account and service of a credential scope",
        flags=CONTROL)
def hostile_scopes(attack_):
    regions = list(texts.TEXTS) + [
        texts.hostile_text(attack_.random) for _ in range(attack_.size(400))
    ]
    for region in regions:
        answer = attack_.call(wire.request("GetResourcePolicy", {}, region=region))
        outcome = answer.error_type() if answer else None
        refused = outcome == "IncompleteSignatureException" or (
            # A NUL in a header is invalid HTTP.
            answer is not None and outcome is None and answer.status == 400
        )
        expected = is_a_region(region.strip(b" \t"))
        if b"/" in region or b"," in region or b" " in region or b"\t" in region:
            # These characters divide the credential scope differently.
            attack_.input(answer is not None and answer.status != 200, f"region {region!r}")
        else:
            attack_.input(refused != expected, f"region {region!r}: {outcome}")
        attack_.input(no_injection(answer), f"region {region!r}: it adds a header")
    for account in texts.TEXTS:
        answer = attack_.call(wire.request("GetResourcePolicy", {}, account=account))
        attack_.input(answer is not None and answer.status == 400, f"account {account!r}")
    check_records(attack_)


HEADERS = (b"X-Amz-Target", b"Content-Type", b"Authorization", b"X-Amz-Date", b"Host",
           b"User-Agent", b"X-Amz-Security-Token", b"X-Amzn-Trace-Id", b"Origin",
           b"Referer", b"Accept-Encoding", b"Connection", b"Expect", b"Date")


def send_hostile_headers(attack_):
    for name in HEADERS:
        some = list(texts.TEXTS) + [
            texts.hostile_text(attack_.random, line_ends=True)
            for _ in range(attack_.size(15))
        ]
        for text in some:
            answer = attack_.call(
                wire.request("GetResourcePolicy", {}, headers=(name + b": " + text,)))
            attack_.input(
                (answer is None or 100 <= answer.status < 600) and no_injection(answer),
                f"{name!r}: {text!r}",
            )


@attack(about="hostile texts in every header, and what the log shows of them",
        server=False)
def hostile_headers(attack_):
    with tempfile.TemporaryFile() as log:
        attack_.server = program.Program(
            attack_.binary, "--control", log="json", stderr=log
        )
        with attack_.honest_beside():
            send_hostile_headers(attack_)
        check_records(attack_)
        program.health(attack_.address)
        status = attack_.server.stop()
        attack_.input(status == 0, f"exit status {status}")
        if not attack_.binary.sanitizers:
            check_log(attack_, log)
        attack_.server = None


def with_credentials(attack_, function):
    """Runs `function` with a server that verifies signatures."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(CREDENTIALS)
        file.flush()
        attack_.server = program.Program(attack_.binary, "--credentials=" + file.name)
        try:
            function()
            status = attack_.server.stop()
            attack_.input(status == 0, f"exit status {status}")
            report = attack_.server.sanitizer_report()
            attack_.input(report is None, f"a sanitizer: {report}")
        finally:
            if attack_.server.is_alive():
                attack_.server.kill()
            attack_.server = None


def signed_request():
    return wire.signed("GetResourcePolicy", {}, KEY, SECRET)


@attack(about="signatures that are mutated, stale, or of other keys and scopes",
        server=False)
def forged_signatures(attack_):
    def forge():
        good = attack_.call(signed_request())
        attack_.input(good is not None and good.error_type() == "EntityNotFoundException",
                      f"a right signature: {good and good.error_type()}")
        wrong = [
            wire.signed("GetResourcePolicy", {}, KEY, SECRET + "x"),
            wire.signed("GetResourcePolicy", {}, "AKIDOTHER", SECRET),
            wire.signed("GetResourcePolicy", {}, KEY, SECRET, when=0),
            wire.signed("GetResourcePolicy", {}, KEY, SECRET, when=4e9),
            wire.request("GetResourcePolicy", {}, account=ACCOUNT),
            wire.request("GetResourcePolicy", {}, account=KEY),
            signed_request().replace(b"Signature=", b"Signature=0"),
            signed_request().replace(b"AWS4-HMAC-SHA256 C", b"AWS4-HMAC-SHA256C"),
            signed_request().replace(b"x-amz-date;", b""),
            signed_request().replace(b"SignedHeaders=", b"SignedHeaders=" + b"a;" * 5000),
            signed_request().replace(b"\r\n\r\n{}", b"\r\n\r\n{ }").replace(
                b"Content-Length: 2", b"Content-Length: 3"),
        ]
        for _ in range(attack_.size(800)):
            data = signed_request()
            begin = data.index(b"Authorization")
            end = data.index(b"Content-Length")
            changed = texts.mutated(
                attack_.random, data[begin + 15 : end - 2], texts.TEXTS
            ).replace(b"\r", b"").replace(b"\n", b"")
            # A mutation outside the three parts of the header changes nothing.
            parts = data[begin + 15 : end - 2].replace(b",", b" ").split()[1:]
            if not all(part in changed for part in parts):
                wrong.append(data[: begin + 15] + changed + data[end - 2 :])
        for data in wrong:
            answer = attack_.call(data)
            outcome = answer.error_type() if answer else None
            attack_.input(
                answer is not None and answer.status in (400, 431)
                and outcome != "EntityNotFoundException",
                f"{data[:400]!r}: {answer and answer.status} {outcome}",
            )

    def forge_beside_the_honest():
        with attack_.honest_beside(HONEST):
            forge()

    with_credentials(attack_, forge_beside_the_honest)


# The processor time that the server may take for any one unsigned request.
COST_SECONDS_MAX = 0.1


@attack(about="requests that cost as much as they can before their signature is checked",
        server=False, plain_only=True)
def cost_before_signature(attack_):
    large = json.dumps({"PolicyInJson": "x" * 200_000}).encode()
    escaped = b'{"PolicyInJson":"' + b"\\u0041" * 33_000 + b'"}'
    kinds = {
        "a large text": large,
        "escapes": escaped,
        "members": b"{" + b'"a":1,' * 30_000 + b'"b":2}',
        "the same member": b"{" + b'"PolicyInJson":"a",' * 10_000 + b'"b":2}',
        "brackets": texts.nested("[", 900),
        "elements": b'{"a":[' + b"[]," * 60_000 + b"[]]}",
    }
    signature = b"Authorization: " + wire.authorization(KEY)
    many_headers = tuple(b"X-%d: y" % number for number in range(900))
    many_signed = (signature.replace(
        b"SignedHeaders=", b"SignedHeaders=" + b"".join(b"x-%d;" % n for n in range(900))),)

    def measure():
        requests = {
            name: wire.request("PutResourcePolicy", body, account=KEY)
            for name, body in kinds.items()
        }
        requests["many headers"] = wire.request(
            "GetResourcePolicy", {}, account=KEY, headers=many_headers)
        requests["many signed headers"] = (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-amz-json-1.1\r\n"
            b"X-Amz-Target: AWSGlue.GetResourcePolicy\r\nContent-Length: 2\r\n"
            + many_signed[0] + b"\r\n\r\n{}"
        )
        for name, data in requests.items():
            times = attack_.size(20)
            before = attack_.server.processor_seconds()
            for _ in range(times):
                answer = attack_.call(data)
                attack_.input(answer is not None and answer.status >= 400, name)
            cost = (attack_.server.processor_seconds() - before) / times
            attack_.detail.setdefault("cost_us", {})[name] = round(cost * 1e6)
            attack_.input(cost < COST_SECONDS_MAX, f"{name}: {cost * 1e3:.1f} ms")
        # The calls of the honest client are not measured.
        with attack_.honest_beside(HONEST):
            for name, data in requests.items():
                for _ in range(attack_.size(20)):
                    answer = attack_.call(data)
                    attack_.input(answer is not None and answer.status >= 400, name)

    with_credentials(attack_, measure)
