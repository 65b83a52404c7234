# A client that shares no code with rhea: Qpid Proton (C) through its Python binding. It does what any
# AMQP 1.0 client of a Service Bus does, and prints what it saw as one JSON object: check -> problem or null.
#
# usage: proton-client.py PORT KEY_NAME KEY SEND_ADDRESS RECEIVE_ADDRESS

import base64
import hashlib
import hmac
import json
import sys
import time
import urllib.parse
import uuid

from proton import (
    Array, Condition, ConnectionException, Data, Delivery, Message, UNDESCRIBED, byte, char,
    float32, int32, short, symbol, timestamp, ubyte, uint, ulong, ushort,
)
from proton.reactor import LinkOption
from proton.utils import BlockingConnection, LinkDetached

port, key_name, key, send_address, receive_address = sys.argv[1:]
patience = 10


def token_for(audience):
    resource = urllib.parse.quote(audience, safe="")
    expiry = str(int(time.time()) + 3600)
    digest = hmac.new(key.encode(), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
    signature = urllib.parse.quote(base64.b64encode(digest), safe="")
    return f"SharedAccessSignature sr={resource}&sig={signature}&se={expiry}&skn={key_name}"


class PeekLock(LinkOption):
    """The receiver settles first as unsettled, and waits for the bus to say that it is done."""

    def apply(self, link):
        link.snd_settle_mode = link.SND_UNSETTLED
        link.rcv_settle_mode = link.RCV_SECOND


class Bus:
    def __init__(self):
        self.connection = BlockingConnection(
            f"amqp://127.0.0.1:{port}", timeout=patience, allowed_mechs="ANONYMOUS"
        )
        name = f"cbs-{uuid.uuid4()}"
        self.answers = self.connection.create_receiver("$cbs", name=name)
        self.requests = self.connection.create_sender("$cbs")
        self.reply_to = name

    def put_token(self, address, text=None):
        audience = f"sb://127.0.0.1:{port}/{address}"
        self.requests.send(Message(
            id=str(uuid.uuid4()),
            reply_to=self.reply_to,
            properties={
                "operation": "put-token",
                "type": "servicebus.windows.net:sastoken",
                "name": audience,
            },
            body=text or token_for(audience),
        ))
        answer = self.answers.receive(timeout=patience)
        self.answers.accept()
        return answer.properties["status-code"]


def same(what, sent, received):
    assert type(sent) is type(received), f"{what}: sent {type(sent)}, received {type(received)}"
    assert sent == received, f"{what}: sent {sent!r}, received {received!r}"


typed = {
    "uint": uint(4_000_000_000),
    "ulong": ulong(2**63 + 1),
    "ubyte": ubyte(255),
    "ushort": ushort(65_535),
    "byte": byte(-128),
    "short": short(-32_768),
    "int": int32(-7),
    "long": 2**40,
    "float": float32(1.5),
    "double": 2.25,
    "timestamp": timestamp(1_700_000_000_123),
    "symbol": symbol("a-symbol"),
    "char": char("ü"),
    "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"),
    "bytes": b"\x00\xff",
    "text": "grüezi",
    "yes": True,
    "nothing": None,
}


def types_intact(bus):
    sender = bus.connection.create_sender(send_address)
    receiver = bus.connection.create_receiver(receive_address, options=PeekLock())
    nested = {
        "deep": {"uint": uint(1), "list": [int32(1), "two", {"three": ulong(3)}]},
        uint(5): symbol("a key that is a number"),
        "array": Array(UNDESCRIBED, Data.UINT, uint(1), uint(2)),
    }
    sender.send(Message(id=ulong(9), subject="typed", properties=typed, body=nested))
    message = receiver.receive(timeout=patience)
    for name, value in typed.items():
        same(name, value, message.properties[name])
    assert message.id == 9, message.id  # Proton gives every number here as an int.
    same("nested uint", uint(1), message.body["deep"]["uint"])
    same("nested list", nested["deep"]["list"], message.body["deep"]["list"])
    same("nested ulong", ulong(3), message.body["deep"]["list"][2]["three"])
    same("symbol", nested[uint(5)], message.body[uint(5)])
    same("array", nested["array"], message.body["array"])
    receiver.accept()
    close(sender, receiver)


def broker_sections(bus):
    sender = bus.connection.create_sender(send_address)
    receiver = bus.connection.create_receiver(receive_address, options=PeekLock())
    sender.send(Message(body="x", annotations={symbol("x-opt-mine"): uint(3)}, ttl=60))
    message = receiver.receive(timeout=patience)
    annotations = message.annotations
    same("own annotation", uint(3), annotations[symbol("x-opt-mine")])
    assert annotations[symbol("x-opt-sequence-number")] > 0
    for name in ["x-opt-enqueued-time", "x-opt-locked-until"]:
        assert isinstance(annotations[symbol(name)], timestamp), name
    assert message.ttl == 60, message.ttl
    receiver.accept()
    close(sender, receiver)


def outcomes(bus):
    sender = bus.connection.create_sender(send_address)
    receiver = bus.connection.create_receiver(receive_address, options=PeekLock())
    # One at a time: a bus need not put a message back before it has given the next one.
    for body, settle in [
        ("accepted", lambda: receiver.accept()),
        ("released", lambda: receiver.release(delivered=False)),
        ("modified", lambda: receiver.release(delivered=True)),
    ]:
        sender.send(Message(body=body))
        take(receiver, body, 0)
        settle()
        if body != "accepted":
            take(receiver, body, 1).accept()
    sender.send(Message(body="rejected"))
    message = receiver.receive(timeout=patience)
    assert message.body == "rejected", message.body
    delivery = receiver.fetcher.unsettled[0]
    delivery.local.condition = Condition(
        "com.microsoft:dead-letter",
        info={
            symbol("DeadLetterReason"): "unreadable",
            symbol("DeadLetterErrorDescription"): "field x",
        },
    )
    receiver.settle(Delivery.REJECTED)
    dead = bus.connection.create_receiver(f"{receive_address}/$DeadLetterQueue", options=PeekLock())
    letter = dead.receive(timeout=patience)
    assert letter.body == "rejected", letter.body
    assert letter.properties["DeadLetterReason"] == "unreadable", letter.properties
    assert letter.properties["DeadLetterErrorDescription"] == "field x", letter.properties
    dead.accept()
    close(sender, receiver, dead)


def take(receiver, body, count):
    message = receiver.receive(timeout=patience)
    assert message.body == body, f"expected {body}, got {message.body}"
    assert message.delivery_count == count, f"{body}: delivery count {message.delivery_count}"
    return receiver


def many_frames(bus):
    sender = bus.connection.create_sender(send_address)
    receiver = bus.connection.create_receiver(receive_address, options=PeekLock())
    # 900 KB where the link takes them, else nearly as much as it takes.
    most = sender.link.remote_max_message_size
    body = (bytes(range(256)) * 3_600)[: most - 4_096]
    sender.send(Message(body=body, inferred=True))
    message = receiver.receive(timeout=patience)
    assert bytes(message.body) == body, "the body is another one"
    receiver.accept()
    close(sender, receiver)


def order_and_credit(bus):
    sender = bus.connection.create_sender(send_address)
    for body in range(200):
        sender.send(Message(body=int32(body)))
    receiver = bus.connection.create_receiver(receive_address, credit=50, options=PeekLock())
    for body in range(200):
        message = receiver.receive(timeout=patience)
        assert message.body == body, f"expected {body}, got {message.body}"
        receiver.accept()
    close(sender, receiver)


def refusals(bus):
    assert bus.put_token(send_address, token_for("sb://elsewhere") + "x") == 401
    stranger = Bus()
    try:
        stranger.connection.create_sender(send_address)
        raise AssertionError("a link without a token was opened")
    except LinkDetached as error:
        assert error.condition == "amqp:unauthorized-access", error.condition
    stranger.connection.close()


def sasl_plain(_bus):
    connection = BlockingConnection(
        f"amqp://127.0.0.1:{port}", timeout=patience, allowed_mechs="PLAIN",
        user=key_name, password=key, allow_insecure_mechs=True,
    )
    sender = connection.create_sender(send_address)
    receiver = connection.create_receiver(receive_address, options=PeekLock())
    sender.send(Message(body="proved by name and key"))
    take(receiver, "proved by name and key", 0).accept()
    connection.close()
    try:
        BlockingConnection(
            f"amqp://127.0.0.1:{port}", timeout=patience, allowed_mechs="PLAIN",
            user=key_name, password="wrong", allow_insecure_mechs=True,
        ).create_sender(send_address)
        raise AssertionError("a wrong key opened a link")
    except (ConnectionException, LinkDetached):
        pass


def close(*links):
    for link in links:
        link.close()


report = {}
checks = [
    types_intact, broker_sections, outcomes, sasl_plain, refusals, many_frames, order_and_credit,
]
for check in checks:
    bus = Bus()
    try:
        for address in [send_address, receive_address]:
            status = bus.put_token(address)
            assert 200 <= status < 300, f"the token for {address} was answered with {status}"
        check(bus)
        report[check.__name__] = None
    except Exception as error:  # Whatever it is, it is the answer of this check.
        report[check.__name__] = f"{type(error).__name__}: {error}"
    bus.connection.close()
print(json.dumps(report))
