// What Linux has and Swift's Glibc module does not show. Each function is one system call.
#pragma once

#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/// One report of `clinux_epoll_wait`. A plain struct: epoll_event is packed and holds a union.
struct clinux_event {
    uint64_t token;
    uint32_t readiness;
};

enum {
    clinux_event_batch_max = 256,
};

extern const uint32_t clinux_readable;
extern const uint32_t clinux_writable;
extern const uint32_t clinux_peer_finished;
extern const uint32_t clinux_broken;
extern const uint32_t clinux_edge_triggered;

/// Reason: epoll is not in the Glibc module.
int clinux_epoll_create(void);
int clinux_epoll_add(int poller, int descriptor, uint32_t readiness, uint64_t token);
int clinux_epoll_remove(int poller, int descriptor);
/// Takes at most `clinux_event_batch_max` reports. Waits until there are some, or not at all.
int clinux_epoll_wait(int poller, struct clinux_event *events, int count_max, int waits);

/// Reason: eventfd is not in the Glibc module.
int clinux_event_create(void);

/// Reason: accept4 needs _GNU_SOURCE, which a module's importer cannot define.
int clinux_accept(int listener, struct sockaddr *address, socklen_t *length);

/// Reason: timerfd is not in the Glibc module. Counts on CLOCK_MONOTONIC.
int clinux_timer_create(void);
/// Fires once at `nanoseconds` of CLOCK_MONOTONIC; 0 disarms.
int clinux_timer_set(int timer, int64_t nanoseconds);

/// Reason: the Glibc module shows socket types and flags as enumerations that differ by platform.
int clinux_stream_socket(int family);

/// Reason: MSG_NOSIGNAL, so that a closed peer is an error code and not a signal.
ssize_t clinux_send(int descriptor, const void *bytes, size_t count);
ssize_t clinux_send_vector(int descriptor, const struct iovec *segments, size_t count);
