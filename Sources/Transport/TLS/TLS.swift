// TLS on a loop's socket.

import Crypto
import EventLoops
