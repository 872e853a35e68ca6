/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guide_pieces.c: stands behind the pieces of C in mpr-provider-guide(7), in one source
 * with them (tests/check-man.sh), and tries them.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static int failures;
static uint32_t told_code;
static char told[1024], seen[64];

static void check(bool holds, const char *what) {
    if (!holds)
        printf("not so: %s\n", what);
    failures += !holds;
}
#define CHECK(holds) check(holds, #holds)

static void host_set_error(const struct mpr_call *call, uint32_t code, const char *text) {
    (void)call;
    told_code = code;
    snprintf(told, sizeof told, "%s", text);
}

static int host_secret(const struct mpr_call *call, char *buffer, size_t size) {
    (void)call;
    snprintf(buffer, size, "secret");
    return 1;
}

static uint32_t send_logon(struct session *session, const char *user, const char *password) {
    (void)session;
    snprintf(seen, sizeof seen, "%s:%s", user, password);
    return NO_ERROR;
}

static struct mpr_call call_until(int ms, int cancel_fd) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (struct mpr_call){.size = sizeof(struct mpr_call),
                             .cancel_fd = cancel_fd,
                             .deadline_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec
                                            + ms * INT64_C(1000000)};
}

int main(void) {
    const struct mpr_host host = {.set_error = host_set_error, .secret = host_secret};
    const struct mpr_connect args = {.remote = "parcel://host/shelf", .user = "anna"};
    struct network network = {.host = &host};
    struct session session = {.network = &network};
    struct mpr_call call = call_until(60000, -1);
    uint32_t code = 0;
    int server[2], cancel[2];

    CHECK(explain(&network, &call, &args, &statuses[1], &code) == MPR_MINE_FAILED);
    CHECK(code == ERROR_ACCESS_DENIED && told_code == 2 && strstr(told, "anna"));
    CHECK(log_on(&network, &session, &call, &args, send_logon) == NO_ERROR);
    CHECK(strcmp(seen, "anna:secret") == 0);

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, server) || pipe(cancel))
        return 99;
    session.fd = server[0];
    CHECK(write(server[1], "x", 1) == 1 && wait_for(&session, &call, session.fd, POLLIN) == 0);
    CHECK(read(session.fd, seen, 1) == 1);
    call = call_until(20, -1);
    CHECK(wait_for(&session, &call, session.fd, POLLIN) == -ETIMEDOUT);
    call = call_until(60000, cancel[0]);
    CHECK(write(cancel[1], "x", 1) == 1);
    CHECK(wait_for(&session, &call, session.fd, POLLIN) == -ECANCELED);
    call = call_until(60000, -1);
    abort_session(&session);
    CHECK(wait_for(&session, &call, session.fd, POLLIN) == -ENOTCONN);
    return failures != 0;
}
