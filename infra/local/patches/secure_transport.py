"""`aws:SecureTransport`, the condition that policies refuse unencrypted calls by.

On AWS everybody calls over TLS. Here everybody calls over plain HTTP on the loopback
interface, where nobody listens in, and a policy such as that of our queues would refuse
every call. So a call counts as encrypted.
"""

from ministack import app


def apply():
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, _secure: pin(address, True)
