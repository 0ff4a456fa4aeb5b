/**
 * How many connections the kernel may hold for a socket before the hub accepts them; Linux gives `net.core.somaxconn` at most (4,096 by
 * default). A whole fleet connects again within a second when a hub comes back. What does not fit is worse than refused: the machine
 * over there holds its connection for established and here is none, so that one which only waits may wait for ever.
 */
export const ACCEPT_QUEUE_CONNECTIONS = 4096
