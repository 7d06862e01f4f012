"""Attacks on the parsing of HTTP: malformed, ambiguous, slow or endless input."""

import collections

import program
import texts
import wire
from attack import attack

GET = wire.request("GetResourcePolicy", {})
# Follows a request with an ambiguous end and must not be read as a request.
SMUGGLED = b"GET /_glue_security/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
PLAIN_HEADERS = (
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.1\r\n"
    b"X-Amz-Target: AWSGlue.GetResourcePolicy\r\n"
)


def answers_to(attack_, data, what, end=True):
    """Returns all answers until the server closes. Records a failure and returns None
    when an answer is invalid HTTP, or the server neither answers nor closes."""
    try:
        with wire.Peer(attack_.address) as peer:
            peer.send(data)
            if end:
                peer.end_sending()
            return peer.answers_until_closed()
    except (wire.MalformedAnswer, TimeoutError) as error:
        attack_.input(False, f"{what}: {type(error).__name__}: {error}")
        return None


# A case: its description, its bytes, and the statuses allowed for it; with None among
# them the connection may end without an answer.
LetterCase = collections.namedtuple("LetterCase", "what data statuses body")


def letter_cases():
    """Yields cases of RFC 9110 and 9112, each with the only statuses that it allows."""
    path = b"/_glue_security/health"
    body = b"{}"
    end = b"Content-Length: 2\r\n\r\n" + body
    no_host = PLAIN_HEADERS.replace(b"Host: 127.0.0.1\r\n", b"")

    def case(what, data, *statuses, has_body=True):
        return LetterCase(what, data, statuses, has_body)

    yield case("no Host", no_host + end, 400)
    yield case("no Host, HTTP/1.0", no_host.replace(b"1.1\r\n", b"1.0\r\n", 1) + end, 400)
    yield case("two Hosts", PLAIN_HEADERS + b"Host: 127.0.0.1\r\n" + end, 400)
    yield case("two Hosts that differ", PLAIN_HEADERS + b"Host: localhost\r\n" + end, 400)
    for host in (b"a b", b"a,b", b"[::1", b"127.0.0.1:x", b"127.0.0.1:99999999", b"a@b",
                 b"http://127.0.0.1", b"127.0.0.1/x", b"\xff", b"::1", b"127.0.0.1:-1"):
        data = PLAIN_HEADERS.replace(b"Host: 127.0.0.1", b"Host: " + host) + end
        yield case(f"Host {host!r}", data, 400, 403)
    absolute = PLAIN_HEADERS.replace(b"POST / ", b"POST http://127.0.0.1/ ")
    yield case("an absolute-form target", absolute + end, 400)
    yield case("a leading CRLF", b"\r\n" + GET, 400)
    head = b"HEAD " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    yield case("HEAD health", head, 200, has_body=False)
    yield case("HEAD metrics", head.replace(b"health", b"metrics"), 200, has_body=False)
    yield case("GET health", head.replace(b"HEAD", b"GET"), 200)


@attack(about="HTTP to the letter: Host, absolute targets, HEAD, a leading CRLF",
        flags=("--control",))
def http_to_the_letter(attack_):
    for case in letter_cases():
        try:
            answer = wire.call(attack_.address, case.data, case.body)
        except (wire.MalformedAnswer, OSError) as error:
            attack_.input(False, f"{case.what}: {error}")
            continue
        status = answer.status if answer else None
        attack_.input(status in case.statuses, f"{case.what}: {status}")
        # A 400 of the API names an exception; one of HTTP does not.
        if answer and case.what in ("an absolute-form target", "a leading CRLF"):
            attack_.input(
                answer.error_type() == "EntityNotFoundException",
                f"{case.what}: {answer.error_type()}",
            )
        if answer and case.what.startswith(("no Host", "two Hosts")) \
                and "1.0" not in case.what:
            attack_.input(answer.error_type() is None, f"{case.what}: executed")


def ambiguous_requests():
    """Yields requests whose end two readers may see in two places."""
    lengths = (
        b"Content-Length: 0\r\nContent-Length: 44", b"Content-Length: 2, 2",
        b"Content-Length: +2", b"Content-Length: 0x2", b"Content-Length: -2",
        b"Content-Length: 2 2", b"Content-Length: 2\x0b", b"Content-Length: ",
        b"Content-Length: 18446744073709551618", b"Content-Length : 2",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2",
        b"Transfer-Encoding: identity", b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: xchunked", b"Transfer-Encoding:\x0bchunked",
        b"Transfer-Encoding: \"chunked\"", b"Transfer-Encoding : chunked",
        b"Transfer-Encoding\t: chunked", b"X: y\nTransfer-Encoding: chunked",
        b"X: y\rTransfer-Encoding: chunked",
        b"Transfer-Encoding\x00: chunked", b"Transfer-Encoding: chunked\x00",
    )
    for length in lengths:
        yield length, PLAIN_HEADERS + length + b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    for chunks in (
        b"-2\r\n{}\r\n0\r\n\r\n", b"0x2\r\n{}\r\n0\r\n\r\n", b" 2\r\n{}\r\n0\r\n\r\n",
        b"+2\r\n{}\r\n0\r\n\r\n", b"2\n{}\n0\n\n", b"2\r\n{}0\r\n\r\n",
        b"2\r\n{}xx0\r\n\r\n", b"ffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        b"10000000000000002\r\n{}\r\n0\r\n\r\n", b"g\r\n{}\r\n0\r\n\r\n",
        b"\r\n{}\r\n0\r\n\r\n", b"2\r{}\r\n0\r\n\r\n", b"2\x00\r\n{}\r\n0\r\n\r\n",
    ):
        yield chunks, PLAIN_HEADERS + b"Transfer-Encoding: chunked\r\n\r\n" + chunks


@attack(about="requests whose end two parsers see in different places, with another request after them",
        flags=("--control",))
def smuggled_requests(attack_):
    # A folded header is refused, or read as RFC 9112 says.
    for folded, allowed in (
        (b"X: y\r\n Transfer-Encoding: chunked", ([400], [400, 400])),
        (b"Transfer-Encoding:\r\n chunked", ([400], [400, 200])),
    ):
        data = PLAIN_HEADERS + folded + b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        answers = answers_to(attack_, data + SMUGGLED, folded)
        if answers is not None:
            statuses = [answer.status for answer in answers]
            attack_.input(statuses in allowed, f"{folded!r}: {statuses}")
    for what, data in ambiguous_requests():
        answers = answers_to(attack_, data + SMUGGLED, what)
        if answers is None:
            continue
        # At most one answer may come, and no good one: a proxy in front must not take
        # the rest for a request of its own.
        statuses = [answer.status for answer in answers]
        attack_.input(
            len(answers) <= 1 and 200 not in statuses, f"{what!r}: {statuses}"
        )


def malformed_requests(random):
    """Yields bytes that are not a request."""
    yield b""
    yield b"\r\n" * 1000
    yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + random.randbytes(300)
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 50
    yield b"GET /\r\n"
    yield b"GET / HTTP/9.9\r\nHost: a\r\n\r\n"
    yield b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n"
    yield b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n"
    yield b"G\x00T / HTTP/1.1\r\nHost: a\r\n\r\n"
    yield b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nHost: a\r\nX\x00: y\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"
    yield b"A" * 100_000
    yield b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    yield PLAIN_HEADERS + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n"
    yield PLAIN_HEADERS + b"a:b\r\n" * 50_000 + b"\r\n"
    yield PLAIN_HEADERS + b"y" * 70_000 + b": b\r\n\r\n"
    yield PLAIN_HEADERS + b"Content-Length: 999999999999\r\n\r\n"
    yield PLAIN_HEADERS + b"Transfer-Encoding: chunked\r\n\r\n" + b"1;" + b"e" * 100_000
    yield (PLAIN_HEADERS + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
           + b"T: t\r\n" * 50_000 + b"\r\n")
    yield PLAIN_HEADERS + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 50_000
    for target in (b"*", b"//", b"/..//..", b"/%", b"/%zz", b"?", b"#", b"http://",
                   b"http://[", b"/_glue_security/", b"/_glue_security/../x", b"\xff"):
        for method in (b"GET", b"POST", b"CONNECT", b"TRACE", b"OPTIONS", b"get", b"\xff"):
            yield method + b" " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    while True:
        yield random.randbytes(random.randint(1, 400))


@attack(about="bytes that are not a request: binary, NUL, huge headers, odd methods and targets")
def malformed_http(attack_):
    generator = malformed_requests(attack_.random)
    for _ in range(attack_.size(300, least=110)):
        data = next(generator)
        answers = answers_to(attack_, data, data[:60])
        if answers is not None:
            statuses = [answer.status for answer in answers]
            attack_.input(200 not in statuses, f"{data[:60]!r}: {statuses}")


@attack(about="good requests with one to four random changes, at any byte")
def mutated_requests(attack_):
    random = attack_.random
    for _ in range(attack_.size(2500)):
        data = texts.mutated(random, texts.good_request(random), texts.PIECES_OF_HTTP)
        answers = answers_to(attack_, data, data[:200])
        if answers is not None:
            attack_.input(
                all(100 <= answer.status < 600 for answer in answers), f"{data[:200]!r}"
            )


@attack(about="good requests in pieces, cut at every byte, and many in one piece")
def pieces_and_pipelines(attack_):
    for place in range(1, len(GET), 1 + len(GET) // attack_.size(200)):
        with wire.Peer(attack_.address) as peer:
            peer.send(GET[:place])
            peer.send(GET[place:])
            answer = peer.answer()
            attack_.input(
                answer is not None and answer.error_type() == "EntityNotFoundException",
                f"cut at {place}: {answer and answer.status}",
            )
    count = attack_.size(400)
    with wire.Peer(attack_.address) as peer:
        for number in range(count):
            peer.send(wire.request(
                "CreateSecurityConfiguration",
                {"Name": f"p{number % 100}", "EncryptionConfiguration": {}},
            ))
            peer.send(wire.request("DeleteSecurityConfiguration", {"Name": f"p{number % 100}"}))
        for number in range(count):
            pair = [peer.answer(), peer.answer()]
            attack_.input(
                all(answer is not None and answer.status == 200 for answer in pair),
                f"pipelined {number}: {[answer and answer.status for answer in pair]}",
            )


@attack(about="connections that send a header byte by byte and never end it",
        memory=program.BUFFERS_MIB)
def slow_headers(attack_):
    peers = [attack_.hold(wire.Peer(attack_.address)) for _ in range(attack_.size(300))]
    for place in range(40):
        for peer in peers:
            peer.send(GET[place : place + 1])
    attack_.honest_goes_on()
    # Sends all but the end of a header of nearly the largest size.
    for peer in peers:
        peer.send(GET[40:150] + b"\r\nX: " + b"x" * 12_000)
    attack_.honest_goes_on()
    for peer in peers:
        attack_.input(True, "")


@attack(about="bodies that come byte by byte", memory=program.BUFFERS_MIB)
def slow_bodies(attack_):
    header = PLAIN_HEADERS + b"Content-Length: 200000\r\n\r\n"
    peers = [attack_.hold(wire.Peer(attack_.address)) for _ in range(attack_.size(300))]
    for peer in peers:
        peer.send(header)
    for _ in range(20):
        for peer in peers:
            peer.send(b" ")
    attack_.honest_goes_on()
    for peer in peers:
        attack_.input(True, "")


# A limit below the number of connections that the attack opens.
DESCRIPTORS = 200


@attack(about="endless connections, idle or in the middle of a header",
        descriptors=DESCRIPTORS)
def connections_without_end(attack_):
    for number in range(attack_.size(600, least=DESCRIPTORS + 50)):
        peer = attack_.hold(wire.Peer(attack_.address))
        if number % 3 == 1:
            peer.send(b"POST / HTTP/1.1\r\nHost: a\r\nX: ")
        if number % 3 == 2:
            peer.send(GET)
        attack_.input(attack_.server.is_alive(), "the server died")
        if number % 100 == 0:
            attack_.honest_goes_on(5)
    attack_.honest_goes_on()


@attack(about="connections that are opened and closed, or reset, at once")
def connections_that_end_at_once(attack_):
    before = attack_.server.descriptors()
    for number in range(attack_.size(1500)):
        with wire.Peer(attack_.address) as peer:
            if number % 3 == 1:
                peer.send(GET[: attack_.random.randrange(len(GET))])
            if number % 3 == 2:
                # The answers arrive at a connection that is gone.
                peer.send(GET * 5)
                peer.socket.setsockopt(
                    wire.socket.SOL_SOCKET, wire.socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0"
                )
        attack_.input(attack_.server.is_alive(), "the server died")
    ok = program.wait_until(lambda: attack_.server.descriptors() <= before + 20)
    attack_.input(ok, f"{attack_.server.descriptors()} descriptors, {before} before")
