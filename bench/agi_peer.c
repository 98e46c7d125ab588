/* Two small peers for the FastAGI bench:
 *   agi_peer serve PORT COMMANDS              the bound: one thread, epoll, no thinking
 *   agi_peer call PORT AT_ONCE < REQUESTS     Asterisk's side, one thread and epoll, for it must be quicker than
 *                                           the servers; prints seconds, lines answered, own CPU seconds
 * A call sends the next of the requests, each ended by its empty line, and answers every line with a played prompt's
 * reply until the server closes. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 65536 };

static char requests[16 * 1024 * 1024]; /* the caller's: all it was given, and where the next one begins */
static char *next_request = requests;

static int asked[MOST]; /* the server's: commands sent on this connection; 0 before the request is whole */
static char tail[MOST];  /* the server's: last byte of an unfinished request */

static void die(const char *what) { perror(what); exit(1); }

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static void watch(int epoll, int fd) {
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0) die("epoll_ctl");
}

static int whole_request(int fd, const char *data, ssize_t n) {
    int whole = (tail[fd] == '\n' && data[0] == '\n') || memmem(data, (size_t)n, "\n\n", 2) != NULL;
    tail[fd] = data[n - 1];
    return whole;
}

static void serve(int port, int commands) {
    int epoll = epoll_create1(0), one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in a = loopback(port);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) < 0) die("bind");
    if (listen(listener, 256) < 0) die("listen");
    watch(epoll, listener);
    for (;;) {
        struct epoll_event ready[64];
        int count = epoll_wait(epoll, ready, 64, -1);
        for (int i = 0; i < count; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) {
                int caller;
                while ((caller = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    setsockopt(caller, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    asked[caller] = 0, tail[caller] = 0;
                    watch(epoll, caller);
                }
                continue;
            }
            char data[4096];
            ssize_t n = read(fd, data, sizeof data);
            if (n <= 0) { close(fd); continue; }
            if (asked[fd] == 0 && !whole_request(fd, data, n)) continue;
            if (asked[fd]++ == commands) { close(fd); continue; }
            static const char line[] = "STREAM FILE \"prompt\" \"0123456789*#\"\n";
            if (send(fd, line, sizeof line - 1, MSG_NOSIGNAL) < 0) close(fd);
        }
    }
}

static const char answer[] = "200 result=0 endpos=8000\n";

static int begin_call(int epoll, int port) {
    char *request = next_request, *end = strstr(request, "\n\n");
    if (end == NULL) return 0;
    next_request = end + 2;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = loopback(port);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (send(fd, request, (size_t)(next_request - request), MSG_NOSIGNAL) < 0) die("send");
    watch(epoll, fd);
    return 1;
}

static double seconds_of(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

static void call(int port, int at_once) {
    int epoll = epoll_create1(0), talking = 0;
    long answered = 0;
    struct timespec from, to;
    struct rusage used;
    if (fread(requests, 1, sizeof requests - 1, stdin) == 0) die("no requests");
    clock_gettime(CLOCK_MONOTONIC, &from);
    while (talking < at_once && begin_call(epoll, port)) talking++;
    while (talking > 0) {
        struct epoll_event ready[64];
        int count = epoll_wait(epoll, ready, 64, 20000);
        if (count <= 0) { fprintf(stderr, "the server has stopped answering\n"); exit(1); }
        for (int i = 0; i < count; i++) {
            int fd = ready[i].data.fd;
            char data[4096];
            if (read(fd, data, sizeof data) > 0) {
                answered += send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) == sizeof answer - 1;
                continue;
            }
            close(fd);
            talking += begin_call(epoll, port) - 1;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    getrusage(RUSAGE_SELF, &used);
    double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    printf("%.6f %ld %.6f\n", seconds, answered, seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
}

int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "serve")) serve(atoi(argv[2]), atoi(argv[3]));
    else if (argc == 4 && !strcmp(argv[1], "call")) call(atoi(argv[2]), atoi(argv[3]));
    else { fprintf(stderr, "usage: agi_peer serve PORT COMMANDS | call PORT AT_ONCE < REQUESTS\n"); return 2; }
    return 0;
}
