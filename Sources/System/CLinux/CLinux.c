#define _GNU_SOURCE
#include "CLinux.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

const uint32_t clinux_readable = EPOLLIN;
const uint32_t clinux_writable = EPOLLOUT;
const uint32_t clinux_peer_finished = EPOLLRDHUP;
const uint32_t clinux_broken = EPOLLERR | EPOLLHUP;
const uint32_t clinux_edge_triggered = EPOLLET;

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_epoll_add(int poller, int descriptor, uint32_t readiness, uint64_t token) {
    struct epoll_event event = {.events = readiness, .data = {.u64 = token}};
    return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

int clinux_epoll_remove(int poller, int descriptor) {
    struct epoll_event unused = {0};
    return epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, &unused);
}

int clinux_epoll_wait(int poller, struct clinux_event *events, int count_max, int waits) {
    struct epoll_event batch[clinux_event_batch_max];
    if (count_max > clinux_event_batch_max) count_max = clinux_event_batch_max;
    int count = epoll_wait(poller, batch, count_max, waits ? -1 : 0);
    for (int i = 0; i < count; i++) {
        events[i].token = batch[i].data.u64;
        events[i].readiness = batch[i].events;
    }
    return count;
}

int clinux_event_create(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int clinux_accept(int listener, struct sockaddr *address, socklen_t *length) {
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int clinux_timer_create(void) {
    return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
}

int clinux_timer_set(int timer, int64_t nanoseconds) {
    struct itimerspec setting = {
        .it_value = {
            .tv_sec = nanoseconds / 1000000000,
            .tv_nsec = nanoseconds % 1000000000,
        },
    };
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, 0);
}

int clinux_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

ssize_t clinux_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL);
}

ssize_t clinux_send_vector(int descriptor, const struct iovec *segments, size_t count) {
    struct msghdr message = {
        .msg_iov = (struct iovec *)segments,
        .msg_iovlen = count,
    };
    return sendmsg(descriptor, &message, MSG_NOSIGNAL);
}
