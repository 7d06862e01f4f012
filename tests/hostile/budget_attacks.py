"""Attacks on the memory of a listener: unfinished bodies and unread answers."""

import program
import wire
from attack import attack

READ_BUFFER = 4096


def body_bytes_max(address):
    """Returns the largest body that a header may announce, to the nearest KiB."""

    def is_taken(size):
        header = (
            b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
            b"Content-Length: %d\r\n\r\n" % size
        )
        answer = wire.call(address, header)
        return answer is not None and answer.status == 100

    low, high = 1, 64 * 1024
    while low < high:
        middle = (low + high + 1) // 2
        if is_taken(middle * 1024):
            low = middle
        else:
            high = middle - 1
    return low * 1024


def header_of(length):
    return (
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AWSGlue.GetResourcePolicy\r\n"
        b"Content-Type: application/x-amz-json-1.1\r\n" + length + b"\r\n\r\n"
    )


def check_given_back(attack_, before):
    """Checks that memory goes back to the system when the peers have gone."""
    attack_.let_go()
    if not attack_.binary.measures_memory():
        return
    # The overhead of any process comes on top.
    bound = before + program.OVERHEAD_BYTES
    ok = program.wait_until(lambda: attack_.server.status_bytes("VmRSS") < bound)
    after = attack_.server.status_bytes("VmRSS")
    attack_.detail["after_mib"] = round(after / 2**20, 1)
    if not ok:
        attack_.fail(f"not given back: {after / 2**20:.0f} MiB, {before / 2**20:.0f} before")


def is_refused_or_waits(peer):
    """Returns true when the server waits for the body or answers 503, 408 or 413."""
    peer.socket.setblocking(False)
    try:
        data = peer.socket.recv(64)
    except BlockingIOError:
        return True
    except ConnectionError:
        return True
    finally:
        peer.socket.settimeout(wire.PATIENCE_SECONDS)
    return data == b"" or data[9:12] in (b"503", b"408", b"413")


def bodies_under_way(attack_, header, sent):
    """Opens many peers that send a header and `sent` bytes of a body, and no more."""
    before = attack_.server.status_bytes("VmRSS")
    peers = []
    for _ in range(attack_.size(300)):
        peer = attack_.hold(wire.Peer(attack_.address))
        peer.send(header)
        peers.append((peer, peer.send_what_fits(sent)))
    attack_.honest_goes_on()
    # The system may have taken only a part; the rest fits now.
    for peer, already in peers:
        peer.send_what_fits(sent[already:])
    attack_.honest_goes_on()
    for peer, _ in peers:
        attack_.input(is_refused_or_waits(peer), "answered before its body was whole")
    check_given_back(attack_, before)


@attack(about="bodies that are announced with the largest size and never sent",
        memory=program.BUFFERS_MIB)
def announced_bodies(attack_):
    size = body_bytes_max(attack_.address)
    attack_.detail["body_kib"] = size // 1024
    bodies_under_way(attack_, header_of(b"Content-Length: %d" % size), b" ")


@attack(about="bodies of the largest size whose last bytes never come",
        memory=program.BUFFERS_MIB)
def half_sent_bodies(attack_):
    size = body_bytes_max(attack_.address)
    header = header_of(b"Content-Length: %d" % size)
    bodies_under_way(attack_, header, b" " * (size - 10))


@attack(about="the same in chunks, without an announced length", memory=program.BUFFERS_MIB)
def half_sent_chunks(attack_):
    size = body_bytes_max(attack_.address) - 4096
    chunk = b"%x\r\n" % 4096 + b" " * 4096 + b"\r\n"
    header = header_of(b"Transfer-Encoding: chunked")
    bodies_under_way(attack_, header, chunk * (size // 4096))


@attack(about="endless chunks of one byte", memory=program.BUFFERS_MIB)
def tiny_chunks(attack_):
    header = header_of(b"Transfer-Encoding: chunked")
    bodies_under_way(attack_, header, b"1\r\n \r\n" * 40_000)


ACCOUNT = "555500000001"
CONFIGURATIONS = 40
ARN_BYTES = 100_000


def fill_a_page(attack_):
    """Creates records whose page is several megabytes."""
    arn = "arn:aws:kms:us-east-1:111122223333:key/" + "k" * ARN_BYTES
    for number in range(CONFIGURATIONS):
        body = {
            "Name": f"large-{number}",
            "EncryptionConfiguration": {
                "CloudWatchEncryption": {
                    "CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": arn
                }
            },
        }
        data = wire.request("CreateSecurityConfiguration", body, account=ACCOUNT)
        answer = attack_.call(data)
        if answer is None or answer.status != 200:
            attack_.fail(f"cannot fill a page: {answer and answer.status}")
    page = attack_.call(wire.request("GetSecurityConfigurations", {}, account=ACCOUNT))
    attack_.detail["page_kib"] = len(page.body) // 1024


def answers_unread(attack_, requests):
    before = attack_.server.status_bytes("VmRSS")
    peers = []
    for _ in range(attack_.size(100)):
        peer = attack_.hold(wire.Peer(attack_.address, receive_buffer=READ_BUFFER))
        peer.send_what_fits(requests)
        peers.append(peer)
    attack_.honest_goes_on()
    for peer in peers:
        # The first answer is good, or refuses for lack of memory.
        data = peer.socket.recv(12)
        attack_.input(data[9:] in (b"200", b"503"), f"an unread answer begins {data!r}")
    attack_.honest_goes_on()
    check_given_back(attack_, before)


@attack(about="clients that ask for a page of 4 MB and do not read it", memory=program.BUFFERS_MIB)
def unread_answers(attack_):
    fill_a_page(attack_)
    answers_unread(
        attack_, wire.request("GetSecurityConfigurations", {}, account=ACCOUNT)
    )


@attack(about="clients that ask again and again on one connection and read nothing",
        memory=program.BUFFERS_MIB)
def unread_pipelines(attack_):
    fill_a_page(attack_)
    answers_unread(
        attack_, wire.request("GetSecurityConfigurations", {}, account=ACCOUNT) * 200
    )


@attack(about="a page of 4 MB that many clients read in small steps", memory=program.BUFFERS_MIB)
def slow_readers(attack_):
    fill_a_page(attack_)
    peers = [
        attack_.hold(wire.Peer(attack_.address, receive_buffer=READ_BUFFER))
        for _ in range(attack_.size(10))
    ]
    data = wire.request("GetSecurityConfigurations", {}, account=ACCOUNT)
    for peer in peers:
        peer.send(data)
    # All peers read a little in turn.
    for _ in range(50):
        for peer in peers:
            peer.received += peer.socket.recv(4096)
    attack_.honest_goes_on()
    for peer in peers:
        answer = peer.answer()
        ok = answer is not None and (
            answer.status == 503
            or len(answer.json()["SecurityConfigurations"]) == CONFIGURATIONS
        )
        attack_.input(ok, f"a slow reader got {answer and answer.status}")
